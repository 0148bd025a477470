import SQLite
import Testing

/// The disk that fails is itself right: what is synced stays, what is not may go.
@Suite struct FaultyDiskTests {
  @Test("keeps a database in WAL mode, for two connections at once")
  func walForTwo() throws {
    let disk = FaultyDisk()
    let writer = try database(on: disk)
    let reader = try Connection(path: "a.db", mode: .readOnly, on: disk)
    #expect(try reader.scalar("SELECT count(*) FROM t") == 1)
    try writer.begin()
    try writer.execute("INSERT INTO t VALUES(2)")
    #expect(try reader.scalar("SELECT count(*) FROM t") == 1)
    try writer.commit()
    #expect(try reader.scalar("SELECT count(*) FROM t") == 2)
    let other = try Connection(
      path: "a.db", mode: .readWrite, busyTimeoutMilliseconds: 0, on: disk)
    try writer.begin()
    #expect(throws: SQLiteFailure.self) { try other.begin() }
    try writer.rollback()
    #expect(try writer.integrityCheck().isEmpty)
    #expect(disk.paths == ["a.db", "a.db-wal"])
  }

  @Test("a power cut takes what was not synced and leaves what was", arguments: [false, true])
  func powerCut(keepsAll: Bool) throws {
    let disk = FaultyDisk()
    let first = try database(on: disk)
    try first.execute("PRAGMA synchronous=OFF; INSERT INTO t VALUES(2)")
    disk.cutPower()
    #expect(throws: SQLiteFailure.self) { try first.execute("INSERT INTO t VALUES(3)") }
    disk.restorePower { _ in keepsAll }
    let second = try Connection(path: "a.db", mode: .readWrite, on: disk)
    #expect(try second.scalar("SELECT count(*) FROM t") == (keepsAll ? 2 : 1))
    #expect(throws: SQLiteFailure.self) { try first.execute("INSERT INTO t VALUES(3)") }
    first.close()
    #expect(try second.integrityCheck().isEmpty)
  }

  @Test("a sector that is lost takes the commit with it")
  func lostSector() throws {
    let disk = FaultyDisk()
    let first = try database(on: disk)
    disk.fault = DiskFault(.powerCut, at: 1, of: [.sync])
    #expect(throws: SQLiteFailure.self) { try first.execute("INSERT INTO t VALUES(2)") }
    disk.restorePower { !$0.isLast }
    let second = try Connection(path: "a.db", mode: .readWrite, on: disk)
    #expect(try second.scalar("SELECT count(*) FROM t") == 1)
  }

  @Test("no sync makes durable what a failed one left behind, unless it is written again")
  func failedSync() throws {
    let disk = FaultyDisk()
    let first = try database(on: disk)
    try first.execute("PRAGMA wal_autocheckpoint=0; INSERT INTO t VALUES(2)")
    disk.fault = DiskFault(.error, at: 2, of: [.sync])
    #expect(throws: SQLiteFailure.self) { try first.execute("PRAGMA wal_checkpoint(TRUNCATE)") }
    #expect(disk.hasFired)
    let copy = disk.copy()
    copy.cutPower()
    copy.restorePower { _ in false }
    let second = try Connection(path: "a.db", mode: .readWrite, on: copy)
    #expect(try second.scalar("SELECT count(*) FROM t") == 2)
    try first.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    disk.cutPower()
    disk.restorePower { _ in false }
    let third = try Connection(path: "a.db", mode: .readWrite, on: disk)
    #expect(try third.scalar("SELECT count(*) FROM t") == 2)
  }

  @Test(
    "the call that is named fails, once", arguments: [DiskFault.Effect.error, .shortWrite, .full])
  func failingCall(effect: DiskFault.Effect) throws {
    let disk = FaultyDisk()
    let connection = try database(on: disk)
    disk.fault = DiskFault(effect, at: 2, of: [.write])
    let failure = #expect(throws: SQLiteFailure.self) {
      try connection.execute("INSERT INTO t VALUES(2)")
    }
    #expect(failure?.isFull == (effect == .full))
    #expect(failure?.isIOError == (effect != .full))
    #expect(try connection.scalar("SELECT count(*) FROM t") == 1)
    if effect == .full {
      #expect(throws: SQLiteFailure.self) { try connection.execute("INSERT INTO t VALUES(2)") }
      disk.fault = nil
    }
    try connection.execute("INSERT INTO t VALUES(2)")
    #expect(try connection.scalar("SELECT count(*) FROM t") == 2)
  }

  @Test("a copy of the database is durable when it is made")
  func durableCopy() throws {
    let disk = FaultyDisk()
    try database(on: disk).vacuum(into: "copy.db")
    disk.cutPower()
    disk.restorePower { _ in false }
    let copy = try Connection(path: "copy.db", mode: .readOnly, on: disk)
    #expect(try copy.scalar("SELECT count(*) FROM t") == 1)
  }

  @Test("a file has its new name for good once that was promised, and the old one before")
  func newName() throws {
    for number in 1...3 {
      let disk = FaultyDisk()
      try disk.make("a.part")
      disk.fault = DiskFault(.powerCut, at: number, of: [.rename, .sync])
      #expect(throws: SQLiteFailure.self) { try disk.publish("a.part", as: "a") }
      disk.restorePower { _ in true }
      #expect(disk.paths == (number == 1 ? [] : ["a.part"]))
    }
    let disk = FaultyDisk()
    try disk.make("a.part")
    try disk.publish("a.part", as: "a")
    disk.cutPower()
    disk.restorePower { _ in false }
    #expect(disk.paths == ["a"])
  }

  private func database(on disk: FaultyDisk) throws -> Connection {
    let connection = try Connection(path: "a.db", mode: .readWriteCreate, on: disk)
    try connection.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a); INSERT INTO t VALUES(1)"
    )
    return connection
  }
}
