import Community
import FoldKit
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
      let isTrusted = redemption.integer("basis") == 2 && home(of: sale.payer) != office
      let before = accounts[sale.payer]?.spent ?? 0
      charge(sale.payer, sale.points, onTrustAt: isTrusted && sale.points > 0 ? office : nil)
      giveBack(redemption, sale, uncovered: isTrusted ? max(0, sale.points) : 0)
      charged[redemption.op.id] = (accounts[sale.payer]?.spent ?? 0) - before
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

  private func sale(
    _ redemption: Delivery
  ) -> (payer: OpID, lines: [(item: OpID, quantity: Int64, price: Int64)], points: Int64)? {
    guard let resident = redemption.reference("resident"), exists(resident, "resident.register")
    else { return nil }
    let pool = redemption.reference("pool")
    if let pool, !isHousehold(pool) { return nil }
    var lines: [Line] = []
    for line in redemption.records("lines") {
      guard let item = line.reference(1), exists(item, "item.define"),
        let quantity = line.integer(2), let price = line.integer(3)
      else { return nil }
      lines.append((item, quantity, price))
    }
    let points = lines.reduce(-coins(redemption)) { $0 + $1.quantity * $1.price }
    return (pool ?? resident, lines, creditsChange(redemption) ? points : max(0, points))
  }

  /// The first version of a household's file opens its pool.
  private func isHousehold(_ id: OpID) -> Bool {
    guard exists(id, "household.upsert_file"), let file = ops[id],
      file.reference("household") == nil, file.references("replaces").isEmpty
    else { return false }
    return file.reference("head").map { exists($0, "resident.register") } ?? true
  }

  private func creditsChange(_ op: Delivery) -> Bool {
    guard let policy = op.op.policy.flatMap({ ops[$0] }),
      policy.reference("community") == communities[op.op.id.replica]
    else { return false }
    return policy.integer("redeem.credit_change") == 1
  }

  private func coins(_ op: Delivery) -> Int64 {
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
    _ redemption: Delivery, _ sale: (payer: OpID, lines: [Line], points: Int64),
    uncovered trusted: Int64
  ) {
    let id = redemption.op.id
    let office = trusted > 0 ? id.replica : nil
    let voids = ops("redemption.void").filter {
      $0.reference("redemption") == id && isEffectiveVoid($0, on: redemption)
    }
    if let void = ordered(voids).first {
      charge(sale.payer, -sale.points, onTrustAt: office)
      guard void.integer("goods_returned") == 1 else { return }
      for line in sale.lines { restock(line.item, line.quantity, at: void.op.id.replica) }
      return
    }
    let returns = ops("redemption.return").filter {
      $0.reference("redemption") == id && isEntitled($0) && !isInFuture($0.op)
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
  private func isEffectiveVoid(_ void: Delivery, on redemption: Delivery) -> Bool {
    guard isEntitled(void), !isInFuture(void.op) else { return false }
    let days = Int64(void.op.occurredOn.day) - Int64(redemption.op.occurredOn.day)
    if days == 0, void.op.id.replica == redemption.op.id.replica { return true }
    let roles = void.op.actor.flatMap { ops[$0]?.integer("roles") } ?? 0
    guard roles & Role.approver.mask != 0 else { return false }
    let policy = void.op.policy.flatMap { ops[$0] }
    let isOwn = policy?.reference("community") == communities[void.op.id.replica]
    return days <= (isOwn ? policy?.integer("void.days") ?? 0 : 0)
  }

  /// By the first receipt, then by seq; what has no receipt is last.
  private func ordered(_ steps: [Delivery]) -> [Delivery] {
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
      guard let item = writeOff.reference("item"), exists(item, "item.define"),
        writeOff.reference("witness") != writeOff.op.actor,
        let quantity = writeOff.integer("quantity")
      else { continue }
      onHand[Shelf(office: writeOff.op.id.replica, item: item), default: 0] -= quantity
    }
  }

  private func isSound(_ op: Delivery) -> Bool { isEntitled(op) && !isInFuture(op.op) }

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
      charge(resident, points * times, onTrustAt: home(of: resident) == office ? nil : office)
      move(resident, -points * times, use.op)
    }
  }

  mutating func countGifts() {
    for gift in ops("points.transfer") where isSound(gift) {
      guard let from = gift.reference("from"), let to = gift.reference("to"), from != to,
        exists(from, "resident.register") || isHousehold(from),
        exists(to, "resident.register") || isHousehold(to),
        home(of: from) == gift.op.id.replica, let points = gift.integer("points")
      else { continue }
      charge(from, points, onTrustAt: nil)
      charge(to, -points, onTrustAt: nil)
      move(from, -points, gift.op)
      move(to, points, gift.op, isVisitor: false)
    }
  }
}
