import Community
import OpLog
import Store
import Testing

/// What an approver resolved is off the desk, wherever one looks.
@Suite struct DeskTests {
  @Test func `each line of a sale leaves the desk by its own resolution, and may come back`() throws
  {
    let street = try Street()
    let (office, item) = (street.offices[0], try #require(street.item))
    let sale = try street.record(
      office, "redemption.record",
      [
        "resident": .reference(street.residents[0]), "basis": .integer(0),
        "lines": .records(
          [5, 6].map { [.reference(item), .integer(1), .integer($0)] }),
      ])
    #expect(try lines(of: sale, on: office) == ["1", "2"])
    let before = try onDesk(street, office)
    let fields: [String: PayloadValue] = [
      "subject": .reference(sale), "reason": .text(DeskReason.priceDiffers.rawValue),
      "line": .integer(1),
    ]
    let noted = try street.record(
      office, "desk.resolve", fields.merging(["outcome": .integer(0)]) { $1 }, by: 1)
    #expect(try lines(of: sale, on: office) == ["2"])
    #expect(try onDesk(street, office) == before - 1)
    try street.record(
      office, "desk.resolve",
      fields.merging(["outcome": .integer(5), "undoes": .reference(noted)]) { $1 }, by: 1)
    #expect(try lines(of: sale, on: office) == ["1", "2"])
    #expect(try onDesk(street, office) == before)
  }

  @Test func `a coin that is kept for a look leaves the desk by its number, also in a rebuild`()
    throws
  {
    let street = try Street()
    let office = street.offices[0]
    let coins: [String: PayloadValue] = [
      "coins": .records([[.integer(2), .integer(1)]]),
      "serials": .records([[.integer(2), .integer(17)]]),
      "resident": .reference(street.residents[0]),
    ]
    let day: Int64 = 20_466
    try street.record(office, "coin.issue", coins, on: day - 2)
    try street.record(office, "coin.collect", coins, on: day - 1)
    let again = try street.record(office, "coin.collect", coins, on: day)
    func numbers() throws -> [String?] {
      try entries(about: again, on: office).filter { $0[1] == DeskReason.coinAgain.rawValue }
        .map { $0[2] }
    }
    #expect(try numbers() == ["2000017"])
    let word = try street.record(
      office, "desk.resolve",
      [
        "subject": .reference(again), "reason": .text(DeskReason.coinAgain.rawValue),
        "line": .integer(2_000_017), "outcome": .integer(0),
      ], by: 1)
    #expect(try office.verdict(of: word) == .plain)
    #expect(try numbers().isEmpty)
    try office.rebuild()
    #expect(try numbers().isEmpty)
    #expect(try office.verdict(of: word) == .plain)
  }

  @Test func `an entry that one number names is resolved without a line`() throws {
    let street = try Street()
    let office = street.offices[0]
    let activity = try street.record(
      office, "activity.publish",
      [
        "title": .text("电话 13800001234"), "category": .integer(0), "points": .integer(1),
        "held_on": .integer(20_466),
      ])
    #expect(try entries(about: activity, on: office).count == 1)
    try street.record(
      office, "desk.resolve",
      [
        "subject": .reference(activity), "reason": .text(DeskReason.personalData.rawValue),
        "outcome": .integer(1),
      ], by: 1)
    #expect(try entries(about: activity, on: office).isEmpty)
  }

  @Test func `what the community is said to bear is off the desk while a cover of it counts`()
    throws
  {
    let street = try Street()
    let office = street.offices[1]
    let sale = try street.record(
      office, "redemption.record",
      [
        "resident": .reference(street.residents[0]), "basis": .integer(0),
        "lines": .records([[.reference(try #require(street.item)), .integer(1), .integer(3)]]),
      ])
    let reason = DeskReason.debitWithoutStanding.rawValue
    func stands() throws -> Bool {
      try entries(about: sale, on: office).contains { $0[1] == reason }
    }
    try street.record(
      office, "desk.resolve",
      [
        "subject": .reference(sale), "reason": .text(reason),
        "outcome": .integer(Resolution.borneByCommunity.rawValue),
      ], by: 1)
    #expect(try stands())
    try street.record(
      office, "points.cover",
      [
        "account": .reference(street.residents[0]), "loss": .reference(sale),
        "points": .integer(3),
      ], by: 1)
    #expect(try !stands())
  }

  private func entries(about op: OpID, on store: Store) throws -> [[String?]] {
    try store.listing(of: "desk_entries", where: ("subject", op.description)).rows
  }

  private func lines(of sale: OpID, on store: Store) throws -> [String] {
    try entries(about: sale, on: store).filter { $0[1] == DeskReason.priceDiffers.rawValue }
      .compactMap { $0[2] }
  }

  private func onDesk(_ street: Street, _ store: Store) throws -> Int64 {
    let row = try #require(try store.row(Tables.resident, id: street.residents[0].packed))
    let community = try #require(row[2].id)
    let month = try #require(BusinessDate(month: "2026-01"))
    let index = try #require(Store.monthFigures.firstIndex(of: "on_desk"))
    return try store.month(month, of: community).figures[index]
  }
}
