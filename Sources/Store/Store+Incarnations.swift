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

  /// The lives that a seal, the hub's key, or a proved log vouches for, the oldest first.
  package func provedLives() throws(StoreError) -> [Incarnation] {
    let unproved = try unprovedLives()
    return try incarnations().filter { !unproved.contains($0.number) }
  }

  /// Learns the lives that the first op of a hub's log names, where nobody has said them before;
  /// inside ``write(_:)``.
  ///
  /// The chain of that log begins with the life's random bits, so the proof of its end proves them.
  func learnLives(in op: Op, isProved: Bool) throws(StoreError) {
    let lives = HubBeginFold.incarnations(in: op)
    guard !lives.isEmpty else { return }
    let known = Set(try incarnations().map(\.number))
    let new = lives.filter { !known.contains($0.number) }
    for life in new { try note(life) }
    guard !isProved, !new.isEmpty else { return }
    var bytes: [UInt8] = []
    for number in try unprovedLives().union(new.map(\.number)).sorted() {
      bytes.appendBigEndian(number)
    }
    try set(.givenLives, bytes)
  }

  /// Forgets the lives that only an unproved log named, of which nothing is held any more; inside
  /// ``write(_:)``.
  func dropUnprovedLives() throws(StoreError) {
    let numbers = try unprovedLives()
    guard !numbers.isEmpty else { return }
    try flush()
    try StoreError.wrap { () throws(SQLiteFailure) in
      for number in numbers.sorted() { try IncarnationTable.delete(number, connection) }
    }
    heads = heads.filter { !numbers.contains($0.key.incarnation) }
    knownIncarnationsCache = nil
    try clear(.givenLives)
  }

  private func unprovedLives() throws(StoreError) -> Set<UInt32> {
    let bytes = try setting(.givenLives) ?? []
    let numbers = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    return Set(numbers)
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

  /// Whether the life of the hub that issued a replica's id is known here.
  package func knowsLife(of replica: ReplicaID) throws(StoreError) -> Bool {
    try knownIncarnations()[replica.incarnation] != nil
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

  /// Deletes a life, and the heads of the logs of those whom it enrolled.
  static func delete(_ number: UInt32, _ connection: Connection) throws(SQLiteFailure) {
    for sql: StaticString in [
      "DELETE FROM head WHERE replica >> 12 = ?1", "DELETE FROM incarnation WHERE number = ?1",
    ] {
      let delete = try connection.prepare(sql)
      delete.bind(1, Int64(number))
      try delete.run()
    }
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
