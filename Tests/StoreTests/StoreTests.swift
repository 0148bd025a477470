import Community
import OpLog
import SQLite
import Store
import Testing

@Suite struct StoreTests {
  // MARK: The log

  @Test("an op is chained to the one before it, and its check value covers what it names")
  func chains() throws {
    let street = try Street()
    let store = street.offices[0]
    let replica = store.identity.replica
    let before = try store.storedHead(of: replica)
    let id = try street.record(store, "resident.register")
    let after = try store.storedHead(of: replica)
    let op = try store.op(id)
    #expect(after.seq == before.seq + 1)
    #expect(after.hash == Chain.next(after: before.hash, op.bytes))
    let named = try op.namedOps.map { id in
      try #require(try store.head(of: id.replica, at: id.seq)).hash
    }
    #expect(named.count == 2)
    #expect(op.names == Chain.names(of: named))
  }

  @Test("an op may not name what is not here")
  func unknownReference() throws {
    let street = try Street()
    let stranger = try #require(OpID("4098-999"))
    #expect(throws: StoreError.unknownReference(stranger)) {
      try street.record(
        street.offices[0], "stock.receive",
        ["item": .reference(stranger), "quantity": .integer(1), "source": .integer(0)])
    }
  }

  @Test("ops that are held already are passed over; a gap and another op under an id are refused")
  func stages() throws {
    let logs = try Street.afterABusyDay().logs()
    let log = logs[0]
    let store = try Street.makeStore(5000)
    try store.write { () throws(StoreError) in
      try store.stage(Array(log[..<3]))
      try store.stage(Array(log[1..<5]))
    }
    #expect(try store.storedHead(of: log[0].id.replica).seq == 5)
    #expect(try store.foldedHead(of: log[0].id.replica).seq == 0)
    #expect(throws: StoreError.gap(replica: log[0].id.replica, held: 5)) {
      try store.write { () throws(StoreError) in _ = try store.stage([log[6]]) }
    }
    var other = log[2].fields
    other.stamp += 1
    let forged = try Op(other)
    #expect(throws: StoreError.fork(log[2].id)) {
      try store.write { () throws(StoreError) in _ = try store.stage([forged]) }
    }
  }

  @Test("a log is folded only up to a head that has its hash there")
  func foldsWhatIsVouchedFor() throws {
    let logs = try Street.afterABusyDay().logs()
    let store = try Street.makeStore(5000)
    try store.write { () throws(StoreError) in _ = try store.stage(logs[0]) }
    let end = try store.storedHead(of: logs[0][0].id.replica)
    let wrong = Head(replica: end.replica, seq: end.seq, hash: .zero)
    let last = try #require(OpID(end.replica, end.seq))
    #expect(throws: StoreError.hashMismatch(last)) {
      try store.write { () throws(StoreError) in try store.fold(upTo: wrong) }
    }
    let beyond = Head(replica: end.replica, seq: end.seq + 1, hash: end.hash)
    #expect(throws: StoreError.gap(replica: end.replica, held: end.seq)) {
      try store.write { () throws(StoreError) in try store.fold(upTo: beyond) }
    }
    try store.write { () throws(StoreError) in try store.fold(upTo: end) }
    #expect(try store.foldedHead(of: end.replica) == end)
  }

  // MARK: The tables

  @Test("everybody comes to the same state, and it is the expected one")
  func agrees() throws {
    let street = try Street.afterABusyDay()
    let expected = try street.hub.write { () throws(StoreError) in try street.hub.stateDigest() }
    for office in street.offices {
      let digest = try office.write { () throws(StoreError) in try office.stateDigest() }
      #expect(digest == expected)
    }
    // Earned 2 for the round after the reversal; 12 spent, half of it on trust.
    let account = try street.hub.row(Tables.account, id: street.residents[0].packed)
    #expect(account?[1...].map(\.integer) == [-10, 2, 12, 6])
    let reasons = try street.hub.listing(of: "desk_entries").rows.compactMap { $0[1] }
    for reason in ["double-award", "fork", "stand-in", "overdrawn", "future-date"] {
      #expect(reasons.contains(reason), "\(reason)")
    }
  }

  @Test("rebuilding gives the same bytes in every table")
  func rebuilds() throws {
    let street = try Street.afterABusyDay()
    for store in [street.hub] + street.offices {
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
    }
  }

  @Test("any order of arrival gives the same tables", arguments: 1...40 as ClosedRange<UInt64>)
  func commutes(seed: UInt64) throws {
    let logs = try Street.afterABusyDay().logs()
    let inOrder = try Street.makeStore(5000)
    try inOrder.write { () throws(StoreError) in for log in logs { try inOrder.take(log) } }
    let shuffled = try Street.makeStore(5000)
    var dice = Dice(seed: seed)
    var taken = logs.map { _ in 0 }
    while let log = dice.pick(logs.indices.filter { taken[$0] < logs[$0].count }) {
      let start = max(0, taken[log] - dice.below(3))
      let end = min(logs[log].count, taken[log] + 1 + dice.below(6))
      let batch = Array(logs[log][start..<end])
      try shuffled.write { () throws(StoreError) in try shuffled.take(batch) }
      taken[log] = end
    }
    #expect(try shuffled.tablesDigest() == inOrder.tablesDigest(), "seed \(seed)")
    try shuffled.rebuild()
    #expect(try shuffled.tablesDigest() == inOrder.tablesDigest(), "seed \(seed), rebuilt")
  }

  @Test("the digest that is kept up to date is that of the rows")
  func digestOfRows() throws {
    let street = try Street.afterABusyDay()
    for store in [street.hub] + street.offices {
      let kept = try store.write { () throws(StoreError) in try store.stateDigest() }
      #expect(kept.value == (try NaiveDigest.value(of: store)))
    }
  }
}
