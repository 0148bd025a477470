import Community
import Conformance
import OpLog
import Store

extension ScenarioRequest {
  /// Writes the op as a program does that asks nothing before it records.
  ///
  /// - Parameters:
  ///   - store: The database of the place.
  ///   - stamp: The clock in ms since 1970-01-01 UTC.
  /// - Returns: The op's id.
  /// - Throws: ``ScenarioError`` when a field does not fit, and ``StoreError``.
  package func append(to store: Store, stamp: Int64) throws -> OpID {
    let (kind, payload) = try stated()
    guard let date = BusinessDate(date) else { throw ScenarioError("there is no date \(date)") }
    var draft = Draft(kind: kind, payload: payload, occurredOn: date)
    draft.actor = actor
    return try store.write { () throws(StoreError) in
      let community = try store.row(Tables.replica, [Int64(store.identity.replica.rawValue)])?[2].id
      if let community { draft.policy = try store.policy(of: community) }
      return try store.append(draft, stamp: stamp).id
    }
  }
}
