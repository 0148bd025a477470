import Community
import FoldKit
import OpLog
import Testing

/// A point ends once, however it left: judged lot by lot over what the ops say, with no buckets.
@Suite struct ExpiryLawTests {
  @Test("what ends is what is left of the year's lots", arguments: 1...150 as ClosedRange<UInt64>)
  func lots(seed: UInt64) throws {
    var life = try Life(seed: seed)
    for _ in 0..<24 { try life.step() }
    let (moves, ends) = (life.moves, try life.endYears())
    let state = MemoryReplica(life.scene.street.written).state
    for person in life.people {
      let own = moves.filter { $0.person == person }
      let expired = expired(own, ends)
      let seen = try state.cell("expiry", [person.packed], "points")?.integer ?? 0
      #expect(seen == expired, "seed \(seed): \(person)")
      let balance = own.reduce(0) { $0 + $1.points } - expired
      #expect(try state.sum("account", [person.packed], "balance") == balance, "seed \(seed)")
    }
  }

  /// Point by point: each debit takes the oldest that is left, each deadline what is left of its year.
  private func expired(_ moves: [Move], _ ends: [(year: Int, deadline: BusinessDate)]) -> Int64 {
    var lots: [BusinessDate] = []
    for move in moves where move.points > 0 {
      lots += Array(repeating: move.day, count: Int(move.points))
    }
    lots.sort()
    var (owed, expired, since): (Int, Int64, BusinessDate?) = (0, 0, nil)
    for end in ends {
      for move in moves where move.points < 0 && move.day <= end.deadline {
        if let since, move.day <= since { continue }
        owed -= Int(move.points)
      }
      since = end.deadline
      let taken = min(owed, lots.count)
      lots.removeFirst(taken)
      owed -= taken
      let left = lots.prefix { $0.civil.year <= end.year }.count
      lots.removeFirst(left)
      expired += Int64(left)
    }
    return expired
  }
}

/// Points that an account got on a day, or that left it, below zero.
private struct Move {
  let person: OpID
  let day: BusinessDate
  var points: Int64
}

/// Two residents of an office whose points end, on random days of three years in any order.
private struct Life {
  var scene: Scene
  let people: [OpID]
  let carries: Bool
  private let rules: OpID
  private let offer: OpID
  private var dice: Dice
  private var others: [Move] = []
  /// What each redemption comes to, with all that came back of it.
  private var sales: [(id: OpID, pieces: Int64, coins: Int64, move: Move)] = []

  init(seed: UInt64) throws {
    dice = Dice(seed: seed)
    scene = try Scene()
    carries = dice.once(in: 2)
    rules = try scene.street.setRules(
      ["points.expiry": carries ? 2 : 1, "redeem.credit_change": 1], in: 0)
    people = [scene.resident, try scene.street.register(at: scene.a)]
    offer = try scene.street.record(
      "offer.publish", at: scene.a,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
  }

  var moves: [Move] { others + sales.map(\.move) }

  mutating func step() throws {
    scene.street.today = BusinessDate(stamp: 1_704_067_200_000)
      .adding(days: Int64.random(in: 0...1_095, using: &dice))
    let person = people[dice.once(in: 2) ? 0 : 1]
    let other = person == people[0] ? people[1] : people[0]
    let points = Int64.random(in: 1...6, using: &dice)
    switch Int.random(in: 0...9, using: &dice) {
    case 0...2: try earn(points, person)
    case 3, 4: try sell(pieces: Int64.random(in: 1...3, using: &dice), to: person)
    case 5: try bringBack()
    case 6:
      try record(
        "coin.issue", ["resident": .reference(person), "coins": Street.coins(threes: 1)])
      note(person, -3)
    case 7: try collect(from: person)
    case 8:
      try record(
        "points.transfer",
        ["from": .reference(person), "to": .reference(other), "points": .integer(points)])
      note(person, -points)
      note(other, points)
    default:
      try record(
        "offer.use",
        ["offer": .reference(offer), "resident": .reference(person), "times": .integer(1)])
      note(person, -2)
    }
  }

  /// Ends the three years, each after its deadline.
  mutating func endYears() throws -> [(year: Int, deadline: BusinessDate)] {
    try (2024...2026).map { year in
      let last =
        carries
        ? BusinessDate(year: year + 2, month: 1, day: 31)
        : BusinessDate(year: year, month: 12, day: 31)
      let deadline = try #require(last)
      scene.street.today = deadline.adding(days: 1)
      try scene.street.write(
        "points.expire_year",
        [
          "community": .reference(scene.street.communities[0]), "year": .integer(Int64(year)),
          "rule": .integer(carries ? 1 : 0),
        ])
      return (year, deadline)
    }
  }

  private mutating func earn(_ points: Int64, _ person: OpID) throws {
    let activity = try scene.street.publish(points: points, at: scene.a)
    _ = try scene.street.grant(person, activity, points: points, policy: rules, at: scene.a)
    note(person, points)
  }

  private mutating func sell(pieces: Int64, to person: OpID) throws {
    let coins = dice.once(in: 3) ? Int64.random(in: 1...2, using: &dice) : 0
    let id = try scene.street.sell(
      scene.item, pieces, price: 2, to: person,
      coins: coins > 0 ? Street.coins(threes: coins) : nil, policy: rules, at: scene.a)
    let move = Move(person: person, day: scene.street.today, points: coins * 3 - pieces * 2)
    sales.append((id, pieces, coins, move))
  }

  /// A void on the same day gives everything back, a return a piece at a time.
  private mutating func bringBack() throws {
    guard let index = sales.indices.randomElement(using: &dice) else { return }
    let sale = sales[index]
    if sale.pieces == 2, dice.once(in: 2) {
      scene.street.today = sale.move.day
      try scene.street.void(sale.id, policy: rules, at: scene.a)
      sales[index].move.points += sale.pieces * 2 - sale.coins * 3
      sales[index].pieces = 0
    } else if sale.pieces == 3 {
      try scene.street.bringBack(sale.id, 1, at: scene.a)
      sales[index].move.points += 2
      sales[index].pieces = 1
    }
  }

  /// Coins for a redemption, or for nothing but points.
  private mutating func collect(from person: OpID) throws {
    let index = dice.once(in: 2) ? sales.indices.randomElement(using: &dice) : nil
    try record(
      "coin.collect",
      [
        "coins": Street.coins(twos: 1),
        "redemption": index.map { .reference(sales[$0].id) },
        "resident": index == nil ? .reference(person) : nil,
      ])
    if let index { sales[index].move.points += 2 } else { note(person, 2) }
  }

  @discardableResult
  private mutating func record(
    _ kind: String, _ values: KeyValuePairs<String, PayloadValue?>
  ) throws -> OpID {
    try scene.street.record(kind, policy: rules, at: scene.a, values)
  }

  private mutating func note(_ person: OpID, _ points: Int64) {
    others.append(Move(person: person, day: scene.street.today, points: points))
  }
}
