import Community
import OpLog

/// What the rules make of a set of ops, computed afresh from `DOMAIN.md` and `DESIGN.md` with none
/// of the folds: no order, no rows, no postings.
struct NaiveModel {
  struct Account: Equatable {
    var earned: Int64 = 0
    var spent: Int64 = 0
    var uncovered: Int64 = 0
    var expired: Int64 = 0
    var covered: Int64 = 0
    var balance: Int64 { earned - spent - expired + covered }
  }

  struct Shelf: Hashable {
    let office: ReplicaID
    let item: OpID
  }

  private struct AwardKey: Hashable {
    let resident: OpID
    let activity: OpID
    let session: Int64
    let role: Int64
  }

  private struct Round: Hashable {
    let key: AwardKey
    let number: Int
  }

  private(set) var accounts: [OpID: Account] = [:]
  private(set) var onHand: [Shelf: Int64] = [:]
  private(set) var uncovered: [ReplicaID: Int64] = [:]
  /// How many awards count, at most one for each natural key.
  private(set) var countedAwards = 0

  private var ops: [OpID: Delivery] = [:]
  private var receivedOn: [OpID: Int64] = [:]
  private var communities: [ReplicaID: OpID] = [:]
  /// What each resident earned and spent on which day, where points end.
  private var ending: [OpID: [(day: BusinessDate, earned: Int64, spent: Int64)]] = [:]

  init(_ deliveries: [Delivery]) {
    keepComplete(deliveries)
    readReceipts()
    countAwards()
    countRedemptions()
    countStock()
    countCovers()
    countExpiry()
  }

  // MARK: The set of ops

  /// Keeps what counts at all: an op waits until all that it names and its writer's enrolment are
  /// there.
  private mutating func keepComplete(_ deliveries: [Delivery]) {
    var left = deliveries
    while true {
      let before = left.count
      left.removeAll { delivery in
        let writer = delivery.op.id.replica
        guard writer.isHub || communities[writer] != nil,
          delivery.op.namedOps.allSatisfy({ ops[$0] != nil })
        else { return false }
        ops[delivery.op.id] = delivery
        if delivery.kind?.name == "replica.enroll", let replica = delivery.integer("replica"),
          let id = ReplicaID(rawValue: UInt32(replica))
        {
          communities[id] = delivery.reference("community")
        }
        return true
      }
      if left.count == before { return }
    }
  }

  private mutating func readReceipts() {
    for (id, delivery) in ops.sorted(by: { $0.key < $1.key }) {
      guard id.replica.isHub, let receipt = try? Receipt(delivery.op) else { continue }
      for run in receipt.runs {
        for op in ops.keys where op.replica == run.upTo.replica && op.seq <= run.upTo.seq {
          if receivedOn[op] == nil {
            receivedOn[op] = (delivery.op.stamp + 28_800_000) / 86_400_000
          }
        }
      }
    }
  }

  private func ops(_ kind: String) -> [Delivery] {
    ops.values.filter { $0.kind?.name == kind }
  }

  private func isEntitled(_ delivery: Delivery) -> Bool {
    guard !delivery.op.id.replica.isHub else { return true }
    guard let actor = delivery.op.actor, let staff = ops[actor],
      staff.kind?.name == "staff.appoint",
      staff.reference("community") == communities[delivery.op.id.replica],
      let roles = staff.integer("roles"),
      let kind = delivery.kind, kind.roles.contains(where: { roles & $0.mask != 0 }),
      let from = staff.integer("valid_from")
    else { return false }
    let day = Int64(delivery.op.occurredOn.day)
    return from <= day && day <= staff.integer("valid_to") ?? .max
  }

  private func isInFuture(_ op: Op) -> Bool {
    receivedOn[op.id].map { Int64(op.occurredOn.day) > $0 + 1 } ?? false
  }

  private func exists(_ id: OpID?, _ kind: String) -> Bool {
    id.flatMap { ops[$0] }.map { $0.kind?.name == kind && isEntitled($0) } ?? false
  }

  // MARK: Awards

  private mutating func countAwards() {
    var records: [Round: [(isOrganiser: Bool, id: OpID, points: Int64)]] = [:]
    for grant in ops("award.grant") {
      guard let round = round(of: grant), isEntitled(grant), !isInFuture(grant.op),
        let policy = grant.op.policy.flatMap({ ops[$0] }), policy.kind?.name == "policy.set",
        policy.reference("community") == communities[grant.op.id.replica],
        policy.integer("award.posting") == 0, let activity = ops[round.key.activity]
      else { continue }
      let isOrganiser =
        communities[grant.op.id.replica] != nil
        && communities[grant.op.id.replica] == communities[activity.op.id.replica]
      let points = min(grant.integer("points") ?? 0, activity.integer("points") ?? 0)
      records[round, default: []].append((isOrganiser, grant.op.id, points))
    }
    var takenBack: Set<Round> = []
    for reversal in ops("award.reverse") {
      guard let award = reversal.reference("award").flatMap({ ops[$0] }),
        let round = round(of: award), isEffective(reversal, on: award)
      else { continue }
      takenBack.insert(round)
    }
    for (round, records) in records where !takenBack.contains(round) {
      let preferred =
        records.filter(\.isOrganiser).isEmpty ? records : records.filter(\.isOrganiser)
      guard let counted = preferred.min(by: { $0.id < $1.id }) else { continue }
      accounts[round.key.resident, default: Account()].earned += counted.points
      if let op = ops[counted.id]?.op, letsPointsEnd(op.policy) {
        ending[round.key.resident, default: []].append((op.occurredOn, counted.points, 0))
      }
      countedAwards += 1
    }
  }

  private func isEffective(_ reversal: Delivery, on award: Delivery) -> Bool {
    isEntitled(reversal) && reversal.op.actor != award.op.actor
  }

  /// A grant that names a reversal is of the round after the one that the reversal ended; of the
  /// same one, where the reversal has no effect.
  private func round(of grant: Delivery) -> Round? {
    guard grant.kind?.name == "award.grant", let resident = grant.reference("resident"),
      exists(resident, "resident.register"), let activity = grant.reference("activity"),
      exists(activity, "activity.publish")
    else { return nil }
    let key = AwardKey(
      resident: resident, activity: activity, session: grant.integer("session") ?? 1,
      role: grant.integer("role") ?? 0)
    guard let after = grant.reference("after") else { return Round(key: key, number: 0) }
    guard let reversal = ops[after], let award = reversal.reference("award").flatMap({ ops[$0] }),
      let ended = round(of: award), ended.key == key
    else { return nil }
    return Round(key: key, number: ended.number + (isEffective(reversal, on: award) ? 1 : 0))
  }

  // MARK: Covers

  private mutating func countCovers() {
    var counted: [OpID: Delivery] = [:]
    for cover in ops("points.cover") {
      guard let account = cover.reference("account"), exists(account, "resident.register"),
        let loss = cover.reference("loss").flatMap({ ops[$0] }), isEntitled(cover),
        !isInFuture(cover.op), let limit = limit(of: loss, for: account),
        cover.integer("points") ?? 0 <= limit, isOwnersWord(cover, about: loss, of: account)
      else { continue }
      if let other = counted[loss.op.id], other.op.id < cover.op.id { continue }
      counted[loss.op.id] = cover
    }
    for cover in counted.values {
      guard let account = cover.reference("account"), let points = cover.integer("points") else {
        continue
      }
      accounts[account, default: Account()].covered += points
      if letsPointsEnd(cover.op.policy) {
        ending[account, default: []].append((cover.op.occurredOn, points, 0))
      }
    }
  }

  private func isOwnersWord(_ cover: Delivery, about loss: Delivery, of account: OpID) -> Bool {
    if cover.op.id.replica.isHub { return true }
    guard let home = home(of: account) else { return false }
    return communities[home] == communities[cover.op.id.replica] && loss.op.actor != cover.op.actor
  }

  private func limit(of loss: Delivery, for account: OpID) -> Int64? {
    if loss.kind?.name == "redemption.record" {
      guard loss.reference("resident") == account else { return nil }
      return loss.records("lines").reduce(0) { $0 + ($1.integer(2) ?? 0) * ($1.integer(3) ?? 0) }
    }
    guard loss.kind?.name == "award.reverse", loss.integer("cause") == 0,
      let award = loss.reference("award").flatMap({ ops[$0] }), isEffective(loss, on: award),
      award.reference("resident") == account
    else { return nil }
    return award.integer("points")
  }

  // MARK: Expiry

  private func letsPointsEnd(_ policy: OpID?) -> Bool {
    guard let delivery = policy.flatMap({ ops[$0] }), delivery.kind?.name == "policy.set" else {
      return false
    }
    return delivery.integer("points.expiry") ?? 0 != 0
  }

  private mutating func countExpiry() {
    for (resident, entries) in ending {
      let yearEnds = ops("points.expire_year").filter {
        $0.reference("community") == communities[resident.replica] && $0.op.id.replica.isHub
          && $0.op.occurredOn > deadline(of: $0)
      }
      let counted = Dictionary(grouping: yearEnds) { $0.integer("year") ?? 0 }
        .compactMapValues { $0.min { $0.op.id < $1.op.id } }
      for (year, end) in counted.sorted(by: { $0.key < $1.key }) {
        let earned = entries.reduce(0) { $0 + ($1.day.civil.year <= Int(year) ? $1.earned : 0) }
        let spent = entries.reduce(0) { $0 + ($1.day <= deadline(of: end) ? $1.spent : 0) }
        let expired = accounts[resident, default: Account()].expired
        accounts[resident, default: Account()].expired = max(expired, earned - spent)
      }
    }
  }

  private func deadline(of end: Delivery) -> BusinessDate {
    let year = Int(end.integer("year") ?? 0)
    let date =
      end.integer("rule") == 0
      ? BusinessDate(year: year, month: 12, day: 31)
      : BusinessDate(year: year + 2, month: 1, day: 31)
    return date ?? BusinessDate(stamp: 0)
  }

  // MARK: Redemptions and stock

  private mutating func countRedemptions() {
    for redemption in ops("redemption.record") where !isInFuture(redemption.op) {
      let lines = redemption.records("lines")
      guard let resident = redemption.reference("resident"),
        exists(resident, "resident.register"),
        lines.allSatisfy({ exists($0.reference(1), "item.define") })
      else { continue }
      let office = redemption.op.id.replica
      var points: Int64 = 0
      for line in lines {
        guard let item = line.reference(1), let quantity = line.integer(2),
          let price = line.integer(3)
        else { continue }
        points += quantity * price
        if ops[item]?.integer("sort") == 0 {
          onHand[Shelf(office: office, item: item), default: 0] -= quantity
        }
      }
      accounts[resident, default: Account()].spent += points
      let isVisitor = communities[resident.replica] != communities[office]
      if isVisitor || letsPointsEnd(redemption.op.policy) {
        ending[resident, default: []].append((redemption.op.occurredOn, 0, points))
      }
      if redemption.integer("basis") == 2, home(of: resident) != office {
        accounts[resident, default: Account()].uncovered += points
        uncovered[office, default: 0] += points
      }
    }
  }

  private func home(of resident: OpID) -> ReplicaID? {
    guard let enrolment = ops[resident]?.reference("home") else { return resident.replica }
    return ops[enrolment]?.integer("replica").flatMap { ReplicaID(rawValue: UInt32($0)) }
  }

  private mutating func countStock() {
    for receipt in ops("stock.receive") where isEntitled(receipt) && !isInFuture(receipt.op) {
      guard let item = receipt.reference("item"), exists(item, "item.define"),
        let quantity = receipt.integer("quantity")
      else { continue }
      onHand[Shelf(office: receipt.op.id.replica, item: item), default: 0] += quantity
    }
  }
}

extension Delivery {
  fileprivate func integer(_ field: String) -> Int64? {
    key(of: field).flatMap { payload?.integer($0) }
  }

  fileprivate func reference(_ field: String) -> OpID? {
    key(of: field).flatMap { payload?.reference($0) }
  }

  fileprivate func records(_ field: String) -> [Payload] {
    key(of: field).flatMap { payload?.records($0) } ?? []
  }

  private func key(of field: String) -> Int? {
    kind?.schema.fields.firstIndex { $0.name == field }.map { $0 + 1 }
  }
}
