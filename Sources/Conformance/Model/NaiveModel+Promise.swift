import Community
import OpLog

/// What an account may lack, term by term, each with the ops behind it.
extension NaiveModel {
  /// The terms of one account's debt, each 0 or more.
  package struct Debt {
    /// What records and returns said that they bring, less what they brought in the end.
    package var lostCredits: Int64 = 0
    /// What the hub let end.
    package var hubDebits: Int64 = 0
    /// What is on trust, and the ops that gave it.
    package var uncovered: Int64 = 0
    /// What was taken by nobody's right.
    package var withoutStanding: Int64 = 0
    /// The ops that took points on trust or by nobody's right: somebody has to be told of each.
    package var told: [OpID] = []

    /// The most that the account can lack.
    package var most: Int64 { lostCredits + hubDebits + uncovered + withoutStanding }
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
    debt.lostCredits = max(0, claimed(by: account) - sums.earned)
    for redemption in ops("redemption.record") {
      let id = redemption.op.id
      guard let sale = sale(redemption), sale.payer == account, let net = charged[id] else {
        continue
      }
      let back = sale.points - net
      debt.lostCredits += max(0, min(sale.points, broughtBack(by: redemption, sale)) - back)
      let isOnTrust = redemption.integer("basis") == 2 && !isAtFirstHome(id, of: account)
      let hasRight =
        switch redemption.integer("basis") {
        case 0: hadStanding(id, on: account)
        case 1: !uncoveredGrants.contains(id)
        default: isOnTrust ? isTakenOver(redemption, by: account) : true
        }
      if net > 0, !hasRight { debt.told.append(id) }
      if !isOnTrust, !hasRight || unchecked.contains(id) { debt.withoutStanding += max(0, net) }
    }
    for debit in ops("coin.issue") + ops("offer.use") where debit.reference("resident") == account {
      guard unchecked.contains(debit.op.id) || !hadStanding(debit.op.id, on: account),
        void(of: debit) == nil
      else { continue }
      debt.withoutStanding += worth(debit)
    }
    for gift in ops("points.transfer") {
      let points = gift.integer("points") ?? 0
      if gift.reference("from") == account, unchecked.contains(gift.op.id) {
        debt.withoutStanding += points
      }
      if gift.reference("to") == account, let from = gift.reference("from"),
        !hadStanding(gift.op.id, on: from)
      {
        debt.lostCredits += points
      }
    }
    return debt
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

  /// What all records of awards say together that somebody earned, if each counted by itself.
  private func claimed(by account: OpID) -> Int64 {
    let approvals = ops("award.approve")
    return ops("award.grant").reduce(0) { sum, grant in
      guard grant.reference("resident") == account else { return sum }
      let given = approvals.compactMap { approval in
        approval.references("awards").contains(grant.op.id) ? approval.integer("points") : nil
      }
      let said = max(grant.integer("points") ?? 0, (grant.integer("minutes") ?? 0) / 60)
      return sum + max(said, given.max() ?? 0)
    }
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
