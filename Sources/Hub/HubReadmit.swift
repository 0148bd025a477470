import Community
import OpLog
import Store

/// Why the hub does not let a replica in again.
package enum ReadmitRefusal: HubRefusal, Equatable {
  /// No such replica is enrolled.
  case unknown(ReplicaID)
  /// Its door was never shut.
  case notRevoked(ReplicaID)
  /// Nobody took its place: what it brings would be in time.
  case notRetired(ReplicaID)
  /// The database failed.
  case store(StoreError)
}

/// Letting a lost PC that was revoked and retired bring what it had not sent.
extension HubAdmin {
  /// How long it may, ms.
  package static let readmissionMilliseconds: Int64 = 86_400_000

  /// Lets a revoked replica that is retired push its log for a day; it is given nothing.
  ///
  /// Whoever has its token may push then, so it is for a PC that somebody has in hand. All that it
  /// brings stands behind its retirement.
  ///
  /// - Parameters:
  ///   - replica: The PC that turned up.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: Until when, in ms since 1970-01-01 UTC.
  /// - Throws: ``ReadmitRefusal``; nothing is changed then.
  package static func readmit(
    _ replica: ReplicaID, in store: Store, now: Int64
  ) throws(ReadmitRefusal) -> Int64 {
    try decide(store) { () throws(StoreError) -> Result<Int64, ReadmitRefusal> in
      guard let enrolment = try store.enrolment(of: replica) else {
        return .failure(.unknown(replica))
      }
      guard enrolment.isRevoked else { return .failure(.notRevoked(replica)) }
      guard try store.isRetired(replica) else { return .failure(.notRetired(replica)) }
      let end = now + readmissionMilliseconds
      try store.setReadmission(of: replica, until: end)
      return .success(end)
    }
  }

  /// Whether a revoked replica may push now.
  static func isReadmitted(
    _ replica: ReplicaID, in store: Store, now: Int64
  ) throws(StoreError) -> Bool {
    guard let end = try store.readmission(of: replica), try store.isRetired(replica) else {
      return false
    }
    // A clock that was set back opens no door.
    return (end - readmissionMilliseconds...end).contains(now)
  }
}
