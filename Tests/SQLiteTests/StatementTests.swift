import SQLite
import Testing

@Suite struct StatementTests {
  private let connection: Connection

  init() throws {
    connection = try Connection(path: ":memory:", mode: .readWriteCreate)
  }

  @Test("keeps every integer", arguments: [.min, -1, 0, 1, 0x7FFF_FFFF_FFFF, .max] as [Int64])
  func integers(value: Int64) throws {
    let echo = try connection.prepare("SELECT ?1, typeof(?1)")
    echo.bind(1, value)
    #expect(try echo.step())
    #expect(echo.integer(0) == value)
    #expect(echo.optionalInteger(0) == value)
    #expect(echo.text(1) == "integer")
    #expect(try echo.step() == false)
  }

  @Test(
    "keeps every blob, the empty one too",
    arguments: [[], [0], [0, 0, 255], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]])
  func blobs(value: [UInt8]) throws {
    let echo = try connection.prepare("SELECT ?1, typeof(?1)")
    echo.bind(1, value)
    try expectBlob(value, in: echo)
    echo.bind(1, value.span)
    try expectBlob(value, in: echo)
    try echo.withBlob(value, at: 1) { try expectBlob(value, in: echo) }
  }

  private func expectBlob(_ value: [UInt8], in echo: Statement) throws {
    #expect(try echo.step())
    #expect(echo.bytes(0) == value)
    #expect(echo.optionalBytes(0) == value)
    #expect(echo.withBytes(of: 0) { span in span.count } == value.count)
    #expect(echo.withBytes(of: 0) { span in span.indices.allSatisfy { span[$0] == value[$0] } })
    #expect(echo.text(1) == "blob")
    #expect(try echo.step() == false)
  }

  @Test(
    "keeps every text, empty and with NUL inside",
    arguments: ["", "a", "a\0b\0", "\0", "青龙街社区 🐉", String(repeating: "点", count: 50_000)])
  func texts(value: String) throws {
    let echo = try connection.prepare("SELECT ?1, typeof(?1), ?1 IS NULL")
    echo.bind(1, value)
    #expect(try echo.step())
    #expect(echo.text(0) == value)
    #expect(echo.optionalText(0) == value)
    #expect(echo.bytes(0) == Array(value.utf8))
    #expect(echo.text(1) == "text")
    #expect(echo.integer(2) == 0)
  }

  @Test func `NULL is nil for optionals and empty for the rest`() throws {
    let echo = try connection.prepare("SELECT ?1")
    echo.bindNull(1)
    #expect(try echo.step())
    #expect(echo.isNull(0))
    #expect(echo.optionalInteger(0) == nil)
    #expect(echo.optionalBytes(0) == nil)
    #expect(echo.optionalText(0) == nil)
    #expect(echo.integer(0) == 0)
    #expect(echo.bytes(0) == [])
    #expect(echo.text(0) == "")
    #expect(echo.withBytes(of: 0) { span in span.isEmpty })
  }

  @Test func `bytes that are not UTF-8 are repaired in text and kept in bytes`() throws {
    let query = try connection.prepare("SELECT CAST(x'41FF42' AS TEXT)")
    #expect(try query.step())
    #expect(query.text(0) == "A\u{FFFD}B")
    #expect(query.bytes(0) == [0x41, 0xFF, 0x42])
  }

  @Test func `a blob bound for one run is NULL afterwards`() throws {
    try connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB) STRICT")
    let insert = try connection.prepare("INSERT INTO t VALUES(?1, ?2)")
    insert.bind(1, 1)
    try insert.run(binding: [1, 2, 3], at: 2)
    insert.bind(1, 2)
    try insert.run(binding: [], at: 2)
    insert.bind(1, 3)
    try insert.run()
    let query = try connection.prepare("SELECT v FROM t ORDER BY id")
    var values: [[UInt8]?] = []
    while try query.step() { values.append(query.optionalBytes(0)) }
    #expect(values == [[1, 2, 3], [], nil])
  }

  @Test func `a failed run leaves the statement ready, whichever way the blob was bound`() throws {
    try connection.execute("CREATE TABLE t(v BLOB UNIQUE) STRICT")
    let insert = try connection.prepare("INSERT INTO t VALUES(?1)")
    try insert.run(binding: [1], at: 1)
    #expect(throws: SQLiteFailure.self) { try insert.run(binding: [1], at: 1) }
    insert.bind(1, [1])
    #expect(throws: SQLiteFailure.self) { try insert.run() }
    insert.bind(1, [2])
    try insert.run()
    #expect(try connection.scalar("SELECT count(*) FROM t") == 2)
  }

  @Test func `runs again after its end, after a reset, and after the schema changed`() throws {
    try connection.execute("CREATE TABLE t(v INTEGER) STRICT; INSERT INTO t VALUES (1), (2)")
    let query = try connection.prepare("SELECT v FROM t ORDER BY v")
    for _ in 1...2 {
      #expect(try query.step() && query.integer(0) == 1)
      #expect(try query.step() && query.integer(0) == 2)
      #expect(try query.step() == false)
    }
    #expect(try query.step())
    query.reset()
    try connection.execute("ALTER TABLE t ADD COLUMN w TEXT")
    #expect(try query.step() && query.integer(0) == 1)
  }

  @Test func `a generated text and trailing white space are fine`() throws {
    let query = try connection.prepare(text: "SELECT \(6 * 7);\n\t ")
    #expect(try query.step() && query.integer(0) == 42)
  }

  @Test func `bad SQL names the operation and the code`() throws {
    let failure = try #require(throws: SQLiteFailure.self) {
      _ = try connection.prepare("SELECT v\nFROM nowhere")
    }
    #expect(failure.extendedCode == 1)
    #expect(failure.operation == "prepare SELECT v")
    #expect(failure.message.contains("nowhere"))
    #expect("\(failure)".contains("error 1"))
  }
}

/// Misuse traps: each precondition of a statement, seen from outside the process.
@Suite struct StatementMisuseTests {
  @Test func `binding a parameter that the SQL does not have traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory { try $0.prepare("SELECT ?1").bind(2, 0) }
    }
  }

  @Test func `binding while rows remain traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory {
        let query = try $0.prepare("SELECT ?1")
        if try query.step() { query.bind(1, 0) }
      }
    }
  }

  @Test func `reading past the last column traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory {
        let query = try $0.prepare("SELECT 1")
        if try query.step() { _ = query.integer(1) }
      }
    }
  }

  @Test func `reading without a row traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory { _ = try $0.prepare("SELECT 1").bytes(0) }
    }
  }

  @Test func `several statements in one prepare trap`() async {
    await #expect(processExitsWith: .failure) {
      withMemory { _ = try $0.prepare("SELECT 1; SELECT 2") }
    }
  }

  @Test func `no statement in a prepare traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory { _ = try $0.prepare(text: "-- nothing") }
    }
  }
}
