import Foundation
import Testing

/// The hub's answer to an appeal says what is done about it.
@Suite("Appeals") struct AppealTests {
  @Test("an appeal is upheld with its remedy, or with a word that there is none")
  func remedy() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let resident = try await office.record("resident.register", "name=刘小娥")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=5", "held_on=2026-01-13")
    let award = try await office.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)")
    let appeal = try await office.record("appeal.file", "against=\(award)", "grounds=没有去")
    try await office.sync()

    let silent = try await street.hub("desk", "decide", appeal, "approve", "--lang", "en")
    #expect(silent.exit == 2 && silent.err.contains("say what was done about it"))
    let misfit = try await street.hub(
      "desk", "decide", appeal, "approve", "--remedy", activity, "--lang", "en")
    #expect(misfit.exit == 3 && misfit.err.contains("a remedy is one of award.reverse"))
    let refused = try await street.hub(
      "desk", "decide", appeal, "refuse", "--remedy", award, "--lang", "en")
    #expect(refused.exit == 2)
    #expect(try await street.hub("desk", "decide", appeal, "approve", "--remedy", "none").exit == 0)
    try await office.sync()
    let shown = try await office.run("show", "appeals", "--json").object()
    #expect(shown["state"] as? String == "upheld")
    #expect(shown["remedy"] == nil)
  }
}
