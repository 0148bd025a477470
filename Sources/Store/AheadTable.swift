import OpLog
import SQLite

/// Ops that stand further on in their logs than these are held: those that a working set named, while the
/// history behind it comes in.
struct AheadTable {
  private let insert: Statement
  private let select: Statement
  private let clear: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare("INSERT INTO ahead VALUES(?1, ?2, ?3)")
    select = try connection.prepare("SELECT op, hash FROM ahead WHERE id = ?1")
    clear = try connection.prepare("DELETE FROM ahead")
  }

  func add(_ op: Op, hash: Digest) throws(SQLiteFailure) {
    insert.bind(1, op.id.packed)
    insert.bind(2, hash.bytes)
    insert.bind(3, op.bytes)
    try insert.run()
  }

  /// The bytes and chain hash of an op, or nil.
  func op(_ id: OpID) throws(SQLiteFailure) -> (bytes: [UInt8], hash: Digest)? {
    select.bind(1, id.packed)
    defer { select.reset() }
    guard try select.step() else { return nil }
    return (select.bytes(0), Digest(select.bytes(1)) ?? .zero)
  }

  func removeAll() throws(SQLiteFailure) { try clear.run() }
}
