import Community
import Foundation
import HTTPClient
import Hub
import Office
import OpLog
import Store
import Testing

/// PINs at a counter that several people share.
@Suite struct PINTests {
  /// An office with two members of staff who may do everything, and a PIN for the first.
  private struct Desk {
    let hub: ExampleHub
    let folder: OfficeFolder
    let replica: OfficeReplica
    let first: OpID
    let second: OpID

    /// A program that opens the office anew.
    func office() throws -> OfficeCore {
      let core = try folder.open()
      core.pinRounds = 10
      return core
    }

    func hubStore() throws -> Store { try Store(path: hub.folder + "/hub.db", mode: .readWrite) }

    func sync() async throws {
      try await replica.sync(through: HTTPTransport(hub: hub.address))
    }
  }

  private static let now: Int64 = 1_768_269_600_000

  private func desk() async throws -> Desk {
    let hub = try ExampleHub()
    let store = try Store(path: hub.folder + "/hub.db", mode: .readWrite)
    let community = try #require(try store.community(named: "青龙街"))
    let body = try #require(
      Body(salt: [UInt8](repeating: 3, count: 16), content: #"{"name":"赵强"}"#))
    let second = try HubAdmin.appoint(
      NewStaff(roles: Role.allCases, body: body), to: community, in: store, now: SystemSource.now())
    let folder = hub.folder + "/office"
    let replica = try await OfficeReplica.enrol(
      folder: folder, hub: hub.address, code: hub.code,
      through: HTTPTransport(hub: hub.address))
    let desk = Desk(
      hub: hub, folder: OfficeFolder(folder), replica: replica,
      first: try #require(OpID(hub.staff)), second: second)
    try await desk.sync()
    try desk.office().setPIN(of: desk.first, to: "2468", random: SystemSource.random)
    return desk
  }

  @discardableResult
  private func register(_ office: OfficeCore, by staff: OpID) throws -> Acknowledgement {
    try office.record(
      RecordRequest(
        kind: "resident.register", fields: ["name": "王芳"], actor: staff.description,
        occurredOn: "2026-01-13"),
      now: Self.now, random: SystemSource.random)
  }

  /// What is wrong with a PIN; nil when somebody is signed in with it.
  private func fault(_ body: () throws -> Void) throws -> PINFault? {
    do {
      try body()
      return nil
    } catch OfficeError.pin(let fault) { return fault }
  }

  private func signIn(
    _ office: OfficeCore, _ staff: OpID, _ pin: String, at now: Int64 = now
  ) throws -> PINFault? {
    try fault { try office.signIn(staff, pin: pin, now: now) }
  }

  @Test("nobody records in the name of one who has a PIN without giving it; others go on as before")
  func needed() async throws {
    let desk = try await desk()
    defer { desk.hub.stop() }
    let office = try desk.office()
    #expect(try fault { try register(office, by: desk.first) } == .needed(desk.first))
    try register(office, by: desk.second)
    #expect(try signIn(office, desk.first, "2469") == .wrong(wait: 0))
    #expect(try fault { try register(office, by: desk.first) } == .needed(desk.first))
    #expect(try signIn(office, desk.first, "2468") == nil)
    try register(office, by: desk.first)
    // The next program asks again.
    #expect(try desk.office().needsPIN(desk.first))
    #expect(try office.store.tablesDigest() == desk.office().store.tablesDigest())
  }

  @Test("after three wrong tries there is a wait that grows, also for a program started anew")
  func waits() async throws {
    let desk = try await desk()
    defer { desk.hub.stop() }
    var now = Self.now
    for wait in [0, 0, 30_000] as [Int64] {
      let office = try desk.office()
      #expect(try signIn(office, desk.first, "1357", at: now) == .wrong(wait: wait))
    }
    #expect(try signIn(desk.office(), desk.first, "2468", at: now + 10_000) == .mustWait(20_000))
    now += 30_000
    #expect(try signIn(desk.office(), desk.first, "1357", at: now) == .wrong(wait: 60_000))
    // A clock that is set back starts the same wait anew, and no longer one.
    now -= 86_400_000
    #expect(try signIn(desk.office(), desk.first, "2468", at: now) == .mustWait(60_000))
    now += 60_000
    let office = try desk.office()
    #expect(try signIn(office, desk.first, "2468", at: now) == nil)
    #expect(try signIn(desk.office(), desk.first, "1357", at: now) == .wrong(wait: 0))
  }

  @Test("a PIN is changed by its owner, and is 4–12 digits that are not all the same")
  func changed() async throws {
    let desk = try await desk()
    defer { desk.hub.stop() }
    let office = try desk.office()
    func set(_ pin: String) throws -> PINFault? {
      try fault { try office.setPIN(of: desk.first, to: pin, random: SystemSource.random) }
    }
    #expect(try set("8642") == .needed(desk.first))
    #expect(try signIn(office, desk.first, "2468") == nil)
    for unfit in ["", "123", "1234567890123", "12a4", "7777", "１２３４"] {
      #expect(try set(unfit) == .unfit, "\(unfit)")
    }
    #expect(try set("8642") == nil)
    #expect(try signIn(desk.office(), desk.first, "2468") == .wrong(wait: 0))
    #expect(try signIn(desk.office(), desk.first, "8642") == nil)
  }

  @Test("another approver resets a PIN with a record that says so; nobody resets their own")
  func resetByApprover() async throws {
    let desk = try await desk()
    defer { desk.hub.stop() }
    let office = try desk.office()
    func reset(by staff: OpID) throws -> Acknowledgement {
      let request = RecordRequest(
        kind: "staff.reset_pin", fields: ["staff": desk.first.description],
        actor: staff.description, occurredOn: "2026-01-13")
      try office.checkReset(request)
      return try office.record(request, now: Self.now, random: SystemSource.random)
    }
    #expect(try signIn(office, desk.first, "2468") == nil)
    #expect(throws: OfficeError.self) { try reset(by: desk.first) }
    // Whoever shows no PIN of their own could be anybody.
    #expect(try fault { _ = try reset(by: desk.second) } == .ownNeeded(desk.second))
    try office.setPIN(of: desk.second, to: "1357", random: SystemSource.random)
    let made = try reset(by: desk.second)
    let op = try office.store.op(made.op)
    #expect(op.actor == desk.second && op.references == [desk.first])
    #expect(try !desk.office().needsPIN(desk.first))
    // The database has no PIN and no hash of it in the log.
    try desk.office().setPIN(of: desk.first, to: "9753", random: SystemSource.random)
    #expect(try desk.office().needsPIN(desk.first))
    try await desk.sync()
    #expect(try desk.hubStore().verdict(of: made.op) == .plain)
    #expect(try desk.office().needsPIN(desk.first), "the PIN set after the reset stays")
  }

  @Test("the hub resets a PIN, and the office follows with its sync")
  func resetByHub() async throws {
    let desk = try await desk()
    defer { desk.hub.stop() }
    let none = try HubAdmin.resetPIN(
      of: desk.first, in: desk.hubStore(), now: SystemSource.now())
    #expect(try desk.office().needsPIN(desk.first))
    try await desk.sync()
    #expect(try !desk.office().needsPIN(desk.first))
    #expect(throws: StaffRefusal.unknown(none)) {
      try HubAdmin.resetPIN(of: none, in: desk.hubStore(), now: 0)
    }
  }

  @Test("an appointment that ended is not taken for a standing one")
  func appointedAgain() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let store = try Store(path: hub.folder + "/hub.db", mode: .readWrite)
    let community = try #require(try store.community(named: "青龙街"))
    let now = SystemSource.now()
    let body = try #require(
      Body(salt: [UInt8](repeating: 3, count: 16), content: #"{"name":"赵强"}"#))
    let person = NewStaff(roles: [.clerk], body: body)
    let first = try HubAdmin.appoint(person, to: community, in: store, now: now)
    #expect(try HubAdmin.appoint(person, to: community, in: store, now: now) == first)
    let yesterday = BusinessDate(stamp: now).adding(days: -1)
    _ = try HubAdmin.end(first, on: yesterday, isSure: true, in: store, now: now)
    let again = try HubAdmin.appoint(person, to: community, in: store, now: now)
    #expect(again != first)
    #expect(try store.row(Tables.staff, id: again.packed)?[6] == .id(first))
  }

  @Test("somebody with other roles has to be said to be the same person, or another")
  func namesakes() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let store = try Store(path: hub.folder + "/hub.db", mode: .readWrite)
    let community = try #require(try store.community(named: "青龙街"))
    let now = SystemSource.now()
    let body = try #require(
      Body(salt: [UInt8](repeating: 3, count: 16), content: #"{"name":"赵强"}"#))
    func appoint(_ role: Role, _ identity: NewStaff.Identity = .byName) throws -> OpID {
      try HubAdmin.appoint(
        NewStaff(roles: [role], body: body, identity: identity), to: community, in: store, now: now)
    }
    let clerk = try appoint(.clerk)
    let refusal = #expect(throws: StaffRefusal.self) { try appoint(.approver) }
    guard case .namesake(let known) = refusal else {
      Issue.record("refused as \(String(describing: refusal))")
      return
    }
    #expect(known.id == clerk)
    let same = try appoint(.approver, .sameAs(clerk))
    #expect(try Standing.isSamePerson(clerk, same, in: store))
    let other = try appoint(.approver, .somebodyElse)
    #expect(try !Standing.isSamePerson(clerk, other, in: store))
  }

  @Test("the day of an end can be corrected, and not lie before the appointment")
  func correctedEnd() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let store = try Store(path: hub.folder + "/hub.db", mode: .readWrite)
    let staff = try #require(OpID(hub.staff))
    let now = SystemSource.now()
    let today = BusinessDate(stamp: now)
    for day in [today.adding(days: -3), today.adding(days: 40)] {
      _ = try HubAdmin.end(staff, on: day, isSure: true, in: store, now: now)
      #expect(try store.row(Tables.staff, id: staff.packed)?[5] == .integer(Int64(day.day)))
    }
    let early = try #require(BusinessDate(year: 1999, month: 1, day: 1))
    #expect(throws: StaffRefusal.self) {
      try HubAdmin.end(staff, on: early, isSure: true, in: store, now: now)
    }
  }
}
