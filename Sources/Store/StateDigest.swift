import Community
import OpLog

/// The hash of one row of the read model, in two lanes of 64 bits.
///
/// Lanes are summed over the rows of a partition, so order does not matter and a change costs one
/// hash, not a scan. It finds faults, not forgers: forgers are stopped by chains and seals.
///
/// Mixing step after S. Vigna's SplitMix64; text by FNV-1a 64 (Protocol/state.md §5).
struct RowHash {
  var a: UInt64
  var b: UInt64

  init(_ table: Table, _ row: [Cell]) {
    a = Self.mix(UInt64(table.number) &+ 1 << 32)
    b = Self.mix(UInt64(table.number) &+ 2 << 32)
    for cell in row {
      let (tag, value): (UInt64, UInt64) =
        switch cell {
        case .null: (1, 0)
        case .integer(let integer): (2, UInt64(bitPattern: integer))
        case .text(let text): (3, Self.fnv(text))
        }
      a = Self.mix((a &+ tag) ^ value)
      b = Self.mix((b &+ tag) ^ value)
    }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var x = value
    x = (x ^ x >> 30) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ x >> 27) &* 0x94D0_49BB_1331_11EB
    return x ^ x >> 31
  }

  private static func fnv(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

/// The lanes of one partition: a table's rows whose key begins with ids of one replica.
package struct PartitionDigest: Equatable, Sendable {
  /// The table's number.
  package let table: Int
  /// The replica of the first key column.
  package let replica: UInt32
  /// The sums of the rows' lanes, wrapping.
  package var a: UInt64
  /// See ``a``.
  package var b: UInt64
  /// How many rows.
  package var rows: UInt64
}

/// What a state is worth comparing by: op sets that are equal, folded by one edition, give equal digests.
package struct StateDigest: Equatable, Sendable {
  /// SHA-256 over the partitions in order, each table:u32be replica:u32be a:u64be b:u64be rows:u64be.
  package let value: Digest

  /// Combines partitions; those without rows do not take part.
  package init(_ partitions: [PartitionDigest]) {
    var bytes: [UInt8] = []
    let ordered = partitions.sorted { ($0.table, $0.replica) < ($1.table, $1.replica) }
    for part in ordered where part.rows > 0 {
      bytes.appendBigEndian(UInt32(part.table))
      bytes.appendBigEndian(part.replica)
      bytes.appendBigEndian(part.a)
      bytes.appendBigEndian(part.b)
      bytes.appendBigEndian(part.rows)
    }
    value = SHA256.hash(bytes)
  }
}

/// Changes to the partitions' digests that a transaction gathers and writes once.
struct DigestChanges {
  private(set) var changes: [Int64: PartitionDigest] = [:]

  mutating func add(_ table: Table, _ row: [Cell]) { count(table, row, isAdded: true) }

  mutating func remove(_ table: Table, _ row: [Cell]) { count(table, row, isAdded: false) }

  /// Takes one row away and adds another with its key.
  mutating func replace(_ table: Table, _ old: [Cell], by new: [Cell]) {
    let empty = Self.empty(table, old)
    changes[empty.partition, default: empty].replace(RowHash(table, old), by: RowHash(table, new))
  }

  mutating func removeAll() { changes.removeAll(keepingCapacity: true) }

  private mutating func count(_ table: Table, _ row: [Cell], isAdded: Bool) {
    let hash = RowHash(table, row)
    let empty = Self.empty(table, row)
    if isAdded {
      changes[empty.partition, default: empty].add(hash)
    } else {
      changes[empty.partition, default: empty].subtract(hash)
    }
  }

  /// The partition of a row, without rows.
  private static func empty(_ table: Table, _ row: [Cell]) -> PartitionDigest {
    let key = row[0].integer ?? 0
    let replica = UInt32(truncatingIfNeeded: key >> 32 > 0 ? key >> 32 : key)
    return PartitionDigest(table: table.number, replica: replica, a: 0, b: 0, rows: 0)
  }
}

extension PartitionDigest {
  /// Table and replica in one number.
  var partition: Int64 { Int64(table) << 32 | Int64(replica) }

  /// The same partition without rows.
  var empty: PartitionDigest {
    PartitionDigest(table: table, replica: replica, a: 0, b: 0, rows: 0)
  }

  /// Adds what a transaction changed.
  mutating func add(_ change: PartitionDigest) {
    a &+= change.a
    b &+= change.b
    rows &+= change.rows
  }

  fileprivate mutating func add(_ hash: RowHash) {
    a &+= hash.a
    b &+= hash.b
    rows &+= 1
  }

  fileprivate mutating func replace(_ old: RowHash, by new: RowHash) {
    a &+= new.a &- old.a
    b &+= new.b &- old.b
  }

  fileprivate mutating func subtract(_ hash: RowHash) {
    a &-= hash.a
    b &-= hash.b
    rows &-= 1
  }
}
