import Community
import OpLog
import Peer
import Store
import Wire

extension OfficeFolder {
  /// Gets the office's secret by the street's new master key: for a street whose former key was lost.
  ///
  /// The office keeps its id and all that it has. Nothing but a code that a person typed makes it believe
  /// a new key. It may be called again with the same code after anything that kept it from ending.
  ///
  /// - Parameters:
  ///   - code: The code that the hub's administrator handed out for this office.
  ///   - hub: The hub's address; nil for the one that the office knows.
  ///   - line: Carries the request to the hub.
  ///   - random: Gives that many random bytes.
  ///   - isolation: The caller's actor.
  /// - Returns: The office, open; it has to sync.
  /// - Throws: ``OfficeError``; ``OfficeError/otherOffice`` where the answer is not about this office,
  ///   ``OfficeError/untrusted(_:)`` for a hub that is no newer than the one it knows.
  package func renew(
    code: String, hub: String?, through line: some Transport, random: (Int) -> [UInt8],
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> OfficeCore {
    let office = try open()
    let request = try office.renewRequest(code: code, nonce: try nonce(for: code, random: random))
    let response: PeerResponse
    do throws(TransportError) {
      response = try await line.send(request)
    } catch { throw .transport(error) }
    try office.renew(response, hubAddress: hub)
    forgetNonce()
    return try OfficeCore(office.store)
  }
}

/// A new secret for an office whose street lost its master key.
extension OfficeCore {
  /// The request for it.
  package func renewRequest(code: String, nonce: [UInt8]) throws(OfficeError) -> PeerRequest {
    let request: RenewRequest
    do throws(WireError) {
      request = try RenewRequest(code: code, nonce: nonce, replica: replica)
    } catch {
      guard case .outOfRange(let field) = error else { throw .wire(error) }
      throw .badValue(field: field)
    }
    return PeerRequest(
      method: "POST", path: "/v1/renew", contentType: "application/json", body: request.encode())
  }

  /// Keeps the secret that the hub gave for a code, in one transaction; whoever holds this object opens
  /// the office anew.
  ///
  /// - Throws: As ``OfficeFolder/renew(code:hub:through:random:isolation:)``; nothing is changed then.
  package func renew(_ response: PeerResponse, hubAddress: String?) throws(OfficeError) {
    guard response.status == 200 else { throw OfficeError(refusal: response) }
    let reply: RenewReply
    do throws(WireError) {
      reply = try RenewReply(decoding: response.body)
    } catch { throw .wire(error) }
    let own = store.identity
    guard reply.street == own.street, reply.replica == own.replica,
      reply.issuer == own.incarnation
    else { throw .otherOffice }
    let newest = try OfficeError.wrap { () throws(StoreError) in try store.newestIncarnation }
    let isRepeat = reply.incarnation == newest && reply.secret == secret
    guard isRepeat || reply.incarnation.number > newest.number else {
      throw .untrusted(.formerHub)
    }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.reseal(from: secret, to: reply.secret)
        try store.set(.secret, reply.secret)
        try store.set(.token, reply.token.bytes)
        if let hubAddress { try store.set(.hubAddress, Array(hubAddress.utf8)) }
        try store.set(.renewed, Int64(reply.incarnation.number))
        try store.set(.rollCall, 1)
      }
    }
  }

  /// Gives up what nobody could prove to the hub with the new key, once its roll-call has ended and its log
  /// is here whole.
  func finishRenewal() throws(OfficeError) {
    try OfficeError.wrap { () throws(StoreError) in
      guard let life = try store.number(.renewed), try store.hasHubSucceeded else { return }
      try store.write { () throws(StoreError) in
        try store.dropUnknownToHub()
        try store.dropSeals(before: life)
        try store.clear(.renewed)
        try store.clear(.rollCall)
      }
    }
  }
}
