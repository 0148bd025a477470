import Community
import OpLog
import Store

/// Why the hub sets no limit on what an office may have out on trust.
package enum BudgetRefusal: HubRefusal, Equatable {
  /// No such replica is enrolled.
  case unknown(ReplicaID)
  /// Another has its place, and gives what it owes.
  case retired(ReplicaID)
  /// The database failed.
  case store(StoreError)
}

extension HubAdmin {
  /// Sets how many points an office may have out on trust; the latest word stands.
  ///
  /// - Returns: The `budget.set` op.
  /// - Throws: ``BudgetRefusal``; nothing is written then.
  package static func setBudget(
    of replica: ReplicaID, to limit: Int64, in store: Store, now: Int64
  ) throws(BudgetRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, BudgetRefusal> in
      guard let enrolment = try store.enrolment(of: replica) else {
        return .failure(.unknown(replica))
      }
      if try store.isRetired(replica) { return .failure(.retired(replica)) }
      let values: [PayloadValue?] = [.reference(enrolment.op), .integer(limit)]
      return .success(try append(14, values, to: store, now: now).id)
    }
  }
}
