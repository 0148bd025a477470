import OpLog
import SQLite

/// The dependents index: ops that are in the log and cannot be folded yet, and what they wait for.
///
/// An op waits for an op that it names, or for its writer's enrolment (under seq 0). A row costs
/// nothing while everything comes in order, which is nearly always.
struct WaitingTable {
  private let insertOp: Statement
  private let deleteOp: Statement
  private let containsOp: Statement
  private let insertEdge: Statement
  private let deleteEdges: Statement
  private let selectEdges: Statement
  private let anyOp: Statement
  private let insertReference: Statement
  private let selectParked: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    insertOp = try connection.prepare("INSERT OR IGNORE INTO unadmitted VALUES(?1)")
    deleteOp = try connection.prepare("DELETE FROM unadmitted WHERE op = ?1")
    containsOp = try connection.prepare("SELECT 1 FROM unadmitted WHERE op = ?1")
    insertEdge = try connection.prepare("INSERT OR IGNORE INTO waiting VALUES(?1, ?2)")
    deleteEdges = try connection.prepare("DELETE FROM waiting WHERE on_op = ?1")
    selectEdges = try connection.prepare("SELECT op FROM waiting WHERE on_op = ?1 ORDER BY op")
    anyOp = try connection.prepare("SELECT EXISTS(SELECT 1 FROM unadmitted)")
    insertReference = try connection.prepare("INSERT OR IGNORE INTO parked_ref VALUES(?1, ?2)")
    selectParked = try connection.prepare("SELECT min(op) FROM parked_ref WHERE ref = ?1")
  }

  var isEmpty: Bool {
    get throws(SQLiteFailure) {
      defer { anyOp.reset() }
      return try anyOp.step() ? anyOp.integer(0) == 0 : true
    }
  }

  func contains(_ id: OpID) throws(SQLiteFailure) -> Bool {
    containsOp.bind(1, id.packed)
    defer { containsOp.reset() }
    return try containsOp.step()
  }

  func add(_ id: OpID, waitingFor cause: Int64?) throws(SQLiteFailure) {
    insertOp.bind(1, id.packed)
    try insertOp.run()
    guard let cause else { return }
    insertEdge.bind(1, cause)
    insertEdge.bind(2, id.packed)
    try insertEdge.run()
  }

  func remove(_ id: OpID) throws(SQLiteFailure) {
    deleteOp.bind(1, id.packed)
    try deleteOp.run()
  }

  /// Notes what an op touches that only a newer version can fold.
  ///
  /// The rows go when an upgrade makes the derived tables anew, never before.
  func park(_ op: OpID, touching entities: [OpID]) throws(SQLiteFailure) {
    for id in entities {
      insertReference.bind(1, id.packed)
      insertReference.bind(2, op.packed)
      try insertReference.run()
    }
  }

  /// The lowest parked op that touches an entity, or nil; O(log n).
  func parked(touching id: OpID) throws(SQLiteFailure) -> OpID? {
    selectParked.bind(1, id.packed)
    defer { selectParked.reset() }
    return try selectParked.step() ? selectParked.optionalInteger(0).flatMap(OpID.init) : nil
  }

  /// Takes the ops that wait for `cause` out of the index.
  func take(waitingFor cause: Int64) throws(SQLiteFailure) -> [OpID] {
    selectEdges.bind(1, cause)
    var ids: [OpID] = []
    while try selectEdges.step() {
      if let id = OpID(packed: selectEdges.integer(0)) { ids.append(id) }
    }
    guard !ids.isEmpty else { return [] }
    deleteEdges.bind(1, cause)
    try deleteEdges.run()
    return ids
  }
}
