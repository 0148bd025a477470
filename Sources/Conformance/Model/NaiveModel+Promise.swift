import Community
import OpLog

/// What an account may lack, term by term, each with the ops behind it.
extension NaiveModel {
  /// The terms of one account's debt, each 0 or more.
  package struct Debt {
    /// What records and returns could be believed to bring, less what they brought in the end.
    package var lostCredits: Int64 = 0
    /// What the hub let end.
    package var hubDebits: Int64 = 0
    /// What is on trust, and the ops that gave it.
    package var uncovered: Int64 = 0
    /// What was taken by nobody's right.
    package var withoutStanding: Int64 = 0
    /// The ops behind the terms: somebody has to be told of each.
    package var told: [Told] = []

    /// The most that the account can lack.
    package var most: Int64 { lostCredits + hubDebits + uncovered + withoutStanding }
  }

  /// An op behind a term.
  package struct Told {
    /// The op.
    package let op: OpID
    /// What the desk may say of it; empty where anything will do, or an outcome that is not posted.
    package let reasons: Set<DeskReason>
  }

  /// What explains that an account lacks points.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - unchecked: Ops of programs that do not ask for a right.
  /// - Returns: The terms.
  package func debt(of account: OpID, unchecked: Set<OpID>) -> Debt {
    var debt = Debt()
    let sums = accounts[account] ?? Account()
    debt.hubDebits = max(0, sums.expired)
    debt.uncovered = max(0, sums.uncovered)
    addAwards(of: account, to: &debt)
    addSales(of: account, unchecked, to: &debt)
    addOthers(of: account, unchecked, to: &debt)
    addGifts(of: account, unchecked, to: &debt)
    addCoins(of: account, to: &debt)
    addCovers(of: account, to: &debt)
    return debt
  }

  private static let onTrust: Set<DeskReason> = [.standIn, .debitWithoutStanding, .late]
  private static let byNobodysRight: Set<DeskReason> = [.debitWithoutStanding, .late]

  /// Of each part of an activity one record counts at a time; what the best of them could bring and the
  /// one that counts in the end does not is lost.
  private func addAwards(of account: OpID, to debt: inout Debt) {
    var most: [AwardKey: Int64] = [:]
    for grant in ops("award.grant") where grant.reference("resident") == account {
      guard let key = key(of: grant), let worth = couldBring[grant.op.id] else { continue }
      most[key] = max(most[key] ?? 0, worth)
      if !awards.contains(where: { $0.op == grant.op.id }) {
        debt.told.append(Told(op: grant.op.id, reasons: []))
      }
    }
    debt.lostCredits += max(0, most.values.reduce(0, +) - (accounts[account]?.earned ?? 0))
  }

  private func addSales(of account: OpID, _ unchecked: Set<OpID>, to debt: inout Debt) {
    for redemption in ops("redemption.record") {
      let id = redemption.op.id
      guard let sale = sale(redemption), sale.payer == account else { continue }
      guard let net = charged[id] else {
        debt.lostCredits += max(0, -sale.points)
        continue
      }
      let lost = max(0, min(sale.points, broughtBack(by: redemption, sale)) - (sale.points - net))
      debt.lostCredits += lost
      if lost > 0 { debt.told += undone(redemption).map { Told(op: $0, reasons: []) } }
      guard net > 0 else { continue }
      if onTrust(redemption) > 0 {
        debt.told.append(Told(op: id, reasons: Self.onTrust))
        continue
      }
      let hasRight =
        switch redemption.integer("basis") {
        case 0: hadStanding(id, on: account)
        case 1: !uncoveredGrants.contains(id)
        default: true
        }
      if !hasRight { debt.told.append(Told(op: id, reasons: Self.byNobodysRight)) }
      let isTaken = redemption.integer("basis") == 2 && isTakenOver(redemption, by: account)
      if !hasRight || unchecked.contains(id) && !isTaken { debt.withoutStanding += net }
    }
  }

  /// The steps of a redemption that bring nothing back.
  private func undone(_ redemption: Fact) -> [OpID] {
    let counted = Set((cameBack[redemption.op.id] ?? []).map(\.fact.op.id))
    return (ops("redemption.void") + ops("redemption.return")).map(\.op.id).filter { step in
      !counted.contains(step) && ops[step]?.reference("redemption") == redemption.op.id
    }
  }

  /// Uses of offers and coins that were handed out.
  private func addOthers(of account: OpID, _ unchecked: Set<OpID>, to debt: inout Debt) {
    for debit in ops("coin.issue") + ops("offer.use") {
      let id = debit.op.id
      guard debit.reference("resident") == account, let net = charged[id], net > 0 else { continue }
      guard isFirm(debit, of: account) else {
        if onTrust(debit) > 0 { debt.told.append(Told(op: id, reasons: Self.onTrust)) }
        continue
      }
      let hasRight = hadStanding(id, on: account)
      if !hasRight { debt.told.append(Told(op: id, reasons: Self.byNobodysRight)) }
      if !hasRight || unchecked.contains(id) { debt.withoutStanding += net }
    }
  }

  private func addGifts(of account: OpID, _ unchecked: Set<OpID>, to debt: inout Debt) {
    for gift in ops("points.transfer") {
      guard let from = gift.reference("from"), let to = gift.reference("to"), from != to,
        isAccount(from), isAccount(to)
      else { continue }
      let points = gift.integer("points") ?? 0
      let counts = isEntitled(gift) && !isInFuture(gift.op) && hadStanding(gift.op.id, on: from)
      if from == account, counts, unchecked.contains(gift.op.id) { debt.withoutStanding += points }
      if to == account, !counts, hasRole(gift) {
        debt.lostCredits += points
        debt.told.append(Told(op: gift.op.id, reasons: []))
      }
    }
  }

  /// Coins that were handed in for points of an account, or paid a sale of it later.
  private func addCoins(of account: OpID, to debt: inout Debt) {
    for collect in ops("coin.collect") {
      let worth = collect.records("coins").reduce(0) {
        $0 + ($1.integer(1) ?? 0) * ($1.integer(2) ?? 0)
      }
      var counted: Int64 = 0
      if let redemption = collect.reference("redemption").flatMap({ ops[$0] }) {
        guard sale(redemption)?.payer == account else { continue }
        for paid in paidLater[redemption.op.id] ?? [] where paid.fact.op.id == collect.op.id {
          counted += paid.paid + paid.more
        }
      } else {
        guard collect.reference("resident") == account, exists(account, "resident.register") else {
          continue
        }
        counted = credited[collect.op.id] ?? 0
      }
      debt.lostCredits += max(0, worth - counted)
    }
  }

  /// What was said to make a loss good, and was less in the end.
  private func addCovers(of account: OpID, to debt: inout Debt) {
    let covers = ops("points.cover").filter { $0.reference("account") == account && hasRole($0) }
    var most: [OpID: Int64] = [:]
    for cover in covers {
      guard let loss = cover.reference("loss") else { continue }
      most[loss] = max(most[loss] ?? 0, cover.integer("points") ?? 0)
    }
    let covered = accounts[account]?.covered ?? 0
    debt.lostCredits += max(0, most.values.reduce(0, +) - covered)
  }

  /// What voids and returns say together that they bring back of a redemption.
  private func broughtBack(by redemption: Fact, _ sale: Sale) -> Int64 {
    let id = redemption.op.id
    if ops("redemption.void").contains(where: { $0.reference("redemption") == id }) {
      return sale.points
    }
    let pieces = ops("redemption.return").filter { $0.reference("redemption") == id }
      .flatMap { $0.records("lines") }
    return pieces.reduce(0) { sum, piece in
      let line = Int(piece.integer(1) ?? 0) - 1
      guard sale.lines.indices.contains(line) else { return sum }
      return sum + (piece.integer(2) ?? 0) * sale.lines[line].price
    }
  }

  /// What a debit that is no redemption takes.
  func worth(_ debit: Fact) -> Int64 {
    if let offer = debit.reference("offer") {
      return (ops[offer]?.integer("points") ?? 0) * (debit.integer("times") ?? 0)
    }
    return debit.records("coins").reduce(0) { $0 + ($1.integer(1) ?? 0) * ($1.integer(2) ?? 0) }
  }

  /// The most that a record can ever have brought where it was known: what it says, or what an approver
  /// gave; nil where it needs an approval and nobody gave one, or its rules are nobody's.
  ///
  /// What was known later does not matter: ends of appointments, departures, and cancellations.
  func mostBrought(by grant: Fact, _ fate: Fate, _ approvals: [Fact]) -> Int64? {
    let own = communities[grant.op.id.replica]
    guard let policy = rules(of: grant), let activity = grant.reference("activity"),
      let published = ops[activity]
    else { return nil }
    let organiser = communities[activity.replica]
    let given = approvals.filter { approval in
      let decider = communities[approval.op.id.replica]
      return approval.references("awards").contains(grant.op.id) && hasRole(approval)
        && approval.op.actor != grant.op.actor && (decider == own || decider == organiser)
    }
    guard !given.isEmpty || policy.integer("award.posting") == 0 && hasRole(grant) else {
      return nil
    }
    let rule = published.integer("award_rule") ?? policy.integer("award.mode")
    let hours = ((grant.integer("minutes") ?? 0) + 59) / 60
    let said = min(grant.integer("points") ?? 0, fate.most)
    return max(
      isWork(activity) && rule ?? 0 != 0 ? hours : said,
      given.compactMap { $0.integer("points") }.max() ?? 0)
  }

  /// The most that an office may have out on trust: the largest sum that the street ever let it have,
  /// or what it recorded again if that alone is more, and what no limit was asked about, by programs
  /// that do not ask, and where another member of staff than the recorder answers by name for going
  /// above the limits.
  ///
  /// What was recorded again was within the limits of the id that it had, and takes from those of the
  /// new one.
  package func mostOnTrust(at office: ReplicaID, unchecked: Set<OpID>) -> Int64 {
    var (again, beyond): (Int64, Int64) = (0, 0)
    for kind in ["redemption.record", "coin.issue", "offer.use"] {
      for debit in ops(kind) where debit.op.id.replica == office {
        if debit.op.was != nil {
          again += onTrust(debit)
        } else if unchecked.contains(debit.op.id) || isAllowedByAnother(debit) {
          beyond += onTrust(debit)
        }
      }
    }
    return max(largestLimit(of: office), again) + beyond
  }

  /// Whether somebody else than its recorder answers for a debit above the limits.
  private func isAllowedByAnother(_ debit: Fact) -> Bool {
    guard let deciding = debit.reference("limit_override") else { return false }
    return !isSamePerson(deciding, debit.op.actor)
  }

  /// The largest sum that the street ever let an office have out on trust.
  private func largestLimit(of office: ReplicaID) -> Int64 {
    let rules = ops("policy.set").compactMap { rule in
      rule.reference("community") == communities[office]
        ? rule.integer("standin.office_limit") : nil
    }
    let budgets = ops("budget.set").compactMap { budget in
      let number = budget.reference("enrolment").flatMap { ops[$0]?.integer("replica") }
      return number == Int64(office.rawValue) ? budget.integer("limit") : nil
    }
    return (rules + budgets).max() ?? 0
  }

  /// Rights that offices hold although every grant of them is of an earlier day than the hub's, and
  /// reached it six hours ago.
  package func strandedRights(at now: Int64) -> [Right] {
    var fresh: Set<Right> = []
    for grant in ops("rights.grant") {
      guard let request = grant.reference("request").flatMap({ ops[$0] }),
        let account = request.reference("account")
      else { continue }
      let isOfToday = grant.op.occurredOn >= BusinessDate(stamp: now)
      if isOfToday || receivedAt[grant.op.id] ?? now > now - 6 * 3_600_000 {
        fresh.insert(Right(account: account, holder: request.op.id.replica))
      }
    }
    return rights.filter { $0.value > 0 && !fresh.contains($0.key) }.keys
      .sorted { ($0.account, $0.holder) < ($1.account, $1.holder) }
  }
}
