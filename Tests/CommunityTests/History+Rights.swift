import Community
import FoldKit
import OpLog

/// What the random offices asked and granted, to be named later.
struct RightsHistory {
  var requests: [(id: OpID, account: OpID)] = []
  var grants: [(id: OpID, account: OpID, holder: ReplicaID)] = []
}

/// Spending away from home, drawn at random: honest homes and others.
extension History {
  mutating func rightsStep(at counter: Counter) throws {
    switch roll(0...19) {
    case 0..<6: try ask(at: counter)
    case 6..<12: try answer(at: counter)
    case 12..<17: try spendOnGrant(at: counter)
    case 17..<19: try giveBack(at: counter)
    default:
      guard let enrolment = pick(street.enrolments) else { return }
      try street.budget(enrolment, roll(0...30))
    }
  }

  private mutating func account(at counter: Counter) -> OpID? {
    pool(at: counter) ?? pick(residents.prefix(3).filter { holds($0, counter) })
  }

  private mutating func ask(at counter: Counter) throws {
    guard let account = account(at: counter) else { return }
    let id = try street.ask(account, roll(1...9), at: counter)
    self.counter.rights.requests.append((id, account))
    guard let home = try home(of: account), !dice.once(in: 3) else { return }
    try push(counter)
    pull(home)
    if holds(id, home) { try answer(id, account, at: home) }
  }

  /// Mostly the home answers, and once in a while somebody else does, or too much, or again.
  private mutating func answer(at counter: Counter) throws {
    guard let request = pick(self.counter.rights.requests.suffix(6)) else { return }
    let home = try home(of: request.account) ?? counter
    let writer = dice.once(in: 5) ? counter : home
    guard holds(request.id, writer) else { return }
    try answer(request.id, request.account, at: writer)
  }

  private mutating func answer(_ request: OpID, _ account: OpID, at counter: Counter) throws {
    let id = try street.answer(request, dice.once(in: 4) ? 0 : roll(1...5), by: counter.office)
    self.counter.rights.grants.append((id, account, request.replica))
  }

  private mutating func spendOnGrant(at counter: Counter) throws {
    guard let grant = pick(self.counter.rights.grants.suffix(6)), let item = items.first else {
      return
    }
    var there = counter
    if let holder = street.counters.first(where: { $0.office == grant.holder }), !dice.once(in: 6) {
      there = holder
      if let home = try home(of: grant.account) { try push(home) }
      pull(there)
    }
    guard holds(grant.id, there), holds(item, there) else { return }
    let isPool = !residents.contains(grant.account)
    guard let resident = isPool ? pick(residents.filter { holds($0, there) }) : grant.account,
      holds(resident, there)
    else { return }
    let id = try street.spend(
      roll(0...4), on: dice.once(in: 9) ? nil : grant.id, item: item, to: resident,
      pool: isPool ? grant.account : nil, at: there)
    self.counter.redemptions.append((id, resident, item))
  }

  private mutating func giveBack(at counter: Counter) throws {
    guard let grant = pick(self.counter.rights.grants.suffix(6)) else { return }
    let holder = street.counters.first { $0.office == grant.holder } ?? counter
    let there = dice.once(in: 6) ? counter : holder
    guard holds(grant.account, there) else { return }
    try street.giveBack(grant.account, roll(1...4), by: there.office)
  }

  /// The counter at an account's home, as its file says it.
  private func home(of account: OpID) throws -> Counter? {
    let file = street.written.first { $0.op.id == account }
    var home = account.replica
    if let enrolment = file?.op.kind == 16 ? file?.payload?.reference(1) : nil,
      let index = street.enrolments.firstIndex(of: enrolment)
    {
      home = street.offices[index]
    }
    return street.counters.first { $0.office == home }
  }
}
