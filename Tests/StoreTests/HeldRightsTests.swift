import Community
import OpLog
import Store
import Testing

/// What an office holds of rights on accounts, and when it gives them back.
@Suite struct HeldRightsTests {
  @Test("an office that becomes the home gives back at once what it held of its own account")
  func own() throws {
    let street = try Street()
    let (home, away) = (street.offices[0], street.offices[1])
    let resident = street.residents[0]
    let account = PayloadValue.reference(resident)
    try street.record(
      home, "award.grant",
      [
        "activity": .reference(try #require(street.activity)), "resident": account,
        "points": .integer(5),
      ])
    let request = try street.record(
      away, "rights.request", ["account": account, "points": .integer(4)])
    try street.exchange()
    try street.write(
      home, "rights.grant", ["request": .reference(request), "points": .integer(4)])
    try street.exchange()
    #expect(try away.heldRights(leftAt: street.now, limit: 9).isEmpty)
    let enrolment = try #require(try street.hub.enrolment(of: away.identity.replica)?.op)
    try street.record(
      home, "custody.give",
      ["account": account, "to": .reference(enrolment), "after": .reference(resident)])
    try street.exchange()
    let held = try away.heldRights(leftAt: street.now, limit: 9)
    #expect(held.map(\.account) == [resident])
    #expect(held.map(\.points) == [4])
    #expect(try HomeRights.left(of: resident.packed, in: away) == 1)
    try street.write(away, "rights.return", ["account": account, "points": .integer(4)])
    #expect(try HomeRights.left(of: resident.packed, in: away) == 5)
    #expect(try away.heldRights(leftAt: street.now, limit: 9).isEmpty)
  }
}
