import Community
import OpLog

/// Rights away from home, read off the ops one office and one account at a time.
extension NaiveModel {
  /// Whose right it is, and on what.
  package struct Right: Hashable {
    /// The account.
    package let account: OpID
    /// The office that asked for it.
    package let holder: ReplicaID

    /// Makes one.
    package init(account: OpID, holder: ReplicaID) {
      self.account = account
      self.holder = holder
    }
  }

  /// What an account's home may still spend: the balance less what other offices hold.
  package func homeRights(on account: OpID) -> Int64 {
    let outside = rights.filter { $0.key.account == account }.values.reduce(0, +)
    return (accounts[account]?.balance ?? 0) - outside
  }

  mutating func countRights() {
    var given: [Right: Int64] = [:]
    for request in ops("rights.request") {
      guard let right = right(askedBy: request) else { continue }
      let answers = ops("rights.grant").filter { isAnswer($0, request, on: right) }
      let first = answers.min { $0.op.id < $1.op.id }
      guard !isWithdrawn(request) else { continue }
      given[right, default: 0] += first?.integer("points") ?? 0
    }
    var used: [Right: [(op: OpID, points: Int64)]] = [:]
    for back in ops("rights.return") where !isLate(back.op.id) {
      guard let account = back.reference("account"), isAccount(account),
        let points = back.integer("points")
      else { continue }
      let right = Right(account: account, holder: back.op.id.replica)
      used[right, default: []].append((back.op.id, points))
    }
    for debit in ops("redemption.record") where debit.integer("basis") == 1 {
      guard let sale = sale(debit) else { continue }
      let right = Right(account: sale.payer, holder: debit.op.id.replica)
      guard let named = debit.reference("grant").flatMap({ ops[$0] }),
        let request = named.reference("request").flatMap({ ops[$0] }),
        self.right(askedBy: request) == right
      else {
        uncoveredGrants.insert(debit.op.id)
        continue
      }
      if isLate(debit.op.id) || !isAnswer(named, request, on: right) {
        uncoveredGrants.insert(debit.op.id)
      }
      let points = isInFuture(debit.op) ? 0 : max(0, sale.points)
      used[right, default: []].append((debit.op.id, points))
    }
    for right in Set(given.keys).union(used.keys) {
      var left = given[right] ?? 0
      for use in (used[right] ?? []).sorted(by: { $0.op < $1.op }) {
        left -= use.points
        if left < 0, use.points > 0, ops[use.op]?.kind?.name == "redemption.record" {
          uncoveredGrants.insert(use.op)
        }
      }
      rights[right] = retirements[right.holder] == nil ? max(0, left) : 0
    }
  }

  private func right(askedBy request: Fact) -> Right? {
    guard request.kind?.name == "rights.request", let account = request.reference("account"),
      isAccount(account)
    else { return nil }
    return Right(account: account, holder: request.op.id.replica)
  }

  /// Whether the office that asked said no itself.
  private func isWithdrawn(_ request: Fact) -> Bool {
    ops("rights.grant").contains { no in
      no.reference("request") == request.op.id && no.op.id.replica == request.op.id.replica
        && no.integer("points") == 0 && !isLate(no.op.id)
    }
  }

  /// Whether an op is an answer that could count: by the account's home, to somebody else, and no more
  /// than was asked.
  private func isAnswer(_ grant: Fact, _ request: Fact, on right: Right) -> Bool {
    grant.reference("request") == request.op.id && hadStanding(grant.op.id, on: right.account)
      && grant.op.id.replica != right.holder
      && grant.integer("points") ?? 0 <= request.integer("points") ?? 0
  }

  mutating func countBudgets() {
    for budget in ops("budget.set").sorted(by: { $0.op.id < $1.op.id })
    where budget.op.id.replica.isHub && isEntitled(budget) {
      guard let enrolment = budget.reference("enrolment").flatMap({ ops[$0] }),
        enrolment.kind?.name == "replica.enroll", enrolment.op.id.replica.isHub,
        let number = enrolment.integer("replica"),
        let office = ReplicaID(rawValue: UInt32(number))
      else { continue }
      budgets[office] = budget.integer("limit")
    }
  }
}
