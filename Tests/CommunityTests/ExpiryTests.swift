import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 29, 30, and D.
@Suite struct ExpiryTests {
  private struct Ended: Equatable {
    let by: OpID
    let points: Int64
  }

  /// A scene whose first community lets points end; everybody acts under those rules.
  private struct Year {
    var scene: Scene
    let rules: OpID

    init(_ rule: Policy.Expiry) throws {
      scene = try Scene()
      rules = try scene.street.setPolicy(posting: .onTheSpot, expiry: rule, in: 0)
    }

    mutating func earn(_ points: Int64, on date: String) throws -> OpID {
      try at(date)
      let activity = try scene.street.publish(points: points, at: scene.a)
      return try scene.street.grant(
        scene.resident, activity, points: points, policy: rules, at: scene.a)
    }

    mutating func spend(_ points: Int64, on date: String, at counter: Counter? = nil) throws {
      try at(date)
      let counter = counter ?? scene.a
      let isHome = counter.office == scene.a.office
      try scene.street.redeem(
        scene.resident, [(scene.item, 1, points)], basis: isHome ? 0 : 2,
        policy: isHome ? rules : nil, at: counter)
    }

    @discardableResult
    mutating func end(
      _ year: Int64, carries: Bool, on date: String, away: [ReplicaID] = [],
      for office: ReplicaID? = nil, until: String? = nil
    ) throws -> OpID {
      try at(date)
      let last = try until.map { Int64(try #require(BusinessDate($0)).day) }
      return try scene.street.write(
        "points.expire_year",
        [
          "community": .reference(scene.street.communities[0]), "year": .integer(year),
          "rule": .integer(carries ? 1 : 0),
          "away": away.isEmpty
            ? nil : .records(away.map { [.integer(Int64($0.rawValue))] }),
          "office": office.map { .integer(Int64($0.rawValue)) },
          "until": last.map(PayloadValue.integer),
        ])
    }

    func expired() throws -> Int64 { ended().reduce(0) { $0 + $1.points } }

    /// What each op ended.
    func ended() -> [Ended] {
      scene.state.rows(Tables.expiry, under: [scene.resident.packed]).compactMap { row in
        row[1].id.map { Ended(by: $0, points: row[2].integer ?? 0) }
      }
    }

    fileprivate mutating func at(_ date: String) throws {
      scene.street.today = try #require(BusinessDate(date))
    }
  }

  @Test func `D: a redemption before the deadline that comes late lowers what ends`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(12, on: "2026-03-01")
    try year.end(2026, carries: false, on: "2027-01-02")
    #expect(try year.expired() == 12)
    #expect(try year.scene.balance() == 0)
    try year.spend(5, on: "2026-12-30", at: year.scene.b)
    #expect(try year.expired() == 7)
    #expect(try year.scene.balance() == 0)
    #expect(try year.scene.earned() == 12)
  }

  @Test func `29: a late award enters its old year and ends with it`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(4, on: "2026-03-01")
    try year.end(2026, carries: false, on: "2027-01-02")
    _ = try year.earn(3, on: "2026-12-31")
    _ = try year.earn(2, on: "2027-01-01")
    #expect(try year.expired() == 7)
    #expect(try year.scene.balance() == 2)
  }

  @Test func `points carried over end on 31 January two years later`() throws {
    var year = try Year(.carryOneYear)
    _ = try year.earn(10, on: "2026-03-01")
    try year.spend(4, on: "2028-01-31")
    try year.spend(1, on: "2028-02-01")
    try year.end(2026, carries: true, on: "2028-02-01")
    #expect(try year.expired() == 6)
    #expect(try year.scene.balance() == -1)
  }

  @Test func `30: a year ends once, whoever starts it again`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(10, on: "2026-03-01")
    let first = try year.end(2026, carries: false, on: "2027-01-02")
    let second = try year.end(2026, carries: false, on: "2027-01-03")
    #expect(year.scene.verdict(first) == .plain)
    #expect(year.scene.verdict(second) == Verdict(.duplicate))
    #expect(try year.expired() == 10)
  }

  @Test func `a change of rules takes no point that was earned under the old ones`() throws {
    var year = try Year(.carryOneYear)
    _ = try year.earn(30, on: "2025-06-01")
    let strict = try year.scene.street.setPolicy(posting: .onTheSpot, expiry: .yearEnd, in: 0)
    try year.at("2025-09-01")
    let activity = try year.scene.street.publish(points: 4, at: year.scene.a)
    _ = try year.scene.street.grant(
      year.scene.resident, activity, points: 4, policy: strict, at: year.scene.a)
    try year.end(2025, carries: false, on: "2026-01-02")
    #expect(try year.scene.balance() == 30)
    try year.end(2025, carries: true, on: "2027-02-01")
    #expect(try year.scene.balance() == 0)
  }

  @Test func `what was spent before points could end is spent`() throws {
    var year = try Year(.carryOneYear)
    _ = try year.earn(9, on: "2024-03-01")
    try year.at("2025-03-01")
    try year.scene.spend(9, at: year.scene.a)
    try year.end(2024, carries: true, on: "2026-02-01")
    #expect(try year.scene.balance() == 0)
    #expect(try year.expired() == 0)
  }

  @Test func `only the rules of one's own community let one's gifts end`() throws {
    var year = try Year(.yearEnd)
    let foreign = try year.scene.street.setPolicy(posting: .onTheSpot, expiry: .yearEnd, in: 1)
    try year.at("2026-03-01")
    try year.scene.earn(9)
    let other = try year.scene.street.register(at: year.scene.a)
    try year.scene.street.give(
      9, from: year.scene.resident, to: other, policy: foreign, at: year.scene.a)
    try year.end(2026, carries: false, on: "2027-01-02")
    #expect(try year.scene.balance() == 0)
    #expect(try year.scene.state.sum("account", [other.packed], "balance") == 9)
  }

  @Test func `what ended stays so in later years, and no more`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(10, on: "2025-03-01")
    try year.end(2025, carries: false, on: "2026-01-02")
    _ = try year.earn(5, on: "2026-03-01")
    try year.spend(5, on: "2026-04-01")
    try year.end(2026, carries: false, on: "2027-01-02")
    #expect(try year.expired() == 10)
    #expect(try year.scene.balance() == 0)
  }

  @Test func `an award that is taken back does not end too`() throws {
    var year = try Year(.yearEnd)
    let award = try year.earn(10, on: "2026-03-01")
    try year.end(2026, carries: false, on: "2027-01-02")
    _ = try year.scene.street.reverse(award, at: year.scene.approver)
    #expect(try year.expired() == 0)
    #expect(try year.scene.balance() == 0)
  }

  @Test func `29: who lives at an office that was away may spend until 7 days after its sync`()
    throws
  {
    var year = try Year(.yearEnd)
    _ = try year.earn(12, on: "2026-03-01")
    let office = year.scene.a.office
    try year.end(2026, carries: false, on: "2027-01-02", away: [office])
    #expect(try year.expired() == 0)
    try year.spend(5, on: "2027-01-09")
    let early = try year.end(
      2026, carries: false, on: "2027-01-13", for: office, until: "2027-01-13")
    #expect(year.scene.verdict(early) == Verdict(.void, [.beforeDeadline]))
    let late = try year.end(
      2026, carries: false, on: "2027-01-14", for: office, until: "2027-01-13")
    #expect(try year.expired() == 7)
    #expect(year.ended() == [Ended(by: late, points: 7)])
    // Dated in time it counts whenever it comes; a day later it does not.
    try year.spend(2, on: "2027-01-13", at: year.scene.b)
    try year.spend(1, on: "2027-01-14", at: year.scene.b)
    #expect(try year.expired() == 5)
  }

  @Test(
    "29: an account lies where its gives say, by their dates",
    arguments: [("2026-12-31", 12), ("2027-01-01", 0)] as [(String, Int64)])
  func lies(by give: (date: String, ended: Int64)) throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(12, on: "2026-03-01")
    let office = year.scene.street.offices[0]
    _ = try year.scene.street.enroll(4_100, in: 0)
    let other = try #require(year.scene.street.enrolments.last)
    try year.at(give.date)
    try year.scene.street.write(
      "custody.give", by: office, actor: year.scene.approver.clerk,
      [
        "account": .reference(year.scene.resident), "to": .reference(other),
        "after": .reference(year.scene.resident),
      ])
    try year.end(2026, carries: false, on: "2027-01-02", away: [office])
    #expect(try year.expired() == give.ended)
  }

  @Test func `29: a retirement moves no account to an office that was not away`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(12, on: "2026-03-01")
    _ = try year.scene.street.enroll(4_100, in: 0)
    let (lost, heir) = (year.scene.street.enrolments[0], year.scene.street.enrolments[3])
    let office = year.scene.a.office
    try year.at("2026-12-30")
    let seq = try #require(year.scene.street.head(of: office)).seq
    let retired = try year.scene.street.retire(lost, at: seq, successor: heir)
    #expect(year.scene.verdict(retired) == .plain)
    try year.end(2026, carries: false, on: "2027-01-02", away: [office])
    #expect(try year.expired() == 0)
  }

  @Test func `each op ends what it adds, and none takes that from one before it`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(10, on: "2025-03-01")
    _ = try year.earn(5, on: "2026-03-01")
    let first = try year.end(2025, carries: false, on: "2026-01-02")
    let second = try year.end(2026, carries: false, on: "2027-01-02")
    #expect(year.ended() == [Ended(by: first, points: 10), Ended(by: second, points: 5)])
    // What comes late lowers what its own deadline ended, and what the next one still had to end.
    try year.spend(12, on: "2025-12-30", at: year.scene.b)
    #expect(year.ended() == [Ended(by: second, points: 3)])
    // A year that is ended late ends what nobody ended before.
    var other = try Year(.yearEnd)
    _ = try other.earn(10, on: "2025-03-01")
    _ = try other.earn(5, on: "2026-03-01")
    let all = try other.end(2026, carries: false, on: "2027-01-02")
    try other.end(2025, carries: false, on: "2027-01-03")
    #expect(other.ended() == [Ended(by: all, points: 15)])
  }

  @Test func `two approvers take a year's end back, and the hub may end it anew`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(12, on: "2026-03-01")
    let first = try year.end(2026, carries: false, on: "2027-01-02")
    let repeated = try year.end(2026, carries: false, on: "2027-01-02")
    let second = try year.scene.street.appoint(in: 0, roles: Role.approver.mask)
    let signer = year.scene.approver
    func takeBack(with other: OpID, by writer: Counter? = nil) throws -> OpID {
      try year.scene.street.write(
        "closing.reverse", by: writer?.office, actor: writer?.clerk,
        [
          "closing": .reference(first), "approvers": .references([signer.clerk, other].sorted()),
          "reason": .integer(0),
        ])
    }
    let again = try year.scene.street.appoint(
      in: 0, roles: Role.approver.mask, person: signer.clerk)
    let clerk = try year.scene.street.appoint(in: 0, roles: Role.clerk.mask)
    let foreign = try year.scene.street.appoint(in: 1, roles: Role.approver.mask)
    for other in [again, clerk, foreign] {
      let unsigned = try takeBack(with: other)
      #expect(year.scene.verdict(unsigned) == Verdict(.pending, [.actorNotEntitled]))
    }
    let byOffice = try takeBack(with: second, by: signer)
    #expect(year.scene.verdict(byOffice) == Verdict(.void, [.onlyHub]))
    #expect(try year.expired() == 12)
    let back = try takeBack(with: second)
    #expect(year.scene.verdict(back) == .plain)
    #expect(year.scene.verdict(first) == Verdict(.void))
    #expect(year.scene.verdict(repeated) == Verdict(.duplicate))
    #expect(try year.expired() == 0)
    #expect(try year.scene.balance() == 12)
    let anew = try year.end(2026, carries: false, on: "2027-02-01")
    #expect(year.scene.verdict(anew) == .plain)
    #expect(try year.expired() == 12)
  }

  @Test func `gifts, offers, and coins are spent as goods are`() throws {
    var year = try Year(.yearEnd)
    _ = try year.earn(10, on: "2026-03-01")
    let (clerk, rules) = (year.scene.a, year.rules)
    let other = try year.scene.street.register(at: clerk)
    try year.scene.street.give(4, from: year.scene.resident, to: other, policy: rules, at: clerk)
    let offer = try year.scene.street.record(
      "offer.publish", at: clerk,
      ["title": .text("理发"), "points": .integer(1), "valid_to": .integer(30_000)])
    try year.scene.street.record(
      "offer.use", policy: rules, at: clerk,
      [
        "offer": .reference(offer), "resident": .reference(year.scene.resident),
        "times": .integer(1),
      ])
    try year.scene.street.record(
      "coin.issue", policy: rules, at: clerk,
      ["resident": .reference(year.scene.resident), "coins": Street.coins(threes: 1)])
    #expect(try year.scene.balance() == 2)
    try year.end(2026, carries: false, on: "2027-01-02")
    #expect(try year.expired() == 2)
    #expect(try year.scene.balance() == 0)
    // What was given ends with the year in which the giver earned it.
    #expect(try year.scene.state.sum("account", [other.packed], "balance") == 0)
  }

  @Test(
    "what comes back of a purchase was never spent; after a deadline it ends with the next",
    arguments: [("2026-12-30", 0), ("2027-01-05", 9)] as [(String, Int64)], [true, false])
  func comesBack(at time: (date: String, left: Int64), namesRules: Bool) throws {
    let (date, left) = time
    var year = try Year(.yearEnd)
    _ = try year.earn(10, on: "2026-03-01")
    try year.spend(9, on: "2026-12-20")
    let sale = try #require(year.scene.street.written.last?.op.id)
    try year.at(date)
    try year.scene.street.record(
      "redemption.return", policy: namesRules ? year.rules : nil, at: year.scene.a,
      [
        "redemption": .reference(sale), "lines": .records([[.integer(1), .integer(1)]]),
        "condition": .integer(0),
      ])
    try year.end(2026, carries: false, on: "2027-02-02")
    #expect(try year.scene.balance() == left)
    try year.end(2027, carries: false, on: "2028-01-02")
    #expect(try year.scene.balance() == 0)
  }

  @Test func `points under rules that let none end stay`() throws {
    var year = try Year(.yearEnd)
    year.scene.street.today = try #require(BusinessDate("2026-03-01"))
    try year.scene.earn(10)
    try year.end(2026, carries: false, on: "2027-01-02")
    #expect(try year.expired() == 0)
    #expect(try year.scene.balance() == 10)
  }

  @Test func `a year does not end before its deadline, nor by an office`() throws {
    var year = try Year(.carryOneYear)
    _ = try year.earn(10, on: "2026-03-01")
    let early = try year.end(2026, carries: true, on: "2028-01-31")
    #expect(year.scene.verdict(early) == Verdict(.void, [.beforeDeadline]))
    let foreign = try year.scene.street.write(
      "points.expire_year", by: year.scene.a.office, actor: year.scene.approver.clerk,
      [
        "community": .reference(year.scene.street.communities[0]), "year": .integer(2020),
        "rule": .integer(0),
      ])
    #expect(year.scene.verdict(foreign) == Verdict(.void, [.onlyHub]))
    #expect(try year.expired() == 0)
  }

  @Test func `what ended and nobody cleared yet is on no later notice`() throws {
    let day = try #require(BusinessDate("2027-01-06"))
    let notices = ExpiryNotice.upcoming(from: day, through: day.adding(days: 366))
    #expect(notices.map(\.lastDay?.description) == ["2027-01-31", "2027-12-31"])
    // Earned in 2026: 30 under the year's end, and in 2025 5 that end with January.
    let sheet: [[Cell]] = try [("2026-12-31", 30), ("2027-01-31", 5)].map { last, earned in
      [
        .integer(1), .integer(Int64(try #require(BusinessDate(last)).day)), .integer(earned),
        .integer(0),
      ]
    }
    #expect(notices.map { $0.points(sheet, expired: 0, balance: 35) } == [5, 0])
    #expect(notices.map { $0.points(sheet, expired: 30, balance: 5) } == [5, 0])
    // Nobody loses more than there is, nor again what ended before.
    #expect(notices.map { $0.points(sheet, expired: 0, balance: 32) } == [2, 0])
    #expect(notices.map { $0.points(sheet, expired: 33, balance: 9) } == [2, 0])
  }
}
