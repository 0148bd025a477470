import Community
import Hub
import Office
import OpLog
import Store
import Testing

/// Three offices with some work behind them, all in step with their hub.
struct ThreeOffices {
  let street: Street
  let offices: [OfficeCore]
  let staff: [OpID]
  let resident: OpID
  let activity: OpID

  init() throws {
    street = try Street()
    var offices: [OfficeCore] = []
    var staff: [OpID] = []
    for code in ["ONE", "TWO", "THREE"] {
      let (office, people) = try street.office(code: code)
      offices.append(office)
      staff = people
    }
    self.offices = offices
    self.staff = staff
    for office in offices { try street.sync(office) }
    resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: offices[0], by: staff[0])
    activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"],
      at: offices[0], by: staff[0])
    try street.sync(offices[0])
    for office in offices { try street.sync(office) }
    for number in 1...60 { try award(number) }
    for office in offices + offices { try street.sync(office) }
  }

  /// Records an award at one of the offices.
  func award(_ session: Int) throws {
    try street.record(
      "award.grant",
      ["activity": "\(activity)", "resident": "\(resident)", "session": "\(session)"],
      at: offices[session % 3], by: staff[0])
  }

  /// Every office syncs, twice, so that each has what the others brought.
  func meet() throws {
    for office in offices + offices { try street.meet(office) }
  }

  /// Expects that hub and offices have the same state, and that it follows from their logs.
  func expectAgreement(
    _ digest: StateDigest? = nil, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let digest = try digest ?? street.digest(street.hub.store)
    for store in [street.hub.store] + offices.map(\.store) {
      #expect(try street.digest(store) == digest, sourceLocation: location)
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before, sourceLocation: location)
      let findings = try store.verify().findings
      #expect(findings == [], sourceLocation: location)
    }
  }
}
