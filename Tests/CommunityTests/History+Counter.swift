import Community
import FoldKit
import OpLog

/// What the random offices wrote at counters and shelves, to be named later.
struct CounterHistory {
  /// Rules with limits, by community.
  var rules: [OpID] = []
  var redemptions: [(id: OpID, resident: OpID, item: OpID)] = []
  var prices: [(id: OpID, item: OpID)] = []
  var reservations: [(id: OpID, resident: OpID, item: OpID)] = []
  var offers: [OpID] = []
  var uses: [OpID] = []
  var transfers: [(id: OpID, to: Int)] = []
  var rights = RightsHistory()
}

/// The kinds of the counter, the shelves, and the coins, drawn at random.
extension History {
  mutating func setCounterRules() throws {
    for community in street.communities.indices {
      counter.rules.append(
        try street.setRules(
          [
            "redeem.item_limit": 2, "redeem.minor_per_day": 4, "void.days": 2,
            "redeem.household_item_limit": 2, "redeem.max_per_quarter": 2, "redeem.weekday": 4,
            "fair.day": 13, "redeem.guardian": 1, "redeem.min_points": 2,
            "redeem.credit_change": community == 0 ? 1 : 0,
          ],
          in: community))
    }
  }

  mutating func counterStep(at counter: Counter) throws {
    if dice.once(in: 5) { return try rightsStep(at: counter) }
    switch roll(0...82) {
    case 0..<12: try sell(at: counter)
    case 12..<18: try void(at: counter)
    case 18..<25: try bringBack(at: counter)
    case 25..<29: try reprice(at: counter)
    case 29..<34: try reserve(at: counter)
    case 34..<43: try endReservation(at: counter)
    case 43..<48: try useOffer(at: counter)
    case 48..<53: try send(at: counter)
    case 53..<63: try settleTransfer(at: counter)
    case 63..<65: try count(at: counter)
    case 65..<67: try writeOff(at: counter)
    case 67..<72: try issueCoins(at: counter)
    case 72..<74: try collectCoins(at: counter)
    case 74..<76: try adjustCoins(at: counter)
    case 78...: try takeOver(at: counter)
    default: try give(at: counter)
    }
  }

  /// Rules with limits, most of the time those of the office's community.
  private mutating func rules(at counter: Counter) -> OpID? {
    if dice.once(in: 4) { return expiring(at: counter) }
    guard !dice.once(in: 8) else { return pick(self.counter.rules) }
    return self.counter.rules[counter.office == street.offices[0] ? 0 : 1]
  }

  private mutating func resident(at counter: Counter) -> OpID? {
    pick(residents.filter { holds($0, counter) })
  }

  /// A household's file, once in a while a later version of one, which is no account.
  mutating func pool(at counter: Counter) -> OpID? {
    guard dice.once(in: 5) else { return nil }
    let known = dice.once(in: 6) ? people.versions.map(\.id) : people.households
    return pick(known.filter { holds($0, counter) })
  }

  private mutating func redemption(
    at counter: Counter
  ) -> (id: OpID, resident: OpID, item: OpID)? {
    pick(self.counter.redemptions.suffix(5).filter { holds($0.id, counter) })
  }

  private mutating func sell(at counter: Counter) throws {
    guard let resident = resident(at: counter), let item = item(at: counter) else { return }
    let coins = Street.coins(twos: roll(1...2), threes: roll(0...1))
    let kept = pick(self.counter.reservations.filter { holds($0.id, counter) })
    let id = try street.sell(
      item, roll(1...3), price: roll(0...4), andAt: dice.once(in: 4) ? roll(0...4) : nil,
      to: resident, basis: dice.once(in: 3) ? 0 : 2,
      coins: dice.once(in: 2) ? coins : nil,
      collector: dice.once(in: 4) ? self.resident(at: counter) : nil,
      reservation: dice.once(in: 4) ? kept?.id : nil, terms: termsKnown(at: counter),
      serials: serials(),
      policy: rules(at: counter), at: counter)
    self.counter.redemptions.append((id, resident, item))
  }

  /// The terms of items, most of the time none of their own.
  mutating func terms() -> Terms {
    guard dice.once(in: 3) else { return Terms() }
    return Terms(
      limit: roll(0...2), period: dice.once(in: 2) ? roll(0...2) : nil,
      minAge: dice.once(in: 3) ? roll(0...2) : nil)
  }

  /// Changes that a redemption names, fitting or not.
  private mutating func termsKnown(at counter: Counter) -> [OpID] {
    let known = self.counter.prices.map(\.id).filter { holds($0, counter) }
    return dice.once(in: 3) ? Array(Set([pick(known), pick(known)].compactMap { $0 })) : []
  }

  private mutating func void(at counter: Counter) throws {
    guard let redemption = redemption(at: counter) else { return }
    let isReturned = !dice.once(in: 3)
    try street.void(
      redemption.id, goodsReturned: isReturned, policy: rules(at: counter), at: counter)
    guard !isReturned, dice.once(in: 2) else { return }
    // The goods came back after all, and somebody typed it in once more.
    try street.void(redemption.id, policy: rules(at: counter), at: counter)
  }

  private mutating func bringBack(at counter: Counter) throws {
    guard let redemption = redemption(at: counter) else { return }
    try street.bringBack(
      redemption.id, line: dice.once(in: 9) ? 2 : 1, roll(1...2), condition: roll(0...1),
      at: counter)
  }

  private mutating func reprice(at counter: Counter) throws {
    guard let item = item(at: counter) else { return }
    var known = self.counter.prices.filter { $0.item == item && holds($0.id, counter) }.map(\.id)
    if known.isEmpty || dice.once(in: 3) { known.append(item) }
    if dice.once(in: 12), let other = pick(items.filter { holds($0, counter) }) { known = [other] }
    known.shuffle(using: &dice)
    let id = try street.reprice(
      item, points: roll(1...4), from: street.today.adding(days: roll(-1...1)), terms: terms(),
      replaces: Array(known.prefix(Int(roll(1...2)))), at: counter)
    self.counter.prices.append((id, item))
  }

  private mutating func reserve(at counter: Counter) throws {
    guard let resident = resident(at: counter), let item = item(at: counter) else { return }
    let id = try street.reserve(item, roll(1...2), for: resident, days: roll(-1...9), at: counter)
    self.counter.reservations.append((id, resident, item))
  }

  private mutating func endReservation(at counter: Counter) throws {
    guard let reservation = pick(self.counter.reservations.suffix(2)) else { return }
    var counter = counter
    if let shelf = street.counters.first(where: { $0.office == reservation.id.replica }),
      !dice.once(in: 6)
    {
      counter = shelf
    }
    guard holds(reservation.id, counter) else { return }
    if dice.once(in: 3) {
      try street.release(reservation.id, reason: roll(0...1), at: counter)
      return
    }
    guard holds(reservation.item, counter), holds(reservation.resident, counter) else { return }
    let own = try street.sell(
      reservation.item, price: roll(0...4), to: reservation.resident,
      reservation: reservation.id, at: counter)
    let other = redemption(at: counter)?.id
    try street.collect(
      reservation.id, with: dice.once(in: 4) ? other ?? own : own, at: counter)
  }

  /// Mostly the home's program, about a debit that was on trust or was not.
  private mutating func takeOver(at counter: Counter) throws {
    guard let sale = pick(self.counter.redemptions.filter { holds($0.id, counter) }) else { return }
    try street.write("standin.cover", by: counter.office, ["debit": .reference(sale.id)])
    for program in street.counters {
      for sale in self.counter.redemptions.suffix(40) where holds(sale.id, program) {
        let give = arrival(of: sale.resident, at: program)
        try street.write(
          "standin.owed", by: program.office,
          ["debit": .reference(sale.id), "after": give.map(PayloadValue.reference)])
      }
    }
  }

  private mutating func useOffer(at counter: Counter) throws {
    guard let resident = resident(at: counter) else { return }
    var offer = pick(self.counter.offers.filter { holds($0, counter) })
    if offer == nil || dice.once(in: 4) {
      let published = try street.record(
        "offer.publish", at: counter,
        [
          "title": .text("理发"), "points": .integer(roll(0...2)),
          "valid_to": .integer(Int64(street.today.adding(days: roll(0...3)).day)),
          "per_person": dice.once(in: 4) ? nil : .integer(roll(1...2)),
        ])
      self.counter.offers.append(published)
      offer = published
    }
    guard let offer else { return }
    let use = try street.record(
      "offer.use", policy: rules(at: counter), at: counter,
      [
        "offer": .reference(offer), "resident": .reference(resident),
        "times": .integer(roll(1...2)), "basis": basis().map(PayloadValue.integer),
      ])
    self.counter.uses.append(use)
    guard dice.once(in: 3), let old = pick(self.counter.uses.filter { holds($0, counter) })
    else { return }
    let own = street.place(of: counter.office) == 0 ? street.staff[2] : street.staff[4]
    try street.record(
      "offer.void", policy: rules(at: counter),
      at: Counter(office: counter.office, clerk: dice.once(in: 4) ? counter.clerk : own),
      ["use": .reference(old), "reason": .integer(0)])
  }

  /// By what right points are taken: mostly nobody says.
  private mutating func basis() -> Int64? { dice.once(in: 4) ? roll(0...1) : nil }

  private mutating func send(at counter: Counter) throws {
    let to = Int(roll(0...2))
    guard let item = item(at: counter), counter.office != street.offices[to] || dice.once(in: 9)
    else { return }
    let id = try street.send(item, roll(2...5), to: street.enrolments[to], at: counter)
    self.counter.transfers.append((id, to))
  }

  /// The other end accepts, once in a while somebody else does.
  private mutating func settleTransfer(at counter: Counter) throws {
    guard let transfer = pick(self.counter.transfers.suffix(3)) else { return }
    var there = counter
    if !dice.once(in: 6) { there = street.counters[transfer.to] }
    if let sender = street.counters.first(where: { $0.office == transfer.id.replica }) {
      try push(sender)
      pull(there)
    }
    guard holds(transfer.id, there) else { return }
    if dice.once(in: 3), let witness = pick(street.staff) {
      try street.writeOff(
        roll(1...2), from: transfer.id, witness: witness, byBoth: !dice.once(in: 3), at: there)
    } else {
      try street.accept(transfer.id, roll(1...3), at: there)
    }
  }

  private mutating func count(at counter: Counter) throws {
    guard let item = item(at: counter) else { return }
    try street.count(item, roll(0...5), booked: roll(-2...5), at: counter)
  }

  private mutating func writeOff(at counter: Counter) throws {
    guard let item = item(at: counter), let witness = pick(street.staff) else { return }
    try street.writeOff(roll(1...2), of: item, witness: witness, at: counter)
  }

  private mutating func issueCoins(at counter: Counter) throws {
    guard let resident = resident(at: counter) else { return }
    let award = dice.once(in: 3) ? nil : pick(grants.prefix(3).filter { holds($0.id, counter) })
    let to = dice.once(in: 5) ? resident : award?.resident ?? resident
    try street.issueCoins(
      Street.coins(twos: roll(1...2), threes: roll(0...1)), to: to,
      for: award.map { [$0.id] } ?? [], basis: basis(), serials: serials(),
      policy: rules(at: counter),
      at: counter)
  }

  /// A number or two, so few that coins meet; most coins have none.
  private mutating func serials() -> PayloadValue? {
    dice.once(in: 2)
      ? Street.serials(2, Array(Set([roll(1...2), roll(1...2)])).sorted()) : nil
  }

  private mutating func collectCoins(at counter: Counter) throws {
    let redemption = dice.once(in: 2) ? redemption(at: counter)?.id : nil
    let resident = redemption == nil && dice.once(in: 2) ? resident(at: counter) : nil
    try street.record(
      "coin.collect", policy: rules(at: counter), at: counter,
      [
        "coins": Street.coins(twos: roll(1...3), threes: roll(0...2)),
        "redemption": redemption.map(PayloadValue.reference),
        "resident": resident.map(PayloadValue.reference), "serials": serials(),
      ])
  }

  private mutating func adjustCoins(at counter: Counter) throws {
    try street.adjustCoins(
      roll(2...3), roll(-2...9), reason: roll(0...2), at: counter)
  }

  private mutating func give(at counter: Counter) throws {
    guard let from = pool(at: counter) ?? resident(at: counter),
      let to = pool(at: counter) ?? resident(at: counter)
    else { return }
    try street.give(roll(1...3), from: from, to: to, policy: rules(at: counter), at: counter)
  }
}
