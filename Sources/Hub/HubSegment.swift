import OpLog
import Store
import Wire

/// A sync in the form that the asker reads and writes: JSON, or with segments.
extension HubCore {
  func sync(_ call: HubCall, from replica: ReplicaID, now: Int64) throws(Problem) -> HubAnswer {
    let wantsSegment = MediaType.wantsSegment(call.accept)
    let request = try read(call)
    let reply = try sync(request, from: replica, now: now, inSegment: wantsSegment)
    var answer = try self.answer(reply, to: request, inSegment: wantsSegment)
    if request.ops.isEmpty, reply.entries.isEmpty, !reply.hasMore {
      answer.silence = (replica, reply.head)
    }
    return answer
  }

  private func answer(
    _ reply: SyncReply, to request: SyncRequest, inSegment: Bool
  ) throws(Problem) -> HubAnswer {
    guard inSegment else { return .json(reply.encode(codec(for: request.catalogue))) }
    let body = try Problem.wrap { () throws(StoreError) in
      let logs =
        reply.entries.isEmpty ? nil : try logs(ofAsker: request, through: reply.head.seq)
      return try store.readingHashes { (held) throws(SegmentError) in
        try reply.encodeWithSegment { replica, seq in
          logs?.hold(replica, seq) == false ? nil : held(replica, seq)
        }
      }
    }
    guard case .success(let bytes) = body else {
      throw Problem(.internal, detail: "the reply does not fit into a segment")
    }
    return HubAnswer(status: 200, contentType: MediaType.segment, body: bytes)
  }

  private func read(_ call: HubCall) throws(Problem) -> SyncRequest {
    guard call.contentType == MediaType.segment else {
      return try Problem.wrap { () throws(WireError) in
        try SyncRequest(decoding: call.body, codec)
      }
    }
    let request = try Problem.wrap { () throws(StoreError) in
      try store.readingHashes { (held) throws(WireError) in
        try SyncRequest(decodingSegment: call.body, held: held)
      }
    }
    return try Problem.wrap { () throws(WireError) in try request.get() }
  }
}
