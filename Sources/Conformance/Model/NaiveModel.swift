import Community
import OpLog

/// What the rules make of a set of ops, computed afresh from the rules as people say them, with none
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
    /// What each end of a year took, beside what those before it took.
    package var ended: [OpID: Int64] = [:]
    /// What ended, in all years.
    var expired: Int64 { ended.values.reduce(0, +) }
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
  /// What each office holds of its rights on accounts of others, 0 where all is used.
  package internal(set) var rights: [Right: Int64] = [:]
  /// The debits on grants that no right covers.
  package internal(set) var uncoveredGrants: Set<OpID> = []
  /// What the street lets offices have out on trust.
  package internal(set) var budgets: [ReplicaID: Int64] = [:]
  /// How many awards count, at most one for each natural key.
  package internal(set) var countedAwards = 0
  /// Each of them.
  var awards: [CountedAward] = []
  /// Those of activities at one time, which no two can both be true.
  var overlapping: Set<OpID> = []
  /// For each part the last of its awards that counted, and whether it was taken back for another
  /// cause than a mistake of staff.
  var lastRounds: [AwardKey: (number: Int, isDenied: Bool)] = [:]
  /// How many person-times each community has, and how long they took.
  package internal(set) var attendance: [OpID: Attendance] = [:]

  var ops: [OpID: Fact] = [:]
  var byKind: [String: [Fact]] = [:]
  /// When the hub took each op in, in ms, and on which day.
  private(set) var receivedAt: [OpID: Int64] = [:]
  private(set) var receivedOn: [OpID: Int64] = [:]
  private(set) var places: [OpID: Place] = [:]
  private let lost: Set<Digest>
  var communities: [ReplicaID: OpID] = [:]
  /// Of several enrolments of an id the one that stands.
  private var enrolments: [ReplicaID: OpID] = [:]
  var retirements: [ReplicaID: Retirement] = [:]
  /// How far logs bind, and by which op.
  var bounds: [ReplicaID: (seq: UInt64, by: OpID)] = [:]
  /// What each resident earned, with the last day on which it can be spent; what never ends is in none.
  var lots: [OpID: [(lastDay: BusinessDate, points: Int64)]] = [:]
  /// What each resident spent on which day.
  var debits: [OpID: [(day: BusinessDate, points: Int64)]] = [:]
  /// What came back of each redemption, and with which op.
  var cameBack: [OpID: [(fact: Fact, points: Int64)]] = [:]
  /// What coins paid of each redemption later, and what more they brought.
  var paidLater: [OpID: [(fact: Fact, paid: Int64, more: Int64)]] = [:]
  /// The pieces of each redemption's lines that did not come back.
  var keptPieces: [OpID: [Int64]] = [:]
  /// What each record of an award could bring where it was known, the most of it.
  var couldBring: [OpID: Int64] = [:]
  /// The points that coins brought which were handed in for nothing else.
  var credited: [OpID: Int64] = [:]
  /// What each debit took from its account, less all that came back of it.
  var charged: [OpID: Int64] = [:]
  /// What each reversal that ended a round took back, and of whom.
  var takenBack: [OpID: (resident: OpID, points: Int64)] = [:]

  /// Applies the rules to a set of ops, in any order.
  ///
  /// - Parameters:
  ///   - facts: The ops.
  ///   - lost: Chain hashes of ops that lost their ids to others; a receipt of them says nothing.
  package init(_ facts: [Fact], lost: Set<Digest> = []) {
    self.lost = lost
    keepComplete(facts)
    keepOneRecordOfEach()
    readBounds()
    forgetLateDecisions()
    readReceipts()
    countAwards()
    countAttendance()
    countRedemptions()
    countStock()
    countCoins()
    countOffers()
    countGifts()
    countRights()
    countBudgets()
    countWhatSalesEnd()
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
        if let id = enrolled(by: fact), fact.op.id <= enrolments[id] ?? fact.op.id {
          enrolments[id] = fact.op.id
          communities[id] = fact.reference("community")
        }
        return true
      }
      if left.count == before { return }
    }
  }

  /// The office that a hub gives an id to: one of its own life, or of a life before.
  private func enrolled(by fact: Fact) -> ReplicaID? {
    let hub = fact.op.id.replica
    guard fact.kind?.name == "replica.enroll", hub.isHub, let number = fact.integer("replica"),
      let id = ReplicaID(rawValue: UInt32(number)), !id.isHub,
      (1...hub.incarnation).contains(id.incarnation)
    else { return nil }
    return id
  }

  /// Whoever took over from former hubs said how far their logs bind; decisions behind that never were.
  private mutating func forgetLateDecisions() {
    let late = Set(ops.keys.filter(isLate))
    for name in Self.decisions { byKind[name]?.removeAll { late.contains($0.op.id) } }
  }

  /// What only the hub decides, as people say it; what it registers counts whenever it turns up.
  private static let decisions = [
    "request.decide", "appeal.decide", "points.expire_year", "period.close", "period.reopen",
    "settlement.post", "closing.reverse", "hub.succeed", "desk.resolve",
  ]

  private mutating func readReceipts() {
    let logs = Dictionary(grouping: ops.keys) { $0.replica }
    for fact in ops("receipt").sorted(by: { $0.op.id < $1.op.id }) {
      guard fact.op.id.replica.isHub, let receipt = try? Receipt(fact.op) else { continue }
      for (index, run) in receipt.runs.enumerated() where isOfLog(run.upTo) {
        for op in logs[run.upTo.replica] ?? [] where op.seq <= run.upTo.seq {
          if receivedOn[op] == nil {
            receivedAt[op] = fact.op.stamp
            receivedOn[op] = (fact.op.stamp + 28_800_000) / 86_400_000
            places[op] = Place(receipt: fact.op.id, run: index, seq: op.seq)
          }
        }
      }
    }
  }

  /// Whether a receipt speaks of the ops that are there, and not of others with their ids.
  private func isOfLog(_ end: Head) -> Bool {
    guard !lost.contains(end.hash), let id = OpID(end.replica, end.seq) else { return false }
    return ops[id].map { $0.hash == end.hash } ?? true
  }

  func ops(_ kind: String) -> [Fact] { byKind[kind] ?? [] }

  func isEntitled(_ fact: Fact) -> Bool {
    // What one person decides or signs for others must be in time; facts always count.
    if isLate(fact.op.id), let name = fact.kind?.name, Self.inTime.contains(name) {
      return false
    }
    guard !fact.op.id.replica.isHub else { return true }
    guard hasRole(fact), let actor = fact.op.actor, let staff = ops[actor], let kind = fact.kind,
      let from = staff.integer("valid_from")
    else { return false }
    let day = Int64(fact.op.occurredOn.day)
    guard !Self.endsWithAppointment(kind.name) || day <= endOfAppointment(actor) ?? .max else {
      return false
    }
    return from <= day && day <= staff.integer("valid_to") ?? .max
  }

  /// Whether whoever recorded it was appointed to do such things, on whatever days.
  func hasRole(_ fact: Fact) -> Bool {
    guard !fact.op.id.replica.isHub else { return true }
    guard let actor = fact.op.actor, let staff = ops[actor],
      staff.kind?.name == "staff.appoint",
      staff.reference("community") == communities[fact.op.id.replica],
      let roles = staff.integer("roles"), let kind = fact.kind
    else { return false }
    return roles & Self.roles(of: kind.name) != 0
  }

  /// What counts only in time: what people sign for others, what moves rights, and what only one
  /// place decides.
  private static let inTime: Set<String> = Set(decisions).union([
    "award.approve", "award.reject", "award.reverse", "budget.set", "custody.give", "points.cover",
    "replica.retire", "resident.reactivate", "rights.grant", "rights.return", "staff.reset_pin",
    "standin.cover", "standin.owed", "offer.void",
  ])

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
        !isInFuture(cover.op), let limit = limit(of: loss, for: account), limit > 0,
        isOwnersWord(cover, about: loss, of: account)
      else { continue }
      if let other = counted[loss.op.id], other.op.id < cover.op.id { continue }
      counted[loss.op.id] = cover
    }
    for cover in counted.values {
      guard let account = cover.reference("account"), let asked = cover.integer("points"),
        let limit = cover.reference("loss").flatMap({ ops[$0] }).flatMap({
          self.limit(of: $0, for: account)
        })
      else { continue }
      accounts[account, default: Account()].covered += min(asked, limit)
      receive(account, min(asked, limit), by: cover)
    }
  }

  private func isOwnersWord(_ cover: Fact, about loss: Fact, of account: OpID) -> Bool {
    if cover.op.id.replica.isHub { return true }
    guard let home = firstHome(of: account) else { return false }
    let own = [communities[home]] + stays(of: account).dropFirst().map(\.community)
    return own.contains(communities[cover.op.id.replica]) && loss.op.actor != cover.op.actor
  }

  /// What the loss cost this account: what a mistaken reversal took back, or what a debit that its home
  /// did not make comes to in the end.
  private func limit(of loss: Fact, for account: OpID) -> Int64? {
    if ["redemption.record", "offer.use", "coin.issue"].contains(loss.kind?.name) {
      guard loss.reference("resident") == account, loss.reference("pool") == nil,
        wasAway(loss, from: account)
      else { return nil }
      return charged[loss.op.id]
    }
    guard loss.integer("cause") == 0, let taken = takenBack[loss.op.id],
      taken.resident == account
    else { return nil }
    return taken.points
  }

  // MARK: Expiry

  /// The rules that an op names, if they are those of its writer's community.
  func rules(of fact: Fact) -> Fact? {
    guard let policy = fact.op.policy.flatMap({ ops[$0] }), policy.kind?.name == "policy.set",
      let community = communities[fact.op.id.replica], policy.reference("community") == community
    else { return nil }
    return policy
  }

  /// The last day of points that an op gives on its day; nil where they never end.
  func lastDay(by fact: Fact, undoing undone: Fact? = nil) -> BusinessDate? {
    guard let rules = rules(of: fact) ?? undone.flatMap({ self.rules(of: $0) }),
      let rule = rules.integer("points.expiry"), rule != 0
    else { return nil }
    return lastDay(of: fact.op.occurredOn.civil.year, isCarried: rule == 2)
  }

  func lastDay(of year: Int, isCarried: Bool) -> BusinessDate? {
    isCarried
      ? BusinessDate(year: year + 2, month: 1, day: 31)
      : BusinessDate(year: year, month: 12, day: 31)
  }

  /// A resident gets points by an op.
  mutating func receive(
    _ account: OpID, _ points: Int64, by fact: Fact, undoing undone: Fact? = nil
  ) {
    guard exists(account, "resident.register"),
      let lastDay = lastDay(by: fact, undoing: undone)
    else { return }
    lots[account, default: []].append((lastDay, points))
  }

  /// A resident spends points on a day; below zero where that is undone.
  mutating func spend(_ account: OpID, _ points: Int64, on day: BusinessDate) {
    guard exists(account, "resident.register") else { return }
    debits[account, default: []].append((day, points))
  }

  // MARK: Redemptions and stock

  func firstHome(of resident: OpID) -> ReplicaID? {
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
        ops[item]?.integer("sort") == 0, let quantity = receipt.integer("quantity")
      else { continue }
      onHand[Shelf(office: receipt.op.id.replica, item: item), default: 0] += quantity
    }
    moveShelves()
  }
}
