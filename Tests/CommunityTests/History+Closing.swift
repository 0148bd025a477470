import Community
import FoldKit
import OpLog
import Testing

/// What random histories know of months, years, and rules by which points end.
struct ClosingHistory {
  /// The rules of each community by which points end.
  var expiring: [OpID] = []
  var closes: [OpID] = []
  /// Ended years and settlements.
  var ends: [OpID] = []
  var resolutions: [(id: OpID, subject: OpID, reason: DeskReason)] = []
}

/// Years end, months are closed, and people act on dates of other years.
extension History {
  mutating func setUpClosing() throws {
    for (community, rule) in [Policy.Expiry.yearEnd, .carryOneYear].enumerated() {
      closing.expiring.append(
        try street.setPolicy(posting: .onTheSpot, expiry: rule, in: community))
    }
  }

  /// Rules of an office's community by which points end.
  func expiring(at counter: Counter) -> OpID { closing.expiring[street.place(of: counter.office)] }

  mutating func closingStep() throws {
    let today = BusinessDate(stamp: street.now)
    defer { street.today = today }
    switch roll(0...16) {
    case 10..<12: try closeMonth()
    case 12: try reopenMonth()
    case 13: if dice.once(in: 2) { try settle() } else { try takeBack() }
    case 14: try cover()
    case 15..<17: try resolve()
    case 0..<4:
      street.today = today.adding(days: roll(-1_100...0))
      try grant(at: try anyCounter())
    case 4..<7:
      street.today = today.adding(days: roll(-1_100...0))
      try redeem(at: try anyCounter())
    default: try endYear()
    }
  }

  /// The hub of today, or the first one, which may have decided unheard.
  private mutating func anyHub() -> ReplicaID {
    dice.once(in: 3) ? Street.hub : street.presentHub
  }

  private mutating func endYear() throws {
    // Now and then before the deadline, or by an office, which has no right to it.
    street.today = BusinessDate(stamp: street.now).adding(days: roll(-400...400))
    let community = street.communities[Int(roll(0...1))]
    let writer = dice.once(in: 9) ? street.offices[0] : anyHub()
    let actor = writer.isHub ? nil : street.staff[0]
    let office = Int64(street.offices[Int(roll(0...1))].rawValue)
    let isAway = dice.once(in: 3)
    let isLate = !isAway && dice.once(in: 3)
    let until = street.today.adding(days: roll(-60...1))
    closing.ends.append(
      try street.write(
        "points.expire_year", by: writer, actor: actor,
        [
          "community": .reference(community), "year": .integer(roll(2022...2026)),
          "rule": .integer(roll(0...1)),
          "away": isAway ? .records([[.integer(office)]]) : nil,
          "office": isLate ? .integer(office) : nil,
          "until": isLate ? .integer(Int64(until.day)) : nil,
        ]))
  }

  /// Two persons take a year's end or a settlement back, who may be of the wrong community.
  private mutating func takeBack() throws {
    guard let end = pick(closing.ends.filter(\.replica.isHub)) else { return }
    let second = try street.appoint(in: dice.once(in: 3) ? 1 : 0, roles: 7)
    try street.write(
      "closing.reverse",
      [
        "closing": .reference(end),
        "approvers": .references([street.staff[dice.once(in: 3) ? 4 : 2], second].sorted()),
        "reason": .integer(0),
      ])
  }

  private mutating func closeMonth() throws {
    let writer = dice.once(in: 9) ? street.offices[0] : anyHub()
    let actor = writer.isHub ? nil : street.staff[2]
    let totals = PeriodCloseFold.totals.indices.map { PayloadValue.integer(Int64($0)) }
    let basis = street.offices.prefix(2).map { office -> [PayloadValue?] in
      [.integer(Int64(office.rawValue)), .integer(roll(1...5))]
    }
    let community = street.communities[Int(roll(0...1))]
    let month = dice.once(in: 9) ? "2026-01-02" : dice.once(in: 2) ? "2026-01-01" : "2026-02-01"
    closing.closes.append(
      try street.close(community, month, basis: basis, totals: totals, by: writer, actor: actor))
  }

  private mutating func reopenMonth() throws {
    guard let close = pick(closing.closes) else { return }
    let isEntitled = !dice.once(in: 3)
    let approver = street.staff[dice.once(in: 2) ? 2 : 4]
    let second =
      isEntitled
      ? try street.appoint(in: approver == street.staff[2] ? 0 : 1, roles: 7) : street.staff[0]
    try street.write(
      "period.reopen",
      [
        "close": .reference(close), "approvers": .references([approver, second].sorted()),
        "reason": .integer(0),
      ])
  }

  private mutating func settle() throws {
    closing.ends.append(
      try street.write(
        "settlement.post",
        [
          "month": .integer(20_454 + (dice.once(in: 5) ? 1 : 0)),
          "from": .reference(street.communities[Int(roll(0...1))]),
          "to": .reference(street.communities[Int(roll(0...1))]),
          "points": .integer(roll(0...50)),
        ]))
  }

  private mutating func cover() throws {
    let counter = try anyApprover()
    guard let loss = pick(street.written.filter { isLoss($0, counter) }), let kind = loss.kind,
      let payload = loss.payload, let first = payload.reference(1)
    else { return }
    var account: OpID? = kind.name == "offer.use" ? payload.reference(2) : first
    if kind.name == "award.reverse" {
      account = street.written.first { $0.op.id == first }?.payload?.reference(2)
    }
    if dice.once(in: 9) { account = pick(residents.filter { holds($0, counter) }) }
    guard let account, holds(account, counter) else { return }
    if dice.once(in: 8) { street.today = street.today.adding(days: 40) }
    try street.write(
      "points.cover", by: counter.office, actor: counter.clerk,
      policy: dice.once(in: 2) ? expiring(at: counter) : nil,
      [
        "account": .reference(account), "loss": .reference(loss.op.id),
        "points": .integer(roll(1...3)),
      ])
  }

  private func isLoss(_ delivery: Delivery, _ counter: Counter) -> Bool {
    let name = delivery.kind?.name
    let losses = ["award.reverse", "redemption.record", "offer.use", "coin.issue"]
    return losses.contains(name ?? "")
      && holds(delivery.op.id, counter)
  }

  private mutating func resolve() throws {
    let counter = try anyApprover()
    if dice.once(in: 3), let old = pick(closing.resolutions.filter { holds($0.id, counter) }) {
      try resolve(old.subject, old.reason, .reopened, undoes: old.id, at: counter)
      return
    }
    guard let subject = pick(street.written.filter { holds($0.op.id, counter) }),
      let reason = pick(DeskReason.allCases), let outcome = pick(reason.resolutions + [.accepted])
    else { return }
    if dice.once(in: 4) {
      let own = try street.publish(at: counter)
      try resolve(own, .wrongReference, .noted, undoes: nil, at: counter)
    }
    if let moved = pick(custody.moves.keys.sorted().filter({ holds($0, counter) })) {
      try resolve(moved, .guardianConsent, .noted, undoes: nil, at: counter)
    }
    try resolve(subject.op.id, reason, outcome, undoes: nil, at: counter)
  }

  private mutating func resolve(
    _ subject: OpID, _ reason: DeskReason, _ outcome: Resolution, undoes: OpID?,
    at counter: Counter
  ) throws {
    let id = try street.resolve(
      subject, reason, outcome, undoes: undoes, after: arrival(of: subject, at: counter),
      at: counter)
    closing.resolutions.append((id, subject, reason))
  }

  /// An office with an approver of its community, but once in a while another's.
  private mutating func anyApprover() throws -> Counter {
    let counter = try anyCounter()
    let own = street.place(of: counter.office) == 0 ? street.staff[2] : street.staff[4]
    return dice.once(in: 5) ? counter : Counter(office: counter.office, clerk: own)
  }
}

extension Street {
  /// Closes a month, which is named by its first day.
  @discardableResult
  mutating func close(
    _ community: OpID, _ month: String, basis: [[PayloadValue?]], totals: [PayloadValue],
    by writer: ReplicaID = hub, actor: OpID? = nil
  ) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "period.close"))
    let first = Int64(try #require(BusinessDate(month)).day)
    let values: [PayloadValue?] = [
      .reference(community), .integer(first), .records(basis),
    ]
    let payload = try kind.schema.encode(Payload(values: values + totals))
    return try write(kind.number, by: writer, actor: actor, payload: payload)
  }

  @discardableResult
  mutating func resolve(
    _ subject: OpID, _ reason: DeskReason, _ outcome: Resolution, undoes: OpID? = nil,
    after give: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try write(
      "desk.resolve", by: counter.office, actor: counter.clerk,
      [
        "subject": .reference(subject), "reason": .text(reason.rawValue),
        "outcome": .integer(outcome.rawValue), "undoes": undoes.map(PayloadValue.reference),
        "after": give.map(PayloadValue.reference),
      ])
  }
}
