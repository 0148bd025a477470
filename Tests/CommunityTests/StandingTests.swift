import Community
import FoldKit
import OpLog
import Testing

/// Who may record what: every fold asks the same question.
@Suite struct StandingTests {
  @Test(
    "a member of staff is entitled from the first to the last day",
    arguments: [
      (-1, false), (0, true), (4, true), (5, false),
    ] as [(Int64, Bool)])
  func validity(offset: Int64, isEntitled: Bool) throws {
    var scene = try Scene()
    let today = scene.street.today
    let clerk = try scene.street.appoint(
      in: 0, roles: Role.clerk.mask, from: today, to: today.adding(days: 4))
    scene.street.today = today.adding(days: offset)
    let award = try scene.street.grant(
      scene.resident, scene.activity, at: Counter(office: scene.a.office, clerk: clerk))
    #expect(
      scene.verdict(award)
        == (isEntitled ? Verdict(.posted) : Verdict(.pending, [.actorNotEntitled])))
  }

  @Test func `what an auditor or nobody records is pending, goods that left are not`() throws {
    var scene = try Scene()
    let auditor = scene.auditor
    let update = try scene.street.update(scene.resident, replaces: [scene.resident], at: auditor)
    let activity = try scene.street.publish(at: auditor)
    let stock = try scene.street.receive(scene.item, quantity: 5, at: auditor)
    for op in [update, activity, stock] {
      #expect(scene.verdict(op) == Verdict(.pending, [.actorNotEntitled]))
    }
    let goods = try scene.spend(9, at: auditor)
    #expect(scene.verdict(goods) == Verdict(.posted, [.actorNotEntitled]))
    #expect(try scene.balance() == -9)
    #expect(try scene.state.sum("shelf_item", shelf(scene), "on_hand") == -1)
    #expect(try scene.state.count("activity") == 1)
    #expect(try scene.state.count("field") == 0)

    let nobody = try scene.street.write(
      "award.grant", by: scene.a.office, policy: scene.street.spot(at: scene.a),
      [
        "activity": .reference(scene.activity), "resident": .reference(scene.resident),
        "points": .integer(3),
      ])
    #expect(scene.verdict(nobody) == Verdict(.pending, [.actorMissing]))
  }

  @Test func `staff of another community are not entitled, goods that left stay gone`() throws {
    var scene = try Scene()
    let guest = Counter(office: scene.a.office, clerk: scene.b.clerk)
    let award = try scene.earn(9)
    let ops = [
      try scene.street.register(at: guest), try scene.street.publish(at: guest),
      try scene.street.defineItem(at: guest),
      try scene.street.update(scene.resident, replaces: [scene.resident], at: guest),
      try scene.street.receive(scene.item, quantity: 5, at: guest),
      try scene.street.grant(scene.resident, scene.activity, at: guest),
      try scene.street.reverse(award, at: guest),
    ]
    for op in ops { #expect(scene.verdict(op) == Verdict(.pending, [.actorNotEntitled])) }
    #expect(scene.verdict(award) == Verdict(.posted))
    let goods = try scene.spend(4, at: guest)
    #expect(scene.verdict(goods) == Verdict(.posted, [.actorNotEntitled]))
    #expect(try scene.balance() == 5)
    #expect(try scene.state.sum("shelf_item", shelf(scene), "on_hand") == -1)
  }

  @Test func `staff are entitled at every office of their community`() throws {
    var scene = try Scene()
    let approver = scene.street.staff[4]
    let award = try scene.street.grant(scene.resident, scene.activity, at: scene.b)
    let reversal = try scene.street.reverse(
      award, at: Counter(office: scene.c.office, clerk: approver))
    let again = try scene.street.grant(
      scene.resident, scene.activity, after: reversal,
      at: Counter(office: scene.b.office, clerk: approver))
    #expect(scene.verdict(reversal) == .plain)
    #expect(scene.verdict(again) == .plain)
  }

  @Test func `what nobody was entitled to create can not be used`() throws {
    var scene = try Scene()
    let auditor = scene.auditor
    let void = Verdict(.void, [.wrongReference])
    let activity = try scene.street.publish(at: auditor)
    let award = try scene.street.grant(scene.resident, activity, at: scene.a)
    let item = try scene.street.defineItem(at: auditor)
    let stock = try scene.street.receive(item, quantity: 5, at: scene.a)
    let goods = try scene.street.redeem(scene.resident, [(item, 1, 9)], at: scene.a)
    let stranger = try scene.street.register(at: auditor)
    let update = try scene.street.update(stranger, replaces: [stranger], at: scene.a)
    let reversal = try scene.street.reverse(award, at: scene.approver)
    for op in [award, stock, goods, update, reversal] { #expect(scene.verdict(op) == void) }
    #expect(try scene.state.count("account") == 0)
  }

  @Test(
    "only the hub writes what belongs to it",
    arguments: Catalogue.kinds.filter(\.isHubOnly).map(\.name))
  func onlyHub(name: String) throws {
    var scene = try Scene()
    let community: PayloadValue = .reference(scene.street.communities[0])
    let before = scene.state.rows
    let op =
      switch name {
      case "street.define":
        try scene.street.write(
          name, by: scene.a.office, actor: scene.a.clerk,
          ["street": .bytes([UInt8](repeating: 1, count: 16)), "name": .text("x")])
      case "community.define":
        try scene.street.write(name, by: scene.a.office, ["name": .text("x")])
      case "replica.enroll":
        try scene.street.write(
          name, by: scene.a.office,
          ["replica": .integer(5_000), "community": community, "label": .text("x")])
      case "replica.revoke":
        try scene.street.write(
          name, by: scene.a.office,
          ["enrolment": .reference(scene.street.enrolments[0]), "reason": .integer(0)])
      case "staff.appoint":
        try scene.street.write(
          name, by: scene.a.office,
          ["community": community, "roles": .integer(1), "valid_from": .integer(0)])
      case "policy.set":
        try scene.street.write(name, by: scene.a.office, ["community": community])
      default:
        try scene.street.write(
          Receipt.kind, by: scene.a.office,
          payload: Receipt(runs: [
            ReceiptRun(upTo: try #require(scene.street.head(of: scene.a.office)))
          ]).payload)
      }
    #expect(scene.verdict(op)?.reasons == [.onlyHub])
    #expect(scene.state.rows == before)
  }

  private func shelf(_ scene: Scene) -> [Int64] {
    [Int64(scene.a.office.rawValue), scene.item.packed]
  }
}
