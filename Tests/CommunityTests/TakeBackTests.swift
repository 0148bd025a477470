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

  @Test func `12: a loss on the way counts when both offices have signed for as many pieces`()
    throws
  {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 10, at: scene.a)
    let transfer = try scene.street.send(
      scene.item, 10, to: scene.street.enrolments[1], at: scene.a)
    try scene.street.accept(transfer, 7, at: scene.b)
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
    for (debit, writer) in [(home, scene.a), (first, scene.b)] {
      let note = try scene.street.write(
        "standin.owed", by: writer.office, ["debit": .reference(debit)])
      #expect(scene.verdict(note)?.outcome == .void)
    }
  }
}
