import Foundation
import Testing

/// Somebody puts an old copy of an office's database back.
@Suite("An old copy of an office") struct OldBackupTests {
  @Test("the mark beside it stops it before it records anything, and it goes on under a new id")
  func marked() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    let sent = try await office.record("resident.register", "name=王芳")
    try await office.sync()
    let unsent = try await office.record("resident.register", "name=赵强")
    #expect(sent == "4097-2" && unsent == "4097-3")
    try putBack(copy, at: office)

    let refused = try await office.run(
      "record", "resident.register", "name=钱多", "--as", office.staff)
    #expect(refused.exit == 3)
    #expect(refused.err.contains("this data is an old copy"), "\(refused.err)")
    #expect(refused.err.contains("linli office rejoin"), "\(refused.err)")
    let chinese = try await office.run(
      "record", "resident.register", "name=钱多", "--as", office.staff, "--lang", "zh")
    #expect(chinese.err.contains("这份数据是旧的备份，不能再登记"), "\(chinese.err)")
    #expect(try await office.run("office", "status").out.contains("this data is an old copy"))
    #expect(try await office.run("show", "residents").out.contains("刘小娥"))
    // What it holds no more is promised to nobody at its counter.
    let promised = try await office.run("show", "resident", "4097-1", "--lang", "zh")
    #expect(promised.out.contains("现在不能兑: 这份数据是旧的备份"), "\(promised.out)")
    let json = try await office.run("show", "resident", "4097-1", "--json").object()
    #expect(json["barred"] as? String == "stopped-old")

    let code = try await street.invite(staff: "王敏").code
    let done = try await office.run("office", "rejoin", "--code", code, "--yes", "--json")
    try #require(done.exit == 0, "\(done.out)\(done.err)")
    #expect(try await office.record("resident.register", "name=钱多") == "4098-1")
    try await office.sync()
    let shown = try await office.run("show", "residents")
    #expect(shown.out.contains("王芳") && shown.out.contains("钱多"), "\(shown.out)")
    try putBack(copy, at: office)
    #expect(try await office.run("office", "status").out.contains("this data is an old copy"))
  }

  @Test("one that agrees with the hub is stopped too: numbers that were printed stay taken")
  func unsent() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    try await office.record("resident.register", "name=王芳")
    try putBack(copy, at: office)
    let synced = try await office.run("office", "sync", "--json")
    #expect(synced.exit == 1)
    #expect(try #require(synced.objects().first)["digest_equal"] as? Bool == true)
    let error = try #require(synced.objects().last?["error"] as? [String: String])
    #expect(error["code"] == "stopped-old")
    #expect(error["advice"]?.contains("linli office rejoin") == true, "\(synced.out)")
    let watched = try await office.run("office", "sync", "--watch", "1", "--lang", "zh")
    #expect(watched.exit == 1 && watched.err.contains("这份数据是旧的备份，不能再登记"), "\(watched.err)")
    let desk = try await office.run("desk", "--json").object()
    #expect(desk["reason"] as? String == "stopped-old" && desk["subject"] as? String == "4097")
    let read = try await office.run("desk", "--lang", "en")
    // What it records again by itself is not to be typed in as well.
    #expect(read.out.contains("do not type it in once more"), "\(read.out)")
    let record = ["record", "resident.register", "name=赵强", "--as", office.staff]
    #expect(try await ProcessKit.run(record + ["--data", office.data]).exit == 3)

    // A copy without its mark is as good as a PC that is new: the hub has to tell.
    try FileManager.default.removeItem(atPath: office.data + "/office.mark")
    #expect(try await office.record("resident.register", "name=赵强") == "4097-2")
  }

  @Test("without its mark the hub's receipts show it at the next sync, and nothing it sent is lost")
  func unmarked() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    try await office.record("resident.register", "name=王芳")
    try await office.sync()
    try putBack(copy, at: office)
    try FileManager.default.removeItem(atPath: office.data + "/office.mark")

    let synced = try await office.run("office", "sync", "--attempts", "1")
    #expect(synced.exit == 1 && synced.err.contains("linli office rejoin"), "\(synced.err)")
    // In a roll-call it may be the other PC that has the copy, and called first.
    #expect(synced.err.contains("or another PC uses a copy of it"), "\(synced.err)")
    #expect(synced.err.contains("once the roll-call has ended"), "\(synced.err)")
    let refused = try await office.run(
      "record", "resident.register", "name=钱多", "--as", office.staff)
    #expect(refused.exit == 3 && refused.err.contains("old copy"), "\(refused.err)")
    let code = try await street.invite(staff: "王敏").code
    let done = try await office.run("office", "rejoin", "--code", code, "--yes")
    #expect(done.exit == 0, "\(done.out)\(done.err)")
    #expect(try await office.run("show", "residents").out.contains("王芳"))
    #expect(try await office.record("resident.register", "name=钱多") == "4098-1")
    try await office.sync()
  }

  @Test("its former id is named until two persons retire it, and accounts and shelf then go on")
  func formerID() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let (code, staff) = try await street.invite(staff: "李强")
    let resident = try await office.record("resident.register", "name=刘小娥")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    try await office.record("award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await office.record("item.define", "name=香皂", "sort=goods", "points=3")
    try await office.record("stock.receive", "item=\(item)", "quantity=5", "source=donation")
    try await office.sync()
    let copy = street.folder.path("copy.db")
    try FileManager.default.copyItem(atPath: office.data + "/office.db", toPath: copy)
    try await office.record("resident.register", "name=王芳")
    try await office.sync()
    try putBack(copy, at: office)
    let rejoined = try await office.run("office", "rejoin", "--code", code, "--yes")
    #expect(rejoined.exit == 0, "\(rejoined.err)")

    // Each place that people look at has the line to type, but for who signs.
    let line = "linli hub retire 4097 --to 4098 --by A,B --reason copied"
    let places = [
      rejoined.out, try await office.run("office", "status").out,
      try await street.hub("status").out,
    ]
    for place in places { #expect(place.contains(line), "\(place)") }
    let json = try await street.hub("status", json: true).object()
    let former = try #require((json["former"] as? [[String: Any]])?.first)
    #expect(former["replica"] as? Int == 4097 && former["accounts"] as? Int == 2, "\(former)")
    let by = "\(office.staff),\(staff[0])"
    let typed = line.replacingOccurrences(of: "A,B", with: by).split(separator: " ").dropFirst(2)
    let retired = try await ProcessKit.run(
      ["hub"] + typed.map(String.init) + ["--yes", "--data", street.hubData])
    #expect(retired.exit == 0, "\(retired.err)")
    try await office.sync()
    for place in [
      try await office.run("office", "status").out, try await street.hub("status").out,
    ] { #expect(!place.contains("--reason copied"), "\(place)") }

    let shown = try await office.run("show", "resident", resident, "--json").object()
    #expect(shown["home"] as? Int == 4098, "\(shown)")
    try await office.record("redemption.record", "resident=\(resident)", "items=\(item)")
    try await office.sync()
    let after = try await office.run("show", "resident", resident, "--json").object()
    #expect(after["balance"] as? Int == 6 && after["uncovered"] as? Int == 0, "\(after)")
    let desk = try await office.run("desk", "--json")
    #expect(!desk.out.contains("\"stand-in\""), "\(desk.out)")
  }

  private func putBack(_ copy: String, at office: TestOffice) throws {
    let database = office.data + "/office.db"
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: database + end)
    }
    try FileManager.default.copyItem(atPath: copy, toPath: database)
  }
}
