import Community
import FoldKit
import OpLog

/// A random small history: three offices with bad lines record, and sync now and then.
///
/// An office names only what it holds: its own log, and what the hub had receipted when it last
/// pulled. So causes have receipts before effects.
struct History {
  struct Granted {
    let id: OpID
    let resident: OpID
    let activity: OpID
    let session: Int64
    let role: Int64
  }

  private struct Changed {
    let id: OpID
    let resident: OpID
    let field: String
  }

  var street: Street
  var dice: Dice
  /// How far each office holds each log.
  private var seen: [ReplicaID: [ReplicaID: UInt64]] = [:]
  /// How far the hub holds each log.
  var taken: [ReplicaID: UInt64] = [:]
  var residents: [OpID] = []
  /// What the closing of months and years needs, see ``ClosingHistory``.
  var closing = ClosingHistory()
  var activities: [OpID] = []
  var items: [OpID] = []
  var grants: [Granted] = []
  var work = Work()
  var counter = CounterHistory()
  private var reversals: [(id: OpID, of: Granted)] = []
  private var changes: [Changed] = []
  var people = PeopleHistory()
  var custody = CustodyHistory()

  init(seed: UInt64, steps: Int = 50) throws {
    dice = Dice(seed: seed)
    street = try Street()
    for office in street.offices where dice.once(in: 3) {
      let days: Int64 = dice.once(in: 2) ? -9_000 : 27_000
      street.skew[office] = days * 86_400_000
    }
    try setWorkRules()
    try setUpClosing()
    try setCounterRules()
    for counter in street.counters { pull(counter) }
    for counter in street.counters {
      if counter.office != street.offices[2] {
        residents.append(try street.register(at: counter))
        activities.append(try announce(at: counter))
        items.append(try street.defineItem(points: 2, terms: terms(), at: counter))
      }
      try push(counter)
    }
    for counter in street.counters { pull(counter) }
    for _ in 0..<steps {
      if dice.once(in: 5) { try closingStep() } else { try step() }
    }
  }

  /// The ops, causes before effects.
  var ops: [Delivery] { street.written }

  private mutating func step() throws {
    let counter = try anyCounter()
    if dice.once(in: 12) { street.now += 86_400_000 }
    street.today = BusinessDate(stamp: street.now)
    if dice.once(in: 10) { street.today = street.today.adding(days: roll(-3...40)) }
    if dice.once(in: 24) { return try custodyStep(at: counter) }
    if dice.once(in: 20) { return try recordAgain(at: counter) }
    if dice.once(in: 4) { return try stepWork(at: counter) }
    if dice.once(in: 3) { return try peopleStep(at: counter) }
    if dice.once(in: 3) { return try counterStep(at: counter) }
    switch roll(0...99) {
    case 0..<30: try grant(at: counter)
    case 30..<42: try reverse(at: counter)
    case 42..<56: try change(at: counter)
    case 56..<70: try redeem(at: counter)
    case 70..<74: if let item = item(at: counter) { try receive(item, at: counter) }
    case 74..<76: items.append(try item(soldBy: counter))
    case 76..<78: activities.append(try street.publish(points: roll(0...5), at: counter))
    case 78..<80: residents.append(try register(at: counter))
    case 80..<81: if dice.once(in: 2) { try revoke() } else { try succeed() }
    case 81..<90: try push(counter)
    case 90..<95: pull(counter)
    default:
      try push(counter)
      pull(counter)
    }
  }

  // MARK: Recording

  mutating func grant(at counter: Counter) throws {
    guard let resident = pick(residents.filter { holds($0, counter) }),
      let activity = pick(activities.filter { holds($0, counter) })
    else { return }
    let session = dice.once(in: 3) ? roll(1...2) : 1
    let role: Int64 = dice.once(in: 6) ? 1 : 0
    let ended = reversals.filter {
      holds($0.id, counter) && $0.of.resident == resident && $0.of.activity == activity
        && (dice.once(in: 9) || $0.of.session == session && $0.of.role == role)
    }
    let after = dice.once(in: 4) ? nil : pick(ended)?.id
    let id = try street.grant(
      resident, activity, points: roll(0...5),
      session: session == 1 && dice.once(in: 2) ? nil : session,
      role: role == 0 ? nil : role, minutes: dice.once(in: 3) ? nil : roll(20...600),
      after: after, policy: policy(at: counter), at: counter)
    grants.append(
      Granted(id: id, resident: resident, activity: activity, session: session, role: role))
  }

  /// The rules of the office's community, but once in a while of another's.
  mutating func policy(at counter: Counter) -> OpID {
    var named = counter
    if dice.once(in: 10), let other = pick(street.counters) { named = other }
    if dice.once(in: 2), let rules = workRules(at: named) { return rules }
    if dice.once(in: 2) { return expiring(at: named) }
    return dice.once(in: 8) ? street.approved(at: named) : street.spot(at: named)
  }

  private mutating func item(soldBy counter: Counter) throws -> OpID {
    try street.defineItem(
      points: roll(1...9), sort: dice.once(in: 2) ? roll(1...3) : 0, terms: terms(), at: counter)
  }

  private mutating func reverse(at counter: Counter) throws {
    guard let award = pick(grants.filter { holds($0.id, counter) }) else { return }
    reversals.append((try street.reverse(award.id, cause: roll(0...2), at: counter), award))
  }

  private mutating func change(at counter: Counter) throws {
    guard let resident = pick(residents.filter { holds($0, counter) }) else { return }
    let field = dice.once(in: 3) ? "address" : dice.once(in: 2) ? "age_band" : "phone"
    var candidates = changes.filter {
      holds($0.id, counter) && $0.resident == resident && $0.field == field
    }.map(\.id)
    if candidates.isEmpty || dice.once(in: 3) { candidates.append(resident) }
    candidates.shuffle(using: &dice)
    let replaced = candidates.prefix(Int(roll(1...3)))
    let band = field == "age_band" && !dice.once(in: 4) ? roll(0...2) : nil
    let id = try street.update(
      resident, field, replaces: Array(replaced), ageBand: band, at: counter)
    changes.append(Changed(id: id, resident: resident, field: field))
  }

  mutating func redeem(at counter: Counter) throws {
    guard let resident = pick(residents.filter { holds($0, counter) }) else { return }
    var lines: [(item: OpID, quantity: Int64, price: Int64)] = []
    for _ in 0..<roll(1...2) {
      guard let item = item(at: counter) else { return }
      lines.append((item, roll(1...3), roll(0...4)))
    }
    let isInsisted = lines.contains { $0.quantity == 3 && $0.price == 4 }
    try street.redeem(
      resident, lines, basis: dice.once(in: 3) ? 0 : 2, policy: policy(at: counter),
      override: isInsisted ? counter.clerk : nil, at: counter)
  }

  private mutating func receive(_ item: OpID, at counter: Counter) throws {
    try street.receive(item, quantity: roll(1...4), at: counter)
  }

  private mutating func register(at counter: Counter) throws -> OpID {
    try street.register(
      at: counter, home: dice.once(in: 2) ? nil : pick(street.enrolments),
      ageBand: dice.once(in: 2) ? roll(0...2) : nil)
  }

  private mutating func revoke() throws {
    guard let enrolment = pick(street.enrolments) else { return }
    try street.write(
      "replica.revoke", ["enrolment": .reference(enrolment), "reason": .integer(0)])
  }

  /// Once in a history, another hub follows; what still comes from the first one is late.
  private mutating func succeed() throws {
    guard street.presentHub == Street.hub else { return }
    let behind = UInt64(roll(0...20))
    for office in street.offices { taken[office] = street.head(of: office)?.seq ?? 0 }
    try street.succeed(behind: behind, byAppointed: dice.once(in: 2) ? dice.once(in: 2) : nil)
  }

  // MARK: Syncing

  /// The hub takes in what an office wrote; sometimes the line is cut before the end.
  mutating func push(_ counter: Counter) throws {
    let had = taken[counter.office, default: 0]
    guard let head = street.head(of: counter.office), head.seq > had else { return }
    let upTo = dice.once(in: 4) ? UInt64.random(in: (had + 1)...head.seq, using: &dice) : head.seq
    try street.receipt([(counter.office, upTo)])
    taken[counter.office] = upTo
  }

  mutating func pull(_ counter: Counter) {
    seen[counter.office] = taken
    for hub in [Street.hub, street.presentHub] {
      seen[counter.office]?[hub] = street.head(of: hub)?.seq
    }
  }

  func holds(_ id: OpID, _ counter: Counter) -> Bool {
    id.replica == counter.office || seen[counter.office]?[id.replica] ?? 0 >= id.seq
  }

  // MARK: Choosing

  /// An office with a member of staff, who once in a while has no right to do it.
  mutating func anyCounter() throws -> Counter {
    let counter = street.counters[Int(roll(0...2))]
    guard dice.once(in: 4) else { return counter }
    let staff = dice.once(in: 2) ? street.staff : street.colleagues(at: counter.office)
    guard let other = pick(staff) else { return counter }
    return Counter(office: counter.office, clerk: other)
  }

  mutating func item(at counter: Counter) -> OpID? {
    pick(items.filter { holds($0, counter) })
  }

  mutating func pick<T>(_ choices: [T]) -> T? { choices.randomElement(using: &dice) }

  mutating func roll(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &dice)
  }
}
