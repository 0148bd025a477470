import OpLog
import SQLite

/// A detached body: JSON text that an op vouches for without holding it.
package struct Body: Equatable, Sendable {
  /// 16 random bytes, so that a digest tells nothing about a guessable body.
  package let salt: [UInt8]
  /// A JSON object of strings.
  package let content: String

  /// Bytes of a body: a file of every field at its limit is 1.5 KB.
  package static let contentBytesMax = 16 << 10

  /// Makes a body; nil unless the salt has 16 bytes and the content is within its limit.
  package init?(salt: [UInt8], content: String) {
    guard salt.count == 16, content.utf8.count <= Self.contentBytesMax else { return nil }
    self.salt = salt
    self.content = content
  }

  /// Reads the form in which bodies travel: salt, then content.
  package init?(wire bytes: [UInt8]) {
    guard bytes.count >= 16,
      let content = String(validating: bytes[16...], as: UTF8.self)
    else { return nil }
    self.init(salt: Array(bytes[..<16]), content: content)
  }

  /// salt ‖ content, as it travels.
  package var wireBytes: [UInt8] { salt + Array(content.utf8) }

  /// SHA-256(salt ‖ content), which the op holds.
  package var digest: Digest { SHA256.hash(wireBytes) }
}

/// The bodies held here, and the ops that vouch for bodies.
struct BodyTable {
  private let insert: Statement
  private let select: Statement
  private let insertLink: Statement
  private let selectLink: Statement
  private let selectMissing: Statement
  private let selectUnsent: Statement
  private let markSent: Statement

  /// Finds links by digest, as only a hub is asked for bodies; at an office it would cost two pages
  /// per update for nothing.
  static let hubIndex = "CREATE INDEX IF NOT EXISTS body_link_digest ON body_link(digest)"

  init(_ connection: Connection) throws(SQLiteFailure) {
    insert = try connection.prepare(
      """
      INSERT OR IGNORE INTO body SELECT ?1, ?2, ?3, ?4
       WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE digest = ?1)
      """)
    select = try connection.prepare("SELECT salt, content FROM body WHERE digest = ?1")
    insertLink = try connection.prepare("INSERT OR IGNORE INTO body_link VALUES(?1, ?2, ?3, ?4)")
    selectLink = try connection.prepare(
      "SELECT op, community FROM body_link WHERE digest = ?1 ORDER BY op")
    selectMissing = try connection.prepare(
      """
      SELECT DISTINCT l.digest FROM body_link l LEFT JOIN body b ON b.digest = l.digest
       WHERE l.community = ?1 AND b.digest IS NULL
         AND NOT EXISTS (SELECT 1 FROM tombstone t WHERE t.digest = l.digest)
       ORDER BY l.op LIMIT ?2
      """)
    selectUnsent = try connection.prepare(
      "SELECT digest FROM body WHERE is_uploaded = 0 LIMIT ?1")
    markSent = try connection.prepare("UPDATE body SET is_uploaded = 1 WHERE digest = ?1")
  }

  func put(_ body: Body, isUploaded: Bool) throws(SQLiteFailure) {
    insert.bind(1, body.digest.bytes)
    insert.bind(2, body.salt)
    insert.bind(3, body.content)
    insert.bind(4, isUploaded ? 1 : 0)
    try insert.run()
  }

  func body(_ digest: Digest) throws(SQLiteFailure) -> Body? {
    select.bind(1, digest.bytes)
    defer { select.reset() }
    return try select.step() ? Body(salt: select.bytes(0), content: select.text(1)) : nil
  }

  /// Notes that an op vouches for a body, and whose personal data it is.
  func link(
    _ op: OpID, _ digest: Digest, community: Int64, resident: Int64?
  ) throws(SQLiteFailure) {
    insertLink.bind(1, op.packed)
    insertLink.bind(2, digest.bytes)
    insertLink.bind(3, community)
    if let resident { insertLink.bind(4, resident) } else { insertLink.bindNull(4) }
    try insertLink.run()
  }

  /// The ops that name a digest, nearly always one; a scan in a database that is not a hub's.
  func links(_ digest: Digest) throws(SQLiteFailure) -> [(op: OpID, community: Int64)] {
    selectLink.bind(1, digest.bytes)
    defer { selectLink.reset() }
    var links: [(op: OpID, community: Int64)] = []
    while try selectLink.step() {
      guard let op = OpID(packed: selectLink.integer(0)) else { continue }
      links.append((op, selectLink.integer(1)))
    }
    return links
  }

  func missing(community: Int64, limit: Int) throws(SQLiteFailure) -> [Digest] {
    selectMissing.bind(1, community)
    selectMissing.bind(2, Int64(limit))
    return try digests(selectMissing)
  }

  func unsent(limit: Int) throws(SQLiteFailure) -> [Digest] {
    selectUnsent.bind(1, Int64(limit))
    return try digests(selectUnsent)
  }

  func markSent(_ digest: Digest) throws(SQLiteFailure) {
    markSent.bind(1, digest.bytes)
    try markSent.run()
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
