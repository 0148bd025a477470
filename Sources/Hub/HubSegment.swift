import OpLog
import Store
import Wire

/// A sync in the form that the asker reads and writes: JSON, or with segments.
extension HubCore {
  func sync(_ call: HubCall, from replica: ReplicaID, now: Int64) throws(Problem) -> HubAnswer {
    let wantsSegment = MediaType.wantsSegment(call.accept)
    let request = try read(call)
    let reply = try sync(request, from: replica, now: now, inSegment: wantsSegment)
    guard wantsSegment else { return .json(reply.encode(codec(for: request.catalogue))) }
    do throws(SegmentError) {
      return HubAnswer(
        status: 200, contentType: MediaType.segment,
        body: try reply.encodeWithSegment(held: store.chainHash))
    } catch { throw Problem(.internal, detail: "the reply does not fit into a segment") }
  }

  private func read(_ call: HubCall) throws(Problem) -> SyncRequest {
    try Problem.wrap { () throws(WireError) in
      guard call.contentType == MediaType.segment else {
        return try SyncRequest(decoding: call.body, codec)
      }
      return try SyncRequest(decodingSegment: call.body, held: store.chainHash)
    }
  }
}
