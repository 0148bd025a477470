import OpLog

/// What the rules say of one redemption by itself: its day, its collector, and whose pool pays.
///
/// Goods that left the shelf stay gone, so none of it holds a redemption back: the counter refuses
/// it, and what another office recorded all the same is on the desk.
enum CounterRule {
  /// What a person should look at.
  static func problems<S: FoldState>(
    of sale: Sale, _ policy: Policy?, in state: S
  ) throws(S.Failure) -> [DeskReason] {
    var problems: [DeskReason] = []
    if let policy {
      if !isOpen(on: sale.day, policy) { problems.append(.closedDay) }
      if sale.price < policy[.leastPoints] ?? 0 { problems.append(.belowMinimum) }
      if policy.isOn(.guardian), try lacksGuardian(sale, in: state) {
        problems.append(.guardianNeeded)
      }
    }
    if try isTooYoung(sale, in: state) { problems.append(.underAge) }
    if let pool = sale.pool {
      for person in sale.people
      where try !MemberFold.isMember(person, of: pool, on: sale.day, in: state) {
        problems.append(.notOfHousehold)
        break
      }
    }
    return problems
  }

  /// Whether redemptions are made on a day: always, unless the rules name days.
  static func isOpen(on day: Int64, _ policy: Policy) -> Bool {
    let (weekday, fairDay) = (policy[.redeemWeekday], policy[.fairDay])
    guard weekday != nil || fairDay != nil else { return true }
    // 1 January 1970 was a Thursday, the day 3 of a week.
    if weekday == (day + 3) % 7 { return true }
    return BusinessDate(day: day).map { Int64($0.civil.day) } == fairDay
  }

  /// Whether a child redeems, or anybody under 18 from a pool, and nobody who is grown up collects.
  private static func lacksGuardian<S: FoldState>(
    _ sale: Sale, in state: S
  ) throws(S.Failure) -> Bool {
    let band = try AgeBand.of(sale.resident, on: sale.day, in: state)
    guard band == .child || band == .minor && sale.pool != nil else { return false }
    guard let collector = sale.collector else { return true }
    return try AgeBand.isMinor(collector, on: sale.day, in: state)
  }
}

extension CounterRule {
  /// Whether somebody who redeems or collects is said to be younger than an item allows; whose age
  /// nobody said is not.
  private static func isTooYoung<S: FoldState>(
    _ sale: Sale, in state: S
  ) throws(S.Failure) -> Bool {
    guard let youngest = sale.lines.compactMap(\.terms.youngest).max() else { return false }
    for person in sale.people {
      if let band = try AgeBand.of(person, on: sale.day, in: state), band < youngest { return true }
    }
    return false
  }
}

extension Sale {
  /// Those who stand at the counter, or are said to.
  var people: [OpID] {
    guard let collector, collector != resident else { return [resident] }
    return [resident, collector]
  }
}

extension AgedSales {
  /// Writes down whose age counts for a redemption; nothing where neither the rules nor an item ask for
  /// it.
  static func note<S: FoldState>(
    _ sale: Sale, _ policy: Policy?, isFirst: Bool, in state: S
  ) throws(S.Failure) {
    guard
      policy?.isOn(.guardian) == true || sale.lines.contains(where: { $0.terms.youngest != nil })
    else { return }
    for person in sale.people {
      try Facts.put(
        [.id(person), .id(sale.id), .integer(sale.day)], in: Tables.guardedSale, isFirst: isFirst,
        state)
    }
  }
}

/// Redemptions from pools, judged again when it becomes known who lives in the household.
enum PoolSales: Derivation {
  /// Writes down who redeems from a pool; nothing where the person's own account pays.
  static func note<S: FoldState>(
    _ sale: Sale, isFirst: Bool, in state: S
  ) throws(S.Failure) {
    guard let pool = sale.pool else { return }
    for person in sale.people {
      try Facts.put(
        [.id(person), .id(sale.id), .id(pool)], in: Tables.poolSale, isFirst: isFirst, state)
    }
  }

  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for sale in try state.rows(Tables.poolSale, under: [key.first]) {
      guard let id = sale[1].integer, let row = try state.row(Tables.redemption, id: id) else {
        continue
      }
      try RedemptionSteps.settle(row, adding: nil, in: state)
    }
  }
}
