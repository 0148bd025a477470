import Community
import OpLog
import Store

/// Rules to change, by the names of ``Policy/keys``; nil switches a rule off.
package typealias PolicyChanges = [String: Int64?]

extension HubAdmin {
  /// A community's complete rules after some changes: those that stand, else the initial ones.
  ///
  /// - Throws: ``StoreError/database(_:)`` when the present rules cannot be read.
  package static func policyValues(
    of community: OpID, after changes: PolicyChanges, in store: Store
  ) throws(StoreError) -> [Int64?] {
    let current = try store.policyValues(of: community)
    return Policy.keys.enumerated().map { index, key in
      let standing = current == nil ? key.initial : current?[index]
      return changes[key.name] ?? standing
    }
  }

  /// Writes the complete rules of a community; what was recorded before keeps the rules that it names.
  ///
  /// - Returns: The `policy.set` op.
  /// - Throws: ``StoreError``; nothing is written then. Call inside a transaction.
  @discardableResult
  package static func setPolicy(
    _ changes: PolicyChanges, of community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    let values = try policyValues(of: community, after: changes, in: store)
    return try append(
      7, [.reference(community)] + values.map { $0.map(PayloadValue.integer) }, to: store, now: now
    ).id
  }
}
