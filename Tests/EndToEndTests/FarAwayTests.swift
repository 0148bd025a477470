import Foundation
import Testing

/// Offices that hear nothing from the street for long.
@Suite("Far away") struct FarAwayTests {
  @Test("after a year without the hub one sync brings everything, and all are equal")
  func year() async throws {
    let street = try await TestStreet()
    let (away, near) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [away, near] { try await office.sync() }
    let resident = try await away.record("resident.register", "name=刘小娥")
    let item = try await away.record("item.define", "name=理发", "sort=service", "points=3")
    for office in [away, near] { try await office.sync() }
    await street.hub.end(SIGTERM)

    func record(_ office: TestOffice, _ days: Int, _ words: [String]) async throws -> String {
      let day = LaterDay(days)
      let made = try await ProcessKit.run(
        ["record"] + words + [
          "--on", day.date, "--as", office.staff, "--json", "--data", office.data,
        ],
        environment: day.clock)
      try #require(made.exit == 0, "\(words): \(made.out)\(made.err)")
      return try #require(try made.object()["op"] as? String)
    }
    let hub = try await street.serve(environment: LaterDay(365).clock)
    var ops: [String] = []
    for days in [30, 120, 240, 365] {
      let activity = try await record(
        away, days,
        [
          "activity.publish", "title=扫雪", "category=labour", "points=9",
          "held_on=\(LaterDay(days).date)",
        ])
      ops.append(activity)
      ops.append(
        try await record(
          away, days, ["award.grant", "activity=\(activity)", "resident=\(resident)"]))
      ops.append(
        try await record(
          away, days, ["redemption.record", "resident=\(resident)", "items=\(item)"]))
    }
    ops.append(try await record(near, 365, ["resident.register", "name=陈大勇"]))
    let near365 = try await near.run(
      "office", "sync", "--attempts", "1", environment: LaterDay(365).clock)
    near365.expectDone()

    let synced = try await away.run(
      "office", "sync", "--attempts", "1", "--json", environment: LaterDay(365).clock)
    synced.expectDone()
    #expect(try synced.object()["digest_equal"] as? Bool == true, "\(synced.out)")
    let last = try await near.run(
      "office", "sync", "--attempts", "1", "--json", environment: LaterDay(365).clock)
    #expect(try last.object()["digest_equal"] as? Bool == true, "\(last.out)")
    #expect(try await away.run("office", "status", "--json").object()["waiting"] as? Int == 0)
    for office in [away, near] {
      let listed = try await office.run("show", "ops", "--json").objects()
      let posted = Set(
        listed.filter { $0["outcome"] as? String == "posted" }.compactMap { $0["id"] as? String })
      #expect(posted.isSuperset(of: ops), "\(Set(ops).subtracting(posted))")
      let shown = try await office.run("show", "resident", resident, "--json").object()
      #expect(shown["balance"] as? Int == 24)
    }
    await hub.end(SIGTERM)
  }

  @Test("with the hub down for ever, what needs only local rights goes on")
  func hubGone() async throws {
    let street = try await TestStreet()
    let (home, other) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [home, other] { try await office.sync() }
    let resident = try await home.record("resident.register", "name=刘小娥")
    let activity = try await home.record(
      "activity.publish", "title=扫雪", "category=labour", "points=12", "held_on=2026-01-13")
    try await home.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    for office in [home, other, home] { try await office.sync() }
    await street.hub.end(SIGKILL)
    try FileManager.default.removeItem(atPath: street.hubData)

    let gone = try await home.run("office", "sync", "--attempts", "1")
    #expect(gone.exit == 4, "\(gone.err)")
    // A new resident, a new award, goods in and out, points and coins of the home: nobody is asked.
    let newcomer = try await home.record("resident.register", "name=王芳")
    try await home.record("award.grant", "activity=\(activity)", "resident=\(newcomer)")
    let item = try await home.record("item.define", "name=香皂", "sort=goods", "points=3")
    try await home.record("stock.receive", "item=\(item)", "quantity=9", "source=donation")
    for person in [resident, newcomer] {
      let sale = try await home.record("redemption.record", "resident=\(person)", "items=\(item)")
      try await home.record(
        "redemption.return", "redemption=\(sale)", #"lines=[{"line":1,"quantity":1}]"#,
        "condition=good")
    }
    try await home.record("points.transfer", "from=\(resident)", "to=\(newcomer)", "points=2")
    // Elsewhere the person gets what the rules of trust let the office give.
    let service = try await other.record("item.define", "name=理发", "sort=service", "points=4")
    try await other.record("redemption.record", "resident=\(resident)", "items=\(service)")
    for (office, balances) in [(home, [10, 14]), (other, [8])] {
      for (person, balance) in zip([resident, newcomer], balances) {
        let shown = try await office.run("show", "resident", person, "--json").object()
        #expect(shown["balance"] as? Int == balance)
      }
      #expect(try await office.run("office", "verify").exit == 0)
      #expect(try await office.run("office", "rebuild").exit == 0)
      #expect(
        try await office.run("office", "status", "--json").object()["waiting"] as? Int ?? 0 > 0)
      #expect(try await office.run("desk").exit == 0)
    }
    #expect(try await home.run("office", "backup", street.folder.path("b.db")).exit == 0)
  }
}
