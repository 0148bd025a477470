import OpLog
import Peer
import Store
import Wire

/// One body to bring to the hub or to fetch from it.
package struct BodyErrand: Sendable {
  /// The body's name.
  package let digest: Digest
  /// The request to send.
  package let request: PeerRequest
  /// Whether it brings the body; else it fetches it.
  package let isUpload: Bool
  /// The hub that it is for: what one life has, the next may have lost.
  package let hub: ReplicaID
}

/// Bodies travel after ops, one request each.
extension OfficeCore {
  /// How many bodies are asked about at a time.
  package static let errandsMax = 256

  /// What is to be moved now: own bodies that the hub lacks, then the community's that lack here.
  ///
  /// - Parameter absent: Bodies that could not be moved a moment ago; they are passed over.
  /// - Returns: At most ``errandsMax`` each way; empty when nothing more can be moved.
  /// - Throws: ``OfficeError/store(_:)`` when the store cannot be read.
  package func bodyErrands(except absent: Set<Digest> = []) throws(OfficeError) -> [BodyErrand] {
    let limit = Self.errandsMax + absent.count
    return try OfficeError.wrap { () throws(StoreError) in
      var errands: [BodyErrand] = []
      let hub = try store.hub
      for digest in try store.unsentBodies(limit: limit) where !absent.contains(digest) {
        guard let body = try store.body(digest) else { continue }
        errands.append(errand("PUT", digest, body: body.wireBytes, for: hub))
      }
      let missing = try store.missingBodies(limit: limit)
      for digest in missing where !absent.contains(digest) {
        errands.append(errand("GET", digest, body: [], for: hub))
      }
      return errands
    }
  }

  /// Takes the hub's answer about a body.
  ///
  /// One that comes late, from a hub that is not there any more, says nothing of what the present one has.
  ///
  /// - Returns: Whether the body is now where it belongs; false when it is not at the hub yet.
  /// - Throws: ``OfficeError/problem(_:)`` when the hub refused, ``OfficeError/untrusted(_:)``
  ///   when other bytes came than the digest names.
  package func take(
    _ response: PeerResponse, to errand: BodyErrand
  ) throws(OfficeError) -> Bool {
    switch (errand.isUpload, response.status) {
    case (true, 200..<300):
      return try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          guard errand.hub == (try store.hub) else { return false }
          try store.noteSent(errand.digest, community: community)
          return true
        }
      }
    case (false, 200):
      guard let body = Body(wire: response.body), body.digest == errand.digest else {
        throw .untrusted(.chain)
      }
      // Its writer made it badly: it stays missing, on the desk, and hurts nobody else's file.
      guard (try? BodyJSON.check(Array(body.content.utf8))) != nil else { return false }
      try OfficeError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          try store.keep(body, isAtHub: errand.hub == (try store.hub))
        }
      }
      return true
    // The hub was rebuilt and moves no bodies yet.
    case _ where Self.isRollCall(response): return false
    // Not there yet, erased, or not ours to move: one body never holds up the others.
    case (_, 403), (_, 404), (_, 410): return false
    default: throw OfficeError(refusal: response)
    }
  }

  /// Whether the hub said that its roll-call is open.
  static func isRollCall(_ response: PeerResponse) -> Bool {
    guard response.status == 503 else { return false }
    return (try? Problem(decoding: response.body))?.kind == .rollCall
  }

  private func errand(
    _ method: String, _ digest: Digest, body: [UInt8], for hub: ReplicaID
  ) -> BodyErrand {
    let request = PeerRequest(
      method: method, path: "/v1/bodies/\(digest)",
      contentType: body.isEmpty ? nil : "application/octet-stream", token: bearer, body: body)
    return BodyErrand(digest: digest, request: request, isUpload: method == "PUT", hub: hub)
  }
}
