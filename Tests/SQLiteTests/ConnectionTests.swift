import Foundation
import SQLite
import Testing

@Suite struct ConnectionTests {
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
  }

  private func open(
    _ name: String = "a.db", _ mode: Connection.Mode = .readWriteCreate
  ) throws -> Connection {
    try Connection(path: scratch.path(name), mode: mode, busyTimeoutMilliseconds: 0)
  }

  private func openWithTable(_ name: String = "a.db") throws -> Connection {
    let connection = try open(name)
    try connection.execute("CREATE TABLE t(v INTEGER NOT NULL UNIQUE) STRICT")
    return connection
  }

  @Test func `a missing file is made only when asked for`() throws {
    for mode in [Connection.Mode.readWrite, .readOnly] {
      let failure = try #require(throws: SQLiteFailure.self) { try open("none.db", mode) }
      #expect(failure.extendedCode & 0xFF == 14)
      #expect(failure.operation.hasPrefix("open "))
    }
    try open("none.db").close()
    try open("none.db", .readWrite).close()
  }

  @Test func `a second writer is busy, and succeeds when the first is done`() throws {
    let first = try openWithTable()
    let second = try open()
    try first.begin()
    let failure = try #require(throws: SQLiteFailure.self) { try second.begin() }
    #expect(failure.isBusy && !failure.isConstraint)
    #expect(failure.operation == "run BEGIN IMMEDIATE")
    #expect(!second.isInTransaction)
    try first.commit()
    try second.transaction { try second.execute("INSERT INTO t VALUES (1)") }
    #expect(try first.scalar("SELECT v FROM t") == 1)
  }

  @Test func `a commit that waits for a reader in vain is rolled back`() throws {
    let writer = try openWithTable()
    let reader = try open()
    try writer.execute("INSERT INTO t VALUES (1)")
    let query = try reader.prepare("SELECT v FROM t")
    #expect(try query.step())
    let failure = try #require(throws: SQLiteFailure.self) {
      try writer.transaction { try writer.execute("INSERT INTO t VALUES (2)") }
    }
    #expect(failure.isBusy)
    #expect(!writer.isInTransaction)
    query.reset()
    #expect(try writer.scalar("SELECT count(*) FROM t") == 1)
  }

  @Test func `a broken constraint carries its extended code`() throws {
    let connection = try openWithTable()
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)")
    }
    #expect(failure.isConstraint && !failure.isCommitRefused)
    #expect(failure.extendedCode == 2067)
    #expect(try connection.scalar("SELECT count(*) FROM t") == 1)
  }

  @Test func `a read-only connection reads and refuses to write`() throws {
    try openWithTable().close()
    let connection = try open("a.db", .readOnly)
    #expect(try connection.scalar("SELECT count(*) FROM t") == 0)
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.execute("INSERT INTO t VALUES (1)")
    }
    #expect(failure.isReadOnly)
  }

  @Test func `a full file fails and keeps what was committed`() throws {
    let connection = try open()
    try connection.execute("PRAGMA max_page_count = 8; CREATE TABLE b(v BLOB) STRICT")
    let insert = try connection.prepare("INSERT INTO b VALUES (zeroblob(3000))")
    try insert.run()
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.transaction { for _ in 1...20 { try insert.run() } }
    }
    #expect(failure.isFull)
    #expect(!connection.isInTransaction)
    #expect(try connection.scalar("SELECT count(*) FROM b") == 1)
  }

  @Test func `a file of junk is corrupt at its first use`() throws {
    let junk = Data((0..<8_192).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
    try junk.write(to: URL(filePath: scratch.path("junk.db")))
    let connection = try open("junk.db")
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.scalar("SELECT count(*) FROM sqlite_schema")
    }
    #expect(failure.isCorrupt)
    #expect(try connection.integrityCheck().isEmpty == false)
  }

  @Test("each failure code has one meaning", arguments: [5, 8, 10, 11, 13, 19, 26] as [Int32])
  func meaning(primaryCode: Int32) {
    for extendedCode in [primaryCode, primaryCode | 1 << 8, primaryCode | 9 << 8] {
      let failure = SQLiteFailure(extendedCode: extendedCode, operation: "", message: "")
      #expect(failure.isBusy == (primaryCode == 5))
      #expect(failure.isReadOnly == (primaryCode == 8))
      #expect(failure.isIOError == (primaryCode == 10))
      #expect(failure.isCorrupt == (primaryCode == 11 || primaryCode == 26))
      #expect(failure.isFull == (primaryCode == 13))
      #expect(failure.isConstraint == (primaryCode == 19))
      #expect(!failure.isCommitRefused)
    }
  }

  @Test func `no room for shared memory is a full disk, no memory is no fault of the disk`() {
    func failure(_ code: Int32) -> SQLiteFailure {
      SQLiteFailure(extendedCode: code, operation: "", message: "")
    }
    #expect(failure(10 | 19 << 8).isFull && !failure(10 | 19 << 8).isIOError)
    for code in [7, 10 | 12 << 8] as [Int32] {
      #expect(failure(code).isOutOfMemory && !failure(code).isIOError)
    }
  }

  @Test func `changes and total changes count rows`() throws {
    let connection = try openWithTable()
    try connection.execute("INSERT INTO t VALUES (1), (2), (3)")
    try connection.execute("UPDATE t SET v = v + 10 WHERE v > 1")
    #expect(connection.changes == 2)
    #expect(connection.totalChanges == 5)
  }

  @Test func `data version moves by the commits of others only`() throws {
    let mine = try openWithTable()
    let other = try open()
    let before = try mine.dataVersion()
    try mine.execute("INSERT INTO t VALUES (1)")
    #expect(try mine.dataVersion() == before)
    try other.execute("INSERT INTO t VALUES (2)")
    #expect(try mine.dataVersion() != before)
  }

  @Test func `a scalar is the first value, or nil`() throws {
    let connection = try openWithTable()
    #expect(try connection.scalar("PRAGMA user_version") == 0)
    #expect(try connection.scalar("SELECT v FROM t") == nil)
    #expect(try connection.scalar("SELECT NULL") == nil)
  }

  @Test func `integrity check is empty for a sound file and names the damage of another`() throws {
    var connection = try openWithTable()
    try connection.execute(
      """
      INSERT INTO t SELECT value FROM (
        WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 5000)
        SELECT value FROM n)
      """)
    #expect(try connection.integrityCheck() == [])
    connection.close()
    let file = try FileHandle(forUpdating: URL(filePath: scratch.path("a.db")))
    let damaged = try Int(file.seekToEnd()) - 3 * 4_096
    try file.seek(toOffset: 3 * 4_096)
    try file.write(contentsOf: Data(repeating: 0xFF, count: damaged))
    try file.close()
    connection = try open("a.db", .readOnly)
    #expect(try connection.integrityCheck().isEmpty == false)
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.scalar("SELECT sum(v) FROM t NOT INDEXED")
    }
    #expect(failure.isCorrupt)
  }

  @Test func `vacuum into makes a whole copy and never overwrites one`() throws {
    let connection = try openWithTable()
    try connection.execute("INSERT INTO t VALUES (1), (2)")
    try connection.vacuum(into: scratch.path("copy ' 副本.db"))
    let copy = try open("copy ' 副本.db", .readOnly)
    #expect(try copy.scalar("SELECT count(*) FROM t") == 2)
    #expect(try copy.integrityCheck() == [])
    #expect(throws: SQLiteFailure.self) {
      try connection.vacuum(into: scratch.path("copy ' 副本.db"))
    }
  }

  @Test func `an immutable file is read whatever lock is on it and whatever its name`() throws {
    let name = "a %23?mode=rw#副.db"
    let connection = try open(name)
    try connection.execute("CREATE TABLE t(v); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE")
    let copy = try open(name, .immutable)
    #expect(try copy.scalar("SELECT count(*) FROM t") == 1)
    let failure = try #require(throws: SQLiteFailure.self) { try copy.execute("DELETE FROM t") }
    #expect(failure.isReadOnly)
  }

  @Test func `close rolls back, frees the locks of its statements, and may be repeated`() throws {
    let connection = try openWithTable()
    try connection.execute("INSERT INTO t VALUES (1)")
    let query = try connection.prepare("SELECT v FROM t")
    try connection.begin()
    try connection.execute("INSERT INTO t VALUES (2)")
    #expect(try query.step())
    connection.close()
    connection.close()
    let other = try open()
    try other.transaction { try other.execute("INSERT INTO t VALUES (3)") }
    #expect(try other.scalar("SELECT sum(v) FROM t") == 4)
    withExtendedLifetime(query) {}
  }

  @Test func `a closed connection traps when used`() async {
    await #expect(processExitsWith: .failure) {
      withMemory {
        $0.close()
        try $0.execute("SELECT 1")
      }
    }
  }
}
