import Community
import FoldKit
import OpLog
import Testing

/// A limit for each person holds for all files of the person.
@Suite struct PersonLimitTests {
  /// What may be taken once by each person.
  enum Door: CaseIterable {
    /// By the item's own terms.
    case own
    /// By the rules, of any item in a month.
    case item
    /// By the rules, in a quarter.
    case quarter
    /// By the offer.
    case offer
  }

  /// A street where something may be taken once, and a person with two files.
  private struct Counters {
    var scene: Scene
    let door: Door
    let other: OpID
    private let rules: OpID
    private let cup: OpID
    private let offer: OpID

    init(_ door: Door) throws {
      var scene = try Scene()
      let keys: KeyValuePairs<String, Int64> =
        switch door {
        case .item: ["redeem.item_limit": 1]
        case .quarter: ["redeem.max_per_quarter": 1]
        default: [:]
        }
      rules = try scene.street.setRules(keys, in: 0)
      cup = try scene.street.defineItem(
        points: 2, terms: Terms(limit: door == .own ? 1 : nil), at: scene.a)
      try scene.street.receive(cup, quantity: 9, at: scene.a)
      offer = try scene.street.record(
        "offer.publish", at: scene.a,
        [
          "title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000),
          "per_person": .integer(1),
        ])
      other = try scene.street.register(at: scene.a)
      for file in [scene.resident, other] {
        let work = try scene.street.publish(points: 9, at: scene.a)
        _ = try scene.street.grant(file, work, points: 9, at: scene.a)
      }
      self.door = door
      self.scene = scene
    }

    mutating func take(_ file: OpID) throws -> OpID {
      guard door == .offer else {
        return try scene.street.sell(cup, price: 2, to: file, policy: rules, at: scene.a)
      }
      return try scene.street.record(
        "offer.use", at: scene.a,
        [
          "offer": .reference(offer), "resident": .reference(file), "times": .integer(1),
        ])
    }

    func isOver(_ op: OpID) -> Bool {
      switch door {
      case .own, .item: scene.isOnDesk(.itemLimit, op, detail: 1)
      case .quarter: scene.isOnDesk(.quarterLimit, op)
      case .offer: scene.isOnDesk(.offerLimit, op)
      }
    }

    var refusal: Refusal {
      switch door {
      case .own, .item: .itemLimit(item: cup, limit: 1, period: .month)
      case .quarter: .quarterLimit(limit: 1)
      case .offer: .offerLimit(limit: 1)
      }
    }

    /// Fails unless every order of arrival gives one state, and the naive model the same.
    func check() throws {
      let expected = Snapshot(MemoryReplica(scene.street.written))
      for seed in 1...20 as ClosedRange<UInt64> {
        var dice = Dice(seed: seed)
        let order = Arrival.order(of: scene.street.written, using: &dice)
        expectSame(Snapshot(MemoryReplica(order)), expected, "order \(seed)")
        expectSame(
          Snapshot(MemoryReplica(order, batchedBy: &dice)), expected, "batches \(seed)")
      }
      try expectModel(of: scene.street.written)
    }
  }

  @Test(
    "13: whose files are merged took what was taken under each of them", arguments: Door.allCases)
  func merged(door: Door) throws {
    var counters = try Counters(door)
    // The lower id counts, under whichever file.
    let first = try counters.take(counters.other)
    let second = try counters.take(counters.scene.resident)
    #expect(!counters.isOver(first) && !counters.isOver(second))
    let merge = try counters.scene.street.merge(
      counters.scene.resident, counters.other, at: counters.scene.approver)
    try counters.scene.street.decide(merge)
    #expect(!counters.isOver(first) && counters.isOver(second))
    for file in [counters.scene.resident, counters.other] {
      var same = counters
      _ = try same.take(file)
      let refusal = try same.scene.refusalOfLast()
      #expect(refusal == counters.refusal)
    }
    let third = try counters.take(counters.other)
    #expect(counters.isOver(third))
    try counters.check()
    let part = try counters.scene.street.unmerge(merge, at: counters.scene.approver)
    try counters.scene.street.decide(part)
    #expect(!counters.isOver(first) && !counters.isOver(second) && counters.isOver(third))
    try counters.check()
  }
}
