import SQLite
import Testing

@Suite struct TransactionTests {
  private enum Refusal: Error, Equatable {
    case byRule
    case database(SQLiteFailure)
  }

  private let scratch: ScratchDirectory
  private let connection: Connection

  init() throws {
    scratch = try ScratchDirectory()
    connection = try Connection(path: scratch.path("a.db"), mode: .readWriteCreate)
    try connection.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(v INTEGER NOT NULL) STRICT")
  }

  private func rows() throws -> Int64? { try connection.scalar("SELECT count(*) FROM t") }

  private func insert() throws(SQLiteFailure) {
    try connection.execute("INSERT INTO t VALUES (1)")
  }

  @Test func `commits what the body did and returns its result`() throws {
    let result = try connection.transaction {
      #expect(connection.isInTransaction)
      try insert()
      return 7
    }
    #expect(result == 7)
    #expect(!connection.isInTransaction)
    #expect(try rows() == 1)
  }

  @Test func `rolls back when the body throws`() throws {
    #expect(throws: Refusal.byRule) {
      try connection.transaction {
        try insert()
        throw Refusal.byRule
      }
    }
    #expect(!connection.isInTransaction)
    #expect(try rows() == 0)
  }

  @Test func `throws the caller's own type, from the body and from SQLite`() throws {
    do throws(Refusal) {
      try connection.transaction(wrapping: Refusal.database) { () throws(Refusal) in
        throw .byRule
      }
      Issue.record("the body's error was lost")
    } catch {
      #expect(error == .byRule)
    }
    connection.onCommit = { false }
    do throws(Refusal) {
      try connection.transaction(wrapping: Refusal.database) { () throws(Refusal) in }
      Issue.record("the refused commit was lost")
    } catch {
      guard case .database(let failure) = error else { throw error }
      #expect(failure.isCommitRefused)
    }
  }

  @Test func `a transaction that SQLite itself rolled back fails to commit`() throws {
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.transaction {
        try insert()
        try connection.execute("ROLLBACK")
      }
    }
    #expect(failure.operation == "run COMMIT")
    #expect(try rows() == 0)
  }

  @Test func `rollback without a transaction does nothing`() throws {
    try connection.rollback()
    try connection.begin()
    try insert()
    try connection.rollback()
    #expect(try rows() == 0)
  }

  @Test func `a refused commit leaves nothing, the next one is durable`() throws {
    var commits = 0
    connection.onCommit = {
      commits += 1
      return commits != 2
    }
    try connection.transaction { try insert() }
    let failure = try #require(throws: SQLiteFailure.self) {
      try connection.transaction { try insert() }
    }
    #expect(failure.isCommitRefused)
    #expect(!connection.isInTransaction)
    #expect(try rows() == 1)
    connection.onCommit = nil
    try connection.transaction { try insert() }
    #expect(commits == 2)
    let other = try Connection(path: scratch.path("a.db"), mode: .readOnly)
    #expect(try other.scalar("SELECT count(*) FROM t") == 2)
  }

  @Test func `a statement outside a transaction asks before its own commit`() throws {
    connection.onCommit = { false }
    #expect(throws: SQLiteFailure.self) { try insert() }
    connection.onCommit = nil
    #expect(try rows() == 0)
  }

  @Test func `a transaction inside another traps`() async {
    await #expect(processExitsWith: .failure) {
      withMemory { connection in try connection.transaction { try connection.begin() } }
    }
  }
}
