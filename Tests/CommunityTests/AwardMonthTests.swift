import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 4 to 6, and §9 C.
@Suite struct AwardMonthTests {
  private func capped(_ scene: inout Scene, perDay: Int64? = 2) throws -> [OpID] {
    try [0, 1].map { community in
      var rules: [Policy.Name: Int64] = [.awardPosting: 0, .reportsPerMonth: 2]
      rules[.awardsPerDay] = perDay
      return try scene.street.setRules(rules, in: community)
    }
  }

  @Test func `5: over the day's limit the highest-valued awards count, ties by id`() throws {
    var scene = try Scene()
    let rules = try capped(&scene)
    var awards: [OpID] = []
    for (points, counter, policy) in [
      (1, scene.b, rules[1]), (2, scene.a, rules[0]), (2, scene.b, rules[1]),
      (3, scene.a, rules[0]),
    ] as [(Int64, Counter, OpID)] {
      let activity = try scene.street.publish(points: points, at: counter)
      awards.append(
        try scene.street.grant(
          scene.resident, activity, points: points, policy: policy, at: counter))
    }
    #expect(try scene.balance() == 5)
    #expect(scene.isOnDesk(.dailyCap, awards[0]))
    #expect(scene.isOnDesk(.dailyCap, awards[2]))
    for award in awards { #expect(scene.verdict(award) == Verdict(.posted)) }
    _ = try scene.street.reverse(awards[3], at: scene.approver)
    #expect(try scene.balance() == 4)
    #expect(!scene.isOnDesk(.dailyCap, awards[2]))
    scene.street.today = scene.street.today.adding(days: 1)
    _ = try scene.street.grant(scene.resident, scene.activity, policy: rules[0], at: scene.a)
    #expect(try scene.balance() == 7)
  }

  @Test func `without limits an award posts by itself`() throws {
    var scene = try Scene()
    try scene.earn(3)
    #expect(try scene.state.count("award_claim") == 0)
    #expect(try scene.state.count("award_month") == 0)
    #expect(try scene.balance() == 3)
  }

  @Test func `reports count up to the month's limit and take no place of the day beyond it`() throws
  {
    var scene = try Scene()
    let rules = try capped(&scene)
    var reports: [OpID] = []
    for session in 1...3 as ClosedRange<Int64> {
      let report = try scene.street.announce(points: 1, category: 4, at: scene.a)
      reports.append(
        try scene.street.grant(
          scene.resident, report, points: 1, session: session, policy: rules[0], at: scene.a))
      scene.street.today = scene.street.today.adding(days: 1)
    }
    #expect(try scene.balance() == 2)
    #expect(scene.isOnDesk(.monthlyCap, reports[2]))
    #expect(!scene.isOnDesk(.dailyCap, reports[2]))
  }

  @Test func `4: of two activities at one time the award with the higher id waits`() throws {
    var scene = try Scene()
    let morning = try scene.street.announce(hours: 480...600, at: scene.a)
    let same = try scene.street.announce(hours: 540...660, at: scene.b)
    let after = try scene.street.announce(hours: 660...720, at: scene.b)
    let high = try scene.street.grant(scene.resident, same, at: scene.b)
    let low = try scene.street.grant(scene.resident, morning, at: scene.a)
    let later = try scene.street.grant(scene.resident, after, at: scene.b)
    #expect(scene.isOnDesk(.overlap, high))
    #expect(!scene.isOnDesk(.overlap, low))
    #expect(!scene.isOnDesk(.overlap, later))
    #expect(try scene.balance() == 6)
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.street.approve([high], at: approver)
    #expect(!scene.isOnDesk(.overlap, high))
    #expect(!scene.isOnDesk(.overlap, low))
    #expect(try scene.balance() == 9)
  }

  @Test func `C: 12 h at A and 12 h at B are 22 points by the scale, in any order`() throws {
    for first in 0...1 {
      var scene = try Scene()
      let rules = try [0, 1].map {
        try scene.street.setRules([.awardPosting: 0, .awardMode: 3], in: $0)
      }
      let counters = [scene.a, scene.b]
      for index in [first, 1 - first] {
        let activity = try scene.street.publish(at: counters[index])
        _ = try scene.street.grant(
          scene.resident, activity, minutes: 720, policy: rules[index], at: counters[index])
      }
      #expect(try scene.balance() == 22)
      #expect(try scene.earned() == 22)
    }
  }

  @Test func `6: a year begins the scale again, and a reversal takes its hours back`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules([.awardPosting: 0, .awardMode: 3], in: 0)
    var awards: [OpID] = []
    for year in [2025, 2025, 2026] {
      scene.street.today = try #require(BusinessDate(year: year, month: 1, day: 5))
      awards.append(
        try scene.street.grant(
          scene.resident, scene.activity, session: Int64(awards.count + 1), minutes: 1_200,
          policy: rules, at: scene.a))
    }
    #expect(try scene.balance() == 20 + 10 + 20)
    _ = try scene.street.reverse(awards[0], at: scene.approver)
    #expect(try scene.balance() == 20 + 20)
    #expect(
      try scene.state.cell("tier_year", [scene.resident.packed, 2025], "minutes") == .integer(1_200)
    )
  }

  @Test(
    "hours become whole points",
    arguments: [(1, 59, 0), (1, 150, 2), (2, 479, 1), (2, 480, 2)] as [(Int64, Int64, Int64)])
  func hours(mode: Int64, minutes: Int64, points: Int64) throws {
    var scene = try Scene()
    let rules = try scene.street.setRules([.awardPosting: 0, .awardMode: mode], in: 0)
    _ = try scene.street.grant(
      scene.resident, scene.activity, minutes: minutes, policy: rules, at: scene.a)
    #expect(try scene.balance() == points)
  }

  @Test func `minutes are credited up to the rules' limit`() throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(
      [.awardPosting: 0, .awardMode: 1, .awardMinutes: 120], in: 0)
    _ = try scene.street.grant(
      scene.resident, scene.activity, minutes: 300, policy: rules, at: scene.a)
    #expect(try scene.balance() == 2)
    let key = [scene.activity.packed, scene.resident.packed, 1, 0, 0]
    #expect(try scene.state.cell("award", key, "minutes") == .integer(120))
  }

  @Test(
    "what was kept on paper before is a number, whatever the rules say of a day's work",
    arguments: [0, 1, 3] as [Int64])
  func opening(mode: Int64) throws {
    var scene = try Scene()
    let rules = try scene.street.setRules(["award.mode": mode, "award.max_per_day": 1], in: 0)
    let opening = try scene.street.record(
      "activity.publish", at: scene.a,
      [
        "title": .text("期初余额"), "category": .integer(6),
        "points": .integer(1_000), "held_on": .integer(Int64(scene.street.today.day)),
      ])
    for (session, points) in [(1, 1_000), (2, 1_000), (3, 500)] as [(Int64, Int64)] {
      _ = try scene.street.grant(
        scene.resident, opening, points: points, session: session, policy: rules, at: scene.a)
      #expect(try scene.refusalOfLast() == nil)
    }
    let work = try scene.street.publish(points: 3, at: scene.a)
    let award = try scene.street.grant(
      scene.resident, work, minutes: 180, policy: rules, at: scene.a)
    #expect(try scene.balance() == 2_503)
    #expect(!scene.isOnDesk(.dailyCap, award))
  }
}
