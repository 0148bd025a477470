import Community
import FoldKit
import OpLog
import Testing

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
