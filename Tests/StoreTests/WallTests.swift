import Community
import OpLog
import SQLite
import Store
import Testing

/// What a person took back in one file holds for all files of that person (`COVERAGE.md`, case 34).
@Suite struct WallTests {
  /// A street where somebody with two files got an award under the first and agreed there.
  private struct Board {
    let street: Street
    let files: [OpID]
    let community: OpID
    let month: BusinessDate

    init(agreeingTo purpose: Int64) throws {
      let street = try Street()
      let office = street.offices[0]
      files = try (0..<2).map { _ in
        try street.record(
          office, "resident.register", ["age_band": .integer(1)], body: #"{"name":"刘小娥"}"#)
      }
      self.street = street
      try street.record(
        office, "award.grant",
        [
          "activity": .reference(try #require(street.activity)),
          "resident": .reference(files[0]), "points": .integer(5),
        ])
      community = try #require(try street.hub.community(named: "平安社区"))
      month = try #require(BusinessDate(month: "2026-01"))
      try state(0, purpose, isWithdrawn: false)
      let merge = try street.record(
        office, "resident.merge",
        [
          "keep": .reference(files[0]), "drop": .reference(files[1]), "evidence": .integer(0),
        ])
      try street.exchange()
      try street.write(
        street.hub, "request.decide",
        ["request": .reference(merge), "answer": .integer(0), "basis": .records([])])
      try street.exchange()
    }

    /// What the person says, written into one of the files.
    func state(_ file: Int, _ purpose: Int64, isWithdrawn: Bool) throws {
      try street.record(
        street.offices[0], "consent.set",
        [
          "resident": .reference(files[file]), "purpose": .integer(purpose),
          "state": .integer(isWithdrawn ? 1 : 0),
        ])
    }

    /// The names on the list for the wall.
    func onTheWall() throws -> [String?] {
      try street.offices[0].noticedAwards(of: community, in: month, on: month.nextMonth)
        .map(\.name)
    }

    /// The names on the list for the school.
    func atSchool() throws -> [String?] {
      let select = try street.offices[0].connection.prepare("SELECT name FROM report_medals")
      var names: [String?] = []
      while try select.step() { names.append(select.optionalText(0)) }
      return names
    }
  }

  @Test("34: no name hangs of who took the consent back in another file")
  func wall() throws {
    let board = try Board(agreeingTo: 1)
    #expect(try board.onTheWall() == ["刘小娥"])
    try board.state(1, 3, isWithdrawn: true)
    #expect(try board.onTheWall() == ["刘小娥"], "that was another purpose")
    try board.state(1, 1, isWithdrawn: true)
    #expect(try board.onTheWall() == [nil])
  }

  @Test("34: no school is told the name of who took the consent back in another file")
  func school() throws {
    let board = try Board(agreeingTo: 3)
    #expect(try board.atSchool() == ["刘小娥"])
    try board.state(1, 1, isWithdrawn: true)
    #expect(try board.atSchool() == ["刘小娥"], "that was another purpose")
    try board.state(1, 3, isWithdrawn: true)
    #expect(try board.atSchool() == [nil])
  }
}
