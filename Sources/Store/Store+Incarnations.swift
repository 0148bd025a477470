import Community
import OpLog
import SQLite

/// The lives of the street's hub that this replica has heard of.
///
/// The chain of a log starts with the incarnation that issued its writer's id, so none can be checked
/// before its incarnation is known.
extension Store {
  /// The hub that is followed here: that of the newest incarnation.
  package var hub: ReplicaID {
    get throws(StoreError) { try newestIncarnation.hub }
  }

  /// The newest incarnation that is known here.
  package var newestIncarnation: Incarnation {
    get throws(StoreError) {
      let known = try knownIncarnations()
      guard let newest = known.keys.max(), let incarnation = known[newest] else {
        return identity.incarnation
      }
      return incarnation
    }
  }

  /// Every incarnation that is known here, the oldest first.
  package func incarnations() throws(StoreError) -> [Incarnation] {
    try knownIncarnations().values.sorted { $0.number < $1.number }
  }

  /// Keeps an incarnation that its hub's seal, or a hub's own log, vouches for; inside ``write(_:)``.
  ///
  /// - Throws: ``StoreError/otherIncarnation(_:)`` when another one has that number here.
  package func note(_ incarnation: Incarnation) throws(StoreError) {
    if let known = try knownIncarnations()[incarnation.number] {
      guard known == incarnation else { throw .otherIncarnation(incarnation.number) }
      return
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      try IncarnationTable.insert(incarnation, connection)
    }
    knownIncarnationsCache = nil
  }

  /// Becomes the next life of the street's hub; inside ``write(_:)``.
  ///
  /// - Throws: As ``note(_:)``.
  package func become(
    _ incarnation: Incarnation, after formers: [Incarnation]
  ) throws(StoreError) {
    for former in formers { try note(former) }
    try note(incarnation)
    try adopt(
      StoreIdentity(
        street: identity.street, incarnation: incarnation, replica: incarnation.hub))
  }

  /// The empty head of a log of this street.
  ///
  /// - Throws: ``StoreError/unknownIncarnation(_:)`` when nobody said which incarnation issued its id.
  func start(of replica: ReplicaID) throws(StoreError) -> Head {
    guard let incarnation = try knownIncarnations()[replica.incarnation] else {
      throw .unknownIncarnation(replica.incarnation)
    }
    let hash = Chain.start(
      street: identity.street, incarnation: incarnation, replica: replica)
    return Head(replica: replica, seq: 0, hash: hash)
  }

  private func knownIncarnations() throws(StoreError) -> [UInt32: Incarnation] {
    if let known = knownIncarnationsCache { return known }
    let known = try StoreError.wrap { () throws(SQLiteFailure) in
      try IncarnationTable.all(connection)
    }
    knownIncarnationsCache = known
    return known
  }
}

/// The table `incarnation`.
enum IncarnationTable {
  static func insert(_ incarnation: Incarnation, _ connection: Connection) throws(SQLiteFailure) {
    let insert = try connection.prepare("INSERT INTO incarnation VALUES(?1, ?2)")
    insert.bind(1, Int64(incarnation.number))
    insert.bind(2, Int64(bitPattern: incarnation.randomBits))
    try insert.run()
  }

  static func all(_ connection: Connection) throws(SQLiteFailure) -> [UInt32: Incarnation] {
    let select = try connection.prepare("SELECT number, random FROM incarnation")
    var known: [UInt32: Incarnation] = [:]
    while try select.step() {
      let number = UInt32(truncatingIfNeeded: select.integer(0))
      known[number] = Incarnation(
        number: number, randomBits: UInt64(bitPattern: select.integer(1)))
    }
    return known
  }
}
