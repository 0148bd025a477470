import Community
import OpLog
import Store

/// The state digest after the words of Protocol/state.md, from a scan of every table.
enum NaiveDigest {
  private struct Partition: Hashable {
    let table: Int
    let replica: Int64
  }

  static func value(of store: Store) throws -> Digest {
    var lanes: [Partition: (a: UInt64, b: UInt64, rows: UInt64)] = [:]
    for table in Tables.all {
      for row in try store.rows(of: table) {
        let key = row[0].integer ?? 0
        let replica = key >> 32 > 0 ? key >> 32 : key
        let partition = Partition(table: table.number, replica: replica)
        var sum = lanes[partition] ?? (0, 0, 0)
        sum.a &+= lane(1, table, row)
        sum.b &+= lane(2, table, row)
        sum.rows += 1
        lanes[partition] = sum
      }
    }
    var bytes: [UInt8] = []
    for (partition, sum) in lanes.sorted(by: {
      ($0.key.table, $0.key.replica) < ($1.key.table, $1.key.replica)
    }) {
      bytes.appendBigEndian(UInt32(partition.table))
      bytes.appendBigEndian(UInt32(partition.replica))
      for word in [sum.a, sum.b, sum.rows] { bytes.appendBigEndian(word) }
    }
    return SHA256.hash(bytes)
  }

  private static func lane(_ number: UInt64, _ table: Table, _ row: [Cell]) -> UInt64 {
    row.reduce(mix(UInt64(table.number) + number << 32)) { hash, cell in
      switch cell {
      case .null: mix((hash &+ 1) ^ 0)
      case .integer(let value): mix((hash &+ 2) ^ UInt64(bitPattern: value))
      case .text(let text): mix((hash &+ 3) ^ fnv(text))
      }
    }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var x = value
    x = (x ^ (x >> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x >> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x >> 31)
  }

  private static func fnv(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
