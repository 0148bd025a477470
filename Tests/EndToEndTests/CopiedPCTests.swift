import Foundation
import Testing

/// Somebody copies an office's folder to another PC, and both are used.
@Suite("A copied PC") struct CopiedPCTests {
  @Test("both spend one balance offline; the later one rejoins, and nothing is missing")
  func story() async throws {
    let street = try await TestStreet()
    let first = try await street.office("王敏")
    try await first.sync()
    let resident = try await first.record("resident.register", "name=刘小娥")
    let activity = try await first.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    try await first.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await first.record("item.define", "name=理发", "sort=service", "points=9")
    try await first.sync()
    let copy = TestOffice(data: street.folder.path("copy"), staff: first.staff)
    try FileManager.default.copyItem(atPath: first.data, toPath: copy.data)

    let sale = try await first.record("redemption.record", "resident=\(resident)", "items=\(item)")
    let newcomer = try await copy.record("resident.register", "name=王芳")
    let award = try await copy.record(
      "award.grant", "activity=\(activity)", "resident=\(newcomer)")
    let again = try await copy.record(
      "redemption.record", "resident=\(resident)", "items=\(item)")
    #expect(sale == newcomer, "the two copies use one number for two things")
    try await first.sync()

    let fenced = try await copy.run("office", "sync", "--json")
    #expect(fenced.exit == 1)
    #expect(fenced.out.contains("office rejoin"), "\(fenced.out)")
    let refused = try await copy.run("record", "resident.register", "name=钱多", "--as", copy.staff)
    #expect(refused.exit == 3)

    let code = try await street.invite(staff: "王敏").code
    let plan = try await copy.run("office", "rejoin", "--code", code, "--json")
    #expect(try plan.object()["unproved"] as? Int == 3)
    let wrong = try await copy.run("office", "rejoin", "--code", "0000-0000-0000", "--yes")
    #expect(wrong.exit == 3)
    let done = try await copy.run("office", "rejoin", "--code", code, "--yes", "--json")
    try #require(done.exit == 0, "\(done.out)\(done.err)")
    #expect(try done.object()["replica"] as? Int == 4098)
    #expect(try done.object()["recorded_again"] as? Int == 3)
    #expect(try done.object()["digest_equal"] as? Bool == true)
    #expect(try await copy.run("office", "rejoin", "--code", code, "--yes").exit == 3)
    for office in [first, copy, first] { try await office.sync() }

    for office in [first, copy] {
      // The resident owes what was given twice: the 9 points that the copied home held.
      let spent = try await office.run("show", "resident", resident, "--json")
      #expect(spent.out.contains("\"balance\":-9"), "\(spent.out)")
      let registered = try await office.run("show", "resident", "4098-1", "--json")
      #expect(registered.out.contains("\"balance\":9"), "\(registered.out)")
      #expect(registered.out.contains("王芳"), "\(registered.out)")
      let desk = try await office.run("desk", "--json")
      for op in ["4098-1", "4098-2", "4098-3"] {
        #expect(
          desk.lines.contains { $0.contains("\"\(op)\"") && $0.contains("recorded-again") },
          "\(desk.out)")
      }
      #expect(try await office.run("office", "verify").exit == 0)
      #expect(try await office.run("office", "rebuild").exit == 0)
    }
    #expect(award == "4097-6" && again == "4097-7")
    let receipt = try await copy.run("explain", again, "--lang", "en")
    #expect(receipt.out.contains("4098-3"), "\(receipt.out)")
    #expect(try await street.hub("verify").exit == 0)
    try await copy.record("resident.register", "name=钱多")
    try await copy.sync()
  }
}
