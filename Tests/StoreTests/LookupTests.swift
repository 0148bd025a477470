import Community
import OpLog
import SQLite
import Store
import Testing

/// Rows that are found by another column than the first of their key.
@Suite struct LookupTests {
  @Test("the awards of a person are found under each activity, in the order of their keys")
  func awards() throws {
    let street = try Street.afterABusyDay()
    for title in ["Snow", "Leaves"] {
      let activity = try street.record(
        street.offices[0], "activity.publish",
        [
          "title": .text(title), "category": .integer(0), "points": .integer(5),
          "held_on": .integer(20_466),
        ])
      try street.record(
        street.offices[0], "award.grant",
        [
          "activity": .reference(activity), "resident": .reference(street.residents[1]),
          "points": .integer(5),
        ])
    }
    let office = street.offices[0]
    let all = try office.rows(of: Tables.award)
    for resident in street.residents {
      let found = try office.rows(Tables.award, where: 1, is: resident.packed)
      #expect(found == all.filter { $0[1].id == resident })
    }
    #expect(try office.rows(Tables.award, where: 1, is: street.residents[1].packed).count > 2)
    #expect(try office.rows(Tables.award, where: 1, is: 7).isEmpty)
  }

  @Test("a column that is no part of the key has an index, one of the key has none")
  func indexes() throws {
    let select = try Street.makeStore(4097).connection.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB '*_by_*' ORDER BY name")
    var names: [String] = []
    while try select.step() { names.append(select.text(0)) }
    // Bodies of households are few, see the schema.
    #expect(
      names == [
        "body_link_by_household", "cover_by_resident", "open_debit_by_home", "open_request_by_home",
      ])
  }
}
