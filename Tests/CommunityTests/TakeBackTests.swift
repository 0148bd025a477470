import Community
import FoldKit
import OpLog
import Testing

/// What the program or the hub decided by itself can be taken back.
@Suite struct TakeBackTests {
  private func offer(_ scene: inout Scene) throws -> OpID {
    try scene.street.record(
      "offer.publish", at: scene.a,
      [
        "title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000),
        "per_person": .integer(1),
      ])
  }

  private func use(_ offer: OpID, _ scene: inout Scene, at counter: Counter) throws -> OpID {
    try scene.street.record(
      "offer.use", at: counter,
      [
        "offer": .reference(offer), "resident": .reference(scene.resident), "times": .integer(1),
      ])
  }

  private func void(_ use: OpID, _ scene: inout Scene, at counter: Counter) throws -> OpID {
    try scene.street.record(
      "offer.void", at: counter, ["use": .reference(use), "reason": .integer(0)])
  }

  @Test func `the use of an offer is taken back once, with its points and its place`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let offer = try offer(&scene)
    let first = try use(offer, &scene, at: scene.a)
    let second = try use(offer, &scene, at: scene.a)
    #expect(scene.isOnDesk(.offerLimit, second))
    let own = try void(first, &scene, at: scene.a)
    #expect(scene.verdict(own) == Verdict(.pending, [.actorNotEntitled]))
    let back = try void(first, &scene, at: scene.approver)
    let again = try void(first, &scene, at: scene.approver)
    #expect(scene.verdict(back) == .plain)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(first) == Verdict(.void))
    #expect(!scene.isOnDesk(.offerLimit, second))
    #expect(try scene.balance() == 7)
  }

  @Test func `what was on trust is free again, and no approver of elsewhere takes it back`() throws
  {
    var scene = try Scene()
    let offer = try offer(&scene)
    let trusted = try use(offer, &scene, at: scene.b)
    let elsewhere = try void(trusted, &scene, at: scene.approver)
    #expect(scene.verdict(elsewhere) == Verdict(.pending, [.actorNotEntitled]))
    let office = [Int64(scene.b.office.rawValue)]
    #expect(try scene.state.sum("office", office, "uncovered") == 2)
    let there = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let back = try void(trusted, &scene, at: there)
    #expect(scene.verdict(back) == .plain)
    #expect(try scene.state.sum("office", office, "uncovered") == 0)
    #expect(try scene.balance() == 0)
  }

  @Test func `nobody takes back what they recorded`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let offer = try offer(&scene)
    let own = try use(offer, &scene, at: scene.approver)
    let back = try void(own, &scene, at: scene.approver)
    #expect(scene.verdict(back) == Verdict(.pending, [.ownRecord]))
    #expect(try scene.balance() == 7)
  }

  @Test(
    "what comes back of an offer was never spent; after a deadline it is earned anew",
    arguments: [("2026-12-31", 0), ("2027-01-05", 2)] as [(String, Int64)])
  func comesBack(at time: (date: String, left: Int64)) throws {
    var scene = try Scene()
    let rules = try scene.street.setPolicy(posting: .onTheSpot, expiry: .yearEnd, in: 0)
    func at(_ date: String) throws { scene.street.today = try #require(BusinessDate(date)) }
    try at("2026-12-30")
    let activity = try scene.street.publish(points: 9, at: scene.a)
    _ = try scene.street.grant(scene.resident, activity, points: 9, policy: rules, at: scene.a)
    let used = try use(try offer(&scene), &scene, at: scene.a)
    try at("2027-01-02")
    try scene.street.write(
      "points.expire_year",
      [
        "community": .reference(scene.street.communities[0]), "year": .integer(2026),
        "rule": .integer(0),
      ])
    #expect(try scene.balance() == 0)
    try at(time.date)
    let back = try scene.street.record(
      "offer.void", policy: rules, at: scene.approver,
      ["use": .reference(used), "reason": .integer(0)])
    #expect(scene.verdict(back) == .plain)
    #expect(try scene.balance() == time.left)
  }

  @Test func `12: two of one office do not agree on a loss, nor one person at both`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 10, at: scene.b)
    let transfer = try scene.street.send(
      scene.item, 10, to: scene.street.enrolments[2], at: scene.b)
    try scene.street.accept(transfer, 7, at: scene.c)
    let (clerk, approver) = (scene.street.staff[1], scene.street.staff[4])
    func sign(_ pieces: Int64, at office: ReplicaID, _ actor: OpID) throws -> OpID {
      try scene.street.writeOff(
        pieces, from: transfer, witness: actor == clerk ? approver : clerk, byBoth: true,
        at: Counter(office: office, clerk: actor))
    }
    let (here, there) = (scene.b.office, scene.c.office)
    let apart = try [
      sign(2, at: here, clerk), sign(2, at: there, clerk), sign(1, at: here, clerk),
      sign(1, at: here, approver),
    ]
    for id in apart { #expect(scene.verdict(id) == Verdict(.pending, [.awaitingOtherOffice])) }
    let agreed = try sign(2, at: there, approver)
    #expect([apart[0], agreed].map(scene.verdict) == [.plain, .plain])
  }

  @Test func `7: only another office of the account's community says that it was below zero`()
    throws
  {
    var scene = try Scene()
    let other = try scene.street.enroll(4_100, in: 0)
    let sold = try scene.spend(9, basis: 2, at: Counter(office: other, clerk: scene.a.clerk))
    let away = try scene.spend(9, basis: 2, at: scene.b)
    let home = try scene.spend(9, at: scene.a)
    func note(_ debit: OpID, by office: ReplicaID) throws -> Verdict? {
      let id = try scene.street.write("standin.owed", by: office, ["debit": .reference(debit)])
      return scene.verdict(id)
    }
    #expect(try note(sold, by: other) == Verdict(.void, [.actorNotEntitled]))
    #expect(try note(away, by: scene.c.office) == Verdict(.void, [.actorNotEntitled]))
    #expect(try note(home, by: other) == Verdict(.void, [.wrongReference]))
    #expect(try note(sold, by: scene.a.office) == .plain)
    #expect(try note(away, by: other) == .plain)
  }

  /// Ten pieces were sent from a to b, and seven arrived.
  private func threeOnTheWay() throws -> (Scene, transfer: OpID) {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 10, at: scene.a)
    let transfer = try scene.street.send(
      scene.item, 10, to: scene.street.enrolments[1], at: scene.a)
    try scene.street.accept(transfer, 7, at: scene.b)
    return (scene, transfer)
  }

  @Test func `12: a loss on the way counts when both offices have signed for as many pieces`()
    throws
  {
    var (scene, transfer) = try threeOnTheWay()
    let (sender, receiver) = (scene.street.staff[2], scene.street.staff[4])
    func sign(_ pieces: Int64, at counter: Counter, _ witness: OpID) throws -> OpID {
      try scene.street.writeOff(
        pieces, from: transfer, witness: witness, byBoth: true, at: counter)
    }
    let asked = try sign(2, at: scene.a, sender)
    let same = try sign(2, at: scene.a, sender)
    let other = try sign(1, at: scene.b, receiver)
    for id in [asked, same, other] {
      #expect(scene.verdict(id) == Verdict(.pending, [.awaitingOtherOffice]))
    }
    let agreed = try sign(2, at: scene.b, receiver)
    #expect(scene.verdict(asked) == .plain)
    #expect(scene.verdict(agreed) == .plain)
    #expect(try scene.state.cell("stock_transfer", [transfer.packed], "written_off") == .integer(2))
    try _ = sign(1, at: scene.a, sender)
    #expect(try scene.state.cell("stock_transfer", [transfer.packed], "state") == .text("settled"))
  }

  @Test("12: nobody waits for a signature over pieces that are no longer on the way")
  func signedInVain() throws {
    var (scene, transfer) = try threeOnTheWay()
    let (sender, receiver) = (scene.street.staff[2], scene.street.staff[4])
    func sign(_ pieces: Int64, at counter: Counter, _ witness: OpID) throws -> OpID {
      try scene.street.writeOff(
        pieces, from: transfer, witness: witness, byBoth: true, at: counter)
    }
    let first = try sign(2, at: scene.a, sender)
    let same = try sign(2, at: scene.a, sender)
    let one = try sign(1, at: scene.b, receiver)
    let agreed = try sign(2, at: scene.b, receiver)
    // Of the one piece that is left nobody can sign for two.
    let gone = Verdict(.void, [.notInTransit])
    let waits = Verdict(.pending, [.awaitingOtherOffice])
    #expect([first, same, one, agreed].map(scene.verdict) == [.plain, gone, waits, .plain])
    // It is found after all.
    try scene.street.accept(transfer, 1, at: scene.b)
    #expect([first, same, one, agreed].map(scene.verdict) == [.plain, gone, gone, .plain])
    #expect(try scene.state.cell("stock_transfer", [transfer.packed], "state") == .text("settled"))
    #expect(!scene.state.desk.contains { $0.reason == .awaitingOtherOffice })
    try expectModel(of: scene.street.written)
    let expected = Snapshot(MemoryReplica(scene.street.written))
    for seed in 1...20 as ClosedRange<UInt64> {
      var dice = Dice(seed: seed)
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
    }
  }

  @Test func `7: a second debt of one person in a year is told, one of the family is not`() throws {
    var scene = try Scene()
    func owe(on date: String, collector: OpID? = nil) throws -> OpID {
      scene.street.today = try #require(BusinessDate(date))
      let id = try scene.street.record(
        "redemption.record", at: scene.b,
        [
          "resident": .reference(scene.resident),
          "lines": .records([[.reference(scene.item), .integer(1), .integer(9)]]),
          "basis": .integer(2), "collector": collector.map(PayloadValue.reference),
        ])
      let note = try scene.street.write(
        "standin.owed", by: scene.a.office, ["debit": .reference(id)])
      #expect(scene.verdict(note) == .plain)
      return id
    }
    let daughter = try scene.street.register(at: scene.a)
    let first = try owe(on: "2026-01-10")
    let sameDay = try owe(on: "2026-01-10")
    let family = try owe(on: "2026-03-01", collector: daughter)
    let later = try owe(on: "2027-01-10")
    let tooLate = try owe(on: "2028-01-11")
    for id in [first, sameDay, family, tooLate] { #expect(!scene.isOnDesk(.overdrawnAgain, id)) }
    #expect(scene.isOnDesk(.overdrawnAgain, later))
    let home = try scene.spend(1, at: scene.a)
    // Another of the debit's own office would be its own judge.
    for (debit, writer) in [(home, scene.a), (first, scene.b)] {
      let note = try scene.street.write(
        "standin.owed", by: writer.office, ["debit": .reference(debit)])
      #expect(scene.verdict(note)?.outcome == .void)
    }
  }

  @Test func `7: who moved to another community owes there, and its office says so`() throws {
    var scene = try MovingScene()
    let move = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.b)
    let debit = try scene.spend(9, basis: 2, at: scene.c)
    func note(_ after: OpID?, by counter: Counter) throws -> OpID {
      try scene.street.write(
        "standin.owed", by: counter.office,
        ["debit": .reference(debit), "after": after.map(PayloadValue.reference)])
    }
    let unsaid = try note(nil, by: scene.a)
    // Nor is it enough to say oneself that somebody came.
    let own = try scene.give(to: scene.a, after: scene.resident, moves: true, at: scene.a)
    let forged = try note(own, by: scene.a)
    let told = try note(move, by: scene.a)
    let none = Verdict(.void, [.actorNotEntitled])
    #expect([unsaid, forged, told].map(scene.verdict) == [none, none, .plain])
    let again = try note(nil, by: scene.b)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    try scene.expectModel()
    let expected = Snapshot(MemoryReplica(scene.street.written))
    for seed in 1...20 as ClosedRange<UInt64> {
      var dice = Dice(seed: seed)
      let order = Arrival.order(of: scene.street.written, using: &dice)
      expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
    }
  }
}
