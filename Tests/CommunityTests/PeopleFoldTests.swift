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

@Suite struct ConsentFoldTests {
  @Test func `case 34: a withdrawal holds against a consent given elsewhere`() throws {
    var scene = try Scene()
    let given = try scene.street.consent(scene.resident, isWithdrawn: false, at: scene.a)
    #expect(try state(scene) == .text("given"))
    try scene.street.consent(
      scene.resident, isWithdrawn: true, replaces: [given], at: scene.a)
    try scene.street.consent(
      scene.resident, isWithdrawn: false, replaces: [given], at: scene.b)
    #expect(try state(scene) == .text("withdrawn"))
  }

  @Test func `a consent that names the withdrawal holds again`() throws {
    var scene = try Scene()
    let withdrawn = try scene.street.consent(scene.resident, isWithdrawn: true, at: scene.a)
    try scene.street.consent(
      scene.resident, isWithdrawn: false, replaces: [withdrawn], at: scene.b)
    #expect(try state(scene) == .text("given"))
    #expect(try scene.state.cell("consent", [scene.resident.packed, 0], "state") == nil)
  }

  @Test func `a consent to another purpose replaces nothing`() throws {
    var scene = try Scene()
    let photo = try scene.street.consent(
      scene.resident, purpose: 2, isWithdrawn: false, at: scene.a)
    let wrong = try scene.street.consent(
      scene.resident, isWithdrawn: true, replaces: [photo], at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `for a child a guardian agrees; that somebody was one may become known later`() throws
  {
    var scene = try Scene()
    let child = try scene.street.register(at: scene.a)
    try scene.street.consent(child, isWithdrawn: false, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    scene.street.today = scene.street.today.adding(days: 30)
    let band = try scene.street.update(
      child, "age_band", replaces: [child], ageBand: 0, at: scene.a)
    #expect(
      try scene.state.cell("consent", [child.packed, 1], "state") == .text("guardian_needed"))
    #expect(scene.isOnDesk(.guardianConsent, child, detail: 1))
    var alone = scene
    try alone.street.consent(child, purpose: 3, isWithdrawn: false, at: alone.a)
    #expect(try alone.refusalOfLast() == .wouldNotCount(.posted, [.guardianConsent]))
    for guardian in [child, try alone.street.register(at: alone.a, ageBand: 1)] {
      try alone.street.consent(
        child, purpose: 3, isWithdrawn: false, guardian: guardian, at: alone.a)
      #expect(try alone.refusalOfLast() == .wouldNotCount(.posted, [.guardianConsent]))
    }
    var minor = scene
    minor.street.today = minor.street.today.adding(days: 9)
    try minor.street.update(child, "age_band", replaces: [band], ageBand: 1, at: minor.a)
    #expect(minor.isOnDesk(.guardianConsent, child, detail: 1), "it was said before that day")
    minor.street.today = minor.street.today.adding(days: -39)
    try minor.street.update(child, "age_band", replaces: [band], ageBand: 1, at: minor.a)
    #expect(!minor.isOnDesk(.guardianConsent, child, detail: 1), "it was a mistake")
    try scene.street.consent(
      child, isWithdrawn: false, guardian: scene.resident, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    #expect(try scene.state.cell("consent", [child.packed, 1], "state") == .text("given"))
    #expect(
      try scene.state.cell("consent", [child.packed, 1], "guardian") == .id(scene.resident))
  }

  private func state(_ scene: Scene) throws -> Cell? {
    try scene.state.cell("consent", [scene.resident.packed, 1], "state")
  }
}

@Suite struct HouseholdFoldTests {
  @Test func `a file is one register, its head is the shown version's`() throws {
    var scene = try Scene()
    let first = try scene.street.household(at: scene.a)
    let second = try scene.street.household(
      first, head: scene.resident, replaces: [first], at: scene.a)
    #expect(try scene.state.cell("household", [first.packed], "shown")?.id == second)
    #expect(try scene.state.cell("household", [first.packed], "head")?.id == scene.resident)
    _ = try scene.street.household(first, replaces: [first], at: scene.b)
    #expect(scene.isOnDesk(.fork, first, detail: 52))
    let wrong = try scene.street.household(nil, replaces: [first], at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `case 17: of two households the earliest stays until the hub confirms another`()
    throws
  {
    var scene = try Scene()
    let today = scene.street.today
    let old = try scene.street.household(at: scene.a)
    let new = try scene.street.household(at: scene.b)
    let second = try scene.street.member(
      scene.resident, of: new, from: today.adding(days: -1), at: scene.b)
    #expect(scene.verdict(second) == .plain)
    let first = try scene.street.member(
      scene.resident, of: old, from: today.adding(days: -9), at: scene.a)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(second) == Verdict(.pending, [.twoHouseholds]))
    try scene.street.decide(second)
    #expect(scene.verdict(second) == .plain)
    #expect(scene.verdict(first) == Verdict(.pending, [.twoHouseholds]))
    try scene.street.decide(first, isApproved: false)
    #expect(scene.verdict(first) == Verdict(.void))
  }

  @Test func `a membership that ended, or was replaced, is in nobody's way`() throws {
    var scene = try Scene()
    let today = scene.street.today
    let homes = [
      try scene.street.household(at: scene.a), try scene.street.household(at: scene.a),
    ]
    let open = try scene.street.member(
      scene.resident, of: homes[0], from: today.adding(days: -9), at: scene.a)
    try scene.street.member(
      scene.resident, of: homes[0], from: today.adding(days: -9), until: today,
      replaces: [open], at: scene.a)
    let moved = try scene.street.member(
      scene.resident, of: homes[1], from: today.adding(days: 1), at: scene.a)
    #expect(scene.verdict(moved) == .plain)
    #expect(
      try scene.state.cell("household_member", [scene.resident.packed, open.packed], "state")
        == .text("replaced"))
  }
}

@Suite struct VolunteerFoldTests {
  @Test func `of several days of leaving a team the earliest counts`() throws {
    var scene = try Scene()
    let enrolment = try scene.street.enlist(scene.resident, at: scene.a)
    scene.street.today = scene.street.today.adding(days: 5)
    let later = try scene.street.leaveTeam(enrolment, at: scene.a)
    scene.street.today = scene.street.today.adding(days: -1)
    let earlier = try scene.street.leaveTeam(enrolment, at: scene.b)
    #expect(scene.verdict(earlier) == .plain)
    #expect(scene.verdict(later) == Verdict(.duplicate))
    #expect(
      try scene.state.cell("volunteer", [enrolment.packed], "left_on")
        == .integer(Int64(scene.street.today.day)))
  }
}

@Suite struct AppealFoldTests {
  @Test func `case 35: an appeal waits for the hub's decision, which is made once`() throws {
    var scene = try Scene()
    let award = try scene.earn(3)
    let reversal = try scene.street.reverse(award, at: scene.approver)
    let appeal = try scene.street.appeal(
      against: reversal, resident: scene.resident, at: scene.a)
    #expect(scene.verdict(appeal) == Verdict(.pending, [.awaitingHub]))
    #expect(
      try scene.state.cell("appeal", [appeal.packed], "due_on")
        == .integer(Int64(scene.street.today.day) + 10))
    try scene.street.decideAppeal(appeal, isUpheld: true)
    let second = try scene.street.decideAppeal(appeal, isUpheld: false)
    #expect(scene.verdict(appeal) == .plain)
    #expect(scene.verdict(second) == Verdict(.void, [.secondDecision]))
    #expect(try scene.state.cell("appeal", [appeal.packed], "state") == .text("upheld"))
  }

  @Test func `an appeal that is upheld names what puts the record right`() throws {
    var scene = try Scene()
    let award = try scene.earn(3)
    let other = try scene.earn(2)
    let appeal = try scene.street.appeal(against: award, at: scene.a)
    let misfit = try scene.street.reverse(other, at: scene.approver)
    let wrong = try scene.street.decideAppeal(appeal, isUpheld: true, remedy: misfit)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
    #expect(scene.verdict(appeal) == Verdict(.pending, [.awaitingHub]))
    let remedy = try scene.street.reverse(award, at: scene.approver)
    let right = try scene.street.decideAppeal(appeal, isUpheld: true, remedy: remedy)
    #expect(scene.verdict(right) == .plain)
    #expect(try scene.state.cell("appeal", [appeal.packed], "remedy") == .id(remedy))
  }

  @Test func `a reversal is of the key, so it remedies an appeal against any record of it`() throws
  {
    var scene = try Scene()
    let copy = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let own = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let appeal = try scene.street.appeal(against: copy, at: scene.b)
    let remedy = try scene.street.reverse(own, at: scene.approver)
    let right = try scene.street.decideAppeal(appeal, isUpheld: true, remedy: remedy)
    #expect(scene.verdict(right) == .plain)
    // A void of one sale puts no other sale of the person right.
    let sale = try scene.spend(1, at: scene.a)
    let another = try scene.spend(1, at: scene.a)
    let second = try scene.street.appeal(against: sale, at: scene.a)
    let misfit = try scene.street.void(another, at: scene.a)
    let wrong = try scene.street.decideAppeal(second, isUpheld: true, remedy: misfit)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `there is no appeal against a file`() throws {
    var scene = try Scene()
    let appeal = try scene.street.appeal(against: scene.resident, at: scene.a)
    #expect(scene.verdict(appeal) == Verdict(.void, [.wrongReference]))
  }
}

@Suite struct PinResetFoldTests {
  @Test func `an approver resets the PIN of another of the same community, and the hub anybody's`()
    throws
  {
    var scene = try Scene()
    let clerk = scene.a.clerk
    let reset = try scene.street.resetPIN(of: clerk, at: scene.approver)
    let own = try scene.street.resetPIN(of: scene.approver.clerk, at: scene.approver)
    let plain = try scene.street.resetPIN(of: scene.approver.clerk, at: scene.a)
    let foreign = try scene.street.resetPIN(of: scene.b.clerk, at: scene.approver)
    let hub = try scene.street.write("staff.reset_pin", ["staff": .reference(clerk)])
    #expect(scene.verdict(reset) == .plain)
    #expect(scene.verdict(own) == Verdict(.pending, [.ownRecord]))
    #expect(scene.verdict(plain) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(foreign) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(hub) == .plain)
    let rows = scene.state.rows(Tables.pinReset, under: [clerk.packed])
    #expect(rows.map { $0[1].id } == [hub, reset].sorted())
  }
}

@Suite struct StaffEndFoldTests {
  @Test func `a PIN that is gone and a departure taken back stand after the end, on the desk`()
    throws
  {
    var scene = try Scene()
    let wrong = try scene.street.leave(scene.resident, on: scene.street.today, at: scene.a)
    scene.street.today = scene.street.today.adding(days: 5)
    let reset = try scene.street.resetPIN(of: scene.a.clerk, at: scene.approver)
    let back = try scene.street.reactivate(wrong, at: scene.approver)
    #expect(scene.verdict(back) == .plain)
    try scene.street.end(scene.approver.clerk, on: scene.street.today.adding(days: -5))
    for op in [reset, back] {
      #expect(scene.verdict(op) == Verdict(.posted, [.actorNotEntitled]))
    }
    #expect(scene.verdict(wrong) == Verdict(.void))
  }

  @Test func `case 32: what was dated after the end waits, what was before stays`() throws {
    var scene = try Scene()
    let before = try scene.street.grant(scene.resident, scene.activity, at: scene.a)
    let last = scene.street.today
    scene.street.today = last.adding(days: 1)
    let after = try scene.street.grant(
      scene.resident, scene.activity, session: 2, at: scene.a)
    try scene.street.receive(scene.item, quantity: 4, at: scene.a)
    let redemption = try scene.spend(1, at: scene.a)
    let file = try scene.street.register(at: scene.a)
    try scene.street.end(scene.a.clerk, on: last.adding(days: 3))
    #expect(scene.verdict(after) == .plain)
    try scene.street.end(scene.a.clerk, on: last)
    #expect(scene.verdict(before) == .plain)
    #expect(scene.verdict(after) == Verdict(.pending, [.actorNotEntitled]))
    #expect(scene.verdict(redemption) == Verdict(.posted, [.actorNotEntitled]))
    #expect(scene.verdict(file) == .plain)
    #expect(try scene.balance() == 2)
    _ = try scene.street.register(at: scene.a)
    #expect(try refusal(scene) == .appointmentEnded(on: last))
  }
}

@Suite struct PersonalDataTests {
  @Test(
    "a phone or ID number is found",
    arguments: [
      "13812341234", "电话13812341234。", "138 1234 1234", "+86-138-1234-1234", "8613812341234",
      "１３８１２３４１２３４", "35010219900101112X", "350102199001011123", "350102900101123",
      "302 13800001234", "13800001234 13900001234", "13800001234 302", "3-2-302 138-0000-1234",
      "3 110101199003071234", "1 11010119900307123x", "8 110101900307123",
      "138\u{3000}1234\u{3000}5678", "138－1234－5678", "138–1234–5678", "138.1234.5678",
      "138\u{A0}1234\u{A0}5678", "+86 138 1234 5678", "0532-88881234", "010-62345678",
      "01062345678", "0755 2345 678", "电话62345678", "302 62345678", "0102-62345678",
    ])
  func found(text: String) {
    #expect(PersonalData.isIn(text))
  }

  @Test(
    "other numbers are not",
    arguments: [
      "", "清扫楼道", "2026-01-13 10:00", "4097-345", "12345678901", "20260113", "2025-2026",
      "3000-5000",
      "12345678", "62345678901", "6234567",
      "1381234123", "138123412345", "3栋2单元501",
      "4097-345 4098-12", "2026-01-13 2026-01-14 2026-01-15", "x",
      "14-16 2026-1-13", "13.812.345.678",
    ])
  func notFound(text: String) {
    #expect(!PersonalData.isIn(text))
  }

  @Test func `a payload with one is refused here, and on the desk when it comes in`() throws {
    var scene = try Scene()
    let id = try scene.street.write(
      "item.define", by: scene.a.office, actor: scene.a.clerk,
      ["name": .text("联系 13812341234"), "sort": .integer(0), "points": .integer(1)])
    #expect(try refusal(scene) == .personalData(field: "name"))
    #expect(scene.isOnDesk(.personalData, id))
  }
}
