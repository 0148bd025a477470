import Community
import OpLog
import SQLite
import Store
import Testing

/// What the program of an account's home does about goods that another office gave on trust.
@Suite struct OpenDebitTests {
  /// Two communities with an office each; each office has a resident of its own.
  fileprivate struct Pair {
    let street: Street

    init() throws { street = try Street(neighbour: "金辰园社区") }

    func office(_ index: Int) -> Store { street.offices[index] }

    /// An office gives three points' worth on trust.
    func sell(to resident: Int, at office: Int) throws -> OpID {
      let item = PayloadValue.reference(try #require(street.item))
      return try street.record(
        street.offices[office], "redemption.record",
        [
          "resident": .reference(street.residents[resident]), "basis": .integer(2),
          "lines": .records([[item, .integer(1), .integer(3)]]),
        ], by: office)
    }

    /// A resident moves from one office's community to the other's.
    func move(_ resident: Int, from office: Int) throws -> OpID {
      let to = try #require(try street.hub.row(Tables.replica, [office == 0 ? 4098 : 4097])?[1].id)
      let account = PayloadValue.reference(street.residents[resident])
      let give = try street.record(
        street.offices[office], "custody.give",
        ["account": account, "to": .reference(to), "after": account, "moves": .integer(1)],
        by: office)
      try street.exchange()
      return give
    }

    /// What the program of an office writes after a sync: how many covers and notes; a refusal is an
    /// error.
    func write(at office: Int) throws -> (covers: Int, notes: Int) {
      let store = street.offices[office]
      let (toTakeOver, owed) = try store.debitsOnTrust(limit: 9)
      let covers = toTakeOver.map { Payload(values: [.reference($0)]) }
      for (name, payloads) in [("standin.cover", covers), ("standin.owed", owed)] {
        for payload in payloads {
          let draft = Draft(
            kind: try #require(Catalogue.kind(named: name)), payload: payload,
            occurredOn: BusinessDate(stamp: street.now))
          let recorded = try store.record(draft, key: nil, stamp: street.now)
          guard case .written = recorded else {
            Issue.record("\(name): \(recorded)")
            continue
          }
        }
      }
      try street.exchange()
      return (covers.count, owed.count)
    }
  }

  @Test("the home of who moved here says once that the account was empty")
  func moved() throws {
    let pair = try Pair()
    let move = try pair.move(1, from: 1)
    let debit = try pair.sell(to: 1, at: 1)
    try pair.street.exchange()
    #expect(try pair.write(at: 1) == (0, 0))
    #expect(try pair.office(0).debitsOnTrust(limit: 9).owed.map { $0.reference(2) } == [move])
    #expect(try pair.write(at: 0) == (0, 1))
    #expect(try pair.write(at: 0) == (0, 0))
    let key = [pair.street.residents[1].packed, try pair.day(of: debit), debit.packed]
    for store in [pair.street.hub] + pair.street.offices {
      #expect(try store.row(Tables.standInDebt, key) != nil)
    }
  }

  @Test("nobody says of its own goods that the account was empty, wherever that moved")
  func own() throws {
    let pair = try Pair()
    _ = try pair.sell(to: 0, at: 1)
    try pair.street.exchange()
    _ = try pair.move(0, from: 0)
    #expect(try pair.write(at: 1) == (0, 0))
    #expect(try pair.write(at: 0) == (0, 0))
  }

  @Test("what an account can bear is taken over once, by the home that it has now")
  func covered() throws {
    let pair = try Pair()
    let activity = PayloadValue.reference(try #require(pair.street.activity))
    try pair.street.record(
      pair.office(0), "award.grant",
      [
        "activity": activity, "resident": .reference(pair.street.residents[0]),
        "points": .integer(5),
      ])
    let first = try pair.sell(to: 0, at: 1)
    let voided = try pair.sell(to: 0, at: 1)
    try pair.street.record(
      pair.office(1), "redemption.void",
      ["redemption": .reference(voided), "goods_returned": .integer(1), "reason": .integer(0)],
      by: 1)
    try pair.street.exchange()
    #expect(try pair.waiting() == [[4097, first.packed]])
    #expect(try pair.write(at: 1) == (0, 0))
    _ = try pair.move(0, from: 0)
    #expect(try pair.waiting() == [[4098, first.packed]])
    #expect(try pair.write(at: 0) == (0, 0))
    #expect(try pair.write(at: 1) == (1, 0))
    #expect(try pair.waiting().isEmpty)
    #expect(try pair.write(at: 1) == (0, 0))
    let before = try pair.office(1).tablesDigest()
    try pair.office(1).rebuild()
    #expect(try pair.office(1).tablesDigest() == before)
  }

  @Test("each home finds its own by an index")
  func index() throws {
    let plan = try Street.makeStore(4097).connection.prepare(
      "EXPLAIN QUERY PLAN SELECT debit, account FROM open_debit WHERE home = 1 ORDER BY debit")
    var steps: [String] = []
    while try plan.step() { steps.append(plan.text(3)) }
    #expect(steps.count == 1 && steps[0].contains("open_debit_by_home (home=?)"), "\(steps)")
  }
}

extension OpenDebitTests.Pair {
  fileprivate func day(of op: OpID) throws -> Int64 {
    Int64(try street.hub.op(op).occurredOn.day)
  }

  /// The homes and the debits that wait for them.
  fileprivate func waiting() throws -> [[Int64]] {
    let all = try ([street.hub] + street.offices).map { store in
      try store.rows(of: Tables.openDebit).map { [$0[1].integer ?? 0, $0[0].integer ?? 0] }
    }
    #expect(Set(all).count == 1)
    return all[0]
  }
}
