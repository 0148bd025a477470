import Foundation
import Testing

/// What the counter says before goods are gone: ages, coins, and texts with numbers in them.
@Suite("Counter") struct CounterTests {
  @Test("each purpose of a child's consent leaves the desk by its number, the first by 0")
  func purposes() async throws {
    let street = try await TestStreet()
    let north = try await street.office("王敏")
    let child = try await north.record("resident.register", "name=刘小娥")
    for purpose in ["account", "board_name"] {
      try await north.record(
        "consent.set", "resident=\(child)", "purpose=\(purpose)", "state=given")
    }
    try await north.record("resident.update", "resident=\(child)", "age_band=child")
    try await north.sync()
    let south = try await street.office("李强")
    try await south.sync()
    func resolve(_ words: String...) async throws -> ProcessResult {
      try await ProcessKit.run(
        ["desk", "resolve", child, "--reason", "guardian-consent", "--outcome", "noted"] + words
          + ["--as", south.staff, "--data", south.data])
    }
    func listed() async throws -> [String] {
      try await south.run("desk", "--json").objects()
        .filter { $0["reason"] as? String == "guardian-consent" }
        .compactMap { $0["detail"] as? String }.sorted()
    }
    #expect(try await listed() == ["0 account", "1 board_name"])
    let unsaid = try await resolve()
    #expect(unsaid.exit == 2 && unsaid.err.contains("0, 1"), "\(unsaid.err)")
    #expect(try await resolve("--line", "0").exit == 0)
    #expect(try await listed() == ["1 board_name"])
    #expect(try await resolve("--line", "0").exit == 3)
    #expect(try await resolve().exit == 0)
    #expect(try await listed().isEmpty)
  }

  @Test("a birth date makes the age band, and a child needs somebody grown up")
  func ages() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let child = try await office.record(
      "resident.register", "name=小宝", "birth_date=2020-05-01")
    let item = try await office.record(
      "item.define", "name=毛巾", "sort=goods", "points=9")
    try await office.record(
      "stock.receive", "item=\(item)", "quantity=5", "source=donation", "donor=惠民商店",
      "expires_on=2027-01-01")
    let goods = try await office.run(
      "report", "expiring-goods", "--on", "2026-12-10", "--json"
    ).objects()
    #expect(goods.count == 1 && goods[0]["expires_on"] as? String == "2027-01-01", "\(goods)")
    let later = try await office.run("report", "expiring-goods", "--on", "2026-11-30", "--json")
    #expect(later.exit == 0 && later.out.isEmpty, "\(later.out)")
    let fresh = try await office.run("report", "uncounted", "--json")
    #expect(fresh.exit == 0 && fresh.out.isEmpty, "it came today: \(fresh.out)")
    try await office.record("stock.count", "item=\(item)", "counted=4")
    let counted = try await office.run("report", "uncounted", "--days", "0", "--json").objects()
    #expect(counted.count == 1 && counted[0]["on_hand"] as? Int == 4, "\(counted)")
    #expect(counted.first?["counted_on"] is String)
    let talk = try await office.record(
      "activity.publish", "title=讲座", "category=lecture", "held_on=2026-01-13")
    let told = try await office.run("show", "activities", "--json").objects()
    let usual = told.first { $0["id"] as? String == talk }?["points"].map { "\($0)" }
    #expect(usual == "2", "\(told)")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    try await office.record("award.grant", "activity=\(activity)", "resident=\(child)")
    let alone = try await office.run(
      "record", "redemption.record", "resident=\(child)", "items=\(item)", "--as", office.staff,
      "--json")
    #expect(alone.exit == 3)
    #expect(alone.out.contains("guardian-needed"), "\(alone.out)")
    let wrong = try await office.run(
      "record", "resident.register", "name=小明", "birth_date=2020-05-01", "age_band=adult", "--as",
      office.staff)
    #expect(wrong.exit == 2, "\(wrong.out)")
    try await office.record("resident.update", "resident=\(child)", "age_band=minor")
    try await office.record("redemption.record", "resident=\(child)", "items=\(item)")
    let why = try await office.run("explain", child, "age_band").out
    #expect(why.contains("minor") && why.contains("child"), "\(why)")

    // A price that holds later is not today's.
    try await office.record("item.reprice", "item=\(item)", "points=2", "valid_from=2999-01-01")
    let purse = try await office.run("show", "items", "--purse", "2:3,3:1", "--json").objects()
    #expect(purse.first?["pay_with"] as? String == "2:3,3:1")
  }

  @Test("no phone number gets into the hub's texts, and two people decide a merge by name")
  func hubTexts() async throws {
    let street = try await TestStreet()
    let refused = try await street.hub("invite", "--community", "王五13812345678", json: true)
    #expect(refused.exit == 3)
    #expect(refused.out.contains("personal-data"), "\(refused.out)")
    let north = try await street.office("王敏")
    let south = try await street.office("李强")
    let one = try await north.record("resident.register", "name=刘小娥")
    let two = try await north.record("resident.register", "name=刘小鹅")
    let merge = try await north.record(
      "resident.merge", "keep=\(one)", "drop=\(two)", "evidence=in_person")
    try await north.sync()
    let own = try await street.hub("desk", "decide", merge, "approve", "--by", north.staff)
    #expect(own.exit == 3, "\(own.out)")
    let alone = try await street.hub("desk", "decide", merge, "approve", "--by", south.staff)
    #expect(alone.exit == 3, "\(alone.out)")
    let waits = try await street.hub(
      "desk", "resolve", merge, "--reason", "awaiting-hub", "--outcome", "noted")
    #expect(waits.exit == 3, "\(waits.out)")
    let third = try await street.office("赵强")
    let both = try await street.hub(
      "desk", "decide", merge, "approve", "--by", "\(south.staff),\(third.staff)")
    #expect(both.exit == 0, "\(both.err)")
    #expect(try await street.hub("expire-reservations").exit == 0)
    let audit = try await ProcessKit.run(
      [
        "report", "audit", "--month", String(Self.today.prefix(7)), "--json", "--data",
        street.folder.path("hub"),
      ]).objects()
    let asked = audit.first { $0["op"] as? String == merge }
    #expect(asked?["recorder"] as? String == "王敏")
    let decided = audit.first { $0["kind"] as? String == "request.decide" }
    #expect(decided?["recorder"] as? String == "李强 赵强")
  }

  /// Today in China, as business dates are.
  private static var today: String {
    let format = DateFormatter()
    format.dateFormat = "yyyy-MM-dd"
    format.timeZone = TimeZone(secondsFromGMT: 8 * 3_600)
    return format.string(from: Date())
  }
}
