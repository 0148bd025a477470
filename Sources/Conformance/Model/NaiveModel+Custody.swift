import Community
import OpLog

/// Homes that move, and logs that bind only so far.
extension NaiveModel {
  /// A lost PC: how far its log binds, and who takes its place.
  struct Retirement {
    let op: OpID
    let seq: UInt64
    let successor: ReplicaID
  }

  // MARK: Bounds

  /// Reads who was retired and which logs bind only so far; hubs are judged from the newest, because
  /// each may bound those before it.
  mutating func readBounds() {
    let hubs = Set(ops.keys.map(\.replica).filter(\.isHub)).sorted(by: >)
    for hub in hubs {
      let own = (ops("hub.succeed") + ops("replica.retire")).filter { $0.op.id.replica == hub }
      for fact in own.sorted(by: { $0.op.id < $1.op.id })
      where !isLate(fact.op.id) && isSignedByTwo(fact) {
        for record in fact.records("heads") {
          guard let number = record.integer(1), let seq = record.integer(2),
            let former = ReplicaID(rawValue: UInt32(number)), former.isHub, former < hub
          else { continue }
          bound(former, at: UInt64(seq), by: fact.op.id)
        }
        guard fact.kind?.name == "replica.retire", let lost = office(fact.reference("enrolment")),
          let heir = office(fact.reference("successor")), lost != heir,
          communities[lost] == communities[heir], let seq = fact.integer("seq")
        else { continue }
        bound(lost, at: UInt64(seq), by: fact.op.id)
        if let known = retirements[lost], known.op < fact.op.id { continue }
        retirements[lost] = Retirement(op: fact.op.id, seq: UInt64(seq), successor: heir)
      }
    }
  }

  /// Whether two persons who may approve on that day answer for what a hub decided.
  private func isSignedByTwo(_ fact: Fact) -> Bool {
    let day = Int64(fact.op.occurredOn.day)
    let signers = fact.references("approvers").compactMap { ops[$0] }.filter { staff in
      staff.kind?.name == "staff.appoint" && staff.op.id.replica.isHub
        && (staff.integer("roles") ?? 0) & Self.approver != 0
        && staff.integer("valid_from") ?? 0 <= day && day <= staff.integer("valid_to") ?? .max
        // Nobody ends a roll-call by an appointment of the same hub that does not own up to it.
        && (fact.kind?.name != "hub.succeed" || staff.op.id.replica != fact.op.id.replica
          || staff.integer("in_roll_call") == 1)
    }
    let persons = signers.map { staff in
      var first = staff
      while let earlier = first.reference("person").flatMap({ ops[$0] }) { first = earlier }
      return first.op.id
    }
    return Set(persons).count == 2
  }

  private mutating func bound(_ log: ReplicaID, at seq: UInt64, by op: OpID) {
    if let known = bounds[log], known.by < op { return }
    bounds[log] = (seq, op)
  }

  func isLate(_ id: OpID) -> Bool { bounds[id.replica].map { id.seq > $0.seq } ?? false }

  private func office(_ enrolment: OpID?) -> ReplicaID? {
    enrolment.flatMap { ops[$0]?.integer("replica") }.flatMap { ReplicaID(rawValue: UInt32($0)) }
  }

  // MARK: Homes

  /// The homes of an account from the first to the present, with the give that ended each.
  func homes(of account: OpID) -> [(home: ReplicaID, maker: OpID, end: OpID?)] {
    guard let first = firstHome(of: account) else { return [] }
    let gives = ops("custody.give").filter { give in
      let from = give.op.id.replica
      guard give.reference("account") == account, let to = office(give.reference("to")) else {
        return false
      }
      let isMove = give.integer("moves") == 1
      return isEntitled(give) && (communities[to] == communities[from]) != isMove
    }.sorted { $0.op.id < $1.op.id }
    var homes: [(home: ReplicaID, maker: OpID, end: OpID?)] = []
    var (home, maker) = (first, account)
    var past: Set<OpID> = []
    while past.insert(maker).inserted {
      let give = gives.first { $0.op.id.replica == home && $0.reference("after") == maker }
      homes.append((home, maker, give?.op.id))
      if let give, let to = office(give.reference("to")) {
        (home, maker) = (to, give.op.id)
      } else if let retirement = retirements[home] {
        (home, maker) = (retirement.successor, retirement.op)
      } else {
        break
      }
    }
    return homes
  }

  /// Whether the writer of an op was home of the account when it wrote: one that had given it away is
  /// so again once it said itself that it has it back.
  func hadStanding(_ id: OpID, on account: OpID) -> Bool {
    guard !isLate(id) else { return false }
    let own = homes(of: account).filter { $0.home == id.replica }
    return own.indices.contains { index in
      let saidSo = own[index].maker.replica == id.replica
      let wasAway = own[..<index].contains { $0.end != nil }
      let isAfter = saidSo ? own[index].maker.seq < id.seq : !wasAway
      return isAfter && own[index].end.map { id.seq < $0.seq } ?? true
    }
  }

  /// Whether an op was written where the account was opened, while it was there.
  func isAtFirstHome(_ id: OpID, of account: OpID) -> Bool {
    guard let first = homes(of: account).first, first.home == id.replica else { return false }
    return first.end.map { id.seq < $0.seq } ?? true
  }

  /// Whether the home of an account neither made a debit by its own right nor granted it.
  func wasAway(_ debit: Fact, from account: OpID) -> Bool {
    if debit.kind?.name == "redemption.record", debit.integer("basis") == 1 {
      return uncoveredGrants.contains(debit.op.id)
    }
    return isFirm(debit, of: account)
      ? !hadStanding(debit.op.id, on: account)
      : isLate(debit.op.id) || !isAtFirstHome(debit.op.id, of: account)
  }

  // MARK: Communities

  /// In which communities an account was, from the registration on, and from which days.
  func stays(of account: OpID) -> [(community: OpID?, from: Int64)] {
    var stays: [(community: OpID?, from: Int64)] = [(communities[account.replica], 0)]
    for (home, maker, _) in homes(of: account).dropFirst() {
      guard let give = ops[maker], give.integer("moves") == 1 else { continue }
      let day = min(Int64(give.op.occurredOn.day), receivedOn[maker] ?? .max)
      stays.append((communities[home], max(day, stays[stays.count - 1].from)))
    }
    return stays
  }

  /// The community of an account on a day.
  func community(of account: OpID, on day: Int64) -> OpID? {
    stays(of: account).last { $0.from <= day }?.community
  }

  // MARK: Shelves

  /// What lies on the shelf of a lost PC is its successor's.
  mutating func moveShelves() {
    for (shelf, quantity) in onHand {
      guard let heir = heir(of: shelf.office), quantity != 0 else { continue }
      onHand[shelf] = 0
      onHand[Shelf(office: heir, item: shelf.item), default: 0] += quantity
    }
  }

  /// The last of those who take each other's place; nil where nobody does, or all do in a circle.
  private func heir(of office: ReplicaID) -> ReplicaID? {
    let line = line(of: office)
    return line.count > 1 ? line[line.count - 1] : nil
  }

  /// An office and all who took its place, in turn; it alone where they take each other's.
  func line(of office: ReplicaID) -> [ReplicaID] {
    var line = [office]
    while let next = retirements[line[line.count - 1]]?.successor {
      if line.contains(next) { return [office] }
      line.append(next)
    }
    return line
  }
}
