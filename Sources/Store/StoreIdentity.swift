import OpLog
import SQLite

/// Whose database this is.
package struct StoreIdentity: Equatable, Sendable {
  /// The street.
  package let street: StreetID
  /// The hub incarnation that issued ``replica``; for a hub, its own.
  package let incarnation: Incarnation
  /// The replica whose log is written here.
  package let replica: ReplicaID

  /// Makes an identity.
  package init(street: StreetID, incarnation: Incarnation, replica: ReplicaID) {
    self.street = street
    self.incarnation = incarnation
    self.replica = replica
  }
}

/// The table `meta`: a few values by name.
package struct MetaTable {
  private let select: Statement
  private let replace: Statement

  init(_ connection: Connection) throws(SQLiteFailure) {
    select = try connection.prepare("SELECT value FROM meta WHERE key = ?1")
    replace = try connection.prepare("REPLACE INTO meta VALUES(?1, ?2)")
  }

  func bytes(_ key: String) throws(SQLiteFailure) -> [UInt8]? {
    select.bind(1, key)
    defer { select.reset() }
    return try select.step() ? select.bytes(0) : nil
  }

  func integer(_ key: String) throws(SQLiteFailure) -> Int64? {
    select.bind(1, key)
    defer { select.reset() }
    return try select.step() ? select.optionalInteger(0) : nil
  }

  func set(_ key: String, _ value: [UInt8]) throws(SQLiteFailure) {
    replace.bind(1, key)
    replace.bind(2, value)
    try replace.run()
  }

  func set(_ key: String, _ value: Int64) throws(SQLiteFailure) {
    replace.bind(1, key)
    replace.bind(2, value)
    try replace.run()
  }

  func identity() throws(SQLiteFailure) -> StoreIdentity? {
    guard let street = try bytes("street").flatMap(StreetID.init),
      let number = try integer("incarnation"), let random = try integer("incarnation_random"),
      let incarnation = Incarnation(
        number: UInt32(truncatingIfNeeded: number), randomBits: UInt64(bitPattern: random)),
      let own = try integer("replica"),
      let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: own))
    else { return nil }
    return StoreIdentity(street: street, incarnation: incarnation, replica: replica)
  }

  /// Keeps the identity of a new file.
  ///
  /// - Throws: `isConstraint` when the file has one: it is never replaced.
  static func insert(
    _ identity: StoreIdentity, _ connection: Connection
  ) throws(SQLiteFailure) {
    let insert = try connection.prepare("INSERT INTO meta VALUES('street', ?1)")
    insert.bind(1, identity.street.bytes)
    try insert.run()
    try MetaTable(connection).set(identity)
    try IncarnationTable.insert(identity.incarnation, connection)
  }

  /// Keeps whose file it is within its street.
  func set(_ identity: StoreIdentity) throws(SQLiteFailure) {
    try set("incarnation", Int64(identity.incarnation.number))
    try set("incarnation_random", Int64(bitPattern: identity.incarnation.randomBits))
    try set("replica", Int64(identity.replica.rawValue))
  }
}
