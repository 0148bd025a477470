import Community
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
    try other.store.foldHistory()
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
    disk.fault?.isFullOnce = true
    let refolds = office.store.refolds
    try office.store.foldHistory()
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
    for _ in 1...100 {
      let (request, message) = try office.syncRequest(maxBytes: 1 << 20)
      disk.fault = DiskFault(.error, at: 1, of: [.open])
      defer { disk.fault = nil }
      do {
        _ = try office.take(three.street.send(message), to: request, now: three.street.now)
      } catch { return (office, staff[0]) }
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
