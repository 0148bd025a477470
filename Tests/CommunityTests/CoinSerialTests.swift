import Community
import FoldKit
import OpLog
import Testing

/// Coins with a number: `COVERAGE.md`, case 31.
@Suite struct CoinSerialTests {
  /// Two offices with coins of 3, and a resident who may get some.
  private struct Coiners {
    var scene: Scene

    init() throws {
      scene = try Scene()
      try scene.earn(30)
      for printer in [
        scene.approver, Counter(office: scene.b.office, clerk: scene.street.staff[4]),
      ] {
        try scene.street.adjustCoins(3, 5, at: printer)
      }
    }

    mutating func issue(_ serial: Int64?) throws -> OpID {
      try scene.street.issueCoins(
        Street.coins(threes: 1), to: scene.resident,
        serials: serial.map { Street.serials(3, [$0]) }, at: scene.a)
    }

    mutating func collect(_ serial: Int64?, at counter: Counter? = nil) throws -> OpID {
      try scene.street.record(
        "coin.collect", at: counter ?? scene.a,
        [
          "coins": Street.coins(threes: 1), "resident": .reference(scene.resident),
          "serials": serial.map { Street.serials(3, [$0]) },
        ])
    }

    func isKept(_ op: OpID) -> Bool { scene.isOnDesk(.coinAgain, op, detail: 3_000_007) }

    mutating func later(_ days: Int64 = 1) {
      scene.street.today = scene.street.today.adding(days: days)
    }

    /// Fails unless every order of arrival gives one state, and the naive model the same.
    func check() throws {
      let expected = Snapshot(MemoryReplica(scene.street.written))
      for seed in 1...10 as ClosedRange<UInt64> {
        var dice = Dice(seed: seed)
        let order = Arrival.order(of: scene.street.written, using: &dice)
        expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
      }
      try expectModel(of: scene.street.written)
    }
  }

  @Test func `31: the coin that came back first counts, the other is kept and credits nobody`()
    throws
  {
    var coiners = try Coiners()
    _ = try coiners.issue(7)
    coiners.later()
    let first = try coiners.collect(7, at: coiners.scene.a)
    var again = coiners
    let second = try again.collect(7, at: again.scene.a)
    #expect(try again.scene.refusalOfLast() == .wouldNotCount(.posted, [.coinAgain]))
    #expect(again.isKept(second))
    let other = try coiners.collect(7, at: coiners.scene.b)
    #expect(!coiners.isKept(first) && coiners.isKept(other))
    #expect(try coiners.scene.balance() == 30)
    let boxes = [coiners.scene.a, coiners.scene.b].map { Int64($0.office.rawValue) }
    for box in boxes {
      #expect(try coiners.scene.state.sum("coin_box", [box, 3], "vault") == 5)
      #expect(try coiners.scene.state.sum("coin_box", [box, 3], "out") == 0)
    }
    // Handed out once more it may come back once more; the kept one stays kept.
    coiners.later()
    _ = try coiners.issue(7)
    let back = try coiners.collect(7, at: coiners.scene.b)
    #expect(!coiners.isKept(back) && coiners.isKept(other))
    try coiners.check()
  }

  @Test func `a coin without a number, or with one that nobody wrote down, is as before`() throws {
    var coiners = try Coiners()
    _ = try coiners.issue(nil)
    let unknown = try coiners.collect(7)
    let plain = [try coiners.collect(nil), try coiners.collect(nil)]
    #expect(([unknown] + plain).allSatisfy { !coiners.isKept($0) })
    #expect(try coiners.scene.balance() == 36)
    // One out twice is written wrongly: it still comes back once.
    coiners.later()
    _ = try coiners.issue(7)
    coiners.later()
    _ = try coiners.issue(7)
    coiners.later()
    let once = try coiners.collect(7)
    let twice = try coiners.collect(7)
    #expect(!coiners.isKept(once) && coiners.isKept(twice))
    try coiners.check()
  }

  @Test func `goods that a kept coin paid for stay paid; a void hands the coin back`() throws {
    var coiners = try Coiners()
    _ = try coiners.issue(7)
    try coiners.scene.street.receive(coiners.scene.item, quantity: 5, at: coiners.scene.a)
    coiners.later()
    let sales = try (0..<2).map { _ in
      try coiners.scene.street.sell(
        coiners.scene.item, price: 3, to: coiners.scene.resident, coins: Street.coins(threes: 1),
        serials: Street.serials(3, [7]), at: coiners.scene.a)
    }
    #expect(coiners.isKept(sales[1]) && !coiners.isKept(sales[0]))
    #expect(try coiners.scene.balance() == 27)
    let box = Int64(coiners.scene.a.office.rawValue)
    #expect(try coiners.scene.state.sum("coin_box", [box, 3], "vault") == 5)
    try coiners.check()
    try coiners.scene.street.void(sales[0], at: coiners.scene.a)
    #expect(!coiners.isKept(sales[1]))
    #expect(try coiners.scene.state.sum("coin_box", [box, 3], "vault") == 5)
    try coiners.check()
  }
}
