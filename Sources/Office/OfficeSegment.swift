import Community
import OpLog
import Peer
import Store
import Wire

/// The form of a sync: with segments where the hub is known to read them, else JSON.
extension OfficeCore {
  /// Puts a request into the form that the hub reads, and asks for the one that is wanted.
  func message(
    _ request: SyncRequest, _ codec: OpJSON, inSegments: Bool
  ) throws(OfficeError) -> PeerRequest {
    var message = PeerRequest(
      method: "POST", path: "/v1/sync", contentType: MediaType.json, token: bearer)
    if inSegments {
      message.accept = MediaType.segmentOrJSON
      if try readsSegments {
        let body = try OfficeError.wrap { () throws(StoreError) in
          try store.readingHashes { (held) throws(SegmentError) in
            try request.encodeWithSegment(held: held)
          }
        }
        // What does not fit into a segment fits into JSON.
        if case .success(let body) = body {
          message.body = body
          message.contentType = MediaType.segment
          return message
        }
      }
    }
    message.body = request.encode(codec)
    return message
  }

  /// Reads the hub's reply in the form in which it came.
  func reply(_ response: PeerResponse) throws(OfficeError) -> SyncReply {
    guard response.contentType == MediaType.segment else {
      do throws(WireError) {
        return try SyncReply(decoding: response.body, asker: replica, codec)
      } catch { throw .wire(error) }
    }
    let reply = try OfficeError.wrap { () throws(StoreError) in
      try store.readingHashes { (held) throws(WireError) in
        try SyncReply(decodingSegment: response.body, asker: replica, held: held)
      }
    }
    do throws(WireError) {
      return try reply.get()
    } catch { throw .wire(error) }
  }

  /// Whether the hub is known to read segments: it has written one.
  package var readsSegments: Bool {
    get throws(OfficeError) {
      try OfficeError.wrap { () throws(StoreError) in try store.number(.hubSegments) != nil }
    }
  }

  /// Whether an exchange that failed is to be repeated in JSON before anybody believes why.
  ///
  /// What a segment leaves out both sides fill in from what they hold. Where one of them holds other ops
  /// under some ids, others than those that were sent come out, and the failure says nothing about the
  /// logs.
  ///
  /// - Parameters:
  ///   - error: Why it failed.
  ///   - message: What was sent.
  /// - Returns: Whether it is; nobody sends a request in segments then before the hub has answered in them.
  /// - Throws: ``OfficeError/store(_:)``.
  package func repeatsInJSON(
    after error: OfficeError, _ message: PeerRequest
  ) throws(OfficeError) -> Bool {
    guard message.accept != nil else { return false }
    switch error {
    case .wire, .untrusted: break
    case .store(let error) where !error.isFull && !error.isBusy: break
    case .problem(let problem)
    where message.contentType == MediaType.segment && Self.isAboutOps(problem.kind):
      break
    default: return false
    }
    try OfficeError.wrap { () throws(StoreError) in
      guard try store.number(.hubSegments) != nil else { return }
      try store.write { () throws(StoreError) in try store.clear(.hubSegments) }
    }
    return true
  }

  /// Whether a refusal may come from another reading of the ops.
  private static func isAboutOps(_ kind: ProblemKind) -> Bool {
    switch kind {
    case .unsupportedMediaType: true
    default: [400, 409, 422].contains(kind.status) && !isAboutLife(kind)
    }
  }

  private static func isAboutLife(_ kind: ProblemKind) -> Bool {
    kind == .newIncarnation || kind == .unknownProgress
  }
}
