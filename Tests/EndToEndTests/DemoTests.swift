import Community
import Foundation
import Testing

@testable import linli

/// The main job: the half year of a real community, played by real processes.
@Suite struct DemoTests {
  @Test("the demo reproduces the published half year, and every order of its ops gives one state")
  func demo() async throws {
    let folder = try ScratchFolder()
    let kept = folder.path("demo")
    let demo = try await ProcessKit.run(
      ["demo", "--json", "--keep", kept, "--check-order", "20"])
    #expect(demo.exit == 0, "\(demo.out)\(demo.err)")
    let answers = try demo.objects()
    try #require(answers.count == 2, "\(demo.out)")
    let comparisons = try #require(answers[0]["comparisons"] as? [[String: Any]])
    #expect(comparisons.count > 10)
    let places = try #require(answers[0]["places"] as? [[String: Any]])
    try #require(places.count == 3)
    for place in places {
      #expect(place["activities"] as? Int == 30)
      #expect(place["award_keys"] as? Int == 601)
      #expect(place["reversed"] as? Int == 1)
      #expect(place["person_times"] as? Int == 600)
      #expect(try (686_000...714_000).contains(#require(place["redeemed_fen"] as? Int)))
      #expect(
        place["desk"] as? [String: Int] == ["double-award": 20, "overdrawn": 1, "stand-in": 1])
    }
    #expect(Set(places.compactMap { $0["digest"] as? String }).count == 1)
    #expect(Set(places.compactMap { $0["heads"] as? String }).count == 1)
    #expect(answers[1]["states"] as? Int == 1)
    #expect(answers[1]["table_states"] as? Int == 1)

    let spoiled = try await ProcessKit.run(
      ["demo", "--json", "--from", kept, "--check-order", "20", "--fault", "last-record-counts"])
    #expect(spoiled.exit == 1, "\(spoiled.out)\(spoiled.err)")
    #expect(try #require(spoiled.object()["states"] as? Int) > 1)
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
    let fault = try await ProcessKit.run(["demo", "--fault", "none"])
    #expect(fault.exit == 2)
  }

  @Test("the story of a fixture is the same each time and meets the published figures")
  func story() throws {
    let fixture = try StreetFixture(path: StreetFixture.defaultPath)
    let (story, again) = (StoryPlanner.story(of: fixture), StoryPlanner.story(of: fixture))
    #expect("\(story.steps)" == "\(again.steps)")
    let books = story.books
    #expect(books.hub.personTimes == fixture.published.personTimes)
    #expect(books.hub.keys == fixture.published.personTimes + 1)
    #expect(books.hub.reversals == 1)
    #expect(books.hub.balances.filter { $0 < 0 } == [-3], "only the no-show's debt is left")
    for office in books.offices { #expect(office.balances == books.hub.balances) }
    #expect(books.shelves.joined().allSatisfy { $0 >= 0 })
    #expect(books.pointsIn - books.pointsOut == books.hub.balances.reduce(0, +))
    let names = (0..<fixture.residents.count).map(fixture.name)
    #expect(Set(names).count == names.count)
  }
}
