import Community
import OpLog
import Store

extension HubAdmin {
  /// Sets how many points an office may have out on trust; the latest word stands.
  ///
  /// - Returns: The `budget.set` op; nil when no such replica is enrolled.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func setBudget(
    of replica: ReplicaID, to limit: Int64, in store: Store, now: Int64
  ) throws(StoreError) -> OpID? {
    try store.write { () throws(StoreError) in
      guard let enrolment = try store.enrolment(of: replica) else { return nil }
      return try append(14, [.reference(enrolment.op), .integer(limit)], to: store, now: now).id
    }
  }
}
