import OpLog
import SQLite

/// A difference as it is kept: found, and not mended yet.
package struct KnownDifference: Hashable, Sendable {
  /// Who found it: an office, by comparing with the hub, or this replica, by checking its own file.
  package let finder: ReplicaID
  /// The row.
  package let row: RowDifference
  /// When it was found first, in ms since 1970-01-01 UTC.
  package let foundAt: Int64
}

/// Rows that are known to be wrong here or at the other side of a sync.
///
/// A rebuild makes every table again from the log, so it forgets them; what differs then is found
/// again by the next sync, and is not this replica's fault.
extension Store {
  /// All that is known to differ, ascending.
  package func differences() throws(StoreError) -> [KnownDifference] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT finder, tbl, replica, key, office, hub, found_at FROM difference")
      var found: [KnownDifference] = []
      while try select.step() {
        guard let finder = ReplicaID(rawValue: UInt32(truncatingIfNeeded: select.integer(0))) else {
          continue
        }
        let partition = Partition(
          table: Int(select.integer(1)), replica: UInt32(truncatingIfNeeded: select.integer(2)))
        let row = RowDifference(
          partition, key: select.text(3).split(separator: " ").compactMap { Int64($0) },
          office: select.optionalBytes(4).flatMap { LaneSum($0) },
          hub: select.optionalBytes(5).flatMap { LaneSum($0) })
        found.append(KnownDifference(finder: finder, row: row, foundAt: select.integer(6)))
      }
      return found
    }
  }

  /// Keeps what one replica found in place of what it had found before; inside ``write(_:)``.
  package func keep(
    _ rows: [RowDifference], foundBy finder: ReplicaID, at now: Int64
  ) throws(StoreError) {
    let before = try differences()
    try StoreError.wrap { () throws(SQLiteFailure) in
      let delete = try connection.prepare("DELETE FROM difference WHERE finder = ?1")
      delete.bind(1, Int64(finder.rawValue))
      try delete.run()
      let insert = try connection.prepare(
        "REPLACE INTO difference VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
      for row in rows {
        let known = before.first { $0.finder == finder && $0.row == row }
        insert.bind(1, Int64(finder.rawValue))
        insert.bind(2, Int64(row.partition.table))
        insert.bind(3, Int64(row.partition.replica))
        insert.bind(4, row.key.map(String.init).joined(separator: " "))
        for (index, sum) in [(Int32(5), row.office), (6, row.hub)] {
          if let sum {
            insert.bind(index, sum.bytes)
          } else {
            insert.bindNull(index)
          }
        }
        insert.bind(7, known?.foundAt ?? now)
        try insert.run()
      }
    }
  }

  /// Keeps partitions of this replica whose rows are not what their sums say, beside what is known;
  /// inside ``write(_:)``.
  package func keep(damaged partitions: [Partition], at now: Int64) throws(StoreError) {
    let own = identity.replica
    let known = try differences().filter { $0.finder == own }.map(\.row)
    let new = partitions.filter { partition in !known.contains { $0.partition == partition } }
    guard !new.isEmpty else { return }
    try keep(
      known + new.map { RowDifference($0, key: [], office: nil, hub: nil) }, foundBy: own, at: now)
  }
}
