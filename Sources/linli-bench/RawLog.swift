import OpLog
import SQLite
import Store

/// The yardstick: the same canonical bytes in a table of the same shape, and nothing else.
struct RawLog {
  /// One row, ready to be bound.
  struct Row {
    let replica: Int64
    let seq: Int64
    let kind: Int64
    let occurredOn: Int64
    let hash: [UInt8]
    let op: [UInt8]
  }

  let connection: Connection
  private let insert: Statement

  init(path: String) throws {
    connection = try Connection(path: path, mode: .readWriteCreate)
    try connection.execute(Store.pragmas)
    try connection.execute(
      """
      CREATE TABLE log(
        replica INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
        occurred_on INTEGER NOT NULL, hash BLOB NOT NULL, op BLOB NOT NULL,
        PRIMARY KEY(replica, seq)
      ) STRICT, WITHOUT ROWID
      """)
    insert = try connection.prepare("INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
  }

  /// Writes rows in one durable transaction.
  func write(_ rows: some Sequence<Row>) throws {
    try connection.begin()
    for row in rows {
      insert.bind(1, row.replica)
      insert.bind(2, row.seq)
      insert.bind(3, row.kind)
      insert.bind(4, row.occurredOn)
      insert.bind(5, row.hash)
      try insert.run(binding: row.op, at: 6)
    }
    try connection.commit()
  }
}

/// Makes the rows of ops, chain hashes included, before the clock starts.
struct RowMaker {
  let identity: StoreIdentity
  private var hashes: [ReplicaID: Digest] = [:]

  init(_ identity: StoreIdentity) { self.identity = identity }

  mutating func row(_ op: Op) -> RawLog.Row {
    let replica = op.id.replica
    let before =
      hashes[replica]
      ?? Chain.start(
        street: identity.street, incarnation: identity.incarnation, replica: replica)
    let hash = Chain.next(after: before, op.bytes)
    hashes[replica] = hash
    return RawLog.Row(
      replica: Int64(replica.rawValue), seq: Int64(op.id.seq), kind: Int64(op.kind),
      occurredOn: Int64(op.occurredOn.day), hash: hash.bytes, op: op.bytes)
  }
}
