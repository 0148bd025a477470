import Community
import Hub
import Office
import OpLog
import Store
import Testing
import Wire

/// A street that lost its key, and a PC that was copied before: one office alone saw what the copy wrote.
@Suite("A copied PC's records behind a lost key") struct LostKeyBranchTests {
  /// What is left of the hub, and when the office that alone saw them gets its code.
  enum Way: CaseIterable { case nothing, late, backup }

  @Test(
    "an office that alone saw what a copy wrote follows the log that the hub has",
    arguments: Way.allCases)
  func seenByOne(way: Way) throws {
    let street = try Street()
    let (writer, staff) = try street.office(code: "ONE")
    let (other, _) = try street.office(code: "TWO")
    let (witness, _) = try street.office(code: "TRE")
    for office in [other, witness, writer] { try street.sync(office) }
    try street.record("resident.register", ["name": "刘小娥"], at: writer, by: staff[0])
    for office in [writer, other, witness] { try street.sync(office) }
    let backup = way == .backup ? try street.copyOfHub() : nil
    let twin = try copied(writer)
    let item = try street.record(
      "item.define", ["name": "毛巾", "sort": "goods", "points": "3"], at: twin, by: staff[0])
    let resident = try street.record(
      "resident.register", ["name": "王芳"], at: writer, by: staff[0])
    #expect(resident == item)
    for office in [twin, witness] { try street.sync(office) }

    // It works with what it sees; its own op stays, and names what nobody has then.
    let stock = try street.record(
      "stock.receive", ["item": "\(item)", "quantity": "5", "source": "donation"], at: witness,
      by: staff[0])

    try street.loseKey(keeping: backup)
    let early = try street.renew(way == .late ? [writer, other] : [writer, other, witness])
    for office in early + early { try street.meet(office) }
    for office in early { #expect(try findings(office) == []) }
    if try HubAdmin.adoption(of: street.hub.store)?.head != nil {
      _ = try HubAdmin.adopt(by: staff, in: street.hub.store, now: street.now)
    } else {
      #expect(way == .backup)
    }
    for office in early { try street.meet(office) }
    try street.succeed(by: staff)
    let offices = way == .late ? early + (try street.renew([witness])) : early
    for office in offices + offices { try street.meet(office) }
    let (fresh, _) = try street.office(code: "FRESH")
    for office in offices + [fresh] { try street.meet(office) }
    try expectEqual(offices + [fresh], street)
    #expect(try offices[2].store.listing(of: "residents").rows.count == 2)
    #expect(try offices[2].store.putAwayHashes().isEmpty)
    #expect(try street.hub.store.verdict(of: stock).outcome == .pending)

    // The copy hears of it, and what it wrote is not lost either.
    let late = try street.renew([twin])[0]
    do {
      try street.meet(late)
      Issue.record("a PC goes on under ids that others bear")
    } catch let error as OfficeError { try late.note(error) }
    #expect(try late.stop == .copied)
    let reply = try street.enrolment(community: "青龙街", code: "TWIN")
    try late.begin(as: reply, hubAddress: "http://hub")
    #expect(try findings(OfficeCore(late.store)) == [])
    let joined = try OfficeCore(late.store)
    for office in [joined] + offices + [joined, fresh] { try street.meet(office) }
    #expect(try joined.store.recordedAgainCount() == 1)
    try expectEqual(offices + [fresh, joined], street)
    #expect(try street.hub.store.listing(of: "items").rows.count == 1)
  }

  @Test("what a PC wrote under a former id, and nobody else showed, it records again")
  func formerID() throws {
    let street = try Street()
    let (writer, staff) = try street.office(code: "ONE")
    let (other, _) = try street.office(code: "TWO")
    let (third, _) = try street.office(code: "TRE")
    for office in [writer, other, third] { try street.sync(office) }
    let reply = try street.enrolment(community: "青龙街", code: "AGAIN")
    for office in [other, third] { try street.sync(office) }
    let seen = try street.record("resident.register", ["name": "王芳"], at: writer, by: staff[0])
    try street.sync(writer)
    try writer.begin(as: reply, hubAddress: "http://hub")
    let joined = try OfficeCore(writer.store)
    try street.sync(joined)
    #expect(try joined.stop == nil)

    try street.loseKey()
    let offices = try street.renew([other, third, joined])
    for office in offices + offices { try street.meet(office) }
    _ = try HubAdmin.adopt(by: staff, in: street.hub.store, now: street.now)
    for office in offices { try street.meet(office) }
    try street.succeed(by: staff)
    for office in offices + offices.reversed() { try street.meet(office) }
    try expectEqual(offices, street)
    let again = try #require(try offices[2].store.recordedAgain(seen))
    #expect(again.replica == joined.replica)
    #expect(try street.hub.store.verdict(of: again) == .plain)
    let file = try #require(try street.hub.store.op(again).body)
    #expect(try street.hub.store.body(file) != nil)
  }
}

/// What `office verify` finds, seals included.
func findings(_ office: OfficeCore) throws -> [String] {
  var report = try office.store.verify()
  try office.verifySeals(&report)
  return report.findings
}

/// Expects that all have the hub's tables, which follow from their logs, and find nothing wrong.
private func expectEqual(
  _ offices: [OfficeCore], _ street: Street, _ location: SourceLocation = #_sourceLocation
) throws {
  let digest = try street.digest(street.hub.store)
  let tables = try street.hub.store.tablesDigest()
  for office in offices {
    let who = "\(office.replica)"
    #expect(
      try street.digest(office.store) == digest, "\(who)", sourceLocation: location)
    #expect(try office.store.tablesDigest() == tables, "\(who)", sourceLocation: location)
    #expect(try findings(office) == [], "\(who)", sourceLocation: location)
    try office.store.rebuild()
    #expect(try office.store.tablesDigest() == tables, "\(who)", sourceLocation: location)
  }
}
