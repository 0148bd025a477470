import Community
import Foundation
import Testing

@testable import linli

/// The main job: the half year of real communities, played by real processes.
@Suite struct DemoTests {
  @Test("five communities' published figures come out, and every order of the ops gives one state")
  func demo() async throws {
    let folder = try ScratchFolder()
    let kept = folder.path("demo")
    let demo = try await ProcessKit.run(["demo", "--json", "--keep", kept, "--check-order", "2"])
    #expect(demo.exit == 0, "\(demo.out)\(demo.err)")
    let answers = try demo.objects()
    try #require(answers.count == 2, "\(demo.out)")
    let comparisons = try #require(answers[0]["comparisons"] as? [[String: Any]])
    #expect(comparisons.count > 40)
    let places = try #require(answers[0]["places"] as? [[String: Any]])
    try #require(places.count == 7)
    for place in places {
      let desk = try #require(place["desk"] as? [String: Int])
      #expect(desk["double-award"] == 20)
      #expect(desk["overdrawn"] == 1)
      #expect(desk["stand-in"] == nil, "the travellers' own offices took their debits over")
      #expect(place["reversed"] as? Int == 1)
    }
    #expect(Set(places.compactMap { $0["digest"] as? String }).count == 1)
    #expect(Set(places.compactMap { $0["heads"] as? String }).count == 1)
    let found = try #require(answers[0]["communities"] as? [[String: Any]])
    #expect(
      try found.map { try Self.reproduced($0) } == [
        ["30", "600", "within 2 %"], ["27", "1000", "7"], ["13", "12"], ["21", "80", "1000"],
        ["200", "3", "30"],
      ])
    #expect(answers[1]["states"] as? Int == 1)

    let spoiled = try await ProcessKit.run(
      ["demo", "--json", "--from", kept, "--check-order", "4", "--fault", "last-record-counts"])
    #expect(spoiled.exit == 1, "\(spoiled.out)\(spoiled.err)")
    #expect(try #require(spoiled.object()["states"] as? Int) > 1)
  }

  /// The figures that the demo counted in a community.
  private static func reproduced(_ community: [String: Any]) throws -> [String] {
    let figures = try #require(community["published"] as? [[String: Any]])
    return try figures.map { figure in
      #expect(figure["holds"] as? Bool == true, "\(figure)")
      let isAbout = (figure["expected"] as? String)?.hasPrefix("≈") == true
      return isAbout ? "within 2 %" : try #require(figure["found"] as? String)
    }
  }

  @Test("a community is played alone, and a figure that does not come out is named")
  func oneCommunity() async throws {
    let folder = try ScratchFolder()
    let path = StreetFixture.folder + "/fuqiao.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let wrong = text.replacingOccurrences(of: #""value": 13"#, with: #""value": 14"#)
    #expect(wrong != text)
    let fixture = folder.path("fuqiao.json")
    try wrong.write(toFile: fixture, atomically: true, encoding: .utf8)
    let demo = try await ProcessKit.run(
      ["demo", "--lang", "en", "--fixture", fixture, "--keep", folder.path("demo")])
    #expect(demo.exit == 1)
    #expect(demo.lines.last?.hasPrefix("took") == true)
    let differences = demo.lines.filter { $0.hasPrefix("DIFFERS") }
    #expect(
      differences == [
        "DIFFERS — 阜桥社区 fairs, day of the month: expected 14, found 13"
      ])
  }

  @Test("a year of ten communities is closed month by month, and no closed month changes")
  func year() async throws {
    let demo = try await ProcessKit.run(["demo", "--year", "--ops", "240", "--json"])
    #expect(demo.exit == 0, "\(demo.out)\(demo.err)")
    #expect(demo.err.isEmpty, "nothing is said of progress to a pipe")
    let answer = try demo.object()
    #expect(answer["recorded"] as? Int == 2_400)
    #expect(answer["closed_months"] as? Int == 12)
    for size in ["hub_peak_kib", "office_peak_kib", "hub_bytes", "office_bytes"] {
      #expect(try #require(answer[size] as? Int) > 0, "\(size)")
    }
    let comparisons = try #require(answer["comparisons"] as? [[String: Any]])
    let closed = comparisons.filter { ($0["what"] as? String)?.hasPrefix("closed") == true }
    #expect(closed.count == 12)
    #expect(Set(closed.compactMap { $0["found"] as? String }).count > 6, "months differ")
    #expect(comparisons.allSatisfy { $0["holds"] as? Bool == true })
  }

  @Test("the year's plan is the same each time, and each office has its ops and no debts")
  func plan() {
    var (plan, again) = (YearPlan(opsOfEach: 600), YearPlan(opsOfEach: 600))
    var counts = Array(repeating: 0, count: YearPlan.communities.count)
    for month in 1...13 {
      let entries = plan.entries(of: month)
      #expect("\(entries)" == "\(again.entries(of: month))")
      for (office, entries) in entries.enumerated() { counts[office] += entries.count }
    }
    #expect(counts == counts.map { _ in 600 })
    let books = plan.books
    #expect(books.balances.values.allSatisfy { $0 >= 0 })
    #expect(books.offices.allSatisfy { $0.pool == 0 && $0.shelf.allSatisfy { $0 >= 0 } })
    #expect(books.pointsIn - books.pointsOut == books.balances.values.reduce(0, +))
    #expect(books.reversals > 0)
    #expect(books.appealCount > 0)
    #expect(books.giftCount > 0)
    #expect(books.lateCount > 0)
    #expect(books.months.values.contains { $0.pointsCoined > 0 })
    #expect(books.months.values.contains { $0.settled > 0 })
  }

  @Test("the demo says what is wrong with its command line")
  func refusals() async throws {
    let folder = try ScratchFolder()
    let missing = try await ProcessKit.run(
      ["demo", "--lang", "en", "--fixture", folder.path("none.json")])
    #expect(missing.exit == 5)
    #expect(missing.err.contains("there is no fixture"))
    let notEmpty = try await ProcessKit.run(
      ["demo", "--lang", "en", "--keep", folder.url.deletingLastPathComponent().path])
    #expect(notEmpty.exit == 3)
    #expect(notEmpty.err.contains("is not empty"))
    for words in [["--fault", "none"], ["--ops", "600"], ["--year", "--ops", "1"]] {
      let usage = try await ProcessKit.run(["demo"] + words)
      #expect(usage.exit == 2, "\(words)")
    }
  }

  @Test("the story of the street is the same each time and its books are in order")
  func story() throws {
    let street = try StreetFixture.standard()
    let (story, again) = (StoryPlanner.story(of: street), StoryPlanner.story(of: street))
    #expect("\(story.steps)" == "\(again.steps)")
    let books = story.books
    let lines = street.communities.flatMap(\.programme).reduce(0) { $0 + $1.personTimes }
    #expect(books.hub.personTimes == lines)
    #expect(books.hub.keys == lines + 1)
    #expect(books.hub.reversals == 1)
    #expect(books.hub.balances.filter { $0 < 0 } == [-3], "only the no-show's debt is left")
    for office in books.offices { #expect(office.balances == books.hub.balances) }
    #expect(books.shelves.joined().allSatisfy { $0 >= 0 })
    #expect(books.pointsIn - books.pointsOut == books.hub.balances.reduce(0, +))
    let refusals = story.steps.filter { step in
      guard case .record(let entry) = step else { return false }
      return entry.answer == .refused("visit-limit")
    }
    #expect(refusals.count == 1, "a traveller asks for more trust than there is")
    let names = (0..<street.residentCount).map(street.name)
    #expect(Set(names).count == names.count)
  }
}
