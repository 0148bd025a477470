import Community
import FoldKit
import OpLog
import Testing

/// How much of an item a person may take (period 0 month, 1 quarter, 2 year), from which age (1 is 14, 2
/// is 18).
struct Terms {
  var limit: Int64?
  var period: Int64?
  var minAge: Int64?
}

/// What counters and shelves record, as short as a test wants it.
extension Street {
  /// Writes an op at a counter.
  @discardableResult
  mutating func record(
    _ kind: String, policy: OpID? = nil, at counter: Counter,
    _ values: KeyValuePairs<String, PayloadValue?>
  ) throws -> OpID {
    try write(kind, by: counter.office, actor: counter.clerk, policy: policy, values)
  }

  /// Sets rules of a community beside those on trust.
  mutating func setRules(
    _ rules: KeyValuePairs<String, Int64>, in community: Int
  ) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "policy.set"))
    var values: [PayloadValue?] = Array(repeating: nil, count: kind.schema.fields.count)
    values[0] = .reference(communities[community])
    let standard: [(String, Int64)] = [
      ("award.posting", 0), ("standin.visit_limit", 9), ("standin.person_limit", 18),
      ("standin.office_limit", 20),
    ]
    for (name, value) in standard + rules.map({ ($0.key, $0.value) }) {
      let index = try #require(kind.schema.fields.firstIndex { $0.name == name }, "\(name)")
      values[index] = .integer(value)
    }
    return try write(
      kind.number, by: Self.hub, payload: kind.schema.encode(Payload(values: values)))
  }

  /// Redeems one line, with all that a redemption may name; `andAt` sells one more piece of the item
  /// in a line of its own, at that price.
  @discardableResult
  mutating func sell(
    _ item: OpID, _ quantity: Int64 = 1, price: Int64, andAt other: Int64? = nil,
    to resident: OpID, basis: Int64 = 0, coins: PayloadValue? = nil, pool: OpID? = nil,
    collector: OpID? = nil, reservation: OpID? = nil, terms: [OpID] = [],
    serials: PayloadValue? = nil,
    policy: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    var lines: [[PayloadValue?]] = [[.reference(item), .integer(quantity), .integer(price)]]
    if let other { lines.append([.reference(item), .integer(1), .integer(other)]) }
    return try record(
      "redemption.record", policy: policy, at: counter,
      [
        "resident": .reference(resident),
        "lines": .records(lines),
        "basis": .integer(basis), "coins": coins, "pool": pool.map(PayloadValue.reference),
        "collector": collector.map(PayloadValue.reference),
        "reservation": reservation.map(PayloadValue.reference),
        "terms": terms.isEmpty ? nil : .references(terms.sorted()), "serials": serials,
      ])
  }

  /// Coins of a payload.
  static func coins(twos: Int64 = 0, threes: Int64 = 0) -> PayloadValue {
    .records(
      [(2, twos), (3, threes)].filter { $0.1 > 0 }.map { [.integer($0.0), .integer($0.1)] })
  }

  @discardableResult
  mutating func void(
    _ redemption: OpID, goodsReturned: Bool = true, policy: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try record(
      "redemption.void", policy: policy, at: counter,
      [
        "redemption": .reference(redemption), "goods_returned": .integer(goodsReturned ? 1 : 0),
        "reason": .integer(0),
      ])
  }

  /// Brings pieces back; condition 0 is good, 1 damaged.
  @discardableResult
  mutating func bringBack(
    _ redemption: OpID, line: Int64 = 1, _ quantity: Int64, condition: Int64 = 0,
    at counter: Counter
  ) throws -> OpID {
    try record(
      "redemption.return", at: counter,
      [
        "redemption": .reference(redemption),
        "lines": .records([[.integer(line), .integer(quantity)]]),
        "condition": .integer(condition),
      ])
  }

  @discardableResult
  mutating func reprice(
    _ item: OpID, points: Int64, from: BusinessDate? = nil, terms: Terms = Terms(),
    replaces: [OpID], at counter: Counter
  ) throws -> OpID {
    try record(
      "item.reprice", at: counter,
      [
        "item": .reference(item), "points": .integer(points),
        "valid_from": .integer(Int64((from ?? today).day)),
        "replaces": .references(replaces.sorted()),
        "limit_per_person": terms.limit.map(PayloadValue.integer),
        "limit_period": terms.period.map(PayloadValue.integer),
        "min_age": terms.minAge.map(PayloadValue.integer),
      ])
  }

  @discardableResult
  mutating func reserve(
    _ item: OpID, _ quantity: Int64 = 1, for resident: OpID, days: Int64 = 7, at counter: Counter
  ) throws -> OpID {
    try record(
      "reservation.place", at: counter,
      [
        "item": .reference(item), "resident": .reference(resident),
        "quantity": .integer(quantity),
        "expires_on": .integer(Int64(today.adding(days: days).day)),
      ])
  }

  @discardableResult
  mutating func release(
    _ reservation: OpID, reason: Int64 = 0, at counter: Counter
  ) throws -> OpID {
    try record(
      "reservation.release", at: counter,
      ["reservation": .reference(reservation), "reason": .integer(reason)])
  }

  @discardableResult
  mutating func collect(
    _ reservation: OpID, with redemption: OpID, at counter: Counter
  ) throws -> OpID {
    try record(
      "reservation.collect", at: counter,
      ["reservation": .reference(reservation), "redemption": .reference(redemption)])
  }

  @discardableResult
  mutating func send(
    _ item: OpID, _ quantity: Int64, to enrolment: OpID, at counter: Counter
  ) throws -> OpID {
    try record(
      "stock.send", at: counter,
      [
        "item": .reference(item), "quantity": .integer(quantity), "to": .reference(enrolment),
      ])
  }

  @discardableResult
  mutating func accept(
    _ transfer: OpID, _ quantity: Int64, at counter: Counter
  ) throws -> OpID {
    try record(
      "stock.accept", at: counter,
      ["transfer": .reference(transfer), "quantity": .integer(quantity)])
  }

  /// Counts a shelf when its log was at `asOf`; at its end where none is given.
  @discardableResult
  mutating func count(
    _ item: OpID, _ counted: Int64, booked: Int64, asOf: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    let place = asOf?.seq ?? head(of: counter.office)?.seq ?? 0
    return try record(
      "stock.count", at: counter,
      [
        "item": .reference(item), "counted": .integer(counted), "booked": .integer(booked),
        "as_of": .integer(Int64(place)),
      ])
  }

  @discardableResult
  mutating func writeOff(
    _ quantity: Int64, of item: OpID? = nil, from transfer: OpID? = nil, reason: Int64 = 2,
    witness: OpID, byBoth: Bool = false, at counter: Counter
  ) throws -> OpID {
    try record(
      "stock.write_off", at: counter,
      [
        "quantity": .integer(quantity), "reason": .integer(reason),
        "witness": .reference(witness),
        "item": item.map(PayloadValue.reference),
        "transfer": transfer.map(PayloadValue.reference),
        "by_both": byBoth ? .integer(1) : nil,
      ])
  }

  @discardableResult
  mutating func issueCoins(
    _ coins: PayloadValue, to resident: OpID, for awards: [OpID] = [], basis: Int64? = nil,
    serials: PayloadValue? = nil, policy: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try record(
      "coin.issue", policy: policy, at: counter,
      [
        "resident": .reference(resident), "coins": coins,
        "awards": awards.isEmpty ? nil : .references(awards.sorted()),
        "basis": basis.map(PayloadValue.integer), "serials": serials,
      ])
  }

  /// The numbers of some coins of one denomination.
  static func serials(_ denomination: Int64, _ numbers: [Int64]) -> PayloadValue {
    .records(numbers.map { [.integer(denomination), .integer($0)] })
  }

  /// Prints (0), destroys (1), or counts (2) coins.
  @discardableResult
  mutating func adjustCoins(
    _ denomination: Int64, _ quantity: Int64, reason: Int64 = 0, at counter: Counter
  ) throws -> OpID {
    try record(
      "coin.adjust", at: counter,
      [
        "denomination": .integer(denomination), "quantity": .integer(quantity),
        "reason": .integer(reason),
      ])
  }

  @discardableResult
  mutating func give(
    _ points: Int64, from: OpID, to: OpID, policy: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try record(
      "points.transfer", policy: policy, at: counter,
      ["from": .reference(from), "to": .reference(to), "points": .integer(points)])
  }
}
