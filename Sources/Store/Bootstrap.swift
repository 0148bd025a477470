import OpLog

/// What an office begins on while the history behind it comes in; see `Protocol/checkpoint.md`.
package struct Bootstrap: Equatable, Sendable {
  /// The hub's log up to the entry of which the rows are the state.
  package let head: Head
  /// The stamp of the newest receipt there, in ms since 1970-01-01 UTC.
  package let receivedAt: Int64
  /// The first day of which limits per month are whole, in days since 1970-01-01.
  package let since: Int64
  /// How many ops the history has up to there.
  package let opCount: UInt64
  /// What the rows of each table come to, to be held against the history.
  let sums: [TableSum]

  /// The lanes of the rows of one table.
  struct TableSum: Equatable, Sendable {
    let table: Int
    var sum: LaneSum
  }

  init(_ set: WorkingSet, sums: [TableSum]) {
    head = set.head
    receivedAt = set.receivedAt
    since = set.since
    opCount = set.opCount
    self.sums = sums
  }

  // bootstrap := head received_at:i64be since:i64be ops:u64be { table:u32be a:u64be b:u64be }
  /// As it is kept.
  var bytes: [UInt8] {
    var bytes = head.bytes
    bytes.appendBigEndian(UInt64(bitPattern: receivedAt))
    bytes.appendBigEndian(UInt64(bitPattern: since))
    bytes.appendBigEndian(opCount)
    for sum in sums {
      bytes.appendBigEndian(UInt32(sum.table))
      bytes.appendBigEndian(sum.sum.a)
      bytes.appendBigEndian(sum.sum.b)
    }
    return bytes
  }

  /// Reads what ``bytes`` wrote; nil for anything else.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 68, (bytes.count - 68) % 20 == 0 else { return nil }
    func number(_ start: Int, _ count: Int) -> UInt64 {
      bytes[start..<start + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard let replica = ReplicaID(rawValue: UInt32(number(0, 4))),
      let hash = Digest(Array(bytes[12..<44]))
    else { return nil }
    head = Head(replica: replica, seq: number(4, 8), hash: hash)
    receivedAt = Int64(bitPattern: number(44, 8))
    since = Int64(bitPattern: number(52, 8))
    opCount = number(60, 8)
    sums = stride(from: 68, to: bytes.count, by: 20).map { start in
      TableSum(
        table: Int(number(start, 4)),
        sum: LaneSum(a: number(start + 4, 8), b: number(start + 12, 8)))
    }
  }
}
