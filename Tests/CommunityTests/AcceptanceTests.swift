import Community
import FoldKit
import OpLog
import Testing

/// the numbers of cases B and E of `COVERAGE.md`.
@Suite struct AcceptanceTests {
  @Test func `B: two offices offline spend the same 9 points`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let home = try scene.spend(9, at: scene.a)
    let away = try scene.spend(9, basis: 2, at: scene.b)
    #expect(scene.verdict(home)?.outcome == .posted)
    #expect(scene.verdict(away)?.outcome == .posted)
    #expect(try scene.balance() == -9)
    #expect(try scene.earned() == 9)
    #expect(scene.state.desk.count { $0.reason == .overdrawn } == 1)

    try scene.earn(3)
    try scene.earn(3, at: scene.b)
    #expect(try scene.balance() == -3)
    try scene.earn(12)
    #expect(try scene.balance() == 9)
    #expect(scene.state.desk.count { $0.reason == .overdrawn } == 0)
    try scene.spend(9, at: scene.a)
    #expect(try scene.balance() == 0)
    #expect(try scene.earned() == 27)
  }

  @Test func `E: 30 sheets of 20 people, each uploaded by two offices`() throws {
    var street = try Street()
    let (own, other) = (street.counters[0], street.counters[1])
    let people = try (0..<20).map { _ in try street.register(at: own) }
    for number in 0..<30 {
      let activity = try street.publish(points: 3, at: own)
      // Which sheet is uploaded first changes from day to day.
      for counter in number % 2 == 0 ? [own, other] : [other, own] {
        for person in people { _ = try street.grant(person, activity, at: counter) }
      }
    }
    var dice = Dice(seed: 1)
    for ops in [street.written, Arrival.order(of: street.written, using: &dice)] {
      let state = MemoryReplica(ops).state
      let grants = street.written.filter { $0.kind?.name == "award.grant" }.map(\.op.id)
      #expect(grants.count == 1_200)
      #expect(grants.count { state.verdicts[$0] == .plain } == 600)
      let doubles = grants.filter { state.verdicts[$0] == Verdict(.duplicate, [.doubleAward]) }
      #expect(doubles.count == 600)
      #expect(doubles.allSatisfy { $0.replica == other.office })
      #expect(state.desk.count { $0.reason == .doubleAward } == 600)
      #expect(try state.count("award") == 600)
      #expect(try state.count("account") == 20)
      for person in people { #expect(try state.sum("account", [person.packed], "balance") == 90) }
    }
  }
}
