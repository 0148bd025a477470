import Community
import FoldKit
import OpLog
import Testing

/// What the random offices and the hub wrote about homes, to be named later.
struct CustodyHistory {
  /// The ops that made an office home: gives of one account, retirements of any.
  var makers: [(id: OpID, account: OpID?, home: ReplicaID)] = []
  /// The gives of an account to an office of another community.
  var moves: [OpID: [OpID]] = [:]
}

/// Homes that move and PCs that are lost, drawn at random.
extension History {
  mutating func custodyStep(at counter: Counter) throws {
    if dice.once(in: 8) { return try retire() }
    try giveAway(at: counter)
  }

  /// Mostly the home gives, to another office of its community; it may not know that it is no more.
  private mutating func giveAway(at counter: Counter) throws {
    guard let account = pick((residents + people.households).filter { holds($0, counter) }) else {
      return
    }
    let makers =
      [(id: account, account: account, home: account.replica)]
      + custody.makers.filter { ($0.account ?? account) == account && holds($0.id, counter) }
    let own = makers.filter { $0.home == counter.office }
    guard let maker = pick(dice.once(in: 6) ? makers : Array(own.suffix(2))) else { return }
    let to = dice.once(in: 3) ? roll(0...2) : counter.office == street.offices[1] ? 2 : 1
    let approver = counter.office == street.offices[0] ? street.staff[2] : street.staff[4]
    let isFar = street.place(of: counter.office) == 0 || to == 0
    let isMove = isFar != maker.id.seq.isMultiple(of: 8)
    let id = try street.give(
      account, to: street.enrolments[Int(to)], after: maker.id, moves: isMove,
      at: dice.once(in: 6)
        ? counter : Counter(office: counter.office, clerk: approver))
    custody.makers.append((id, account, street.offices[Int(to)]))
    if isMove { custody.moves[account, default: []].append(id) }
  }

  /// A give by which somebody may have come to where a counter is.
  mutating func arrival(of resident: OpID?, at counter: Counter) -> OpID? {
    guard let resident else { return nil }
    return custody.moves[resident, default: []].last { holds($0, counter) }
  }

  /// A PC is lost; it writes on, for nobody told it, and syncs some day.
  private mutating func retire() throws {
    let lost = dice.once(in: 4) ? 0 : Int(roll(1...2))
    let heir = dice.once(in: 8) ? Int(roll(0...2)) : 3 - max(lost, 1)
    let held = taken[street.offices[lost], default: 0]
    let seq = dice.once(in: 3) ? UInt64.random(in: 0...held, using: &dice) : held
    let id = try street.retire(
      street.enrolments[lost], at: seq, hash: dice.once(in: 4) ? .zero : nil,
      successor: street.enrolments[heir])
    custody.makers.append((id, nil, street.offices[heir]))
  }
}

extension Street {
  /// The home of an account gives it to another office, maybe because its people moved there.
  @discardableResult
  mutating func give(
    _ account: OpID, to enrolment: OpID, after maker: OpID, moves: Bool = false,
    at counter: Counter
  ) throws -> OpID {
    try write(
      "custody.give", by: counter.office, actor: counter.clerk,
      [
        "account": .reference(account), "to": .reference(enrolment), "after": .reference(maker),
        "moves": moves ? .integer(1) : nil,
      ])
  }

  /// The hub and two persons retire a PC.
  @discardableResult
  mutating func retire(
    _ enrolment: OpID, at seq: UInt64, hash: Digest? = nil, successor: OpID,
    by hub: ReplicaID = Street.hub
  ) throws -> OpID {
    let lost = try #require(enrolments.firstIndex(of: enrolment).map { offices[$0] })
    let there = OpID(lost, seq).flatMap { hashes[$0] }
    return try write(
      "replica.retire", by: hub,
      [
        "enrolment": .reference(enrolment), "seq": .integer(Int64(seq)),
        "hash": .bytes((hash ?? there ?? .zero).bytes), "successor": .reference(successor),
        "approvers": .references([staff[2], staff[4]].sorted()), "reason": .integer(0),
      ])
  }
}
