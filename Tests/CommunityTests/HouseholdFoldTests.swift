import Community
import FoldKit
import OpLog
import Testing

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
