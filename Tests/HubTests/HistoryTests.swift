import Community
import Foundation
import Hub
import Office
import OpLog
import SQLite
import Store
import Testing
import Wire

/// The history of an old street is folded while the counter goes on.
@Suite("A first history") struct HistoryTests {
  private let three: ThreeOffices
  private let disk = FaultyDisk()

  init() throws { three = try ThreeOffices() }

  @Test("a copy of the file is folded, then what was recorded meanwhile, and nothing else differs")
  func copied() throws {
    let (office, staff) = try readyOffice()
    let other = disk.copy()
    let refolds = office.store.refolds
    let copy = try #require(try office.store.copyFolded())
    #expect(disk.paths.contains("office.db.folding"))
    let inPlace = try OfficeCore(try Self.store(on: other))
    for office in [office, inPlace] {
      try three.street.record(
        "award.grant",
        ["activity": "\(three.activity)", "resident": "\(three.resident)", "session": "61"],
        at: office, by: staff, key: "\(office.replica).AAAAAAAAAAAAAAAA")
    }
    #expect(try office.store.take(copy))
    #expect(office.store.refolds == refolds)
    try inPlace.store.write { () throws(StoreError) in try inPlace.store.endBootstrap() }
    #expect(try Self.rows(of: office.store) == Self.rows(of: inPlace.store))
    #expect(try Self.texts("SELECT count(*) FROM body", in: office.store) == ["0"])
    #expect(try office.store.history() == nil)
    #expect(try office.store.row(Tables.account, [three.resident.packed])?[1].integer == 549)
    for office in [office, inPlace] { try three.street.sync(office) }
    #expect(
      try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
  }

  @Test("a sync folds a copy and removes it; one that was killed before goes on there")
  func synced() throws {
    _ = try readyOffice()
    let office = try OfficeCore(try Self.store(on: disk))
    // As a process leaves it that was killed while it folded.
    try disk.make("office.db.folding")
    #expect(try office.store.history() != nil)
    try three.street.sync(office)
    #expect(try office.store.history() == nil)
    #expect(office.store.refolds == 0)
    #expect(!disk.paths.contains { $0.contains("folding") })
    // Or just after it had taken the tables.
    try disk.make("office.db.folding")
    try three.street.sync(office)
    #expect(!disk.paths.contains { $0.contains("folding") })
    #expect(
      try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
  }

  @Test("what is no copy of this history any more is not taken")
  func stale() throws {
    let (office, _) = try readyOffice()
    let other = try OfficeCore(try Self.store(on: disk))
    for session in 61...90 { try three.award(session) }
    try three.meet()
    let copy = try #require(try office.store.copyFolded())
    // Another process brings more of the history.
    try three.street.exchange(other, maxBytes: 4 << 10)
    let before = try Self.rows(of: office.store)
    #expect(try !office.store.take(copy))
    #expect(try Self.rows(of: office.store) == before)
    let (next, refolds) = (try #require(try other.store.copyFolded()), other.store.refolds)
    try office.store.rebuild()
    // Another process folded it.
    #expect(try !other.store.take(next))
    #expect(try other.store.foldHistory())
    #expect(other.store.refolds == refolds)
    try three.street.sync(office)
    #expect(
      try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
  }

  @Test("where the disk has no room for a copy, the file itself is folded")
  func full() throws {
    let (office, _) = try readyOffice()
    disk.fault = DiskFault(.full, at: 1, of: [.open])
    #expect {
      try office.store.foldHistory()
    } throws: { error in (error as? StoreError)?.isFull ?? false }
    #expect(try office.store.history() != nil)
    // Before the copy, and when its tables are taken.
    let other = try OfficeCore(try Self.store(on: disk.copy()))
    disk.fault = DiskFault(.full, at: .max, of: [.write])
    _ = try office.store.copyFolded()
    let writes = disk.callCount
    disk.fault = DiskFault(.full, at: 1, of: [.open])
    disk.fault?.isFullOnce = true
    try expectFolded(office)
    other.store.connection.disk?.fault = DiskFault(.full, at: writes + 1, of: [.write])
    other.store.connection.disk?.fault?.isFullOnce = true
    try expectFolded(other)
  }

  @Test("while another process folds the history, a sync leaves it to that")
  func busy() throws {
    let folder = try Folder()
    let (office, _) = try three.street.office(code: "FOUR", on: folder.database())
    #expect(try three.street.begin(office))
    let lock = try folder.lock("office.db.lock")
    try three.street.sync(office)
    let history = try #require(try office.store.history())
    #expect(history.held == history.total)
    close(lock)
    let refolds = office.store.refolds
    // Who locks the folder has reasons of their own.
    let ofFolder = try folder.lock("")
    defer { close(ofFolder) }
    try three.street.sync(office)
    #expect(try office.store.history() == nil)
    #expect(office.store.refolds == refolds)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/office.db.folding"))
    #expect(
      try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
  }

  @Test("who is erased while another process folds is out of its copy too, if it is killed")
  func erasedMeanwhile() throws {
    let folder = try Folder()
    let (office, staff) = try three.street.office(code: "FOUR", on: folder.database())
    try three.street.sync(office)
    let person = try three.street.record(
      "resident.register", ["name": "王五"], at: office, by: staff[0])
    let copy = folder.path + "/office.db.folding"
    #expect(FileManager.default.createFile(atPath: copy, contents: nil))
    let lock = try folder.lock("office.db.lock")
    try office.store.write { () throws(StoreError) in
      try office.store.eraseBodies(of: person.packed)
    }
    #expect(FileManager.default.fileExists(atPath: copy))
    close(lock)
    // Any write will do.
    try office.store.write { () throws(StoreError) in try office.store.set(.clockOffset, 0) }
    #expect(!FileManager.default.fileExists(atPath: copy))
  }

  @Test("files that another process moves meanwhile are where the history says in the end")
  func movedMeanwhile() throws {
    let street = three.street
    let (elsewhere, theirs) = try street.office(community: "白虎街", code: "SIX")
    try street.sync(elsewhere)
    let comes = try street.record(
      "resident.register", ["name": "王五"], at: elsewhere, by: theirs[0])
    try street.sync(elsewhere)
    let folder = try Folder()
    let (office, staff) = try street.office(code: "FOUR", on: folder.database())
    #expect(try street.begin(office))
    let stays = try street.record("resident.register", ["name": "赵六"], at: office, by: staff[0])
    let update = try street.record(
      "resident.update", ["resident": "\(comes)", "phone": "13800000000"], at: office, by: staff[0])
    let files = try [update, stays].map { try #require(try office.store.op($0).body) }
    try street.sync(elsewhere)
    try street.record(
      "custody.give", ["account": "\(comes)", "to": "\(office.replica)", "moves": "true"],
      at: elsewhere, by: theirs[0])
    try street.sync(elsewhere)
    let lock = try folder.lock("office.db.lock")
    defer { close(lock) }
    for _ in 1...9 { try street.exchange(office, maxBytes: 1 << 20) }
    let copy = try #require(try office.store.copyFolded())
    let other = try OfficeCore(try Store(try folder.database()))
    for errand in try other.bodyErrands() {
      _ = try other.take(street.send(errand.request), to: errand)
    }
    // By the working set it was of another community.
    #expect(try files.map { try other.store.body($0) != nil } == [false, true])
    #expect(try office.store.take(copy))
    #expect(try office.store.missingBodies(limit: 9).contains(files[0]))
    try street.sync(office)
    #expect(try files.allSatisfy { try office.store.body($0) != nil })
  }

  /// Expects that a history is folded in the file itself.
  private func expectFolded(_ office: OfficeCore) throws {
    let refolds = office.store.refolds
    #expect(try office.store.foldHistory())
    #expect(try office.store.history() == nil)
    #expect(office.store.refolds == refolds + 1)
  }

  @Test("what a killed process left of a copy is gone with the first person who is erased")
  func erased() throws {
    let connection = try Connection(path: "office.db", mode: .readWriteCreate, on: disk)
    let (office, staff) = try three.street.office(code: "FOUR", on: connection)
    try three.street.sync(office)
    let person = try three.street.record(
      "resident.register", ["name": "王五"], at: office, by: staff[0])
    try disk.make("office.db.folding")
    try office.store.write { () throws(StoreError) in
      try office.store.eraseBodies(of: person.packed)
    }
    #expect(!disk.paths.contains("office.db.folding"))
  }

  /// An office whose history is here and not folded, and one of its staff.
  private func readyOffice() throws -> (OfficeCore, OpID) {
    let connection = try Connection(path: "office.db", mode: .readWriteCreate, on: disk)
    let (office, staff) = try three.street.office(code: "FOUR", on: connection)
    #expect(try three.street.begin(office))
    try erasePerson(of: office, staff)
    try movePerson(whoseFileIsAt: office)
    try pullUnfolded(office)
    return (office, staff[0])
  }

  /// Has an office pull its history up to where it folds it, for which its disk has no room.
  private func pullUnfolded(_ office: OfficeCore) throws {
    for _ in 1...100 {
      let (request, message) = try office.syncRequest(maxBytes: 1 << 20)
      disk.fault = DiskFault(.full, at: 1, of: [.open])
      defer { disk.fault = nil }
      do {
        _ = try office.take(three.street.send(message), to: request, now: three.street.now)
      } catch { return }
    }
    throw StoreError.notYet(nil)
  }

  /// Registers somebody at an office, whose data is erased by an op that comes with the history.
  private func erasePerson(of office: OfficeCore, _ staff: [OpID]) throws {
    let (street, hub) = (three.street, three.street.hub.store)
    let (_, others) = try street.office(community: "塔山", code: "FIVE")
    let person = try street.record(
      "resident.register", ["name": "王五"], at: office, by: staff[0])
    let request = try street.record(
      "resident.erase", ["resident": "\(person)", "basis": "own_wish"], at: office, by: staff[1])
    try street.exchange(office, maxBytes: 4 << 10)
    let decided = try HubAdmin.decide(
      request, isApproved: true, by: [staff[0], others[0]], in: hub, now: street.now)
    guard case .decided = decided else { throw StoreError.unknownReference(request) }
    #expect(try Self.texts("SELECT count(*) FROM body", in: office.store) == ["1"])
  }

  /// Moves somebody, of whom an office has the file, to another community by an op of the history.
  private func movePerson(whoseFileIsAt office: OfficeCore) throws {
    let (street, home) = (three.street, three.offices[0])
    let (elsewhere, _) = try street.office(community: "白虎街", code: "SIX")
    let person = try street.record(
      "resident.register", ["name": "赵六"], at: home, by: three.staff[0])
    for _ in 1...2 { try street.sync(home) }
    let body = try #require(try home.store.op(person).body.flatMap { try home.store.body($0) })
    try office.store.write { () throws(StoreError) in try office.store.keep(body) }
    try street.record(
      "custody.give",
      ["account": "\(person)", "to": "\(elsewhere.replica)", "moves": "true"], at: home,
      by: three.staff[0])
    try street.sync(home)
    #expect(try Self.texts("SELECT count(*) FROM body", in: office.store) == ["2"])
  }

  private static func store(on disk: FaultyDisk) throws -> Store {
    try Store(path: "office.db", mode: .readWrite, on: disk)
  }

  /// Every row of every table.
  private static func rows(of store: Store) throws -> [String: [String]] {
    let tables = try texts(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", in: store)
    var found: [String: [String]] = [:]
    for table in tables {
      let columns = try texts("SELECT name FROM pragma_table_info('\(table)')", in: store)
      let row = columns.map { "quote(\($0))" }.joined(separator: " || ',' || ")
      found[table] = try texts("SELECT \(row) FROM \(table) ORDER BY 1", in: store)
    }
    return found
  }

  private static func texts(_ sql: String, in store: Store) throws -> [String] {
    let select = try store.connection.prepare(text: sql)
    var texts: [String] = []
    while try select.step() { texts.append(select.text(0)) }
    return texts
  }
}

/// A folder of a test, removed with it.
private final class Folder {
  let path = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func database() throws -> Connection {
    try Connection(path: path + "/office.db", mode: .readWriteCreate)
  }

  /// Locks a file, made where there is none, or the folder itself.
  func lock(_ name: String) throws -> Int32 {
    let descriptor =
      name.isEmpty
      ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      : open(path + "/" + name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    return descriptor
  }
}
