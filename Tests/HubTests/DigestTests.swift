import Community
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

@Suite("Rows that differ") struct DigestTests {
  /// How one row of a table is spoilt.
  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The SQL, and the row's session of the award.
    let sql: String
    let session: Int64
    let isHubWrong: Bool
  }

  @Test(
    "one wrong row is found by the next sync, kept by both sides, and mended by a rebuild",
    arguments: [
      Damage(
        testDescription: "another value", sql: "UPDATE award SET points = 7 WHERE session = 41",
        session: 41, isHubWrong: false),
      Damage(
        testDescription: "a row that is gone", sql: "DELETE FROM award WHERE session = 3",
        session: 3, isHubWrong: true),
      Damage(
        testDescription: "a row too many",
        sql: """
          CREATE TEMP TABLE other AS SELECT * FROM award WHERE session = 60;
          UPDATE other SET session = 99; INSERT INTO award SELECT * FROM other; DROP TABLE other
          """,
        session: 99, isHubWrong: false),
    ])
  func oneRow(damage: Damage) throws {
    let made = try ThreeOffices()
    let (street, office) = (made.street, made.offices[1])
    // More rows than are listed at once, so that the way leads through spans.
    for session in 61...70 { try made.award(session) }
    try made.meet()
    let wrong = damage.isHubWrong ? street.hub.store : office.store
    let sums = try office.store.read { () throws(StoreError) in try office.store.partitionSums() }
    let partition = try #require(
      sums.first { $0.partition.table == Tables.award.number && $0.rows == 70 }?.partition)
    try wrong.spoil(damage.sql, partition)

    try street.meet(office)
    let found = try office.store.differences()
    let key = [made.activity.packed, made.resident.packed, damage.session, 0, 0]
    #expect(found.map(\.row.partition) == [partition])
    #expect(found.map(\.row.key) == [key])
    #expect(found.map(\.finder) == [office.replica])
    #expect(found.first?.row.office != found.first?.row.hub)
    #expect(try street.hub.store.differences() == found)

    try (damage.isHubWrong ? street.hub.store : office.store).rebuild()
    try street.meet(office)
    try street.meet(office)
    #expect(try office.store.differences().isEmpty)
    #expect(try street.hub.store.differences().isEmpty)
    try made.expectAgreement()
  }

  @Test("a row that was changed behind the program's back is found by a check, and then by a sync")
  func coldRow() throws {
    let made = try ThreeOffices()
    let (street, office) = (made.street, made.offices[2])
    #expect(try office.store.damagedPartitions().isEmpty)
    try office.store.connection.execute("UPDATE award SET points = 7 WHERE session = 5")
    try street.meet(office)
    #expect(try office.store.differences().isEmpty)
    let damaged = try office.store.damagedPartitions()
    #expect(damaged.map(\.table) == [Tables.award.number])
    try office.store.write { () throws(StoreError) in
      try office.store.keep(damaged: damaged, at: street.now)
    }
    try street.meet(office)
    let key = [made.activity.packed, made.resident.packed, 5, 0, 0]
    #expect(try office.store.differences().map(\.row.key) == [key])
    #expect(try street.hub.store.differences().count == 1)
  }

  @Test("a log that is gone with its head is found by a check")
  func lostLog() throws {
    let made = try ThreeOffices()
    let office = made.offices[2]
    #expect(try office.store.verify().findings == [])
    let writer = made.offices[0].replica.rawValue
    for table in ["log", "head"] {
      let delete = try office.store.connection.prepare(
        text: "DELETE FROM \(table) WHERE replica = \(writer)")
      try delete.run()
    }
    office.store.forgetCaches()
    let found = try office.store.verify()
    #expect(found.firstBadOp?.replica.rawValue == writer)
    #expect(found.findings.allSatisfy { $0.hasSuffix("which is not here") })
  }

  @Test("sums that do not fit rows which are right are found, too, and a whole table that is gone")
  func manyRows() throws {
    let made = try ThreeOffices()
    let (street, office) = (made.street, made.offices[0])
    try office.store.connection.execute("UPDATE digest SET lane_a = lane_a + 1 WHERE tbl = 1")
    office.store.forgetCaches()
    try street.meet(office)
    #expect(try office.store.differences().map(\.row.key).allSatisfy(\.isEmpty))
    #expect(try !office.store.differences().isEmpty)
    try office.store.rebuild()
    try street.meet(office)
    #expect(try office.store.differences().isEmpty)

    let part = try #require(
      try office.store.read { () throws(StoreError) in try office.store.partitionSums() }
        .first { $0.partition.table == Tables.award.number }?.partition)
    try office.store.spoil("DELETE FROM award", part)
    try street.meet(office)
    #expect(try office.store.differences().count == 32)
    #expect(try office.store.differences().allSatisfy { $0.row.office == nil })
  }

  @Test("a search goes on where it was when the hub has written meanwhile")
  func moved() throws {
    let made = try ThreeOffices()
    let (street, office) = (made.street, made.offices[0])
    let sums = try office.store.read { () throws(StoreError) in try office.store.partitionSums() }
    let partition = try #require(
      sums.first { $0.partition.table == Tables.award.number }?.partition)
    try office.store.spoil("UPDATE award SET points = 7 WHERE session = 41", partition)
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    let exchange = try office.take(street.send(message), to: request, now: street.now)
    #expect(exchange.comparison == .different)
    #expect(exchange.mustSearch)
    let first = try #require(try office.digestsRequest(now: street.now))
    #expect(try office.take(street.send(first.1), to: first.0) == .goesOn)
    try street.record("resident.register", ["name": "陈大勇"], at: made.offices[1], by: made.staff[0])
    try street.sync(made.offices[1])
    let second = try #require(try office.digestsRequest(now: street.now))
    guard case .range(_) = second.0.question else { throw StoreError.notInitialised }
    #expect(try office.take(street.send(second.1), to: second.0) == .moved)
    try street.meet(office)
    #expect(try office.store.differences().map(\.row.key).count == 1)
  }

  @Test("the hub answers an enrolled office only, and no key that a table cannot have")
  func door() throws {
    let made = try ThreeOffices()
    let (street, office) = (made.street, made.offices[0])
    func ask(_ body: String, token: String? = nil) -> PeerAnswer {
      let response = street.send(
        PeerRequest(
          method: "POST", path: "/v1/digests", contentType: "application/json", token: token,
          body: Array(body.utf8)))
      return PeerAnswer(response.status, String(decoding: response.body, as: UTF8.self))
    }
    let (_, message) = try office.syncRequest(maxBytes: 64 << 10)
    let head = #"{"replica":4096,"seq":1,"hash":"\#(Digest.zero)"}"#
    let start = #"{"catalogue":2,"head":\#(head),"#
    #expect(ask(start + #""partitions":{}}"#).status == 401)
    #expect(ask(start + #""partitions":{}}"#, token: message.token).status == 200)
    for wrong in [
      #""range":{"table":20,"replica":4097,"after":["1"]}}"#,
      #""found":[{"table":65000,"replica":4097,"key":["1"]}]}"#,
      #""partitions":{"table":20}}"#,
    ] {
      let answer = ask(start + wrong, token: message.token)
      #expect(answer.status == 400, "\(wrong) \(answer.text)")
    }
  }
}

private struct PeerAnswer {
  let status: Int
  let text: String

  init(_ status: Int, _ text: String) {
    self.status = status
    self.text = text
  }
}

extension Store {
  /// Changes rows of one partition, and what is kept of them, as a fold with a fault would.
  fileprivate func spoil(_ sql: String, _ partition: Partition) throws {
    try connection.execute(sql)
    let total = try sum(of: RowRange(partition))
    try connection.execute(
      """
      UPDATE digest SET row_count = \(total.rows), lane_a = \(Int64(bitPattern: total.sum.a)),
       lane_b = \(Int64(bitPattern: total.sum.b))
       WHERE tbl = \(partition.table) AND replica = \(partition.replica)
      """)
    forgetCaches()
  }

  /// Drops what is kept in memory, as a failed transaction does.
  fileprivate func forgetCaches() {
    try? write { () throws(StoreError) in throw .notInitialised }
  }
}
