import Community
import Foundation
import Store
import Testing

@testable import linli

/// What `linli explain` says to people and to programs.
@Suite("Explain") struct ExplainTests {
  @Test("every role that an op can have in an explanation has words")
  func roles() {
    #expect(Explanation.roles.subtracting(ExplainWords.roles.keys).isEmpty)
  }

  @Test("a balance is told to the op, with who, where, and how it came; others' names are masked")
  func balance() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let resident = try await office.record("resident.register", "name=刘小娥")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=5", "held_on=2026-01-13")
    let award = try await office.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)")

    let before = try await office.run("explain", award, "--lang", "en")
    #expect(before.exit == 0)
    #expect(before.out.contains("no receipt of the hub yet"))
    #expect(before.out.contains("clerk \(office.staff) 王敏"))
    #expect(before.out.contains("刘*娥") && !before.out.contains("刘小娥"))
    try await office.sync()
    let after = try await office.run("explain", resident, "balance", "--json").object()
    let aspects = try #require(after["aspects"] as? [[String: Any]])
    #expect((aspects.first?["facts"] as? [String: Int]) == ["balance": 5])
    let parts = try #require(aspects.first?["parts"] as? [[String: Any]])
    let op = try #require((parts.first?["ops"] as? [[String: Any]])?.first)
    #expect(op["op"] as? String == award)
    #expect((op["receipt"] as? String)?.hasPrefix("4096-") == true)
    #expect(op["received_at"] is Int)

    let hub = try await ProcessKit.run(
      ["explain", resident, "name", "--lang", "zh", "--data", street.folder.path("hub")])
    #expect(hub.exit == 0)
    #expect(hub.out.contains("刘小娥") && hub.out.contains("没有人记录过别的值"))
  }

  @Test("an unknown id and a field that is none are told with what to do")
  func mistakes() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let resident = try await office.record("resident.register", "name=刘小娥")
    let field = try await office.run("explain", resident, "colour", "--lang", "en")
    #expect(field.exit == 2)
    #expect(field.err.contains("has no colour") && field.err.contains("choices: name, phone"))
    let unknown = try await office.run("explain", "4097-99", "--lang", "en")
    #expect(unknown.exit == 3)
    #expect(unknown.err.contains("record 4097-99 is not here"))
    #expect(try await office.run("explain", "nobody").exit == 2)
  }
}
