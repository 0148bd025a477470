import OpLog
import SQLite

/// A detached body: JSON text that an op vouches for without holding it.
package struct Body: Equatable, Sendable {
  /// 16 random bytes, so that a digest tells nothing about a guessable body.
  package let salt: [UInt8]
  /// A JSON object of strings.
  package let content: String

  /// Makes a body; nil unless salt and content are within ``BodyLimits``.
  package init?(salt: [UInt8], content: String) {
    guard salt.count == BodyLimits.saltBytes,
      content.utf8.count <= BodyLimits.contentBytesMax
    else { return nil }
    self.salt = salt
    self.content = content
  }

  /// Reads the form in which bodies travel: salt, then content.
  package init?(wire bytes: [UInt8]) {
    guard bytes.count >= BodyLimits.saltBytes,
      let content = String(validating: bytes[BodyLimits.saltBytes...], as: UTF8.self)
    else { return nil }
    self.init(salt: Array(bytes[..<BodyLimits.saltBytes]), content: content)
  }

  /// salt ‖ content, as it travels.
  package var wireBytes: [UInt8] { salt + Array(content.utf8) }

  /// SHA-256(salt ‖ content), which the op holds.
  package var digest: Digest { SHA256.hash(wireBytes) }
}

/// An op that names a body, and whose it is by that op.
package struct BodyLink: Sendable {
  /// The op.
  package let op: OpID
  /// The community that may hold the body.
  package let community: OpID
  /// The resident whose personal data it is; nil for staff.
  let resident: Int64?
}

/// The bodies held here, and the ops that vouch for bodies.
struct BodyTable {
  private let insert: Statement
  private let select: Statement
  private let delete: Statement
  private let insertLink: Statement
  private let selectLink: Statement
  private let selectScope: Statement
  private let insertMissing: Statement
  private let deleteMissing: Statement
  private let selectMissing: Statement
  private let selectUnsent: Statement
  private let markSent: Statement
  private let moveBody: Statement
  private let selectLinks: Statement
  private let selectHouseholdLinks: Statement
  private let updateLink: Statement
  private let forgetMissing: Statement
  private let deleteForeign: Statement

  /// The queries that every sync asks; each reads what it finds and nothing else.
  enum SQL {
    /// ?1 row limit.
    static let missing: StaticString = "SELECT DISTINCT digest FROM body_missing LIMIT ?1"
    /// ?1 row limit.
    static let unsent: StaticString = """
      SELECT digest FROM body WHERE is_uploaded = 0 ORDER BY op LIMIT ?1
      """
    /// ?1 household.
    static let linksOfHousehold: StaticString = """
      SELECT op, digest, community FROM body_link WHERE household = ?1 ORDER BY op
      """
    /// An office keeps no body of which all links say that it is other communities' business, but for its
    /// recorder; see ``BodyTable/noteSent(_:community:)``.
    ///
    /// A scan of links, as the next one.
    static let dropForeign = """
      DELETE FROM body WHERE (is_uploaded = 1 OR op IS NULL)
         AND EXISTS(SELECT 1 FROM meta WHERE key = 'community')
         AND digest IN (SELECT digest FROM body_link)
         AND digest NOT IN (SELECT l.digest FROM body_link l
                              JOIN meta m ON m.key = 'community' AND l.community = m.value)
      """
    /// What an office is to fetch: its community's bodies that are not here and were not erased.
    static let noteMissing = """
      DELETE FROM body_missing WHERE digest IN (SELECT digest FROM body);
      INSERT OR IGNORE INTO body_missing
        SELECT l.digest, l.op FROM body_link l
          JOIN meta m ON m.key = 'community' AND l.community = m.value
         WHERE l.digest NOT IN (SELECT digest FROM body)
           AND l.digest NOT IN (SELECT digest FROM tombstone)
      """
  }

  /// Finds links by digest, as only a hub is asked for bodies; at an office it would cost two pages
  /// per update for nothing.
  static let hubIndex = "CREATE INDEX IF NOT EXISTS body_link_digest ON body_link(digest)"

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare(
      """
      INSERT OR IGNORE INTO body SELECT ?1, ?2, ?3, ?4, ?5
       WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE digest = ?1)
      """)
    delete = try connection.prepare("DELETE FROM body WHERE digest = ?1")
    select = try connection.prepare("SELECT salt, content FROM body WHERE digest = ?1")
    insertLink = try connection.prepare(
      "INSERT OR IGNORE INTO body_link VALUES(?1, ?2, ?3, ?4, ?5)")
    selectLink = try connection.prepare(
      "SELECT op, community, resident FROM body_link WHERE digest = ?1 ORDER BY op")
    selectScope = try connection.prepare(
      "SELECT l.community FROM body b JOIN body_link l ON l.op = b.op WHERE b.digest = ?1")
    insertMissing = try connection.prepare(
      """
      INSERT OR IGNORE INTO body_missing SELECT ?1, ?2
       WHERE EXISTS(SELECT 1 FROM meta WHERE key = 'community' AND value = ?3)
         AND NOT EXISTS(SELECT 1 FROM body WHERE digest = ?1)
         AND NOT EXISTS(SELECT 1 FROM tombstone WHERE digest = ?1)
      """)
    deleteMissing = try connection.prepare("DELETE FROM body_missing WHERE digest = ?1")
    selectMissing = try connection.prepare(SQL.missing)
    selectUnsent = try connection.prepare(SQL.unsent)
    moveBody = try connection.prepare(
      "UPDATE body SET is_uploaded = 0, op = ?2 WHERE digest = ?1")
    markSent = try connection.prepare("UPDATE body SET is_uploaded = 1 WHERE digest = ?1")
    selectLinks = try connection.prepare(
      "SELECT op, digest, community FROM body_link WHERE resident = ?1 ORDER BY op")
    selectHouseholdLinks = try connection.prepare(SQL.linksOfHousehold)
    updateLink = try connection.prepare("UPDATE body_link SET community = ?2 WHERE op = ?1")
    forgetMissing = try connection.prepare("DELETE FROM body_missing WHERE op = ?1")
    // One that was recorded here stays until the hub has it; see noteSent.
    deleteForeign = try connection.prepare(
      """
      DELETE FROM body WHERE digest = ?1 AND (is_uploaded = 1 OR op IS NULL)
         AND EXISTS(SELECT 1 FROM meta WHERE key = 'community')
         AND NOT EXISTS(SELECT 1 FROM body_link l JOIN meta m ON m.key = 'community'
                         WHERE l.digest = ?1 AND l.community = m.value)
       RETURNING 1
      """)
  }

  /// The links of bodies that hold a resident's data; ascending.
  ///
  /// A scan.
  func links(
    ofResident resident: Int64
  ) throws(SQLiteFailure) -> [(op: OpID, digest: Digest, community: Int64)] {
    try links(selectLinks, of: resident)
  }

  /// The links of the bodies of a household's file; ascending.
  ///
  /// O(log n + versions of the file).
  func links(
    ofHousehold household: Int64
  ) throws(SQLiteFailure) -> [(op: OpID, digest: Digest, community: Int64)] {
    try links(selectHouseholdLinks, of: household)
  }

  private func links(
    _ select: Statement, of account: Int64
  ) throws(SQLiteFailure) -> [(op: OpID, digest: Digest, community: Int64)] {
    select.bind(1, account)
    defer { select.reset() }
    var links: [(op: OpID, digest: Digest, community: Int64)] = []
    while try select.step() {
      guard let op = OpID(packed: select.integer(0)), let digest = Digest(select.bytes(1)) else {
        continue
      }
      links.append((op, digest, select.integer(2)))
    }
    return links
  }

  /// Notes that a body is another community's business: an office of that one is to fetch it, and others
  /// keep it no longer, but for its recorder, who keeps it until the hub has it.
  ///
  /// - Returns: Whether the body was deleted.
  func move(
    _ op: OpID, _ digest: Digest, toCommunity community: Int64
  ) throws(SQLiteFailure) -> Bool {
    updateLink.bind(1, op.packed)
    updateLink.bind(2, community)
    try updateLink.run()
    forgetMissing.bind(1, op.packed)
    try forgetMissing.run()
    noteMissing(op, digest, community: community)
    try insertMissing.run()
    return try deleteIfForeign(digest)
  }

  /// Deletes a body of which all links say that it is other communities' business, but for its recorder.
  ///
  /// - Returns: Whether it was deleted.
  func deleteIfForeign(_ digest: Digest) throws(SQLiteFailure) -> Bool {
    deleteForeign.bind(1, digest.bytes)
    defer { deleteForeign.reset() }
    return try deleteForeign.step()
  }

  private func noteMissing(_ op: OpID, _ digest: Digest, community: Int64) {
    insertMissing.bind(1, digest.bytes)
    insertMissing.bind(2, op.packed)
    insertMissing.bind(3, community)
  }

  /// Keeps a body, and the own op that it was recorded with; nil for one that came over the line.
  func put(_ body: Body, of op: OpID?, isUploaded: Bool) throws(SQLiteFailure) {
    insert.bind(1, body.digest.bytes)
    insert.bind(2, body.salt)
    insert.bind(3, body.content)
    insert.bind(4, isUploaded ? 1 : 0)
    if let op { insert.bind(5, op.packed) } else { insert.bindNull(5) }
    try insert.run()
    deleteMissing.bind(1, body.digest.bytes)
    try deleteMissing.run()
  }

  func body(_ digest: Digest) throws(SQLiteFailure) -> Body? {
    select.bind(1, digest.bytes)
    defer { select.reset() }
    return try select.step() ? Body(salt: select.bytes(0), content: select.text(1)) : nil
  }

  /// Brings a body to the hub again, with another own op.
  func move(_ digest: Digest, to op: OpID) throws(SQLiteFailure) {
    moveBody.bind(1, digest.bytes)
    moveBody.bind(2, op.packed)
    try moveBody.run()
  }

  /// Notes that an op vouches for a body, whose personal data it is, and the household whose file it is
  /// of; it is to be fetched unless it is here.
  func link(
    _ op: OpID, _ digest: Digest, community: Int64, resident: Int64?, household: Int64?
  ) throws(SQLiteFailure) {
    insertLink.bind(1, op.packed)
    insertLink.bind(2, digest.bytes)
    insertLink.bind(3, community)
    if let resident { insertLink.bind(4, resident) } else { insertLink.bindNull(4) }
    if let household { insertLink.bind(5, household) } else { insertLink.bindNull(5) }
    try insertLink.run()
    noteMissing(op, digest, community: community)
    try insertMissing.run()
  }

  /// The ops that name a digest, nearly always one; a scan in a database that is not a hub's.
  func links(_ digest: Digest) throws(SQLiteFailure) -> [BodyLink] {
    selectLink.bind(1, digest.bytes)
    defer { selectLink.reset() }
    var links: [BodyLink] = []
    while try selectLink.step() {
      guard let op = OpID(packed: selectLink.integer(0)),
        let community = OpID(packed: selectLink.integer(1))
      else { continue }
      links.append(
        BodyLink(op: op, community: community, resident: selectLink.optionalInteger(2)))
    }
    return links
  }

  func missing(limit: Int) throws(SQLiteFailure) -> [Digest] {
    selectMissing.bind(1, Int64(limit))
    return try digests(selectMissing)
  }

  func unsent(limit: Int) throws(SQLiteFailure) -> [Digest] {
    selectUnsent.bind(1, Int64(limit))
    return try digests(selectUnsent)
  }

  /// Notes that the hub has an own body; one of another community's person is not kept any longer.
  ///
  /// - Returns: Whether the body was deleted.
  func noteSent(_ digest: Digest, community: Int64) throws(SQLiteFailure) -> Bool {
    selectScope.bind(1, digest.bytes)
    let isForeign = try selectScope.step() && selectScope.integer(0) != community
    selectScope.reset()
    let change = isForeign ? delete : markSent
    change.bind(1, digest.bytes)
    try change.run()
    return isForeign
  }

  private func digests(_ statement: Statement) throws(SQLiteFailure) -> [Digest] {
    defer { statement.reset() }
    var found: [Digest] = []
    while try statement.step() {
      if let digest = Digest(statement.bytes(0)) { found.append(digest) }
    }
    return found
  }
}
