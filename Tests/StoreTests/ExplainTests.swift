import Community
import OpLog
import Store
import Testing

/// Why values are as they are, told from rows, logs, and verdicts.
@Suite struct ExplainTests {
  private func aspect(
    _ store: Store, _ id: OpID, _ name: String
  ) throws -> Aspect {
    let narrowed = try store.explanation(of: id).narrowed(to: name)
    return try #require(narrowed?.aspects.first)
  }

  private func reasons(_ traced: OpTrace) -> [DeskReason] { traced.entries.map(\.reason) }

  private func update(
    _ street: Street, _ office: Int, replacing replaced: [OpID], by clerk: Int = 0
  ) throws -> OpID {
    try street.record(
      street.offices[office], "resident.update",
      [
        "resident": .reference(street.residents[0]), "replaces_phone": .references(replaced),
      ], by: clerk, body: #"{"phone":"13800000000"}"#)
  }

  private func award(
    _ street: Street, _ office: Int, session: Int64 = 1, points: Int64 = 4, on day: Int64? = nil
  ) throws -> OpID {
    try street.record(
      street.offices[office], "award.grant",
      [
        "activity": .reference(try #require(street.activity)),
        "resident": .reference(street.residents[0]), "points": .integer(points),
        "session": .integer(session),
      ], on: day)
  }

  private func redeem(_ street: Street, _ office: Int, basis: Int64) throws -> OpID {
    try street.record(
      street.offices[office], "redemption.record",
      [
        "resident": .reference(street.residents[0]), "basis": .integer(basis),
        "lines": .records([[.reference(try #require(street.item)), .integer(1), .integer(3)]]),
      ])
  }

  @Test func `who is home of an account is told with the ops that made it so`() throws {
    let street = try Street()
    let resident = street.residents[0]
    func homes(_ name: String) throws -> (now: [Fact], all: [FactValue], ops: [OpID]) {
      let custody = try aspect(street.hub, resident, name)
      return (
        custody.facts, custody.parts.flatMap { $0.facts.map(\.value) },
        custody.parts.flatMap { $0.ops.map(\.op.id) }
      )
    }
    #expect(try homes("home") == ([Fact("home", .number(4097))], [.number(4097)], [resident]))
    let to = try #require(try street.hub.row(Tables.replica, [4098])?[1].id)
    let give = try street.record(
      street.offices[0], "custody.give",
      ["account": .reference(resident), "to": .reference(to), "after": .reference(resident)])
    try street.exchange()
    for name in ["home", "custody"] {
      #expect(
        try homes(name) == (
          [Fact("home", .number(4098))], [.number(4098), .number(4097)], [give, resident]
        ))
    }
    #expect(try street.hub.explanation(of: resident).narrowed(to: "home")?.aspects.count == 1)
  }

  @Test func `a fork tells both values, who recorded them, and the loser once it is resolved`()
    throws
  {
    let street = try Street()
    let resident = street.residents[0]
    let one = try update(street, 0, replacing: [resident])
    let two = try update(street, 1, replacing: [resident], by: 1)
    try street.exchange()
    for store in [street.hub] + street.offices {
      let fork = try aspect(store, resident, "phone")
      let ops = fork.parts.flatMap(\.ops)
      #expect(ops.map(\.op.id) == [two, one, resident])
      #expect(ops.map(\.role) == ["shown", "live", "replaced"])
      #expect(ops.map(\.op.actor) == [street.staff[1], street.staff[0], street.staff[0]])
      #expect(fork.rule == .laterTime)
      #expect(ops.map(\.office) == ["Office 4098", "Office 4097", "Office 4097"])
    }
    let last = try update(street, 0, replacing: [one, two])
    try street.exchange()
    let settled = try aspect(street.hub, resident, "phone")
    #expect(settled.rule == .replaced)
    let ops = settled.parts.flatMap(\.ops)
    #expect(ops.first?.op.id == last)
    #expect(ops.filter { $0.replacedBy == last }.map(\.op.id).sorted() == [one, two].sorted())
    #expect(try aspect(street.hub, resident, "address").rule == .onlyValue)
  }

  @Test func `a frozen account tells the freeze, the street's decision, and the rule`() throws {
    let street = try Street()
    let resident = street.residents[0]
    let day = try #require(BusinessDate("2027-01-01"))
    let freeze = try street.record(
      street.offices[0], "account.freeze",
      [
        "account": .reference(resident), "until": .integer(Int64(day.day)), "reason": .integer(1),
      ])
    try street.exchange()
    let decision = try street.write(
      street.hub, "request.decide",
      ["request": .reference(freeze), "answer": .integer(0), "basis": .records([])])
    try street.exchange()
    let frozen = try aspect(street.offices[0], resident, "frozen_until")
    #expect(frozen.facts == [Fact("frozen_until", .date(day))])
    #expect(frozen.rule == .lastFreeze)
    #expect(frozen.parts.flatMap(\.ops).map(\.op.id) == [freeze, decision])
    #expect(frozen.parts.flatMap(\.ops).map(\.role) == ["id", "decision"])
  }

  @Test func `rules are told by their names, and choices by theirs`() throws {
    let street = try Street()
    let policy = try #require(street.policy)
    let rules = try aspect(street.hub, policy, "policy").parts.flatMap(\.facts)
    #expect(rules.contains(Fact("award.posting", .text("on_the_spot"))))
  }

  @Test func `an entry that was resolved names the op that did it`() throws {
    let street = try Street()
    let sale = try redeem(street, 1, basis: 0)
    let word = try street.record(
      street.offices[1], "desk.resolve",
      [
        "subject": .reference(sale), "reason": .text("debit-without-standing"),
        "outcome": .integer(Resolution.accepted.rawValue),
      ], by: 1)
    let entries = try street.offices[1].explanation(of: sale).op.entries
    let resolution = entries.first { $0.reason == .debitWithoutStanding }?.resolution
    #expect(resolution?.op == word)
    #expect(resolution?.outcome == "accepted")
  }

  @Test func `a double award tells which record counts, and by which rule`() throws {
    let street = try Street()
    let first = try award(street, 0)
    let second = try award(street, 1)
    try street.exchange()
    for id in [first, second] {
      let ops = try aspect(street.offices[1], id, "award").parts.flatMap(\.ops)
      #expect(ops.map(\.op.id) == [first, second])
      #expect(ops.map(\.verdict.outcome) == [.posted, .duplicate])
      #expect(ops.map(\.rule) == [nil, .lowerID])
      #expect(reasons(ops[1]) == [.doubleAward])
    }
    let reversal = try street.record(
      street.offices[0], "award.reverse", ["award": .reference(first), "cause": .integer(0)], by: 1)
    let ops = try aspect(street.offices[0], first, "award").parts.flatMap(\.ops)
    #expect(ops.contains { $0.op.id == reversal && $0.role == "reversals" })
    let named = try aspect(street.offices[0], first, "named_by").parts.flatMap(\.ops)
    #expect(named.map(\.op.id) == [reversal])
  }

  @Test func `an award over the limit of its day says so`() throws {
    let street = try Street()
    let community = try #require(try street.hub.community(named: "平安社区"))
    street.policy = try street.write(
      street.hub, "policy.set",
      [
        "community": .reference(community), "award.posting": .integer(0),
        "award.max_per_day": .integer(1),
      ])
    try street.exchange()
    let high = try award(street, 0, session: 1, points: 5)
    let low = try award(street, 1, session: 2, points: 2)
    try street.exchange()
    let month = try aspect(street.hub, low, "award_month")
    #expect(month.parts.flatMap(\.ops).map(\.role) == ["over_day"])
    #expect(try street.hub.explanation(of: low).op.entries.map(\.reason) == [.dailyCap])
    let balance = try aspect(street.hub, street.residents[0], "balance")
    #expect(balance.facts == [Fact("balance", .number(5))])
    let counted = balance.parts.flatMap(\.ops).filter { $0.role == "op" }
    #expect(counted.map(\.op.id) == [high])
  }

  @Test func `an award that came late for a closed month tells where it is posted`() throws {
    let street = try Street.afterABusyDay()
    try street.closeJanuary()
    let day = try #require(BusinessDate("2026-01-12"))
    let late = try award(street, 0, session: 9, on: Int64(day.day))
    try street.exchange()
    let traced = try street.offices[1].explanation(of: late).op
    #expect(traced.postedMonth == BusinessDate("2026-02-01"))
    #expect(reasons(traced) == [.lateForClosedMonth])
    let community = try #require(try street.hub.community(named: "平安社区"))
    let month = try aspect(street.hub, community, "2026-01")
    #expect(month.parts.flatMap(\.ops).contains { $0.op.kind == 61 })
  }

  @Test func `a redemption on trust says so; a purchase shows in the balance`() throws {
    let street = try Street()
    _ = try award(street, 0)
    try street.exchange()
    let away = try redeem(street, 1, basis: 2)
    let traced = try street.offices[1].explanation(of: away)
    #expect(reasons(traced.op) == [.standIn])
    let row = try aspect(street.offices[1], away, "redemption")
    #expect(row.parts[0].facts.contains(Fact("uncovered", .number(3))))
    #expect(row.parts[0].facts.contains(Fact("basis", .text("stand_in"))))
    let balance = try aspect(street.offices[1], street.residents[0], "balance")
    #expect(
      balance.parts.map(\.facts) == [
        [Fact("balance", .number(4))], [Fact("balance", .number(-3))],
      ])
  }

  @Test func `the postings of a stock number and of a balance add up to it`() throws {
    let street = try Street.afterABusyDay()
    let item = try #require(street.item)
    for store in [street.hub] + street.offices {
      for id in [item] + street.residents {
        for aspect in try store.explanation(of: id).aspects where !aspect.facts.isEmpty {
          for case let sum in aspect.facts where sum.name != "office" && sum.name != "bucket" {
            let parts = aspect.parts.flatMap(\.facts).filter { $0.name == sum.name }
            let total = parts.reduce(into: Int64(0)) { total, fact in
              if case .number(let amount) = fact.value { total += amount }
            }
            #expect(sum.value == .number(total), "\(id) \(aspect.name) \(sum.name)")
          }
        }
      }
    }
    let shelves = try #require(try street.hub.explanation(of: item).narrowed(to: "shelf_item"))
    // A receipt that waits for its date is told beside those that count.
    let held = shelves.aspects.flatMap(\.parts).filter(\.facts.isEmpty).flatMap(\.ops)
    #expect(held.map { $0.entries.map(\.reason) } == [[.futureDate]])
  }

  @Test func `an op without a receipt has travelled nowhere yet`() throws {
    let street = try Street()
    let id = try award(street, 0)
    #expect(try street.offices[0].explanation(of: id).op.receipt == nil)
    #expect(throws: StoreError.unknownReference(id)) {
      try street.offices[1].explanation(of: id)
    }
    try street.exchange()
    let receipt = try #require(try street.offices[1].explanation(of: id).op.receipt)
    #expect(receipt.id.replica.isHub)
    #expect(receipt.receivedAt > 0)
  }

  @Test func `a name that tells nothing has no explanation; the choices are known`() throws {
    let street = try Street()
    let explanation = try street.hub.explanation(of: street.residents[0])
    #expect(explanation.narrowed(to: "colour") == nil)
    #expect(explanation.fields.contains("phone"))
    #expect(explanation.fields.contains("resident"))
  }

  @Test func `rules are told version by version, each with what it changed`() throws {
    let street = try Street()
    let community = try #require(try street.hub.community(named: "平安社区"))
    let second = try street.write(
      street.hub, "policy.set",
      ["community": .reference(community), "award.posting": .integer(1)])
    let posting = try aspect(street.hub, community, "award.posting")
    #expect(posting.parts.flatMap(\.ops).map(\.op.id) == [street.policy, second])
    #expect(
      posting.parts.flatMap(\.facts).map(\.value) == [.text("on_the_spot"), .text("approved")])
  }
}
