import Community
import FoldKit
import OpLog
import Testing

/// A point ends once, however it left, by the rule under which it was earned: judged lot by lot over
/// what the ops say, with no buckets.
@Suite struct ExpiryLawTests {
  @Test("what ends is what is left of the lots", arguments: 1...150 as ClosedRange<UInt64>)
  func lots(seed: UInt64) throws {
    var life = try Life(seed: seed)
    for _ in 0..<24 { try life.step() }
    let deadlines = try life.endYears()
    let state = MemoryReplica(life.scene.street.written).state
    for person in life.people {
      let moves = life.moves.filter { $0.person == person }
      let expired = expired(moves, deadlines)
      let seen = state.rows(Tables.expiry, under: [person.packed]).reduce(0) {
        $0 + ($1[2].integer ?? 0)
      }
      #expect(seen == expired, "seed \(seed): \(person)")
      let balance = moves.reduce(0) { $0 + $1.points } - expired
      #expect(try state.sum("account", [person.packed], "balance") == balance, "seed \(seed)")
    }
  }

  /// Point by point: each debit takes the one that ends first, each deadline what ends with it.
  private func expired(_ moves: [Move], _ deadlines: [BusinessDate]) -> Int64 {
    var lots: [BusinessDate] = []
    for case .lot(let points, let lastDay?) in moves.map(\.kind) {
      if points > 0 {
        lots += Array(repeating: lastDay, count: Int(points))
      } else {
        for _ in points..<0 { lots.firstIndex(of: lastDay).map { _ = lots.remove(at: $0) } }
      }
    }
    lots.sort()
    var (owed, expired, since): (Int64, Int64, BusinessDate?) = (0, 0, nil)
    for deadline in deadlines {
      for case .debit(let points, let day) in moves.map(\.kind) where day <= deadline {
        if let since, day <= since { continue }
        owed += points
      }
      since = deadline
      let taken = min(owed, Int64(lots.count))
      lots.removeFirst(Int(taken))
      owed -= taken
      let left = lots.prefix { $0 <= deadline }.count
      lots.removeFirst(left)
      expired += Int64(left)
    }
    return expired
  }
}

/// Points that an account got, or that left it.
private struct Move {
  enum Kind {
    /// With the last day on which they can be spent; nil where they never end.
    case lot(Int64, BusinessDate?)
    case debit(Int64, BusinessDate)
  }

  let person: OpID
  let kind: Kind

  var points: Int64 {
    switch kind {
    case .lot(let points, _): points
    case .debit(let points, _): -points
    }
  }
}

/// Two residents of an office whose rules change all the time, on random days of three years in any
/// order.
private struct Life {
  /// A redemption, as far as more can come of it.
  private struct Purchase {
    let id: OpID
    let person: OpID
    let day: BusinessDate
    /// When change that it credited ends; nil where it credited none, or where that never ends.
    let lastDay: BusinessDate?
    let points: Int64
    var pieces: Int64
    /// What the account bears of it.
    var borne: Int64
    var isUntouched = true
  }

  var scene: Scene
  let people: [OpID]
  private(set) var moves: [Move] = []
  /// The rules of the step, by the number of their rule: never, with the year, or carried over.
  private let rules: [OpID]
  private var rule = 0
  private let offer: OpID
  private var dice: Dice
  private var sales: [Purchase] = []

  init(seed: UInt64) throws {
    dice = Dice(seed: seed)
    var scene = try Scene()
    rules = try (0...2).map {
      try scene.street.setRules(["points.expiry": $0, "redeem.credit_change": 1], in: 0)
    }
    people = [scene.resident, try scene.street.register(at: scene.a)]
    offer = try scene.street.record(
      "offer.publish", at: scene.a,
      ["title": .text("理发"), "points": .integer(2), "valid_to": .integer(40_000)])
    self.scene = scene
  }

  mutating func step() throws {
    scene.street.today = BusinessDate(stamp: 1_704_067_200_000)
      .adding(days: Int64.random(in: 0...1_095, using: &dice))
    rule = Int.random(in: 0...2, using: &dice)
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
      pay(3, person)
    case 7: try collect(from: person)
    case 8:
      try record(
        "points.transfer",
        ["from": .reference(person), "to": .reference(other), "points": .integer(points)])
      pay(points, person)
      get(points, other)
    default:
      try record(
        "offer.use",
        ["offer": .reference(offer), "resident": .reference(person), "times": .integer(1)])
      pay(2, person)
    }
  }

  /// Ends all points that end, each after its deadline.
  mutating func endYears() throws -> [BusinessDate] {
    var deadlines: [BusinessDate] = []
    for year in 2024...2026 {
      for rule in 1...2 {
        let last = try #require(lastDay(of: year, rule))
        deadlines.append(last)
        scene.street.today = last.adding(days: 1)
        try scene.street.write(
          "points.expire_year",
          [
            "community": .reference(scene.street.communities[0]), "year": .integer(Int64(year)),
            "rule": .integer(Int64(rule - 1)),
          ])
      }
    }
    return deadlines.sorted()
  }

  private func lastDay(of year: Int, _ rule: Int) -> BusinessDate? {
    switch rule {
    case 1: BusinessDate(year: year, month: 12, day: 31)
    case 2: BusinessDate(year: year + 2, month: 1, day: 31)
    default: nil
    }
  }

  /// The last day of points that somebody gets in this step.
  private var lastDay: BusinessDate? { lastDay(of: scene.street.today.civil.year, rule) }

  private mutating func earn(_ points: Int64, _ person: OpID) throws {
    let activity = try scene.street.publish(points: points, at: scene.a)
    _ = try scene.street.grant(person, activity, points: points, policy: rules[rule], at: scene.a)
    get(points, person)
  }

  private mutating func sell(pieces: Int64, to person: OpID) throws {
    let coins = dice.once(in: 3) ? Int64.random(in: 1...2, using: &dice) : 0
    let id = try scene.street.sell(
      scene.item, pieces, price: 2, to: person,
      coins: coins > 0 ? Street.coins(threes: coins) : nil, policy: rules[rule], at: scene.a)
    let points = pieces * 2 - coins * 3
    sales.append(
      Purchase(
        id: id, person: person, day: scene.street.today, lastDay: lastDay, points: points,
        pieces: pieces, borne: max(0, points)))
    if points < 0 { get(-points, person) } else { pay(points, person) }
  }

  /// A void on the same day gives everything back, a return a piece.
  private mutating func bringBack() throws {
    guard let index = sales.indices.randomElement(using: &dice) else { return }
    let sale = sales[index]
    if sale.pieces == 2, dice.once(in: 2) {
      scene.street.today = sale.day
      try scene.street.void(sale.id, policy: rules[rule], at: scene.a)
      if sale.points < 0 {
        moves.append(Move(person: sale.person, kind: .lot(sale.points, sale.lastDay)))
      } else {
        giveBack(sale.points, of: index)
      }
      sales[index].pieces = 0
      sales[index].isUntouched = false
    } else if sale.pieces == 3 {
      try record(
        "redemption.return",
        [
          "redemption": .reference(sale.id), "lines": .records([[.integer(1), .integer(1)]]),
          "condition": .integer(0),
        ])
      giveBack(2, of: index)
      sales[index].pieces = 1
      sales[index].isUntouched = false
    }
  }

  /// What the account bears of a sale was never spent, unless a deadline passed; the rest is new.
  private mutating func giveBack(_ points: Int64, of index: Int) {
    let sale = sales[index]
    let undone = min(points, sale.borne)
    sales[index].borne -= undone
    get(points - undone, sale.person)
    let years = 2024...2028
    let ends = years.flatMap { year in
      [(1, 31), (12, 31)].compactMap { BusinessDate(year: year, month: $0.0, day: $0.1) }
    }
    if ends.contains(where: { sale.day <= $0 && $0 < scene.street.today }) {
      get(undone, sale.person)
    } else {
      moves.append(Move(person: sale.person, kind: .debit(-undone, sale.day)))
    }
  }

  /// Coins for a redemption of which nothing came back, or for nothing but points.
  private mutating func collect(from person: OpID) throws {
    let open = sales.indices.filter { sales[$0].isUntouched }
    let index = dice.once(in: 2) ? open.randomElement(using: &dice) : nil
    try record(
      "coin.collect",
      [
        "coins": Street.coins(twos: 1),
        "redemption": index.map { .reference(sales[$0].id) },
        "resident": index == nil ? .reference(person) : nil,
      ])
    if let index { giveBack(2, of: index) } else { get(2, person) }
  }

  @discardableResult
  private mutating func record(
    _ kind: String, _ values: KeyValuePairs<String, PayloadValue?>
  ) throws -> OpID {
    try scene.street.record(kind, policy: rules[rule], at: scene.a, values)
  }

  private mutating func get(_ points: Int64, _ person: OpID) {
    if points > 0 { moves.append(Move(person: person, kind: .lot(points, lastDay))) }
  }

  private mutating func pay(_ points: Int64, _ person: OpID) {
    moves.append(Move(person: person, kind: .debit(points, scene.street.today)))
  }
}
