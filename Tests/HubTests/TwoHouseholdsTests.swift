import Community
import Hub
import Office
import OpLog
import Store
import Testing

/// A resident in two households at once, and what the hub says to it.
@Suite struct TwoHouseholdsTests {
  @Test("of two memberships at once the hub approves one, and answers each once")
  func oneYes() throws {
    let here = try Household()
    let (first, second) = try here.contested()
    #expect(try here.open() == [second])
    try here.approve(second)
    #expect(try here.open() == [first])
    let head = try here.hub.foldedHead(of: here.hub.identity.replica)
    #expect(try here.decide(first, isApproved: true) == .approvedElsewhere(second))
    #expect(try here.decide(second, isApproved: false) == .notOpen)
    #expect(try here.hub.foldedHead(of: here.hub.identity.replica) == head)
    _ = try here.decide(first, isApproved: false)
    #expect(try here.open().isEmpty)
    #expect(try here.hub.verdict(of: first) == Verdict(.void))
  }

  @Test("two that were approved one after the other ask for no second answer, and a move ends it")
  func comesBack() throws {
    let here = try Household()
    let (first, second) = try here.contested()
    try here.approve(second)
    // While another takes the place of the one that is approved, the first is approved too.
    let third = try here.move(to: 2, from: "2025-11-01", replacing: [second])
    #expect(try here.open() == [first])
    try here.approve(first)
    _ = try here.decide(third, isApproved: false)
    #expect(try here.hub.verdict(of: second) == Verdict(.pending, [.twoHouseholds]))
    #expect(try here.open().isEmpty)
    #expect(try here.decide(second, isApproved: false) == .notOpen)
    let last = try here.move(to: 0, from: "2026-01-02", replacing: [second])
    for id in [first, second, last] { #expect(try here.hub.verdict(of: id) == .plain) }
    let before = try here.hub.tablesDigest()
    try here.hub.rebuild()
    #expect(try here.hub.tablesDigest() == before)
  }
}

/// A resident, three households, and two offices.
private struct Household {
  private let street: Street
  private let offices: [OfficeCore]
  private let clerk: OpID
  private let resident: OpID
  private let homes: [OpID]

  init() throws {
    street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    let (other, _) = try street.office(code: "TWO")
    (offices, clerk) = ([office, other], staff[0])
    try street.sync(office)
    resident = try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    homes = try [1, 5, 7].map { [street] in
      try street.record(
        "household.upsert_file", ["building": "\($0)号楼"], at: office, by: staff[0])
    }
    for office in [office, other] { try street.sync(office) }
  }

  var hub: Store { street.hub.store }

  /// Two offices that have not heard of each other say where the resident lives; the later day is
  /// contested.
  func contested() throws -> (first: OpID, second: OpID) {
    let first = try move(to: 0, from: "2025-12-01")
    return (first, try move(to: 1, from: "2026-01-02", at: 1))
  }

  /// Records where the resident lives, and the hub hears of it.
  func move(
    to home: Int, from day: String, replacing old: [OpID] = [], at office: Int = 0
  ) throws -> OpID {
    var fields = ["household": "\(homes[home])", "resident": "\(resident)", "from_on": day]
    if !old.isEmpty { fields["replaces"] = old.map(\.description).joined(separator: ",") }
    if !old.isEmpty { try street.sync(offices[office]) }
    let id = try street.record("household.set_member", fields, at: offices[office], by: clerk)
    try street.sync(offices[office])
    return id
  }

  func open() throws -> [OpID] { try hub.openRequests().map(\.id) }

  func decide(_ id: OpID, isApproved: Bool) throws -> DecisionOutcome {
    try HubAdmin.decide(id, isApproved: isApproved, in: hub, now: street.now)
  }

  func approve(_ id: OpID) throws {
    guard case .decided = try decide(id, isApproved: true) else {
      Issue.record("\(id) waits for the hub, and nothing that is approved rules it out")
      return
    }
  }
}
