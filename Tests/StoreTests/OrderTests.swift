import Community
import OpLog
import SQLite
import Testing

@testable import Store

/// Where arrival order could show most easily: floods of one key, and names that do not stand.
@Suite struct OrderTests {
  @Test("one key flooded with records gives the same tables in any order", arguments: 1...6)
  func flood(seed: UInt64) throws {
    let street = try Street()
    let activity = PayloadValue.reference(try #require(street.activity))
    let resident = PayloadValue.reference(street.residents[0])
    var grants: [OpID] = []
    for number in 0..<90 {
      let office = street.offices[number % 2]
      // Some dates are in the future: whether they count changes with their receipt.
      let day: Int64? = number % 5 == 0 ? 30_000 : nil
      grants.append(
        try street.record(
          office, "award.grant",
          ["activity": activity, "resident": resident, "points": .integer(3)], on: day))
      if number % 3 == 0 {
        try street.record(
          office, "resident.update",
          ["resident": resident, "replaces_phone": .references([street.residents[0]])],
          body: #"{"phone":"130"}"#)
      }
    }
    try street.exchange()
    let logs = try street.logs()
    let inOrder = try Street.makeStore(5000)
    try inOrder.write { () throws(StoreError) in for log in logs { try inOrder.take(log) } }
    let shuffled = try Street.makeStore(5000)
    var dice = Dice(seed: seed)
    var taken = logs.map { _ in 0 }
    while let log = dice.pick(logs.indices.filter { taken[$0] < logs[$0].count }) {
      let end = min(logs[log].count, taken[log] + 1 + dice.below(20))
      let batch = Array(logs[log][taken[log]..<end])
      try shuffled.write { () throws(StoreError) in try shuffled.take(batch) }
      taken[log] = end
    }
    #expect(try shuffled.tablesDigest() == inOrder.tablesDigest(), "seed \(seed)")
    #expect(try street.offices[1].rows(of: Tables.award) == inOrder.rows(of: Tables.award))
    let row = try #require(try inOrder.rows(of: Tables.award).first)
    #expect(OpList.decode(row[8].text).count == 31)
    let lowest = grants.sorted()
    #expect(row[6].id == lowest.first { id in id != lowest[0] })
    #expect(try inOrder.verdict(of: lowest[89]) == Verdict(.duplicate, [.doubleAward]))
  }

  @Test("a home by an enrolment that does not stand never depends on what came first")
  func foreignEnrolment() throws {
    let street = try Street()
    let office = street.offices[0]
    let community = PayloadValue.reference(
      try #require(try street.hub.community(named: "平安社区")))
    let vain = try street.record(
      office, "replica.enroll",
      ["replica": .integer(4099), "community": community, "label": .text("x")])
    let resident = try street.record(
      office, "resident.register", ["home": .reference(vain)], body: #"{"name":"赵六"}"#)
    let other = try street.write(street.hub, "community.define", ["name": .text("塔山社区")])
    try street.write(
      street.hub, "replica.enroll",
      ["replica": .integer(4099), "community": .reference(other), "label": .text("y")])
    try street.exchange()
    let logs = try street.logs()
    let late = try Street.makeStore(5000)
    let early = try Street.makeStore(5000)
    let split = logs[0].count - 3  // before the second community
    try late.write { () throws(StoreError) in
      try late.take(Array(logs[0][..<split]))
      try late.take(logs[1])
      try late.take(Array(logs[0][split...]))
      try late.take(logs[2])
    }
    try early.write { () throws(StoreError) in for log in logs { try early.take(log) } }
    #expect(try late.tablesDigest() == early.tablesDigest())
    let digest = try #require(try street.hub.op(resident).body)
    #expect(
      try early.link(ofBody: digest)?.community == (try street.hub.community(named: "平安社区")))
  }

  @Test("an account that a newer version's op names is not spent from at home before an upgrade")
  func parkedAccount() throws {
    let street = try Street.afterABusyDay()
    let home = street.offices[0]
    let item = PayloadValue.reference(try #require(street.item))
    let activity = PayloadValue.reference(try #require(street.activity))
    for session in [21, 22, 23] as [Int64] {
      try street.record(
        home, "award.grant",
        [
          "activity": activity, "resident": .reference(street.residents[0]), "points": .integer(5),
          "session": .integer(session),
        ])
    }
    func redeem() throws -> Recorded {
      var draft = try street.draft(
        "redemption.record",
        [
          "resident": .reference(street.residents[0]), "basis": .integer(0),
          "lines": .records([[item, .integer(1), .integer(3)]]),
        ])
      draft.actor = street.staff[0]
      draft.policy = street.policy
      return try home.record(draft, key: nil, stamp: street.now)
    }
    guard case .written = try redeem() else {
      Issue.record("refused although nothing is parked")
      return
    }
    let writer = street.offices[1].identity.replica
    let end = try home.storedHead(of: writer).seq
    let parked = try #require(OpID(writer, end + 1))
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(1)
    payload.reference(street.residents[0])
    let strange = try Op(
      OpFields(
        id: parked, stamp: street.now, kind: 999, occurredOn: BusinessDate(stamp: street.now),
        payload: payload.bytes))
    try home.write { () throws(StoreError) in try home.take([strange]) }
    for isRebuilt in [false, true] {
      if isRebuilt { try home.rebuild() }
      guard case .refused(let refusal) = try redeem() else {
        Issue.record("spent, rebuilt: \(isRebuilt)")
        return
      }
      #expect(refusal == .accountNotFirm(op: parked))
      #expect(refusal.code == "account-not-firm")
    }
  }

  @Test("no sync walks all bodies to find those that are to be moved")
  func bodyPlans() throws {
    let store = try Street.makeStore(4097)
    for query in [BodyTable.SQL.missing, BodyTable.SQL.unsent] {
      let plan = try store.connection.prepare(text: "EXPLAIN QUERY PLAN \(query)")
      while try plan.step() {
        let step = plan.text(3)
        #expect(!step.contains("TEMP B-TREE"), "\(step)")
        #expect(step.contains("body_unsent") || step.contains("body_missing"), "\(step)")
      }
    }
  }
}
