import Community
import FoldKit
import OpLog
import Testing

/// Months, settlements, covers, and entries that are taken off the desk.
@Suite struct PeriodTests {
  private let totals = PeriodCloseFold.totals.indices.map {
    PayloadValue.integer(Int64($0 + 1))
  }

  private func close(_ scene: inout Scene, _ month: String = "2026-01-01") throws -> OpID {
    try scene.street.close(
      scene.street.communities[0], month,
      basis: [[.integer(Int64(scene.a.office.rawValue)), .integer(3)]], totals: totals)
  }

  private func reopen(_ scene: inout Scene, _ close: OpID, by second: OpID) throws -> OpID {
    let approvers = [scene.approver.clerk, second].sorted()
    return try scene.street.write(
      "period.reopen",
      ["close": .reference(close), "approvers": .references(approvers), "reason": .integer(0)])
  }

  private func state(_ scene: Scene) throws -> Cell? {
    let month = Int64(try #require(BusinessDate("2026-01-01")).day)
    return try scene.state.cell("period", [scene.street.communities[0].packed, month], "state")
  }

  @Test func `a month is closed once, with its totals and its basis`() throws {
    var scene = try Scene()
    let first = try close(&scene)
    let second = try close(&scene)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(second) == Verdict(.duplicate))
    #expect(try state(scene) == .text("closed"))
    #expect(try scene.state.count("period_basis") == 1)
    let month = Int64(try #require(BusinessDate("2026-01-01")).day)
    let key = [scene.street.communities[0].packed, month]
    #expect(try scene.state.cell("period", key, "activities") == .integer(1))
    #expect(try scene.state.cell("period", key, "on_desk") == .integer(14))
  }

  @Test func `two approvers open a month again, and a later close counts`() throws {
    var scene = try Scene()
    let first = try close(&scene)
    let duplicate = try close(&scene)
    let other = try scene.street.appoint(in: 0, roles: Role.approver.mask)
    let opened = try reopen(&scene, first, by: other)
    #expect(try state(scene) == .text("open"))
    #expect(try scene.state.count("period_basis") == 0)
    #expect(scene.verdict(first) == Verdict(.void))
    #expect(scene.verdict(duplicate) == Verdict(.duplicate))
    #expect(scene.verdict(opened) == .plain)
    let later = try close(&scene)
    #expect(scene.verdict(later) == .plain)
    #expect(try state(scene) == .text("closed"))
    let again = try reopen(&scene, first, by: other)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(try state(scene) == .text("closed"))
  }

  @Test func `a clerk, or an approver of another community, opens no month`() throws {
    var scene = try Scene()
    let first = try close(&scene)
    for second in [scene.a.clerk, scene.street.staff[4]] {
      let opened = try reopen(&scene, first, by: second)
      #expect(scene.verdict(opened) == Verdict(.pending, [.actorNotEntitled]))
    }
    #expect(try state(scene) == .text("closed"))
  }

  @Test func `a month is named by its first day, and only the hub closes it`() throws {
    var scene = try Scene()
    let middle = try close(&scene, "2026-01-13")
    #expect(scene.verdict(middle) == Verdict(.void, [.wrongReference]))
    let foreign = try scene.street.close(
      scene.street.communities[0], "2026-01-01", basis: [[.integer(4097), .integer(1)]],
      totals: totals, by: scene.a.office, actor: scene.approver.clerk)
    #expect(scene.verdict(foreign) == Verdict(.void, [.onlyHub]))
    #expect(try scene.state.count("period") == 0)
  }

  @Test func `a settlement of a month and a pair counts once`() throws {
    var scene = try Scene()
    let month = Int64(try #require(BusinessDate("2026-01-01")).day)
    var posted: [OpID] = []
    for points in [9, 12] as [Int64] {
      posted.append(
        try scene.street.write(
          "settlement.post",
          [
            "month": .integer(month), "from": .reference(scene.street.communities[0]),
            "to": .reference(scene.street.communities[1]), "points": .integer(points),
          ]))
    }
    #expect(scene.verdict(posted[0]) == .plain)
    #expect(scene.verdict(posted[1]) == Verdict(.duplicate))
    let key = [month] + scene.street.communities.map(\.packed)
    #expect(try scene.state.cell("settlement", key, "points") == .integer(9))
    let (payer, payee) = (scene.street.staff[2], scene.street.staff[4])
    let second = try scene.street.appoint(in: 0, roles: Role.approver.mask)
    let oneSided = try takeBack(posted[0], by: [payer, second], &scene)
    #expect(scene.verdict(oneSided) == Verdict(.pending, [.actorNotEntitled]))
    let back = try takeBack(posted[0], by: [payer, payee], &scene)
    let again = try takeBack(posted[0], by: [payer, payee], &scene)
    #expect(scene.verdict(back) == .plain)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(posted[0]) == Verdict(.void))
    // The one that was a repeat stays one: what is owed is stated anew.
    #expect(try scene.state.cell("settlement", key, "op") == .null)
  }

  private func takeBack(
    _ closing: OpID, by approvers: [OpID], _ scene: inout Scene
  ) throws -> OpID {
    try scene.street.write(
      "closing.reverse",
      [
        "closing": .reference(closing), "approvers": .references(approvers.sorted()),
        "reason": .integer(0),
      ])
  }
}

/// `COVERAGE.md`, case 25: the community bears what staff got wrong.
@Suite struct CoverTests {
  private func cover(
    _ scene: inout Scene, _ loss: OpID, points: Int64 = 9, at counter: Counter
  ) throws -> OpID {
    try scene.street.write(
      "points.cover", by: counter.office, actor: counter.clerk,
      [
        "account": .reference(scene.resident), "loss": .reference(loss),
        "points": .integer(points),
      ])
  }

  private func loss(_ scene: inout Scene, cause: Int64 = 0) throws -> OpID {
    let award = try scene.earn(9)
    try scene.spend(9, at: scene.a)
    return try scene.street.reverse(award, cause: cause, at: scene.approver)
  }

  @Test func `25: a cover makes up for a mistake of staff, once, and is no award`() throws {
    var scene = try Scene()
    let loss = try loss(&scene)
    #expect(try scene.balance() == -9)
    let other = Counter(
      office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    let first = try cover(&scene, loss, at: other)
    let second = try cover(&scene, loss, at: other)
    #expect(scene.verdict(first) == .plain)
    #expect(scene.verdict(second) == Verdict(.duplicate))
    #expect(try scene.balance() == 0)
    #expect(try scene.earned() == 0)
  }

  @Test func `nobody covers a loss of their own making, nor for another community`() throws {
    var scene = try Scene()
    let loss = try loss(&scene)
    let own = try cover(&scene, loss, at: scene.approver)
    #expect(scene.verdict(own) == Verdict(.pending, [.ownRecord]))
    let foreign = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let other = try cover(&scene, loss, at: foreign)
    #expect(scene.verdict(other) == Verdict(.pending, [.actorNotEntitled]))
    #expect(try scene.balance() == -9)
  }

  @Test func `fraud is not covered, and of a mistake no more than the loss`() throws {
    var scene = try Scene()
    let fraud = try loss(&scene, cause: 2)
    let other = Counter(
      office: scene.a.office, clerk: try scene.street.appoint(in: 0, roles: Role.approver.mask))
    let first = try cover(&scene, fraud, at: other)
    #expect(scene.verdict(first) == Verdict(.void, [.wrongReference]))
    let honest = try loss(&scene)
    let before = try scene.balance()
    let second = try cover(&scene, honest, points: 10, at: other)
    #expect(scene.verdict(second) == .plain)
    #expect(try scene.balance() == before + 9)
  }
}

/// `desk.resolve`.
@Suite struct ResolveTests {
  @Test func `an approver takes an entry off, and another decision puts it back`() throws {
    var scene = try Scene()
    let sale = try scene.spend(1, basis: 0, at: scene.b)
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let first = try scene.street.resolve(sale, .debitWithoutStanding, .accepted, at: approver)
    #expect(scene.verdict(first) == .plain)
    let back = try scene.street.resolve(
      sale, .debitWithoutStanding, .reopened, undoes: first, at: approver)
    #expect(scene.verdict(back) == .plain)
    let key = [sale.packed, first.packed]
    #expect(try scene.state.cell("resolution", key, "undone_by") == .id(back))
  }

  @Test func `only outcomes that the reason allows, by another person of the community`() throws {
    var scene = try Scene()
    let sale = try scene.spend(1, basis: 0, at: scene.b)
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    let wrong = try scene.street.resolve(sale, .debitWithoutStanding, .noted, at: approver)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
    let itself = try scene.street.resolve(scene.resident, .overdrawn, .noted, at: scene.approver)
    #expect(scene.verdict(itself) == Verdict(.void))
    let foreign = try scene.street.resolve(
      sale, .debitWithoutStanding, .accepted, at: scene.approver)
    #expect(scene.verdict(foreign) == Verdict(.pending, [.actorNotEntitled]))
    let own = try scene.spend(
      1, basis: 0, at: Counter(office: scene.b.office, clerk: approver.clerk))
    let decided = try scene.street.resolve(own, .debitWithoutStanding, .accepted, at: approver)
    #expect(scene.verdict(decided) == Verdict(.pending, [.ownRecord]))
    let clerk = try scene.street.resolve(sale, .debitWithoutStanding, .accepted, at: scene.b)
    #expect(scene.verdict(clerk) == Verdict(.pending, [.actorNotEntitled]))
    #expect(try scene.state.count("resolution") == 0)
  }
}
