import Community
import OpLog
import SQLite

/// A second fold of a store's log, to prove closed months.
///
/// A close says what the hub's tables said; this is how any replica proves it. The closes of a hub
/// stand on ever longer logs, so one pass over the log proves all of them, in their order; a basis
/// that is not longer starts again.
package final class MonthWitness {
  private let source: Store
  private let witness: StoreIdentity
  private var scratch: Store
  private var folded: [ReplicaID: UInt64] = [:]

  /// A witness that has folded nothing yet, in memory.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package init(_ source: Store) throws(StoreError) {
    self.source = source
    let identity = source.identity
    guard let replica = ReplicaID(rawValue: identity.incarnation.hub.rawValue + 4_095) else {
      preconditionFailure("an incarnation issues 4,095 ids")
    }
    witness = StoreIdentity(
      street: identity.street, incarnation: identity.incarnation, replica: replica)
    scratch = try Self.emptyStore(witness, source)
  }

  /// What a month came to below a basis, folded from the log alone; O(ops not folded yet).
  package func month(
    _ month: BusinessDate, of community: OpID, below basis: [ReplicaID: UInt64]
  ) throws(StoreError) -> MonthReport {
    if folded.contains(where: { basis[$0.key, default: 0] < $0.value }) {
      scratch = try Self.emptyStore(witness, source)
      folded = [:]
    }
    try scratch.write { () throws(StoreError) in
      for (replica, seq) in basis.sorted(by: { $0.key < $1.key }) {
        var next = folded[replica, default: 0] + 1
        while next <= seq {
          let batch = try source.ops(of: replica, in: next...seq, limit: 512)
          guard !batch.isEmpty else { throw .gap(replica: replica, held: next - 1) }
          try scratch.take(batch)
          next += UInt64(batch.count)
        }
      }
    }
    folded = basis
    return try scratch.month(month, of: community)
  }

  /// A store without ops that knows the lives of the hub, whose logs it is to fold.
  private static func emptyStore(
    _ identity: StoreIdentity, _ source: Store
  ) throws(StoreError) -> Store {
    let connection = try StoreError.wrap { () throws(SQLiteFailure) in
      try Connection(path: ":memory:", mode: .readWriteCreate)
    }
    let store = try Store.create(connection, identity)
    try store.write { () throws(StoreError) in
      for life in try source.incarnations() { try store.note(life) }
    }
    return store
  }
}
