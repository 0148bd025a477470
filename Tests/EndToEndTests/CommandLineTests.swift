import Foundation
import Glibc
import OpLog
import SQLite
import Testing

@Suite("The command line") struct CommandLineTests {
  @Test("two offices record, sync, and agree with the hub")
  func tour() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    let resident = try await north.record("resident.register", "name=王芳", "phone=13800000000")
    let activity = try await north.record(
      "activity.publish", "title=清扫", "category=labour", "points=9", "held_on=2026-01-12")
    try await north.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await north.record("item.define", "name=洗衣液", "sort=goods", "points=4")
    try await north.record("stock.receive", "item=\(item)", "quantity=10", "source=purchase")
    let redemption = try await north.record(
      "redemption.record", "resident=\(resident)", "items=\(item)*2")
    #expect(try await waiting(of: north) == 6)
    try await north.sync()
    try await south.sync()
    #expect(try await waiting(of: north) == 0)

    for office in [north, south] {
      let shown = try await office.run("show", "resident", resident, "--json").object()
      #expect(shown["balance"] as? Int == 1)
      #expect((shown["file"] as? [String: String])?["name"] == "王芳")
      #expect(
        (shown["ledger"] as? [[String: Any]])?.compactMap { $0["points"] as? Int } == [9, -8])
      let redeemed = try await office.run("show", "redemptions", redemption, "--json").object()
      #expect(redeemed["basis"] as? String == "home")
      #expect(try await office.run("desk").out == "nothing to look at\n")
    }
    let digests = try await [
      street.hub("status", json: true), north.run("office", "status", "--json"),
      south.run("office", "status", "--json"),
    ].map { try $0.object()["digest"] as? String }
    #expect(Set(digests).count == 1)
    let status = try await street.hub("status")
    #expect(status.lines.count == 7)
    #expect(status.lines.contains("communities 青龙街 (4096-2)"))
    #expect(try await north.run("log").out == south.run("log").out)
  }

  @Test("a day that is certainly still to come is refused, by a clock that agrees with the hub's")
  func dayAhead() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let item = try await office.record("item.define", "name=洗衣液", "sort=goods", "points=4")
    try await office.sync()
    let ahead = try await office.run(
      "record", "stock.receive", "item=\(item)", "quantity=1", "source=purchase", "--on",
      "9000-01-01", "--as", office.staff, "--json")
    #expect(ahead.exit == 3)
    #expect(ahead.out.contains("date-ahead"), "\(ahead.out)\(ahead.err)")
    // Of a file a date decides nothing, but it would stand there.
    let person = try await office.run(
      "record", "resident.register", "name=王芳", "--on", "9999-12-31", "--as", office.staff, "--json"
    )
    #expect(person.exit == 3 && person.out.contains("date-ahead"), "\(person.out)\(person.err)")
    let sheet = street.folder.path("people.csv")
    try Data("name\n王芳\n".utf8).write(to: URL(fileURLWithPath: sheet))
    let imported = try await office.run(
      "import", "run", "residents", sheet, "--rows", "1", "--on", "9999-12-31", "--as",
      office.staff, "--json")
    #expect(imported.exit == 3 && imported.out.contains("date-ahead"), "\(imported.out)")
    #expect(try await office.run("show", "residents", "--json").out.isEmpty)
  }

  @Test("a hub that moved to another address is told to an office once, with a sync that succeeds")
  func movedHub() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    await street.hub.end(SIGTERM)
    let (moved, url) = try await RunningProcess.hub(data: street.folder.path("hub"))
    #expect(url != street.url)
    let nowhere = try await office.run("office", "sync", "--attempts", "1")
    #expect(nowhere.exit == 4, "\(nowhere.err)")
    let wrong = try await office.run(
      "office", "sync", "--hub", street.url, "--attempts", "1")
    #expect(wrong.exit == 4, "\(wrong.err)")
    let told = try await office.run("office", "sync", "--hub", url, "--attempts", "1")
    #expect(told.exit == 0, "\(told.err)")
    try await office.sync()
    await moved.end(SIGTERM)
  }

  @Test("tables are made again equal to the byte, and logs and seals verify")
  func checks() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    try await office.record("resident.register", "name=王芳")
    try await office.sync()
    for words in [["office", "rebuild"], ["office", "verify"]] {
      let result = try await ProcessKit.run(words + ["--data", office.data])
      #expect(result.exit == 0, "\(words): \(result.out)\(result.err)")
    }
    let rebuilt = try await street.hub("rebuild", json: true).object()
    #expect(rebuilt["equal"] as? Bool == true)
    #expect(rebuilt["before"] as? String == rebuilt["after"] as? String)
    #expect(try await street.hub("verify").exit == 0)
  }

  @Test("verify names the first bad op after one byte of the log was changed")
  func damage() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    for name in ["王芳", "李敏", "赵强"] { try await office.record("resident.register", "name=\(name)") }
    let connection = try Connection(path: office.data + "/office.db", mode: .readWrite)
    try connection.execute(
      """
      UPDATE log SET op = CAST(substr(op, 1, 20) || x'00' || substr(op, 22) AS BLOB)
      WHERE replica = 4097 AND seq = 2
      """)
    connection.close()
    let result = try await office.run("office", "verify")
    #expect(result.exit == 1)
    #expect(result.lines.contains("first bad op 4097-2"))
    #expect(result.out.contains("linli office init"))
    let told = try await office.run("office", "verify", "--json").object()
    #expect(told["first_bad_op"] as? String == "4097-2")
    #expect(told["ok"] as? Bool == false)
  }

  @Test("a field that two offices changed apart is on the desk with both values")
  func fork() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    let resident = try await north.record("resident.register", "name=王芳")
    try await north.sync()
    try await south.sync()
    try await north.record("resident.update", "resident=\(resident)", "phone=111")
    try await south.record("resident.update", "resident=\(resident)", "phone=222")
    for office in [north, south, north] { try await office.sync() }
    for office in [north, south] {
      let entry = try await office.run("desk", "--json").object()
      #expect(entry["subject"] as? String == resident)
      #expect(entry["reason"] as? String == "fork")
      #expect(entry["detail"] as? String == "phone")
      let values = try #require(entry["values"] as? [[String: String]])
      #expect(Set(values.compactMap { $0["value"] }) == ["111", "222"])
    }
    let told = try await north.run("desk").out
    #expect(told.contains("王芳") && told.contains("resident.update"), "\(told)")
    try await south.record("resident.update", "resident=\(resident)", "phone=333")
    #expect(try await south.run("desk").out == "nothing to look at\n")
  }

  @Test("a price that two offices changed apart is on the desk with both, until one decides")
  func priceFork() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    let item = try await north.record("item.define", "name=毛巾", "sort=goods", "points=5")
    for office in [north, south] { try await office.sync() }
    try await north.record("item.reprice", "item=\(item)", "points=6")
    try await south.record("item.reprice", "item=\(item)", "points=7")
    for office in [north, south, north] { try await office.sync() }
    let entry = try await south.run("desk", "--json").object()
    #expect(entry["detail"] as? String == "points")
    let values = try #require(entry["values"] as? [[String: String]])
    #expect(Set(values.compactMap { $0["value"] }) == ["6", "7"])
    #expect((entry["advice"] as? String)?.contains("item.reprice") ?? false)
    try await north.record("item.reprice", "item=\(item)", "points=7")
    #expect(try await north.run("desk").out == "nothing to look at\n")
  }

  @Test("the common options may stand before the command")
  func optionsFirst() async throws {
    let street = try await TestStreet()
    let data = try await street.office("王敏").data
    let behind = try await ProcessKit.run(["show", "offices", "--lang", "zh", "--data", data])
    #expect(behind.exit == 0 && behind.out.contains("站点"), "\(behind.out)\(behind.err)")
    for options in [["--lang", "zh", "--data", data], ["--data=\(data)", "--lang=zh"]] {
      let before = try await ProcessKit.run(options + ["show", "offices"])
      #expect(before.exit == 0 && before.out == behind.out, "\(before.err)")
    }
    let half = try await ProcessKit.run(["--lang", "zh", "show", "--data", data, "offices"])
    #expect(half.out == behind.out, "\(half.err)")
  }

  @Test("a code typed in small letters without dashes enrols once")
  func typedCode() async throws {
    let street = try await TestStreet()
    let (code, _) = try await street.invite(staff: "王芳")
    let typed = code.lowercased().filter { $0 != "-" }
    let first = TestOffice(data: street.folder.path("a"), staff: "")
    #expect(try await first.run("office", "init", "--hub", street.url, "--code", typed).exit == 0)
    let second = TestOffice(data: street.folder.path("b"), staff: "")
    let used = try await second.run("office", "init", "--hub", street.url, "--code", code, "--json")
    #expect(used.exit == 3)
    #expect(try errorCode(of: used) == "code-used")
    let again = try await first.run("office", "init", "--hub", street.url, "--code", code)
    #expect(again.exit == 3)
  }

  @Test("a revoked office is told so, and what it recorded stays with it")
  func revoke() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    try await office.record("resident.register", "name=王芳")
    #expect(try await street.hub("revoke", "4097").out.contains("add --yes"))
    #expect(try await office.run("office", "sync").exit == 0)
    try await office.record("resident.register", "name=李敏")
    #expect(try await street.hub("revoke", "4097", "--reason", "lost", "--yes").exit == 0)
    let refused = try await office.run("office", "sync", "--json")
    #expect(refused.exit == 3)
    #expect(try errorCode(of: refused) == "token-revoked")
    #expect(try await waiting(of: office) == 1)
    #expect(try await street.hub("revoke", "4098").exit == 3)
  }

  @Test(
    "a hub stops at SIGTERM and SIGINT with exit code 0 and starts again",
    arguments: [SIGTERM, SIGINT])
  func stop(signal: Int32) async throws {
    let street = try await TestStreet()
    #expect(await street.hub.end(signal) == (0, false))
    let (hub, url) = try await RunningProcess.hub(data: street.folder.path("hub"))
    let (code, _) = try await street.invite(staff: "王芳")
    let office = TestOffice(data: street.folder.path("a"), staff: "")
    #expect(try await office.run("office", "init", "--hub", url, "--code", code).exit == 0)
    await hub.end(SIGTERM)
  }

  @Test("a wrong clock stops nothing: status warns, and the date is asked for")
  func clock() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let late = ["LINLI_CLOCK_OFFSET": "200000"]
    let asked = try await office.run(
      "record", "resident.register", "name=王芳", "--as", office.staff, "--json", environment: late)
    #expect(asked.exit == 2)
    #expect(try errorCode(of: asked) == "date-needed")
    let dated = try await office.run(
      "record", "resident.register", "name=王芳", "--as", office.staff, "--on", "2026-01-13",
      environment: late)
    #expect(dated.out == "recorded 4097-1 (posted)\n")
    #expect(try await office.run("office", "sync", environment: late).exit == 0)
    let status = try await office.run("office", "status", "--json").object()
    #expect(status["clock_wrong"] as? Bool == true)
    let told = try await office.run("office", "status").out
    #expect(told.contains("clock is 2 days 7 hours ahead of the hub's"), "\(told)")
  }

  @Test(
    "whatever year a PC shows, and with the hub gone, work goes on; all of it counts once the hub is back",
    arguments: [-820_000_000, 2_300_000_000])
  func anyYear(seconds: Int) async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    try await office.sync()
    await street.hub.end(SIGKILL)
    let (clock, today) = (["LINLI_CLOCK_OFFSET": "\(seconds)"], LaterDay(0).date)
    var made: [String] = []
    func record(_ words: String...) async throws -> String {
      let result = try await ProcessKit.run(
        ["record"] + words + [
          "--on", today, "--as", office.staff, "--json", "--data", office.data,
        ],
        environment: clock)
      try #require(result.exit == 0, "\(words): \(result.out)\(result.err)")
      made.append(try #require(try result.object()["op"] as? String))
      return made.last ?? ""
    }
    let resident = try await record("resident.register", "name=王芳")
    let activity = try await record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=\(today)")
    _ = try await record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await record("item.define", "name=香皂", "sort=goods", "points=4")
    _ = try await record("stock.receive", "item=\(item)", "quantity=9", "source=donation")
    _ = try await record("redemption.record", "resident=\(resident)", "items=\(item)")

    let hub = try await street.serve()
    let synced = try await office.run(
      "office", "sync", "--json", "--attempts", "1", environment: clock)
    #expect(try synced.object()["digest_equal"] as? Bool == true, "\(synced.out)\(synced.err)")
    let ops = try await office.run("show", "ops", "--json").objects()
    let posted = ops.filter { $0["outcome"] as? String == "posted" }
    #expect(Set(posted.compactMap { $0["id"] as? String }).isSuperset(of: made))
    let shown = try await office.run("show", "resident", resident, "--json").object()
    #expect(shown["balance"] as? Int == 5)
    await hub.end(SIGTERM)
  }

  private func waiting(of office: TestOffice) async throws -> Int? {
    try await office.run("office", "status", "--json").object()["waiting"] as? Int
  }

  private func errorCode(of result: ProcessResult) throws -> String? {
    (try result.object()["error"] as? [String: String])?["code"]
  }
}
