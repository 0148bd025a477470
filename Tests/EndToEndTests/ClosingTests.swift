import Foundation
import Testing

@Suite("Rules, imports, reports, and closing") struct ClosingTests {
  @Test("a file is imported once, and only with its control total")
  func imports() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let file = street.folder.path("people.csv")
    try Data("\u{FEFF}name,phone\r\n\"王, 芳\",13800001111\r\n李强,\r\n".utf8)
      .write(to: URL(fileURLWithPath: file))
    func run(_ step: String, rows: String) async throws -> ProcessResult {
      try await office.run(
        "import", step, "residents", file, "--rows", rows, "--as", office.staff, "--json")
    }
    #expect(try await run("run", rows: "3").exit == 1)
    #expect(try await office.run("show", "residents", "--json").lines.isEmpty)
    #expect(
      try await run("preview", rows: "2").objects().allSatisfy { $0["status"] as? String == "new" })
    for status in ["recorded", "already"] {
      let result = try await run("run", rows: "2")
      #expect(result.exit == 0)
      #expect(try result.objects().allSatisfy { $0["status"] as? String == status })
    }
    let names = try await office.run("show", "residents", "--json").objects()
    #expect(names.compactMap { $0["name"] as? String }.sorted() == ["李强", "王, 芳"].sorted())
    // A file that was changed is new to the keys, and not to the people in it.
    try Data("姓名,电话,\n\"王, 芳\",+86 138-0000-1111,\n赵强,,\n,,\n".utf8)
      .write(to: URL(fileURLWithPath: file))
    let again = try await run("run", rows: "2")
    #expect(again.exit == 1)
    #expect(try again.objects().map { $0["status"] as? String } == ["doubtful", "new"])
    let ruined = street.folder.path("ruined.csv")
    try Data("name,phone\n赵强,1.39E+10\n".utf8).write(to: URL(fileURLWithPath: ruined))
    let wrong = try await office.run("import", "check", "residents", ruined)
    #expect(
      wrong.exit == 1 && wrong.out.contains("2  wrong  phone: 1.39E+10 is not"), "\(wrong.out)")
    let refused = try await office.run(
      "record", "resident.register", "name=王, 芳", "phone=13800001111", "--as", office.staff,
      "--json")
    #expect(refused.exit == 3)
    #expect(refused.out.contains("known-person"), "\(refused.out)")
    let found = try await office.run("show", "residents", "王", "--json").objects()
    #expect(found.map { $0["name"] as? String } == ["王, 芳"])
    let balances = street.folder.path("balances.csv")
    let resident = try #require(names.first?["id"] as? String)
    try Data("resident,points\n\(resident),30\n9-9,1\n".utf8)
      .write(to: URL(fileURLWithPath: balances))
    let checked = try await office.run("import", "check", "balances", balances, "--json")
    #expect(checked.exit == 1)
    #expect(try checked.objects().map { $0["status"] as? String } == ["ok", "wrong"])
    // More than one award may be comes in several, once.
    try Data("resident,points\n\(resident),2500\n".utf8).write(to: URL(fileURLWithPath: balances))
    for status in ["recorded", "already"] {
      let result = try await office.run(
        "import", "run", "balances", balances, "--rows", "1", "--points", "2500", "--as",
        office.staff, "--json")
      #expect(try result.objects().map { $0["status"] as? String } == [status], "\(result.err)")
      let shown = try await office.run("show", "residents", resident, "--json").objects()
      #expect(shown.first?["balance"] as? Int == 2_500)
    }
    try Data("resident,points\n'\(resident),2501\n".utf8).write(to: URL(fileURLWithPath: balances))
    let changed = try await office.run(
      "import", "run", "balances", balances, "--rows", "1", "--points", "2501", "--as",
      office.staff, "--json")
    #expect(changed.exit == 1)
    #expect(try changed.objects().map { $0["status"] as? String } == ["doubtful"])
  }

  @Test("a report is safe to open in a spreadsheet, and a closed month stays")
  func reports() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let on = ["--on", "2026-01-12"]
    func record(_ words: String...) async throws -> String {
      let result = try await ProcessKit.run(
        ["record"] + words + on + ["--as", office.staff, "--json", "--data", office.data])
      return try #require(try result.object()["op"] as? String, "\(result.out)")
    }
    let resident = try await record("resident.register", "name=王芳")
    let activity = try await record(
      "activity.publish", "title=清扫", "category=labour", "points=9", "held_on=2026-01-12")
    _ = try await record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await record("item.define", "name==1+1", "sort=service", "points=4")
    _ = try await record("redemption.record", "resident=\(resident)", "items=\(item)")
    try await office.sync()
    let closed = try await street.hub("close", "--community", "青龙街", "--month", "2026-01")
    #expect(closed.exit == 0, "\(closed.err)")
    #expect(
      try await street.hub("close", "--community", "青龙街", "--month", "2026-01").exit == 3)
    let again = try await street.hub("close", "--month", "2026-01", json: true)
    #expect(again.exit == 0 && again.lines.isEmpty, "no community is left to close")
    _ = try await record("redemption.record", "resident=\(resident)", "items=\(item)")
    try await office.sync()
    let month = try await office.run("report", "month", "--month", "2026-01", "--json").object()
    #expect(month["state"] as? String == "closed")
    #expect(month["points_redeemed"] as? Int == 4)
    #expect(try await office.run("report", "audit", "--month", "2026-01").exit == 0)
    let csv = try await office.run("report", "redemptions", "--month", "2026-01", "--csv").out
    #expect(csv.hasPrefix("\u{FEFF}date,redemption,"))
    #expect(csv.contains(",'=1+1,1,4,4,"))
    #expect(csv.hasSuffix("\r\n"))
  }

  @Test("who loses points is told in time; a wall shows masked names, the school those who agreed")
  func notices() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let rules = ["points.expiry=year_end", "points.expiry_notice_days=20"]
    let set = try await ProcessKit.run(
      ["policy", "set"] + rules + ["--community", "青龙街", "--data", street.folder.path("hub")])
    #expect(set.exit == 0, "\(set.err)")
    try await office.sync()
    func record(_ words: String...) async throws -> String {
      let result = try await ProcessKit.run(
        ["record"] + words
          + ["--on", "2026-01-12", "--as", office.staff, "--json", "--data", office.data])
      return try #require(try result.object()["op"] as? String, "\(result.out)")
    }
    let activity = try await record(
      "activity.publish", "title=清扫", "category=labour", "points=3", "held_on=2026-01-12")
    let people = [
      "name=刘小娥 phone=13800001234 age_band=minor", "name=王芳", "name=小宝 age_band=child",
    ]
    var ids: [String] = []
    for person in people {
      let fields = person.split(separator: " ").map(String.init)
      let result = try await ProcessKit.run(
        ["record", "resident.register"] + fields
          + ["--on", "2026-01-12", "--as", office.staff, "--json", "--data", office.data])
      let id = try #require(try result.object()["op"] as? String)
      _ = try await record("award.grant", "activity=\(activity)", "resident=\(id)")
      ids.append(id)
    }
    _ = try await record(
      "consent.set", "resident=\(ids[0])", "purpose=school_share", "state=given")
    func notice(_ words: String...) async throws -> ProcessResult {
      try await ProcessKit.run(["report", "expiring"] + words + ["--data", office.data])
    }
    #expect(try await notice("--on", "2026-12-10", "--json").lines.isEmpty, "21 days before")
    let list = try await notice("--on", "2026-12-11", "--json").objects()
    #expect(list.count == 3)
    #expect(list.first?["name"] as? String == "刘小娥")
    #expect(list.first?["phone"] as? String == "13800001234")
    #expect(list.allSatisfy { $0["points"] as? Int == 3 })
    let wall = try await notice(
      "--on", "2026-12-11", "--public", "--csv", "--lang", "zh"
    ).out
    #expect(
      wall == "\u{FEFF}社区,楼栋,姓名,积分,到期日\r\n青龙街,,刘*娥,3,2026-12-31\r\n"
        + "青龙街,,王*,3,2026-12-31\r\n")
    #expect(try await notice("--month", "2026-12").exit == 2)
    #expect(
      try await office.run("report", "ledger", "--month", "2026-01", "--public").exit == 2)
    let medals = try await office.run("report", "medals", "--month", "2026-01", "--json").objects()
    #expect(medals.compactMap { $0["name"] as? String } == ["刘小娥"])
    #expect(medals.compactMap { $0["people"] as? Int }.sorted() == [1, 1])
    #expect(medals.compactMap { $0["earned"] as? Int }.reduce(0, +) == 6, "pupils alone")
    _ = try await record("consent.set", "resident=\(ids[0])", "purpose=board_name", "state=given")
    let noticed = try await office.run(
      "report", "notice", "--month", "2026-01", "--on", "2026-02-06", "--json"
    ).objects()
    #expect(noticed.count == 3)
    #expect(noticed.compactMap { $0["name"] as? String } == ["刘*娥"], "who agreed to it")
    #expect(
      noticed.allSatisfy { $0["objections_until"] as? String == "2026-02-11" }, "a weekend between")
    try await expectNoChildHangs(ids[0], at: office)
  }

  /// Of somebody who turns out to be a child no name hangs, whoever agrees to it.
  private func expectNoChildHangs(_ child: String, at office: TestOffice) async throws {
    let guardian = try await office.record("resident.register", "name=李强", "age_band=adult")
    for words in [
      ["resident.update", "age_band=child"],
      [
        "consent.set", "purpose=board_name", "state=given", "given_by=guardian",
        "guardian=\(guardian)",
      ],
    ] {
      let later = try await ProcessKit.run(
        ["record"] + words
          + [
            "resident=\(child)", "--on", "2026-02-02", "--as", office.staff, "--data", office.data,
          ])
      #expect(later.exit == 0, "\(later.err)")
    }
    let hanging = try await office.run(
      "report", "notice", "--month", "2026-01", "--on", "2026-02-06", "--json"
    ).objects()
    #expect(hanging.count == 3 && hanging.allSatisfy { $0["name"] == nil || $0["name"] is NSNull })
  }

  @Test("a preview changes no rule; a change does, and leaves the others")
  func rules() async throws {
    let street = try await TestStreet()
    _ = try await street.invite(staff: "A")
    let hub = ["--data", street.folder.path("hub"), "--community", "青龙街"]
    func value() async throws -> String? {
      let shown = try await ProcessKit.run(["policy", "show", "--json"] + hub).object()
      return (shown["policy"] as? [String: String])?["void.days"]
    }
    #expect(try await value() == "7")
    let preview = try await ProcessKit.run(["policy", "set", "void.days=off", "--preview"] + hub)
    #expect(preview.exit == 0)
    #expect(try await value() == "7")
    #expect(try await ProcessKit.run(["policy", "set", "void.days=off"] + hub).exit == 0)
    #expect(try await value() == "off")
    #expect(try await ProcessKit.run(["policy", "set", "void.days=-1"] + hub).exit == 2)
  }
}
