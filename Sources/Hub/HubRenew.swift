import Community
import OpLog
import Store
import Wire

/// Why the hub hands out no code for a new secret.
package enum RenewRefusal: HubRefusal, Equatable {
  /// No such replica is enrolled, or it is of a life that nobody knows.
  case unknown(ReplicaID)
  /// Its secret is by the present key already.
  case notNeeded(ReplicaID)
  /// Its door was shut.
  case revoked(ReplicaID)
  /// The database failed.
  case store(StoreError)
}

/// A code that was handed out for an office.
package struct RenewalGrant: Equatable, Sendable {
  /// Until when it holds, in ms since 1970-01-01 UTC.
  package let expiresAt: Int64
  /// Whether the office is enrolled by what is held; in a roll-call that may still come.
  package let isEnrolled: Bool
  /// Whether another took the office's place: it can only bring what it had not sent.
  package let isRetired: Bool
}

/// New secrets for the offices of a street whose master key was lost.
///
/// An office keeps its id, its log, and its accounts: only what it seals with is new. Nothing that
/// comes over the line by itself can prove a new key, so a person types a code at the office, as when
/// it was enrolled.
extension HubAdmin {
  /// How long a code holds, ms.
  package static let renewalMilliseconds: Int64 = 14 * 86_400_000

  /// Keeps a one-time code with which one office gets its secret by the present key.
  ///
  /// It waits for no roll-call, and writes no op: without it nobody could call.
  ///
  /// - Parameters:
  ///   - replica: The office that the code is handed to; an earlier code of it ends.
  ///   - codeHash: SHA-256 of the code.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: Until when the code holds, and what is to be said of the office.
  /// - Throws: ``RenewRefusal``; nothing is changed then.
  package static func renew(
    _ replica: ReplicaID, codeHash: Digest, in store: Store, now: Int64
  ) throws(RenewRefusal) -> RenewalGrant {
    try decide(store) { () throws(StoreError) -> Result<RenewalGrant, RenewRefusal> in
      guard !replica.isHub, try store.knowsLife(of: replica) else {
        return .failure(.unknown(replica))
      }
      guard replica.incarnation < (try store.keySince() ?? 1) else {
        return .failure(.notNeeded(replica))
      }
      let enrolment = try store.enrolment(of: replica)
      // In a roll-call the enrolment may be among what is not given back yet.
      let isAwaited = try store.isRollCallOpen
      guard enrolment != nil || isAwaited else { return .failure(.unknown(replica)) }
      if enrolment?.isRevoked == true { return .failure(.revoked(replica)) }
      let end = now + renewalMilliseconds
      try store.keep(RenewalCode(replica: replica, codeHash: codeHash, expiresAt: end))
      return .success(
        RenewalGrant(
          expiresAt: end, isEnrolled: enrolment != nil, isRetired: try store.isRetired(replica)))
    }
  }
}

extension HubCore {
  /// Gives an office its secret by the present key, for the code that was handed to it.
  func renew(_ request: RenewRequest, now: Int64) throws(Problem) -> RenewReply {
    try learnLives()
    let codeHash = SHA256.hash(Array(request.code.utf8))
    let refusal = try Problem.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) -> Problem? in
        guard var renewal = try store.renewal(codeHash), renewal.replica == request.replica else {
          return Problem(.codeInvalid, detail: "no such code was handed out for this office")
        }
        if let nonce = renewal.nonce {
          return nonce == request.nonce
            ? nil : Problem(.codeUsed, detail: "this code has been used")
        }
        guard now <= renewal.expiresAt else {
          return Problem(.codeInvalid, detail: "the code has expired")
        }
        renewal.nonce = request.nonce
        try store.keep(renewal)
        return nil
      }
    }
    if let refusal { throw refusal }
    guard let issuer = key.issuer(of: request.replica), let token = key.token(of: request.replica),
      let secret = key.secret(of: request.replica)
    else { throw Problem(.internal, detail: "the key does not know who issued this id") }
    return RenewReply(
      street: key.street, incarnation: key.incarnation, issuer: issuer, replica: request.replica,
      token: token, secret: secret)
  }
}
