import Community
import FoldKit
import OpLog
import Testing

@Suite struct DepartureFoldTests {
  @Test func `case 18: an award up to the day of leaving stays, a later one waits`() throws {
    var scene = try Scene()
    let before = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    scene.street.today = scene.street.today.adding(days: 2)
    let after = try scene.street.grant(scene.resident, scene.activity, session: 2, at: scene.b)
    let redemption = try scene.spend(2, basis: 2, at: scene.b)
    try scene.street.leave(
      scene.resident, on: scene.street.today.adding(days: -1), at: scene.a)
    #expect(scene.verdict(before) == .plain)
    #expect(scene.verdict(after) == Verdict(.pending, [.residentLeft]))
    #expect(scene.verdict(redemption)?.outcome == .posted)
    #expect(try scene.balance() == 1)
  }

  @Test func `an approver who knows better lets a later award count`() throws {
    var scene = try Scene()
    try scene.street.leave(
      scene.resident, on: scene.street.today.adding(days: -1), at: scene.a)
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    #expect(scene.verdict(award) == Verdict(.pending, [.residentLeft]))
    try scene.street.approve([award], at: scene.approver)
    #expect(scene.verdict(award) == .plain)
    #expect(try scene.balance() == 3)
  }

  @Test func `only the resident's own community says that somebody left`() throws {
    var scene = try Scene()
    let foreign = try scene.street.leave(
      scene.resident, on: scene.street.today.adding(days: -9), at: scene.b)
    #expect(scene.verdict(foreign) == Verdict(.pending, [.actorNotEntitled]))
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    #expect(scene.verdict(award) == .plain)
  }

  @Test func `of several days of leaving the earliest holds`() throws {
    var scene = try Scene()
    let today = scene.street.today
    let later = try scene.street.leave(scene.resident, on: today.adding(days: 3), at: scene.a)
    #expect(scene.verdict(later) == .plain)
    let earlier = try scene.street.leave(
      scene.resident, cause: 1, on: today, at: scene.approver)
    #expect(scene.verdict(earlier) == .plain)
    #expect(scene.verdict(later) == Verdict(.duplicate))
    #expect(
      try scene.state.cell("resident", [scene.resident.packed], "left_on")
        == .integer(Int64(today.day)))
  }

  @Test func `a departure that was a mistake holds nothing back once an approver took it back`()
    throws
  {
    var scene = try Scene()
    let today = scene.street.today
    let wrong = try scene.street.leave(
      scene.resident, on: today.adding(days: -1), at: scene.a)
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    #expect(scene.verdict(award) == Verdict(.pending, [.residentLeft]))
    let clerk = try scene.street.reactivate(wrong, at: scene.b)
    #expect(scene.verdict(clerk) == Verdict(.pending, [.actorNotEntitled]))
    let boss = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let foreign = try scene.street.reactivate(wrong, at: boss)
    #expect(scene.verdict(foreign) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(award)?.outcome == .pending)
    let first = try scene.street.reactivate(wrong, at: scene.approver)
    let again = try scene.street.reactivate(wrong, at: scene.approver)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(wrong) == Verdict(.void))
    #expect(scene.verdict(award) == .plain)
    #expect(try scene.balance() == 3)
    #expect(try scene.state.cell("resident", [scene.resident.packed], "left_on") == .null)
    let right = try scene.street.leave(
      scene.resident, on: today.adding(days: 5), at: scene.a)
    #expect(scene.verdict(right) == .plain)
  }

  @Test func `nobody takes back the departure that they recorded`() throws {
    var scene = try Scene()
    let both = try scene.street.appoint(
      in: 0, roles: Role.clerk.mask | Role.approver.mask)
    let counter = Counter(office: scene.a.office, clerk: both)
    let departure = try scene.street.leave(
      scene.resident, on: scene.street.today, at: counter)
    let undone = try scene.street.reactivate(departure, at: counter)
    #expect(scene.verdict(departure) == .plain)
    #expect(scene.verdict(undone) == Verdict(.pending, [.ownRecord]))
  }

  @Test func `heirs may redeem for 90 days`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let item = try scene.street.defineItem(points: 1, at: scene.a)
    try scene.street.receive(item, quantity: 3, at: scene.a)
    let day = scene.street.today
    try scene.street.leave(scene.resident, cause: 1, on: day, at: scene.a)
    scene.street.today = day.adding(days: 90)
    try scene.street.redeem(scene.resident, [(item, 1, 1)], at: scene.a)
    #expect(try refusal(scene) == nil)
    scene.street.today = day.adding(days: 91)
    try scene.street.redeem(scene.resident, [(item, 1, 1)], at: scene.a)
    #expect(try refusal(scene) == .residentLeft(on: day))
  }
}
