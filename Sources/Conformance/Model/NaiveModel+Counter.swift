import Community
import OpLog

/// Redemptions and what comes back, stock on its way, coins, offers, and gifts.
extension NaiveModel {
  // MARK: Redemptions

  mutating func countRedemptions() {
    for redemption in ops("redemption.record") {
      guard let sale = sale(redemption), !isInFuture(redemption.op) else { continue }
      let office = redemption.op.id.replica
      for line in sale.lines where ops[line.item]?.integer("sort") == 0 {
        onHand[Shelf(office: office, item: line.item), default: 0] -= line.quantity
      }
      let isTrusted =
        redemption.integer("basis") == 2 && home(of: sale.payer) != office
        && !isTakenOver(redemption, by: sale.payer)
      let trusted = isTrusted ? max(0, sale.points) : 0
      let before = accounts[sale.payer]?.spent ?? 0
      charge(sale.payer, sale.points - trusted, onTrustAt: nil)
      charge(sale.payer, trusted, onTrustAt: office)
      giveBack(redemption, sale, uncovered: trusted)
      charged[redemption.op.id] = (accounts[sale.payer]?.spent ?? 0) - before
    }
  }

  /// Whether the account's home has said that it bears what another office gave on trust.
  private func isTakenOver(_ debit: Fact, by account: OpID) -> Bool {
    ops("standin.cover").contains {
      $0.reference("debit") == debit.op.id && $0.op.id.replica == home(of: account)
    }
  }

  /// What a redemption comes to is spent, or earned where more came back than it took.
  mutating func countCharged() {
    for (id, points) in charged {
      guard let redemption = ops[id], let resident = redemption.reference("resident"),
        redemption.reference("pool") == nil
      else { continue }
      move(resident, -points, redemption.op)
    }
  }

  /// Points that an account got or gave on an op's day, where the rules let points end; a visitor's
  /// debit always saves points.
  private mutating func move(_ account: OpID, _ points: Int64, _ op: Op, isVisitor: Bool? = nil) {
    guard exists(account, "resident.register") else { return }
    let isVisitor = isVisitor ?? (communities[account.replica] != communities[op.id.replica])
    guard isVisitor || letsPointsEnd(op.policy) else { return }
    ending[account, default: []].append((op.occurredOn, max(0, points), max(0, -points)))
  }

  private typealias Line = (item: OpID, quantity: Int64, price: Int64)
  private typealias Sale = (payer: OpID, lines: [Line], points: Int64)

  /// What a redemption takes from the household's pool, else from the resident; nil when one of those
  /// that it names is not there.
  private func sale(_ redemption: Fact) -> Sale? {
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
    let policy = fact.op.policy.flatMap { ops[$0] }
    return policy?.kind?.name == "policy.set"
      && policy?.reference("community") == communities[fact.op.id.replica]
      && policy?.integer("redeem.credit_change") == 1
  }

  private func isAccount(_ id: OpID) -> Bool { exists(id, "resident.register") || isHousehold(id) }

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
    let voids = ops("redemption.void").filter {
      $0.reference("redemption") == id && isEffectiveVoid($0, on: redemption)
    }
    if let void = ordered(voids).first {
      charge(sale.payer, trusted - sale.points, onTrustAt: nil)
      charge(sale.payer, -trusted, onTrustAt: office)
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
    }
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
    let isApprover = roles & Role.approver.mask != 0
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
    let days = day - Int64(redemption.op.occurredOn.day)
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
      let accepts = ops("stock.accept").filter {
        $0.reference("transfer") == transfer.op.id && $0.op.id.replica == to && isSound($0)
      }
      for accept in ordered(accepts) {
        guard let pieces = accept.integer("quantity"), pieces <= left else { continue }
        left -= pieces
        onHand[Shelf(office: to, item: item), default: 0] += pieces
      }
    }
  }

  mutating func countShelves() {
    for count in ops("stock.count") where isSound(count) {
      guard let item = count.reference("item"), exists(item, "item.define"),
        let counted = count.integer("counted"), let booked = count.integer("booked")
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
      charge(resident, coins(issue), onTrustAt: nil)
      move(resident, -coins(issue), issue.op)
    }
    var owed: [OpID: Int64] = [:]
    for collect in ops("coin.collect").sorted(by: { $0.op.id < $1.op.id })
    where !isInFuture(collect.op) {
      if let redemption = collect.reference("redemption").flatMap({ ops[$0] }) {
        guard let sale = sale(redemption) else { continue }
        let left = owed[redemption.op.id] ?? sale.points
        let points = creditsChange(collect) ? coins(collect) : min(max(0, left), coins(collect))
        owed[redemption.op.id] = left - points
        charge(sale.payer, -points, onTrustAt: nil)
        charged[redemption.op.id, default: 0] -= points
      } else if let resident = collect.reference("resident"), exists(resident, "resident.register")
      {
        charge(resident, -coins(collect), onTrustAt: nil)
        move(resident, coins(collect), collect.op, isVisitor: false)
      }
    }
  }

  mutating func countOffers() {
    for use in ops("offer.use") where !isInFuture(use.op) {
      guard let resident = use.reference("resident"), exists(resident, "resident.register"),
        let offer = use.reference("offer"), exists(offer, "offer.publish"),
        let points = ops[offer]?.integer("points"), let times = use.integer("times")
      else { continue }
      let office = use.op.id.replica
      let isTrusted = home(of: resident) != office && !isTakenOver(use, by: resident)
      charge(resident, points * times, onTrustAt: isTrusted ? office : nil)
      move(resident, -points * times, use.op)
    }
  }

  mutating func countGifts() {
    for gift in ops("points.transfer") where isSound(gift) {
      guard let from = gift.reference("from"), let to = gift.reference("to"), from != to,
        isAccount(from), isAccount(to), home(of: from) == gift.op.id.replica,
        let points = gift.integer("points")
      else { continue }
      charge(from, points, onTrustAt: nil)
      charge(to, -points, onTrustAt: nil)
      move(from, -points, gift.op)
      move(to, points, gift.op, isVisitor: false)
    }
  }
}
