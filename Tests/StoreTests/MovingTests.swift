import Community
import OpLog
import SQLite
import Testing

@testable import Store

/// What goes along with an account to another community, and what stays.
@Suite struct MovingTests {
  private func move(_ account: OpID, _ street: Street) throws {
    let to = try #require(try street.hub.row(Tables.replica, [4098])?[1].id)
    try street.record(
      street.offices[0], "custody.give",
      [
        "account": .reference(account), "to": .reference(to), "after": .reference(account),
        "moves": .integer(1),
      ])
    try street.exchange()
  }

  private func community(of office: Int64, _ street: Street) throws -> OpID {
    try #require(try street.hub.row(Tables.replica, [office])?[2].id)
  }

  @Test(
    "a household takes along the versions of its own file, found by an index, and no other body")
  func household() throws {
    let street = try Street(neighbour: "金辰园社区")
    let office = street.offices[0]
    func file(_ household: OpID?, _ building: String) throws -> OpID {
      let old = household.map(PayloadValue.reference)
      return try street.record(
        office, "household.upsert_file",
        ["household": old, "replaces": household.map { .references([$0]) }].compactMapValues(
          \.self),
        body: #"{"building":"\#(building)"}"#)
    }
    let one = try file(nil, "1号楼")
    let other = try file(nil, "2号楼")
    let version = try file(one, "3号楼")
    try move(one, street)
    let (near, far) = (try community(of: 4097, street), try community(of: 4098, street))
    for store in [street.hub] + street.offices {
      let select = try store.connection.prepare("SELECT op, community FROM body_link")
      var places: [OpID: OpID] = [:]
      while try select.step() {
        if let op = OpID(packed: select.integer(0)) {
          places[op] = OpID(packed: select.integer(1))
        }
      }
      #expect([one, version].map { places[$0] } == [far, far])
      #expect([other, street.residents[0]].map { places[$0] } == [near, near])
    }
    let plan = try office.connection.prepare(
      text: "EXPLAIN QUERY PLAN \(BodyTable.SQL.linksOfHousehold)")
    var steps: [String] = []
    while try plan.step() { steps.append(plan.text(3)) }
    #expect(steps.count == 1 && steps[0].contains("body_link_by_household"), "\(steps)")
  }

  @Test("what the desk says of a person is counted where the person lives now")
  func desk() throws {
    let street = try Street(neighbour: "金辰园社区")
    let office = street.offices[0]
    let child = try street.record(
      office, "resident.register", ["age_band": .integer(0)], body: #"{"name":"刘小娥"}"#)
    let month = try #require(BusinessDate(month: "2026-01"))
    let index = try #require(Store.monthFigures.firstIndex(of: "on_desk"))
    func counts() throws -> [Int64] {
      try [4097, 4098].map { replica in
        try street.hub.month(month, of: try community(of: replica, street)).figures[index]
      }
    }
    try street.exchange()
    #expect(try counts() == [0, 0])
    try street.record(
      office, "consent.set",
      ["resident": .reference(child), "purpose": .integer(1), "state": .integer(0)])
    try street.exchange()
    #expect(try counts() == [1, 0])
    // The consent goes along, and the new community is told that somebody came.
    try move(child, street)
    #expect(try counts() == [0, 2])
  }
}
