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
      let isTrusted = redemption.integer("basis") == 2 && home(of: sale.resident) != office
      charge(sale.resident, sale.points, onTrustAt: isTrusted ? office : nil)
      spend(sale.points, of: sale.resident, by: redemption)
      giveBack(redemption, sale, uncovered: isTrusted ? sale.points : 0)
    }
  }

  /// What is spent does not end, where the place's rules let points end, or say nothing of a visitor's.
  private mutating func spend(_ points: Int64, of resident: OpID, by delivery: Delivery) {
    let isVisitor = communities[resident.replica] != communities[delivery.op.id.replica]
    guard isVisitor || letsPointsEnd(delivery.op.policy) else { return }
    ending[resident, default: []].append((delivery.op.occurredOn, 0, points))
  }

  /// What comes back was spent under the redemption's rules, and ends as of the day of coming back.
  private mutating func unspend(_ points: Int64, of redemption: Delivery, by step: Delivery) {
    guard let resident = redemption.reference("resident") else { return }
    let isVisitor = communities[resident.replica] != communities[redemption.op.id.replica]
    guard isVisitor || letsPointsEnd(redemption.op.policy) else { return }
    ending[resident, default: []].append((step.op.occurredOn, 0, -points))
  }

  private typealias Line = (item: OpID, quantity: Int64, price: Int64)

  private func sale(
    _ redemption: Delivery
  ) -> (resident: OpID, lines: [(item: OpID, quantity: Int64, price: Int64)], points: Int64)? {
    guard let resident = redemption.reference("resident"), exists(resident, "resident.register")
    else { return nil }
    var lines: [Line] = []
    for line in redemption.records("lines") {
      guard let item = line.reference(1), exists(item, "item.define"),
        let quantity = line.integer(2), let price = line.integer(3)
      else { return nil }
      lines.append((item, quantity, price))
    }
    let price = lines.reduce(0) { $0 + $1.quantity * $1.price }
    return (resident, lines, max(0, price - coins(redemption)))
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
    _ redemption: Delivery, _ sale: (resident: OpID, lines: [Line], points: Int64),
    uncovered trusted: Int64
  ) {
    let id = redemption.op.id
    let office = trusted > 0 ? id.replica : nil
    let voids = ops("redemption.void").filter {
      $0.reference("redemption") == id && isEffectiveVoid($0, on: redemption)
    }
    if let void = ordered(voids).first {
      charge(sale.resident, -sale.points, onTrustAt: office)
      unspend(sale.points, of: redemption, by: void)
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
      charge(sale.resident, -(points - covered), onTrustAt: office)
      charge(sale.resident, -covered, onTrustAt: nil)
      trusted -= points - covered
      unspend(points, of: redemption, by: step)
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
      spend(coins(issue), of: resident, by: issue)
    }
    var owed: [OpID: Int64] = [:]
    for collect in ops("coin.collect").sorted(by: { $0.op.id < $1.op.id })
    where !isInFuture(collect.op) {
      if let redemption = collect.reference("redemption").flatMap({ ops[$0] }) {
        guard let sale = sale(redemption) else { continue }
        let left = owed[redemption.op.id] ?? sale.points
        let points = min(left, coins(collect))
        owed[redemption.op.id] = left - points
        charge(sale.resident, -points, onTrustAt: nil)
        spend(-points, of: sale.resident, by: collect)
      } else if let resident = collect.reference("resident"), exists(resident, "resident.register")
      {
        charge(resident, -coins(collect), onTrustAt: nil)
        spend(-coins(collect), of: resident, by: collect)
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
      spend(points * times, of: resident, by: use)
    }
  }

  mutating func countGifts() {
    for gift in ops("points.transfer") where isSound(gift) {
      guard let from = gift.reference("from"), let to = gift.reference("to"), from != to,
        exists(from, "resident.register"), exists(to, "resident.register"),
        home(of: from) == gift.op.id.replica, let points = gift.integer("points")
      else { continue }
      charge(from, points, onTrustAt: nil)
      charge(to, -points, onTrustAt: nil)
      guard letsPointsEnd(gift.op.policy) else { continue }
      ending[from, default: []].append((gift.op.occurredOn, 0, points))
      ending[to, default: []].append((gift.op.occurredOn, 0, -points))
    }
  }
}
