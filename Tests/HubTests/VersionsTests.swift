import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// Offices and hub are not upgraded on one day.
@Suite("Versions apart") struct VersionsTests {
  /// A version that does not know yet how goods come in.
  private static let older = Edition(
    version: Catalogue.version - 1,
    kinds: Catalogue.kinds.filter { $0.name != "stock.receive" })

  @Test(
    "what an older one does not know it keeps, relays, and folds after its upgrade",
    arguments: [false, true])
  func relay(isHubOlder: Bool) throws {
    let street = try Street(as: isHubOlder ? Self.older : .present)
    let (new, staff) = try street.office(code: "ONE")
    let (old, oldStaff) = try street.office(code: "TWO", as: Self.older)
    let (third, _) = try street.office(code: "TRE")
    for office in [new, old, third] { try street.sync(office) }
    let item = try street.record(
      "item.define", ["name": "米", "sort": "goods", "points": "3"], at: old, by: oldStaff[0])
    try street.sync(old)
    try street.sync(new)
    let stock = try street.record(
      "stock.receive", ["item": "\(item)", "quantity": "5", "source": "purchase"], at: new,
      by: staff[0])
    for office in [new, old, third] { try street.sync(office) }

    let parked = Verdict(.pending, [.unknownKind])
    #expect(try old.store.verdict(of: stock) == parked)
    #expect(try old.store.parkedOp(touching: item) == stock)
    #expect(try street.hub.store.verdict(of: stock) == (isHubOlder ? parked : .plain))
    #expect(try third.store.verdict(of: stock) == .plain)
    // Work goes on beside it, in both directions.
    let activity = [
      "title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05",
    ]
    let published = [
      try street.record("activity.publish", activity, at: old, by: oldStaff[0]),
      try street.record("activity.publish", activity, at: new, by: staff[0]),
    ]
    for office in [old, new, old, third] { try street.sync(office) }
    for store in [old.store, new.store, third.store, street.hub.store] {
      #expect(try published.map { try store.verdict(of: $0) } == [.plain, .plain])
    }

    try street.start(try Store(street.hub.store.connection), street.key)
    let upgraded = try OfficeCore(try Store(old.store.connection))
    for office in [new, upgraded, third] { try street.sync(office) }
    let digest = try street.digest(new.store)
    for store in [street.hub.store, upgraded.store, third.store] {
      #expect(try store.verdict(of: stock) == .plain)
      #expect(try store.parkedOp(touching: item) == nil)
      #expect(try street.digest(store) == digest)
    }
  }

  /// A version that does not know yet how an award is taken back.
  private static let trusting = Edition(
    version: Catalogue.version - 1,
    kinds: Catalogue.kinds.filter { $0.name != "award.reverse" })

  @Test("a home that cannot read a reversal spends nothing of the account that it touches")
  func touchedAccount() throws {
    let street = try Street()
    let (old, staff) = try street.office(code: "ONE", as: Self.trusting)
    let (new, others) = try street.office(code: "TWO")
    for office in [old, new, old] { try street.sync(office) }
    let person = try street.record(
      "resident.register", ["name": "刘小娥"], at: old, by: staff[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: old,
      by: staff[0])
    let award = try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(person)"], at: old, by: staff[0])
    let item = try street.record(
      "item.define", ["name": "米", "sort": "goods", "points": "3"], at: old, by: staff[0])
    try street.record(
      "stock.receive", ["item": "\(item)", "quantity": "5", "source": "purchase"], at: old,
      by: staff[0])
    for office in [old, new] { try street.sync(office) }
    let sale = ["resident": "\(person)", "items": "\(item)*1"]
    try street.record("redemption.record", sale, at: old, by: staff[0])
    let reversal = try street.record(
      "award.reverse", ["award": "\(award)", "cause": "not_attended"], at: new, by: others[1])
    for office in [new, old] { try street.sync(office) }
    #expect(try old.store.verdict(of: reversal) == Verdict(.pending, [.unknownKind]))
    #expect(try old.store.parkedOp(touching: person) == reversal)
    let refusal = #expect(throws: OfficeError.self) {
      try street.record("redemption.record", sale, at: old, by: staff[0])
    }
    guard case .refused(.accountNotFirm(reversal))? = refusal else {
      Issue.record("points were spent that may not be there")
      return
    }
    let upgraded = try OfficeCore(try Store(old.store.connection))
    #expect(try upgraded.store.verdict(of: reversal).outcome == .posted)
    #expect(try upgraded.store.parkedOp(touching: person) == nil)
  }

  /// A version that does not know yet how old people are.
  private static let ageless = Edition(
    version: Catalogue.version - 1,
    kinds: Catalogue.kinds.filter { $0.name != "resident.update" })

  @Test("an office that was upgraded before it heard of the hub's catalogue writes by numbers")
  func upgradedFirst() throws {
    let street = try Street(as: Self.ageless)
    let (old, staff) = try street.office(code: "ONE", as: Self.ageless)
    try street.sync(old)
    let person = try street.record(
      "resident.register", ["name": "刘小娥"], at: old, by: staff[0])
    try old.store.write { () throws(StoreError) in try old.store.clear(.hubCatalogue) }
    let office = try OfficeCore(try Store(old.store.connection))
    let update = try street.record(
      "resident.update", ["resident": "\(person)", "age_band": "child"], at: office, by: staff[0])
    try street.sync(office)
    #expect(try street.hub.store.verdict(of: update) == Verdict(.pending, [.unknownKind]))
  }

  @Test("a refusal of a type that an office does not know yet is one that may pass")
  func laterProblem() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    let (request, _) = try office.syncRequest(maxBytes: 64 << 10)
    let document = #"{"type":"urn:linli:problem:of-a-later-version","status":409,"detail":""}"#
    let response = PeerResponse(
      status: 409, contentType: MediaType.problem, body: Array(document.utf8))
    let error = #expect(throws: OfficeError.self) {
      try office.take(response, to: request, now: street.now)
    }
    guard case .transport? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("versioning.md names the versions that there are")
  func document() throws {
    let text = try MessageSamples.text(of: "versioning.md")
    #expect(text.contains("\n| protocol | \(HubCard.protocolVersion) |"))
    #expect(text.contains("\n| segment | \(Segment.version) |"))
    let bundle = try MessageSamples.text(of: "bundle.md")
    let magic = Hex.encode(Array("LINLI BUNDLE".utf8))
    #expect(bundle.contains("`\(magic)01`: the magic and the version"))
    #expect(text.contains("\n| bundle | 1 |"))
  }
}
