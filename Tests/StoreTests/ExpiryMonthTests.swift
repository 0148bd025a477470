import Community
import OpLog
import Store
import Testing

/// `COVERAGE.md`, case 29: in which community and month the points are that ended, and who is told of those
/// that end soon.
@Suite struct ExpiryMonthTests {
  /// A resident of one community, who goes to live in the next one.
  private final class Mover {
    let street: Street
    let communities: [OpID]
    private(set) var rules: [OpID] = []
    private(set) var sessions: Int64 = 0
    var person: OpID { street.residents[0] }

    /// A street of two communities in which points end with the year.
    init() throws {
      street = try Street(neighbour: "金辰园社区")
      communities = try ["平安社区", "金辰园社区"].map { [street] name in
        try #require(try street.hub.community(named: name))
      }
      for community in communities {
        rules.append(
          try street.write(
            street.hub, "policy.set",
            [
              "community": .reference(community), "award.posting": .integer(0),
              "points.expiry": .integer(1),
            ]))
      }
      try street.exchange()
    }

    func at(_ date: String) throws {
      street.now = Int64(try #require(BusinessDate(date)).day) * 86_400_000 + 4 * 3_600_000
    }

    func write(
      _ kind: String, _ values: [String: PayloadValue], at office: Int, on date: String,
      policy: OpID? = nil
    ) throws {
      let day = Int64(try #require(BusinessDate(date)).day)
      var draft = try street.draft(kind, values, on: day)
      draft.actor = street.staff[office]
      draft.policy = policy
      let ready = draft
      _ = try street.offices[office].write { () throws(StoreError) in
        try street.offices[office].append(ready, stamp: street.now)
      }
      try street.exchange()
    }

    func earn(_ points: Int64, at office: Int, on date: String) throws {
      sessions += 1
      try write(
        "award.grant",
        [
          "activity": .reference(try #require(street.activity)), "resident": .reference(person),
          "points": .integer(points), "session": .integer(sessions + 20),
        ], at: office, on: date, policy: rules[office])
    }

    func move(on date: String) throws {
      let enrolment = try #require(try street.hub.row(Tables.replica, [4098])?[1].id)
      try write(
        "custody.give",
        [
          "account": .reference(person), "to": .reference(enrolment),
          "after": .reference(person), "moves": .integer(1),
        ], at: 0, on: date)
    }

    func end(_ year: Int64, in community: Int, away: [Int64] = []) throws {
      var values: [String: PayloadValue] = [
        "community": .reference(communities[community]), "year": .integer(year),
        "rule": .integer(0),
      ]
      if !away.isEmpty { values["away"] = .records(away.map { [.integer($0)] }) }
      try street.write(street.hub, "points.expire_year", values)
      try street.exchange()
    }

    /// What the report of a month says that ended in each community.
    func ended(in month: String, at store: Store) throws -> [Int64] {
      let place = try #require(Store.monthFigures.firstIndex(of: "points_expired"))
      let first = try #require(BusinessDate(month: month))
      return try communities.map { try store.month(first, of: $0).figures[place] }
    }
  }

  @Test func `what ended stays where the person lived and in its month, whatever ends later`()
    throws
  {
    let mover = try Mover()
    try mover.earn(5, at: 0, on: "2025-06-01")
    try mover.end(2025, in: 0)
    #expect(try mover.ended(in: "2026-01", at: mover.street.hub) == [5, 0])
    try mover.street.closeJanuary()
    try mover.at("2026-03-01")
    try mover.move(on: "2026-03-01")
    try mover.at("2027-02-01")
    try mover.earn(4, at: 1, on: "2026-05-01")
    try mover.end(2026, in: 1)
    for store in [mover.street.hub] + mover.street.offices {
      #expect(try mover.ended(in: "2026-01", at: store) == [5, 0])
      #expect(try mover.ended(in: "2026-02", at: store) == [0, 0])
      #expect(try mover.ended(in: "2027-02", at: store) == [0, 4])
      let ledger = try store.report(
        "ledger", month: try #require(BusinessDate(month: "2026-01")), of: mover.communities[0])
      #expect(ledger.rows.contains { $0.contains("expiry") && $0.contains("-5") })
    }
  }

  @Test func `whose office was away is told where the file is now`() throws {
    let mover = try Mover()
    try mover.earn(5, at: 0, on: "2025-06-01")
    try mover.end(2025, in: 0, away: [4097])
    let today = BusinessDate(stamp: mover.street.now)
    func told(in community: Int) throws -> [OpID] {
      try mover.street.hub.ending(in: mover.communities[community], on: today, within: 0)
        .flatMap { $0.residents.map(\.resident) }
    }
    #expect(try told(in: 0) == [mover.person])
    #expect(try told(in: 1) == [])
    try mover.move(on: "2026-01-13")
    #expect(try told(in: 0) == [])
    #expect(try told(in: 1) == [mover.person])
    try mover.write(
      "resident.deactivate",
      [
        "resident": .reference(mover.person), "cause": .integer(1),
        "effective_on": .integer(Int64(today.day)),
      ], at: 0, on: "2026-01-13")
    #expect(try told(in: 1) == [])
  }
}
