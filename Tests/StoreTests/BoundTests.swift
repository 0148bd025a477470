import Community
import OpLog
import SQLite
import Testing

@testable import Store

/// A bound that comes after what stands behind it: the log is folded anew, and nothing shows.
@Suite struct BoundTests {
  @Test("a bound learnt late gives the tables of one that was known from the start")
  func late() throws {
    let street = try Street.afterABusyDay()
    let lost = street.offices[0].identity.replica
    let reversal = try #require(
      try street.hub.ops(of: lost, in: 1...EnvelopeLimits.seqMax, limit: 1_000).first {
        $0.kind == 20
      })
    #expect(try street.hub.verdict(of: reversal.id) == .plain)
    try street.retire(lost, at: reversal.id.seq - 1, successor: street.offices[1].identity.replica)
    try street.exchange()
    #expect(try street.hub.verdict(of: reversal.id) == Verdict(.void, [.late]))
    let report = try street.hub.rebuildAndCompare()
    #expect(report.before == report.after)
    for office in street.offices {
      #expect(try office.tablesDigest() == street.hub.tablesDigest())
    }
    let fresh = try Street.makeStore(5000)
    let logs = try street.logs()
    try fresh.write { () throws(StoreError) in for log in logs { try fresh.take(log) } }
    #expect(try fresh.tablesDigest() == street.hub.tablesDigest())
  }

  @Test("homes and shelves move in the tables and in the views")
  func moved() throws {
    let street = try Street.afterABusyDay()
    let (lost, heir) = (street.offices[0].identity.replica, street.offices[1].identity.replica)
    let item = try #require(street.item)
    let before = try street.onHand(of: item)
    try street.retire(
      lost, at: try street.hub.storedHead(of: lost).seq, successor: heir)
    try street.exchange()
    let after = try street.onHand(of: item)
    #expect(before[0] != 0)
    #expect(after == [0, before[0] + before[1]])
    let held = try street.hub.holdings(of: heir)
    #expect(held.accounts == Int64(street.residents.count))
    #expect(held.shelf.map(\.onHand) == [after[1]])
    #expect(try street.hub.home(of: street.residents[0]) == heir)
    let listing = try street.hub.listing(of: "residents")
    let column = try #require(listing.columns.firstIndex(of: "home"))
    #expect(listing.rows.allSatisfy { $0[column] == heir.description })
    let report = try street.hub.rebuildAndCompare()
    #expect(report.before == report.after)
  }
}

extension Street {
  /// The hub puts one office in another's place.
  fileprivate func retire(_ lost: ReplicaID, at seq: UInt64, successor: ReplicaID) throws {
    let head = try #require(try hub.head(of: lost, at: seq))
    let enrolments = try [lost, successor].map { replica in
      try #require(try hub.enrolment(of: replica)?.op)
    }
    try write(
      hub, "replica.retire",
      [
        "enrolment": .reference(enrolments[0]), "seq": .integer(Int64(seq)),
        "hash": .bytes(head.hash.bytes), "successor": .reference(enrolments[1]),
        "approvers": .references(staff.sorted()), "reason": .integer(0),
      ])
  }

  /// What lies on each office's shelf, by the hub's books.
  fileprivate func onHand(of item: OpID) throws -> [Int64] {
    try offices.map { office in
      let shelf = [Int64(office.identity.replica.rawValue), item.packed]
      return try hub.row(Tables.shelfItem, shelf)?[2].integer ?? 0
    }
  }
}
