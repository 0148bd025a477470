import Community
import FoldKit
import OpLog
import Testing

/// `standin.cover`: the home of an account takes over what was given on trust.
@Suite struct StandInCoverTests {
  @Test func `the home takes a debit over, and it weighs on no limit any more`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.b)
    let cover = try scene.cover(trusted, at: scene.a)
    #expect(scene.verdict(cover) == .plain)
    #expect(scene.verdict(trusted) == .plain)
    #expect(try scene.uncovered() == [0, 0])
    #expect(try scene.balance() == 4)
  }

  @Test func `nobody else takes it over`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.b)
    let foreign = try scene.cover(trusted, at: scene.b)
    #expect(scene.verdict(foreign) == Verdict(.void, [.actorNotEntitled]))
    #expect(scene.verdict(trusted) == Verdict(.posted, [.standIn]))
    #expect(try scene.uncovered() == [5, 5])
  }

  @Test func `of two covers the lower id counts, and the other is a repeat`() throws {
    var scene = try Scene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.b)
    let covers = [try scene.cover(trusted, at: scene.a), try scene.cover(trusted, at: scene.a)]
    #expect(covers.map(scene.verdict) == [.plain, Verdict(.duplicate)])
    #expect(try scene.uncovered() == [0, 0])
  }

  @Test("a cover and a void end alike, whichever comes first", arguments: [true, false])
  func voids(isCoverFirst: Bool) throws {
    var scene = try Scene()
    try scene.earn(9)
    let trusted = try scene.spend(5, basis: 2, at: scene.b)
    if isCoverFirst { try scene.cover(trusted, at: scene.a) }
    let void = try scene.street.record(
      "redemption.void", at: scene.b,
      [
        "redemption": .reference(trusted), "goods_returned": .integer(1), "reason": .integer(0),
      ])
    if !isCoverFirst { try scene.cover(trusted, at: scene.a) }
    #expect(scene.verdict(void) == .plain)
    #expect(try scene.uncovered() == [0, 0])
    #expect(try scene.balance() == 9)
  }
}

extension Scene {
  /// What the program of an office writes when it takes a debit over.
  @discardableResult
  fileprivate mutating func cover(_ debit: OpID, at counter: Counter) throws -> OpID {
    try street.write("standin.cover", by: counter.office, ["debit": .reference(debit)])
  }

  /// What is uncovered of the resident, and what the office away from home gave.
  fileprivate func uncovered() throws -> [Int64] {
    [
      try state.sum("account", [resident.packed], "uncovered"),
      try state.sum("office", [Int64(b.office.rawValue)], "uncovered"),
    ]
  }
}
