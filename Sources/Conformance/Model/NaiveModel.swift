import Community
import OpLog

/// What the rules make of a set of ops, computed afresh from `DOMAIN.md` and `DESIGN.md` with none
/// of the folds: no order, no rows, no postings.
package struct NaiveModel {
  /// What a resident's ops come to.
  package struct Account: Equatable {
    /// Points of awards that count.
    package var earned: Int64 = 0
    /// Points that were paid, less those that came back.
    package var spent: Int64 = 0
    /// What of them is on trust.
    package var uncovered: Int64 = 0
    var expired: Int64 = 0
    var covered: Int64 = 0
    /// What is left.
    package var balance: Int64 { earned - spent - expired + covered }

    /// An account without any op.
    package init() {}
  }

  /// One item at one office.
  package struct Shelf: Hashable {
    /// Whose shelf it is.
    package let office: ReplicaID
    /// What lies there.
    package let item: OpID

    /// Makes one.
    package init(office: ReplicaID, item: OpID) {
      self.office = office
      self.item = item
    }
  }

  /// The residents whom any op earns or costs points.
  package internal(set) var accounts: [OpID: Account] = [:]
  /// The pieces that lie on shelves.
  package internal(set) var onHand: [Shelf: Int64] = [:]
  /// What each office has out on trust.
  package internal(set) var uncovered: [ReplicaID: Int64] = [:]
  /// How many awards count, at most one for each natural key.
  package internal(set) var countedAwards = 0
  /// Each of them.
  var awards: [CountedAward] = []

  var ops: [OpID: Fact] = [:]
  private var byKind: [String: [Fact]] = [:]
  private(set) var receivedOn: [OpID: Int64] = [:]
  private(set) var places: [OpID: Place] = [:]
  var communities: [ReplicaID: OpID] = [:]
  /// What each resident earned and spent on which day, where points end.
  var ending: [OpID: [(day: BusinessDate, earned: Int64, spent: Int64)]] = [:]
  /// What each redemption took from its account, less all that came back of it.
  var charged: [OpID: Int64] = [:]
  /// What each reversal that ended a round took back, and of whom.
  var takenBack: [OpID: (resident: OpID, points: Int64)] = [:]

  /// Applies the rules to a set of ops, in any order.
  package init(_ facts: [Fact]) {
    keepComplete(facts)
    readReceipts()
    countAwards()
    countRedemptions()
    countStock()
    countCoins()
    countOffers()
    countGifts()
    countCharged()
    countCovers()
    countExpiry()
  }

  // MARK: The set of ops

  /// Keeps what counts at all: an op waits until all that it names and its writer's enrolment are
  /// there; one that cannot be read, or names other ops than it seems to, never counts.
  private mutating func keepComplete(_ facts: [Fact]) {
    var left = facts.filter { $0.payload != nil }
    while true {
      let before = left.count
      left.removeAll { fact in
        let writer = fact.op.id.replica
        guard writer.isHub || communities[writer] != nil,
          fact.namedOps.allSatisfy({ ops[$0] != nil })
        else { return false }
        guard Chain.names(of: fact.namedOps.compactMap { ops[$0]?.hash }) == fact.op.names else {
          return true
        }
        ops[fact.op.id] = fact
        if let name = fact.kind?.name { byKind[name, default: []].append(fact) }
        if fact.kind?.name == "replica.enroll", writer.isHub,
          let replica = fact.integer("replica"), let id = ReplicaID(rawValue: UInt32(replica))
        {
          communities[id] = fact.reference("community")
        }
        return true
      }
      if left.count == before { return }
    }
  }

  private mutating func readReceipts() {
    let logs = Dictionary(grouping: ops.keys) { $0.replica }
    for fact in ops("receipt").sorted(by: { $0.op.id < $1.op.id }) {
      guard fact.op.id.replica.isHub, let receipt = try? Receipt(fact.op) else { continue }
      for (index, run) in receipt.runs.enumerated() {
        for op in logs[run.upTo.replica] ?? [] where op.seq <= run.upTo.seq {
          if receivedOn[op] == nil {
            receivedOn[op] = (fact.op.stamp + 28_800_000) / 86_400_000
            places[op] = Place(receipt: fact.op.id, run: index, seq: op.seq)
          }
        }
      }
    }
  }

  func ops(_ kind: String) -> [Fact] { byKind[kind] ?? [] }

  func isEntitled(_ fact: Fact) -> Bool {
    guard !fact.op.id.replica.isHub else { return true }
    guard let actor = fact.op.actor, let staff = ops[actor],
      staff.kind?.name == "staff.appoint",
      staff.reference("community") == communities[fact.op.id.replica],
      let roles = staff.integer("roles"),
      let kind = fact.kind, kind.roles.contains(where: { roles & $0.mask != 0 }),
      let from = staff.integer("valid_from")
    else { return false }
    let day = Int64(fact.op.occurredOn.day)
    let outlasts = !kind.isDated && (!kind.isSigned || kind.name == "award.reverse")
    guard outlasts || day <= endOfAppointment(actor) ?? .max else { return false }
    return from <= day && day <= staff.integer("valid_to") ?? .max
  }

  func isInFuture(_ op: Op) -> Bool {
    receivedOn[op.id].map { Int64(op.occurredOn.day) > $0 + 1 } ?? false
  }

  func exists(_ id: OpID?, _ kind: String) -> Bool {
    id.flatMap { ops[$0] }.map { $0.kind?.name == kind && isEntitled($0) } ?? false
  }

  // MARK: Covers

  private mutating func countCovers() {
    var counted: [OpID: Fact] = [:]
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

  private func isOwnersWord(_ cover: Fact, about loss: Fact, of account: OpID) -> Bool {
    if cover.op.id.replica.isHub { return true }
    guard let home = home(of: account) else { return false }
    return communities[home] == communities[cover.op.id.replica] && loss.op.actor != cover.op.actor
  }

  /// What the loss cost this account: what a mistaken reversal took back, or what a redemption comes
  /// to in the end.
  private func limit(of loss: Fact, for account: OpID) -> Int64? {
    if loss.kind?.name == "redemption.record" {
      guard loss.reference("resident") == account, loss.reference("pool") == nil else { return nil }
      return charged[loss.op.id]
    }
    guard loss.integer("cause") == 0, let taken = takenBack[loss.op.id],
      taken.resident == account
    else { return nil }
    return taken.points
  }

  // MARK: Expiry

  func letsPointsEnd(_ policy: OpID?) -> Bool {
    guard let fact = policy.flatMap({ ops[$0] }), fact.kind?.name == "policy.set" else {
      return false
    }
    return fact.integer("points.expiry") ?? 0 != 0
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

  private func deadline(of end: Fact) -> BusinessDate {
    let year = Int(end.integer("year") ?? 0)
    let date =
      end.integer("rule") == 0
      ? BusinessDate(year: year, month: 12, day: 31)
      : BusinessDate(year: year + 2, month: 1, day: 31)
    return date ?? BusinessDate(stamp: 0)
  }

  // MARK: Redemptions and stock

  func home(of resident: OpID) -> ReplicaID? {
    // The home of a pool is the office that opened the household's file.
    guard ops[resident]?.kind?.name == "resident.register",
      let enrolment = ops[resident]?.reference("home")
    else { return resident.replica }
    return ops[enrolment]?.integer("replica").flatMap { ReplicaID(rawValue: UInt32($0)) }
  }

  private mutating func countStock() {
    countTransfers()
    countShelves()
    for receipt in ops("stock.receive") where isEntitled(receipt) && !isInFuture(receipt.op) {
      guard let item = receipt.reference("item"), exists(item, "item.define"),
        let quantity = receipt.integer("quantity")
      else { continue }
      onHand[Shelf(office: receipt.op.id.replica, item: item), default: 0] += quantity
    }
  }
}
