import Foundation
import Testing

/// Spending away from home with real processes: a hub, a home that stays online, and a visitor's office.
@Suite("rights away from home") struct RightsTests {
  @Test("are asked for, granted by the home, spent, and refused once the home is gone")
  func granted() async throws {
    let street = try await TestStreet()
    let home = try await street.office("north")
    let visitor = try await street.office("south")
    for office in [home, visitor] { try await office.sync() }
    let resident = try await home.record("resident.register", "name=刘小娥")
    let activity = try await home.record(
      "activity.publish", "title=扫雪", "category=labour", "points=12", "held_on=2026-01-13")
    try await home.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let course = try await visitor.record(
      "item.define", "name=手工课", "sort=course", "points=9")
    try await home.sync()
    try await visitor.sync()

    let before = try await visitor.run("show", "resident", resident, "--lang", "zh")
    #expect(before.out.contains("可先兑后补 9 分"), "\(before.out)")

    try await isNotSaidToBeThere(home, while: visitor, asksFor: resident)
    // Something to carry, so that the first line says that the home is there.
    try await home.record("resident.register", "name=陈大明")
    let watch = try RunningProcess(
      ["office", "sync", "--watch", "1", "--json", "--data", home.data])
    _ = try #require(await watch.line())
    let asked = try await visitor.ask(resident, 9)
    #expect(asked.exit == 0, "\(asked.out)\(asked.err)")
    #expect(try asked.object()["state"] as? String == "granted")
    #expect(try asked.object()["points"] as? Int == 9)

    let sale = try await visitor.run(
      "record", "redemption.record", "resident=\(resident)", "items=\(course)", "--as",
      visitor.staff, "--json")
    #expect(sale.exit == 0, "\(sale.out)\(sale.err)")
    try await visitor.sync()
    let refused = try await visitor.ask(resident, 9)
    #expect(refused.exit == 3)
    #expect(try refused.object()["state"] as? String == "refused")

    #expect(await watch.end(SIGTERM) == (0, false))
    try await home.sync()
    try await visitor.sync()
    for office in [home, visitor] {
      let shown = try await office.run("show", "resident", resident, "--json").object()
      #expect(shown["balance"] as? Int == 3)
      #expect(shown["uncovered"] as? Int == 0)
    }
    #expect(try await home.promise(resident) == [3, 0])

    // A hub that was just started has not heard of the home.
    _ = await street.hub.end(SIGKILL)
    let port = try #require(URL(string: street.url)?.port)
    let again = try RunningProcess(
      ["hub", "serve", "--listen", "127.0.0.1:\(port)", "--data", street.folder.path("hub")])
    _ = try #require(await again.line())
    let offline = try await visitor.run(
      "office", "rights", "ask", "--resident", resident, "--points", "2", "--as", visitor.staff,
      "--lang", "zh")
    #expect(offline.exit == 3)
    #expect(offline.out.contains("归属站不在线"), "\(offline.out)\(offline.err)")
    #expect(offline.out.contains("可先兑后补 3 分"), "\(offline.out)")
    #expect(offline.out.contains("今天仍有效"), "\(offline.out)")

    try await takesBack(resident, at: visitor, of: home)
    await again.end(SIGTERM)
  }

  /// A home that synced a moment ago and does not watch.
  private func isNotSaidToBeThere(
    _ home: TestOffice, while visitor: TestOffice, asksFor resident: String
  ) async throws {
    try await home.sync()
    let asked = try await visitor.run(
      "office", "rights", "ask", "--resident", resident, "--points", "1", "--as", visitor.staff,
      "--wait", "0", "--lang", "zh")
    #expect(asked.exit == 3 && asked.out.contains("刚才还在线"), "\(asked.out)\(asked.err)")
    let back = try await visitor.run("office", "rights", "withdraw", "--resident", resident)
    #expect(back.exit == 0, "\(back.err)")
  }

  private func takesBack(
    _ resident: String, at visitor: TestOffice, of home: TestOffice
  ) async throws {
    // Asked again it is one request; another number has to wait, and a withdrawn one gets nothing.
    let same = try await visitor.ask(resident, 2)
    #expect(try same.object()["is_open"] as? Bool == true)
    let more = try await visitor.ask(resident, 3)
    #expect(more.exit == 3 && more.out.contains("asked-already"), "\(more.out)")
    let request = try #require(try same.object()["request"] as? String)
    let open = try await visitor.run("office", "rights", "list", "--json")
    #expect(
      try open.objects().filter { $0["state"] as? String == "waiting" }
        .map { $0["id"] as? String } == [request])
    for exit in [0, 3] {
      let withdrawn = try await visitor.run(
        "office", "rights", "withdraw", "--resident", resident, "--json")
      #expect(withdrawn.exit == exit && withdrawn.out.contains(request) == (exit == 0))
    }
    for office in [visitor, home] { try await office.sync() }
    #expect(try await home.promise(resident) == [3, 0])

    // What another office holds is seen at home, and who it is.
    let granted = try await visitor.record("rights.request", "account=\(resident)", "points=2")
    for office in [visitor, home] { try await office.sync() }
    #expect(granted != request)
    let held = try await home.run("show", "resident", resident, "--lang", "en")
    #expect(held.out.contains("2 of the points are granted to 4098"), "\(held.out)")
    let listed = try await home.run("office", "rights", "list", "--json")
    #expect(listed.out.contains("\"held\":2"), "\(listed.out)")
    #expect(try await home.run("show", "rights", resident).out.contains("4098"))
  }

  @Test("a limit on trust is set at the street, listed, and holds at the office")
  func budget() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let set = try await street.hub("budget", "set", "4097", "--limit", "4")
    #expect(set.exit == 0, "\(set.err)")
    #expect(set.out.contains("4 points"))
    let unknown = try await street.hub("budget", "set", "4099", "--limit", "4")
    #expect(unknown.exit == 3)
    let listed = try await street.hub("budget", "list", json: true).object()
    #expect(listed["office"] as? Int == 4097)
    #expect(listed["points"] as? Int == 4)
    try await office.sync()

    // A visitor gets 4 points on trust, and not one more than that.
    let home = try await street.office("south")
    try await home.sync()
    let resident = try await home.record("resident.register", "name=刘小娥")
    try await home.sync()
    var items: [String] = []
    for points in [4, 5] {
      items.append(
        try await office.record(
          "item.define", "name=理发\(points)", "sort=service", "points=\(points)"))
    }
    try await office.sync()
    // Today the street says that the account is empty; what was earned since nobody knows here tomorrow.
    let tomorrow = LaterDay(1)
    func record(_ item: String) async throws -> ProcessResult {
      try await office.run(
        "record", "redemption.record", "resident=\(resident)", "items=\(item)", "--on",
        tomorrow.date, "--as", office.staff, "--json", environment: tomorrow.clock)
    }
    let above = try await record(items[1])
    #expect(above.exit == 3 && above.out.contains("\"office-limit\""), "\(above.out)")
    let within = try await record(items[0])
    #expect(within.exit == 0, "\(within.out)\(within.err)")
    let again = try await record(items[0])
    #expect(again.exit == 3 && again.out.contains("\"office-limit\""), "\(again.out)")
  }
}

extension TestOffice {
  fileprivate func ask(_ resident: String, _ points: Int) async throws -> ProcessResult {
    try await run(
      "office", "rights", "ask", "--resident", resident, "--points", "\(points)", "--as", staff,
      "--wait", "60", "--json")
  }

  /// What the office promises a person: for certain, and on trust.
  fileprivate func promise(_ resident: String) async throws -> [Int] {
    let shown = try await run("show", "resident", resident, "--json").object()
    let promise = try #require(shown["promise"] as? [String: Int])
    return [promise["guaranteed"] ?? -1, promise["on_trust"] ?? -1]
  }
}
