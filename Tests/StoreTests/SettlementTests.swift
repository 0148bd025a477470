import Community
import OpLog
import Store
import Testing

/// What communities owe each other: what stands of all that visitors took, one sum for each pair.
@Suite struct SettlementTests {
  /// Two communities with an office each, and what they sell each other's residents.
  private struct Pair {
    let street: Street
    let month: BusinessDate

    init() throws {
      street = try Street(neighbour: "金辰园社区")
      month = try #require(BusinessDate(month: "2026-01"))
    }

    /// A visitor takes pieces of 3 points at an office, the first one's resident at the second.
    @discardableResult
    func sell(
      _ pieces: Int64, at office: Int, to resident: Int? = nil, pool: OpID? = nil
    ) throws -> OpID {
      let item = PayloadValue.reference(try #require(street.item))
      return try street.record(
        street.offices[office], "redemption.record",
        [
          "resident": .reference(street.residents[resident ?? 1 - office]), "basis": .integer(2),
          "pool": .reference(pool ?? street.residents[0]),
          "lines": .records([[item, .integer(pieces), .integer(3)]]),
        ].filter { $0.key != "pool" || pool != nil }, by: office)
    }

    /// The first one's resident moves to the second community.
    func move() throws {
      let to = try #require(try street.hub.row(Tables.replica, [4098])?[1].id)
      let resident = PayloadValue.reference(street.residents[0])
      try street.record(
        street.offices[0], "custody.give",
        ["account": resident, "to": .reference(to), "after": resident, "moves": .integer(1)])
    }

    func due() throws -> [[Int64]] {
      try street.exchange()
      let first = try #require(try street.hub.community(named: "平安社区"))
      return try street.hub.settlementDue(month).map { [$0.payer == first ? 0 : 1, $0.points] }
    }
  }

  @Test func `what came back is not owed`() throws {
    let pair = try Pair()
    let voided = try pair.sell(3, at: 1)
    let returned = try pair.sell(2, at: 1)
    #expect(try pair.due() == [[0, 15]])
    try pair.street.record(
      pair.street.offices[1], "redemption.void",
      [
        "redemption": .reference(voided), "goods_returned": .integer(1), "reason": .integer(0),
      ], by: 1)
    try pair.street.record(
      pair.street.offices[1], "redemption.return",
      [
        "redemption": .reference(returned), "condition": .integer(0),
        "lines": .records([[.integer(1), .integer(1)]]),
      ], by: 1)
    #expect(try pair.due() == [[0, 3]])
  }

  @Test func `a pair owes one sum one way, or nothing`() throws {
    let pair = try Pair()
    try pair.sell(2, at: 1)
    try pair.sell(3, at: 0)
    #expect(try pair.due() == [[1, 3]])
    try pair.sell(1, at: 1)
    #expect(try pair.due().isEmpty)
  }

  @Test func `a pool pays for its community, and offers are owed too`() throws {
    let pair = try Pair()
    let pool = try pair.street.record(
      pair.street.offices[0], "household.upsert_file", body: #"{"building":"3"}"#)
    try pair.street.exchange()
    // A resident of the second community, from a household of the first, at the second's office.
    try pair.sell(2, at: 1, to: 1, pool: pool)
    #expect(try pair.due() == [[0, 6]])
    let offer = try pair.street.record(
      pair.street.offices[0], "offer.publish",
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
    try pair.street.record(
      pair.street.offices[0], "offer.use",
      [
        "offer": .reference(offer), "resident": .reference(pair.street.residents[1]),
        "times": .integer(2),
      ])
    #expect(try pair.due() == [[0, 2]])
  }

  @Test func `who moved is paid for where they live, and what was closed before stays`() throws {
    let pair = try Pair()
    try pair.sell(1, at: 1)
    #expect(try pair.due() == [[0, 3]])
    try pair.move()
    #expect(try pair.due().isEmpty)
    try pair.sell(2, at: 0, to: 0)
    #expect(try pair.due() == [[1, 6]])

    let late = try Pair()
    try late.sell(1, at: 1)
    try late.street.exchange()
    try late.street.closeJanuary()
    try late.move()
    #expect(try late.due() == [[0, 3]])
    try late.street.hub.rebuild()
    #expect(try late.due() == [[0, 3]])
  }
}
