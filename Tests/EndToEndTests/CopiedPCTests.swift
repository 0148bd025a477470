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
    let promised = try await copy.run("show", "resident", newcomer, "--json").object()
    #expect(promised["promise"] as? [String: Int] == ["guaranteed": 0, "on_trust": 0])
    #expect(promised["barred"] as? String == "stopped-copied")

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

  @Test("a copy that is killed again and again while it rejoins loses nothing and doubles nothing")
  func killed() async throws {
    let street = try await TestStreet()
    let first = try await street.office("王敏")
    try await first.sync()
    let copy = TestOffice(data: street.folder.path("copy"), staff: first.staff)
    try FileManager.default.copyItem(atPath: first.data, toPath: copy.data)
    try await first.record("resident.register", "name=刘小娥")
    var names = ["刘小娥"]
    for name in ["王芳", "赵强", "钱多", "孙立"] {
      try await copy.record("resident.register", "name=\(name)")
      names.append(name)
    }
    try await first.sync()
    #expect(try await copy.run("office", "sync").exit == 1)

    let code = try await street.invite(staff: "王敏").code
    let rejoin = ["office", "rejoin", "--code", code, "--yes", "--data", copy.data]
    let rejoining = try await Self.killing(rejoin, until: [0, 3])
    let syncing = try await Self.killing(
      ["office", "sync", "--data", copy.data], until: [0])
    #expect(rejoining > 2 && syncing > 2, "the kills must fall into the work")
    for office in [copy, first, copy] { try await office.sync() }

    for office in [first, copy] {
      let residents = try await office.run("show", "residents", "--json").objects()
      #expect(residents.compactMap { $0["name"] as? String }.sorted() == names.sorted())
      #expect(try await office.run("office", "verify").exit == 0)
      #expect(try await office.run("office", "rebuild").exit == 0)
    }
    #expect(try await street.hub("verify").exit == 0)
    let offices = try await first.run("show", "offices", "--json").objects()
    #expect(offices.compactMap { $0["office"] as? Int }.sorted() == [4097, 4098])
    // What was recorded again is on the desk, once each.
    let desk = try await copy.run("desk", "--json").objects()
    #expect(desk.filter { $0["reason"] as? String == "recorded-again" }.count == 4)
  }

  /// Runs a command and kills it, each time a little later, until it ends by itself as it should.
  ///
  /// - Returns: How often it was killed.
  private static func killing(
    _ words: [String], until done: Set<Int32>
  ) async throws -> Int {
    var kills = 0
    while true {
      let process = try RunningProcess(words)
      let id = process.id
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(5 + 6 * kills)) {
        kill(id, SIGKILL)
      }
      let end = await process.wait()
      if !end.isSignal, done.contains(end.code) { return kills }
      try #require(end == (SIGKILL, true), "\(words) ends with \(end)")
      kills += 1
    }
  }
}
