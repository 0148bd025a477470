import Foundation
import Testing

/// A PC is lost, another takes its place, and the lost one turns up.
@Suite("A lost PC") struct LostPCTests {
  @Test("its residents redeem at the successor, and what it had not sent is not lost")
  func story() async throws {
    let street = try await TestStreet()
    let lost = try await street.office("王敏")
    let heir = try await street.office("李强")
    for office in [lost, heir] { try await office.sync() }
    let resident = try await lost.record("resident.register", "name=刘小娥")
    let activity = try await lost.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    let award = try await lost.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)")
    let item = try await lost.record("item.define", "name=香皂", "sort=goods", "points=3")
    try await lost.record("stock.receive", "item=\(item)", "quantity=5", "source=donation")
    for office in [lost, heir] { try await office.sync() }

    let by = "\(lost.staff),\(heir.staff)"
    let plan = try await street.hub("retire", "4097", "--to", "4098", "--by", by, json: true)
    #expect(try plan.object()["accounts"] as? Int == 1)
    #expect(try plan.object()["retired_by"] == nil)
    let done = try await street.hub(
      "retire", "4097", "--to", "4098", "--by", by, "--yes", json: true)
    #expect(try done.object()["retired_by"] as? String != nil)
    #expect(try await street.hub("retire", "4097", "--to", "4098", "--by", by).exit == 3)
    #expect(try await street.hub("budget", "set", "4097", "--limit", "9").err.contains("retired"))
    try await heir.sync()
    let sale = try await heir.record(
      "redemption.record", "resident=\(resident)", "items=\(item)")
    #expect(try await heir.fields(of: resident)["home"] == "4098")

    // The lost PC knows nothing of it.
    let late = try await lost.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)", "session=2")
    let debit = try await lost.record(
      "redemption.record", "resident=\(resident)", "items=\(item)")
    let reversal = try await lost.run(
      "record", "award.reverse", "award=\(award)", "cause=fraud", "--as", heir.staff,
      "--json")
    #expect(reversal.exit == 0, "\(reversal.err)")
    let reversed = try #require(try reversal.object()["op"] as? String)
    let answer = try await lost.run("office", "sync", "--json")
    #expect(answer.exit == 3)
    #expect(answer.out.contains("\"retired\""), "\(answer.out)")
    let refused = try await lost.run("record", "resident.register", "name=王芳", "--as", lost.staff)
    #expect(refused.exit == 3)
    // It gets no receipts any more, and still knows that the hub has all of it.
    #expect(try await lost.run("office", "status", "--json").object()["waiting"] as? Int == 0)

    try await heir.sync()
    let account = try await heir.fields(of: resident)
    #expect(account["balance"] == "12")
    let desk = try await heir.run("desk", "--json")
    #expect(desk.out.contains(debit) && desk.out.contains("\"late\""), "\(desk.out)")
    let ops = try await heir.run("show", "ops", "--json")
    for (op, outcome) in [
      (late, "posted"), (sale, "posted"), (debit, "posted"), (reversed, "void"),
    ] {
      #expect(
        ops.lines.contains { $0.contains("\"\(op)\"") && $0.contains(outcome) }, "\(op)")
    }
    #expect(try await heir.run("office", "verify").exit == 0)
    #expect(try await street.hub("verify").exit == 0)
  }

  @Test("who moves house takes the account along")
  func gives() async throws {
    let street = try await TestStreet()
    let (old, new) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [old, new] { try await office.sync() }
    let resident = try await old.record("resident.register", "name=刘小娥")
    let plan = try await old.give(resident, to: "4098")
    #expect(plan.exit == 0 && plan.out.contains("刘小娥") && plan.out.contains("--yes"))
    #expect(try await old.give(resident, to: "4097").out.contains("already"))
    #expect(try await old.give(resident, to: "4999").exit == 3)
    let given = try await old.give(resident, to: "4098", "--yes")
    #expect(given.exit == 0, "\(given.out)")
    let again = try await old.give(resident, to: "4098", "--yes")
    #expect(again.exit == 3 && again.out.contains("at home at 4098"), "\(again.out)")
    for office in [old, new] { try await office.sync() }
    #expect(try await new.fields(of: resident)["home"] == "4098")
    #expect(try await new.give(resident, to: "4097", "--yes").exit == 0)
    for office in [new, old] { try await office.sync() }
    // What came back is taken back by the office's own word, and then given on as before.
    let told = try await old.run("show", "resident", resident, "--lang", "en")
    #expect(told.out.contains("linli office give"), "\(told.out)")
    #expect(try await old.give(resident, to: "4097").out.contains("taken back here"))
    #expect(try await old.give(resident, to: "4097", "--yes").exit == 0)
    #expect(try await old.give(resident, to: "4097").exit == 3)
  }

  @Test("a household that moves to another community takes its points and its file along")
  func moves() async throws {
    let street = try await TestStreet()
    let old = try await street.office("王敏")
    let new = try await street.office("赵宁", community: "塔山社区")
    for office in [old, new] { try await office.sync() }
    let resident = try await old.record("resident.register", "name=刘小娥")
    let household = try await old.record("household.upsert_file", "building=3号楼")
    try await old.record(
      "household.set_member", "household=\(household)", "resident=\(resident)",
      "from_on=2026-01-01")
    try await old.sync()
    for options in [[], ["--yes"]] {
      let near = try await old.give(resident, to: "4098", options)
      #expect(near.exit == 3 && near.out.contains("--moves"), "\(near.out)")
    }
    let plan = try await old.give(household, of: "household", to: "4098", "--moves")
    #expect(plan.exit == 0 && plan.out.contains("塔山社区") && plan.out.contains(resident))
    let given = try await old.give(household, of: "household", to: "4098", "--moves", "--yes")
    #expect(given.exit == 0, "\(given.out)")
    for office in [old, new, old] { try await office.sync() }
    let file = try await new.fields(of: resident)
    #expect(file["home"] == "4098" && file["name"] == "刘小娥", "\(file)")
    let known = try await old.run("show", "resident", resident, "--json")
    #expect(known.exit == 0 && !known.out.contains("刘小娥"), "\(known.out)")
    let desk = try await new.run("desk", "--json")
    #expect(desk.out.contains("moved-here"), "\(desk.out)")
    for office in [old, new] {
      #expect(try await office.run("office", "verify").exit == 0)
    }
  }
}

extension TestOffice {
  fileprivate func give(
    _ account: String, of kind: String = "resident", to office: String, _ options: String...
  ) async throws -> (exit: Int32, out: String) {
    try await give(account, of: kind, to: office, options)
  }

  /// What `office give` says in English, stderr behind stdout.
  fileprivate func give(
    _ account: String, of kind: String = "resident", to office: String, _ options: [String]
  ) async throws -> (exit: Int32, out: String) {
    let given = try await ProcessKit.run(
      ["office", "give", "--\(kind)", account, "--to", office, "--as", staff, "--lang", "en"]
        + options + ["--data", data])
    return (given.exit, given.out + given.err)
  }

  /// The row of a resident in `show residents`, by column.
  fileprivate func fields(of resident: String) async throws -> [String: String] {
    let shown = try await run("show", "resident", resident, "--json")
    let person = try #require(shown.lines.first { $0.contains("\"balance\"") }, "\(shown.out)")
    let row = try #require(
      try JSONSerialization.jsonObject(with: Data(person.utf8)) as? [String: Any])
    return row.mapValues { "\($0)" }
  }
}
