import Community
import Hub
import Office
import OpLog
import Store
import Testing

/// `COVERAGE.md`, case 29: which offices were away when a year ended, as the hub's receipts say it, whenever
/// it is asked.
@Suite struct YearEndTests {
  /// The points of 2024, carried over once: they end on 31 January 2026, at two offices of one community.
  private final class Street2024 {
    let street: Street
    let north: OfficeCore
    let south: OfficeCore
    let staff: [OpID]
    let community: OpID
    private var people = 0

    init() throws {
      street = try Street()
      (north, staff) = try street.office(code: "NORTH")
      south = try street.office(code: "SOUTH").0
      community = try #require(try street.hub.store.community(named: "青龙街"))
      for office in [north, south] { try street.sync(office) }
    }

    func at(_ date: String) throws {
      street.now = Int64(try #require(BusinessDate(date)).day) * 86_400_000 + 4 * 3_600_000
    }

    /// Somebody is registered at an office, and the hub takes it in on the same day.
    func hear(_ office: OfficeCore, on date: String) throws {
      try at(date)
      people += 1
      try street.record(
        "resident.register", ["name": "居民\(people)"], at: office, by: staff[0], on: date)
      try street.sync(office)
    }

    func expire(on date: String) throws -> [OpID] {
      try at(date)
      return try HubAdmin.expire(2024, of: community, in: street.hub.store, now: street.now)
    }

    func reverse(_ end: OpID, on date: String) throws {
      try at(date)
      _ = try HubAdmin.reverse(
        end, approvers: staff, reason: 0, in: street.hub.store, now: street.now)
    }

    private var key: [Int64] { [community.packed, 2024, Policy.Expiry.carryOneYear.rawValue] }

    /// Which offices the end that counts names.
    func away() throws -> [Int64] {
      let row = try #require(try street.hub.store.row(Tables.expiryYear, key))
      return row[6].text.split(separator: " ").compactMap { Int64($0) }
    }

    /// The last day of the residents of an office that was away.
    func until(_ office: OfficeCore) throws -> String? {
      let row = try street.hub.store.row(Tables.expiryOffice, key + [number(office)])
      return row?[7].integer.flatMap(BusinessDate.init(day:))?.description
    }
  }

  private static func number(_ office: OfficeCore) -> Int64 {
    Int64(office.replica.rawValue)
  }

  private func day(_ date: String) throws -> BusinessDate { try #require(BusinessDate(date)) }

  @Test func `who was not heard on the last day has 7 days from the next sync on`() throws {
    let year = try Street2024()
    try year.hear(year.north, on: "2026-01-30")
    try year.hear(year.south, on: "2026-01-31")
    #expect(throws: ClosingRefusal.tooEarly(try day("2026-02-01"))) {
      try year.expire(on: "2026-01-31")
    }
    #expect(try year.expire(on: "2026-02-01").count == 1)
    #expect(try year.away() == [Self.number(year.north)])
    #expect(throws: ClosingRefusal.officeAway(year.north.replica)) {
      try year.expire(on: "2026-02-02")
    }
    try year.hear(year.north, on: "2026-02-05")
    try year.hear(year.north, on: "2026-02-09")
    #expect(throws: ClosingRefusal.tooEarly(try day("2026-02-13"))) {
      try year.expire(on: "2026-02-12")
    }
    #expect(try year.expire(on: "2026-02-13").count == 1)
    #expect(try year.until(year.north) == "2026-02-12")
  }

  @Test("a year that is ended after the office came back leaves it its days")
  func late() throws {
    let year = try Street2024()
    try year.hear(year.north, on: "2026-01-20")
    try year.hear(year.south, on: "2026-01-31")
    try year.hear(year.north, on: "2026-02-05")
    try year.hear(year.south, on: "2026-02-05")
    let ends = try year.expire(on: "2026-02-13")
    #expect(try year.away() == [Self.number(year.north)])
    #expect(ends.count == 2, "the days are over, so the same call ends them")
    #expect(try year.until(year.north) == "2026-02-12")
  }

  @Test func `what is taken back and ended again leaves the days as they were`() throws {
    let year = try Street2024()
    try year.hear(year.north, on: "2026-01-20")
    try year.hear(year.south, on: "2026-01-31")
    let first = try #require(try year.expire(on: "2026-02-01").first)
    try year.hear(year.north, on: "2026-02-05")
    try year.reverse(first, on: "2026-02-06")
    #expect(try year.expire(on: "2026-02-07").count == 1)
    #expect(try year.away() == [Self.number(year.north)])
    _ = try year.expire(on: "2026-02-13")
    #expect(try year.until(year.north) == "2026-02-12")
  }

  @Test func `an office counts of which the hub knows no resident`() throws {
    let year = try Street2024()
    try year.hear(year.south, on: "2026-01-31")
    _ = try year.expire(on: "2026-02-01")
    #expect(try year.away() == [Self.number(year.north)])
  }

  @Test func `an office that was enrolled later was not away`() throws {
    let year = try Street2024()
    for office in [year.north, year.south] { try year.hear(office, on: "2026-01-31") }
    try year.at("2026-02-01")
    _ = try year.street.enrolment(community: "青龙街", code: "EAST")
    _ = try year.expire(on: "2026-02-02")
    #expect(try year.away() == [])
  }

  @Test(
    "of a lost office the days begin when its successor knows of it, unless it was heard before",
    arguments: [("2026-01-20", "2026-02-19"), ("2026-02-01", "2026-02-08")])
  func lost(heard: (on: String, until: String)) throws {
    let year = try Street2024()
    let calls = [(year.north, heard.on), (year.south, "2026-01-31"), (year.south, "2026-02-05")]
    for (office, date) in calls.sorted(by: { $0.1 < $1.1 }) { try year.hear(office, on: date) }
    try year.at("2026-02-10")
    let retirement = Retirement(
      replica: year.north.replica, successor: year.south.replica,
      approvers: year.staff, reason: 0)
    _ = try HubAdmin.retire(retirement, in: year.street.hub.store, now: year.street.now)
    try year.hear(year.south, on: "2026-02-12")
    _ = try year.expire(on: "2026-02-25")
    #expect(try year.away() == [Self.number(year.north)])
    #expect(try year.until(year.north) == heard.until)
  }

  @Test func `whom an earlier end named away keeps the days`() throws {
    let year = try Street2024()
    for office in [year.north, year.south] { try year.hear(office, on: "2026-01-31") }
    try year.at("2026-02-01")
    let kind = try #require(Catalogue.kind(named: "points.expire_year"))
    let away: PayloadValue = .records([[.integer(Self.number(year.south))]])
    let draft = Draft(
      kind: kind,
      payload: Payload(values: [
        .reference(year.community), .integer(2024), .integer(1), away, nil, nil,
      ]), occurredOn: BusinessDate(stamp: year.street.now))
    let store = year.street.hub.store
    let first = try store.write { () throws(StoreError) in
      try store.append(draft, stamp: year.street.now).id
    }
    try year.reverse(first, on: "2026-02-02")
    _ = try year.expire(on: "2026-02-03")
    #expect(try year.away() == [Self.number(year.south)])
  }
}
