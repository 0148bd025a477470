import Community
import OpLog

/// Redemptions and what comes back, stock on its way, coins, offers, and gifts.
extension NaiveModel {
  // MARK: Redemptions

  mutating func countRedemptions() {
    for redemption in ops("redemption.record") {
      guard let sale = sale(redemption),
        !isInFuture(redemption.op) || voids(of: redemption).first != nil
      else { continue }
      let office = redemption.op.id.replica
      for line in sale.lines where ops[line.item]?.integer("sort") == 0 {
        onHand[Shelf(office: office, item: line.item), default: 0] -= line.quantity
      }
      let trusted = onTrust(redemption)
      let before = accounts[sale.payer]?.spent ?? 0
      charge(sale.payer, sale.points - trusted, onTrustAt: nil)
      charge(sale.payer, trusted, onTrustAt: office)
      giveBack(redemption, sale, uncovered: trusted)
      charged[redemption.op.id] = (accounts[sale.payer]?.spent ?? 0) - before
    }
  }

  /// What a debit gives on trust, before anything of it comes back.
  func onTrust(_ debit: Fact) -> Int64 {
    if debit.kind?.name == "redemption.record" {
      guard let sale = sale(debit), debit.integer("basis") == 2,
        isLate(debit.op.id) || !isAtFirstHome(debit.op.id, of: sale.payer),
        !isTakenOver(debit, by: sale.payer)
      else { return 0 }
      return max(0, sale.points)
    }
    guard let resident = debit.reference("resident"), !isFirm(debit, of: resident),
      !isTakenOver(debit, by: resident)
    else { return 0 }
    return worth(debit)
  }

  /// Whether the account's home has said that it bears what another office gave on trust.
  func isTakenOver(_ debit: Fact, by account: OpID) -> Bool {
    ops("standin.cover").contains {
      $0.reference("debit") == debit.op.id && hadStanding($0.op.id, on: account)
    }
  }

  /// What redemptions and what comes back of them mean for points that end.
  ///
  /// What comes back is as if never spent, coins first; but once a deadline lies between, and for what
  /// coins had paid, it is as if earned that day.
  mutating func countWhatSalesEnd() {
    for redemption in ops("redemption.record") {
      guard let sale = sale(redemption) else { continue }
      let (account, day) = (sale.payer, redemption.op.occurredOn)
      if charged[redemption.op.id] != nil {
        receive(account, max(0, -sale.points), by: redemption)
        spend(account, max(0, sale.points), on: day)
      }
      var borne = max(0, sale.points)
      for coins in paidLater[redemption.op.id] ?? [] {
        undo(coins.paid, of: account, on: day, by: coins.fact)
        receive(account, coins.more, by: coins.fact)
        borne -= coins.paid
      }
      for step in cameBack[redemption.op.id] ?? [] {
        guard step.points > 0 else {
          receive(account, step.points, by: redemption)
          continue
        }
        let undone = min(borne, step.points)
        undo(undone, of: account, on: day, by: step.fact, undoing: redemption)
        receive(account, step.points - undone, by: step.fact, undoing: redemption)
        borne -= undone
      }
    }
  }

  mutating func undo(
    _ points: Int64, of account: OpID, on day: BusinessDate, by fact: Fact,
    undoing undone: Fact? = nil
  ) {
    let back = fact.op.occurredOn
    let deadlines = (day.civil.year...max(day.civil.year, back.civil.year)).flatMap { year in
      [(1, 31), (12, 31)].compactMap { BusinessDate(year: year, month: $0.0, day: $0.1) }
    }
    if deadlines.contains(where: { day <= $0 && $0 < back }) {
      receive(account, points, by: fact, undoing: undone)
    } else {
      spend(account, -points, on: day)
    }
  }

  typealias Line = (item: OpID, quantity: Int64, price: Int64)
  typealias Sale = (payer: OpID, lines: [Line], points: Int64)

  /// What a redemption takes from the household's pool, else from the resident; nil when one of those
  /// that it names is not there.
  func sale(_ redemption: Fact) -> Sale? {
    guard let resident = redemption.reference("resident"), exists(resident, "resident.register")
    else { return nil }
    if let pool = redemption.reference("pool"), !isHousehold(pool) { return nil }
    if let collector = redemption.reference("collector"), !exists(collector, "resident.register") {
      return nil
    }
    var lines: [Line] = []
    for line in redemption.records("lines") {
      guard let item = line.reference(1), exists(item, "item.define"),
        let quantity = line.integer(2), let price = line.integer(3)
      else { return nil }
      lines.append((item, quantity, price))
    }
    let price = lines.reduce(0) { $0 + $1.quantity * $1.price }
    let rest = price - coins(redemption)
    let points = creditsChange(redemption) ? rest : max(0, rest)
    return (redemption.reference("pool") ?? resident, lines, points)
  }

  /// Whether coins paid over the price are credited, by the rules of the one who took them.
  private func creditsChange(_ fact: Fact) -> Bool {
    rules(of: fact)?.integer("redeem.credit_change") == 1
  }

  func isAccount(_ id: OpID) -> Bool { exists(id, "resident.register") || isHousehold(id) }

  private func isHousehold(_ id: OpID) -> Bool {
    guard exists(id, "household.upsert_file"), let file = ops[id] else { return false }
    let head = file.reference("head")
    guard file.references("replaces").isEmpty else { return false }
    return file.reference("household") == nil && (head == nil || exists(head, "resident.register"))
  }

  private func coins(_ op: Fact) -> Int64 {
    op.records("coins").reduce(0) { $0 + ($1.integer(1) ?? 0) * ($1.integer(2) ?? 0) }
  }

  private mutating func charge(_ account: OpID, _ points: Int64, onTrustAt office: ReplicaID?) {
    accounts[account, default: Account()].spent += points
    guard let office else { return }
    accounts[account, default: Account()].uncovered += points
    uncovered[office, default: 0] += points
  }

  /// A void gives back everything; without one, each return what it brings, if the line has it.
  private mutating func giveBack(
    _ redemption: Fact, _ sale: Sale, uncovered trusted: Int64
  ) {
    let id = redemption.op.id
    let office = trusted > 0 ? id.replica : nil
    if let void = voids(of: redemption).first {
      charge(sale.payer, trusted - sale.points, onTrustAt: nil)
      charge(sale.payer, -trusted, onTrustAt: office)
      cameBack[id] = [(void, sale.points)]
      keptPieces[id] = sale.lines.map { _ in 0 }
      guard void.integer("goods_returned") == 1 else { return }
      for line in sale.lines { restock(line.item, line.quantity, at: void.op.id.replica) }
      return
    }
    let returns = ops("redemption.return").filter {
      $0.reference("redemption") == id && isEntitled($0) && !isInFuture($0.op)
        && communities[$0.op.id.replica] == communities[id.replica]
    }
    var left = sale.lines.map(\.quantity)
    var trusted = trusted
    for step in ordered(returns) {
      let pieces = step.records("lines").map { (Int($0.integer(1) ?? 0) - 1, $0.integer(2) ?? 0) }
      guard pieces.allSatisfy({ left.indices.contains($0.0) && $0.1 <= left[$0.0] }) else {
        continue
      }
      var points: Int64 = 0
      for (line, quantity) in pieces {
        left[line] -= quantity
        points += quantity * sale.lines[line].price
        if step.integer("condition") == 0 {
          restock(sale.lines[line].item, quantity, at: step.op.id.replica)
        }
      }
      let covered = max(0, points - trusted)
      charge(sale.payer, -(points - covered), onTrustAt: office)
      charge(sale.payer, -covered, onTrustAt: nil)
      trusted -= points - covered
      cameBack[id, default: []].append((step, points))
    }
    keptPieces[id] = left
  }

  func voids(of redemption: Fact) -> [Fact] {
    ordered(
      ops("redemption.void").filter {
        $0.reference("redemption") == redemption.op.id && isEffectiveVoid($0, on: redemption)
      })
  }

  private mutating func restock(_ item: OpID, _ quantity: Int64, at office: ReplicaID) {
    guard ops[item]?.integer("sort") == 0 else { return }
    onHand[Shelf(office: office, item: item), default: 0] += quantity
  }

  /// On the day a clerk of the office may; later, or elsewhere, an approver within the days.
  private func isEffectiveVoid(_ void: Fact, on redemption: Fact) -> Bool {
    guard isEntitled(void), !isInFuture(void.op),
      communities[void.op.id.replica] == communities[redemption.op.id.replica]
    else { return false }
    let roles = void.op.actor.flatMap { ops[$0]?.integer("roles") } ?? 0
    let isApprover = roles & Self.approver != 0
    let policy = void.op.policy.flatMap { ops[$0] }
    let isOwn = policy?.reference("community") == communities[void.op.id.replica]
    var day = Int64(void.op.occurredOn.day)
    // A clerk's date is believed for some days, unless the redemption came with it.
    if isOwn, !isApprover, let limit = policy?.integer("backdate.max_days"),
      let came = receivedOn[void.op.id], let sold = receivedOn[redemption.op.id], sold < came,
      day + limit < came
    {
      day = came
    }
    let sold = Int64(redemption.op.occurredOn.day)
    let days = day - (isInFuture(redemption.op) ? receivedOn[redemption.op.id] ?? sold : sold)
    if days == 0, void.op.id.replica == redemption.op.id.replica { return true }
    return isApprover && days <= (isOwn ? policy?.integer("void.days") ?? 0 : 0)
  }

  /// By the first receipt, then by seq; what has no receipt is last.
  private func ordered(_ steps: [Fact]) -> [Fact] {
    steps.sorted { left, right in
      switch (places[left.op.id], places[right.op.id]) {
      case (let a?, let b?) where a != b: a < b
      case (nil, _?): false
      case (_?, nil): true
      default: (left.op.id.seq, left.op.id) < (right.op.id.seq, right.op.id)
      }
    }
  }

  // MARK: Shelves

  mutating func countTransfers() {
    for transfer in ops("stock.send") {
      let from = transfer.op.id.replica
      guard let item = transfer.reference("item"), exists(item, "item.define"),
        let number = transfer.reference("to").flatMap({ ops[$0]?.integer("replica") }),
        let to = ReplicaID(rawValue: UInt32(number)), to != from, isSound(transfer),
        var left = transfer.integer("quantity")
      else { continue }
      onHand[Shelf(office: from, item: item), default: 0] -= left
      let receivers = line(of: to)
      let accepts = ops("stock.accept").filter {
        $0.reference("transfer") == transfer.op.id && receivers.contains($0.op.id.replica)
          && isSound($0)
      }
      for accept in ordered(accepts) {
        guard let pieces = accept.integer("quantity"), pieces <= left else { continue }
        left -= pieces
        onHand[Shelf(office: accept.op.id.replica, item: item), default: 0] += pieces
      }
    }
  }

  mutating func countShelves() {
    for count in ops("stock.count") where isSound(count) {
      guard let item = count.reference("item"), exists(item, "item.define"),
        let counted = count.integer("counted"), let booked = count.integer("booked"),
        let asOf = count.integer("as_of"), asOf < Int64(count.op.id.seq)
      else { continue }
      onHand[Shelf(office: count.op.id.replica, item: item), default: 0] += counted - booked
    }
    for writeOff in ops("stock.write_off") where isSound(writeOff) {
      // What is lost on the way was on nobody's shelf.
      guard writeOff.reference("transfer") == nil, let item = writeOff.reference("item"),
        exists(item, "item.define"), writeOff.reference("witness") != writeOff.op.actor,
        let quantity = writeOff.integer("quantity")
      else { continue }
      onHand[Shelf(office: writeOff.op.id.replica, item: item), default: 0] -= quantity
    }
  }

  private func isSound(_ op: Fact) -> Bool { isEntitled(op) && !isInFuture(op.op) }

  // MARK: Coins, offers, gifts

  mutating func countCoins() {
    for issue in ops("coin.issue") where !isInFuture(issue.op) {
      guard let resident = issue.reference("resident"), exists(resident, "resident.register"),
        issue.payload?.references(3).allSatisfy({ ops[$0]?.reference("resident") == resident })
          == true
      else { continue }
      let office = issue.op.id.replica
      charge(resident, coins(issue), onTrustAt: onTrust(issue) > 0 ? office : nil)
      spend(resident, coins(issue), on: issue.op.occurredOn)
      charged[issue.op.id] = coins(issue)
    }
    let kept = keptCoins()
    var owed: [OpID: Int64] = [:]
    for collect in ops("coin.collect").sorted(by: { $0.op.id < $1.op.id })
    where !isInFuture(collect.op) {
      if let redemption = collect.reference("redemption").flatMap({ ops[$0] }) {
        guard let sale = sale(redemption) else { continue }
        let left = owed[redemption.op.id] ?? sale.points
        let value = coins(collect) - (kept[collect.op.id] ?? 0)
        let paid = min(max(0, left), value)
        let points = creditsChange(collect) ? value : paid
        owed[redemption.op.id] = left - points
        charge(sale.payer, -points, onTrustAt: nil)
        charged[redemption.op.id]? -= points
        paidLater[redemption.op.id, default: []].append((collect, paid, points - paid))
      } else if let resident = collect.reference("resident"), exists(resident, "resident.register")
      {
        let value = coins(collect) - (kept[collect.op.id] ?? 0)
        charge(resident, -value, onTrustAt: nil)
        credited[collect.op.id] = value
        receive(resident, value, by: collect)
      }
    }
  }

  mutating func countOffers() {
    for use in ops("offer.use") where !isInFuture(use.op) {
      guard let resident = use.reference("resident"), exists(resident, "resident.register"),
        let offer = use.reference("offer"), exists(offer, "offer.publish"),
        let points = ops[offer]?.integer("points"), let times = use.integer("times")
      else { continue }
      let office = onTrust(use) > 0 ? use.op.id.replica : nil
      charge(resident, points * times, onTrustAt: office)
      spend(resident, points * times, on: use.op.occurredOn)
      charged[use.op.id] = points * times
      guard let void = void(of: use) else { continue }
      charge(resident, -points * times, onTrustAt: office)
      undo(points * times, of: resident, on: use.op.occurredOn, by: void, undoing: use)
      charged[use.op.id] = 0
    }
  }

  /// The first op by which another approver of the office's community took the use of an offer back.
  func void(of use: Fact) -> Fact? {
    ops("offer.void").filter { void in
      void.reference("use") == use.op.id && isSound(void)
        && communities[void.op.id.replica] == communities[use.op.id.replica]
        && !isSamePerson(void.op.actor, use.op.actor)
    }.min { $0.op.id < $1.op.id }
  }

  func isSamePerson(_ one: OpID?, _ other: OpID?) -> Bool {
    guard let one, let other else { return one == other }
    return person(of: one) == person(of: other)
  }

  /// Whether a debit takes points by the home's right: where it says so, or, of an offer and of coins
  /// that say nothing, where the account was opened.
  func isFirm(_ debit: Fact, of account: OpID) -> Bool {
    debit.integer("basis").map { $0 == 0 } ?? isAtFirstHome(debit.op.id, of: account)
  }

  mutating func countGifts() {
    for gift in ops("points.transfer") where isSound(gift) {
      guard let from = gift.reference("from"), let to = gift.reference("to"), from != to,
        isAccount(from), isAccount(to), hadStanding(gift.op.id, on: from),
        let points = gift.integer("points")
      else { continue }
      charge(from, points, onTrustAt: nil)
      charge(to, -points, onTrustAt: nil)
      spend(from, points, on: gift.op.occurredOn)
      receive(to, points, by: gift)
    }
  }
}
