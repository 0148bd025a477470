import Community
import FoldKit
import OpLog
import Testing

extension Street {
  /// Records an op of people as a member of staff.
  @discardableResult
  mutating func note(
    _ kind: String, at counter: Counter, body: Digest? = nil,
    _ values: KeyValuePairs<String, PayloadValue?>
  ) throws -> OpID {
    try write(kind, by: counter.office, actor: counter.clerk, body: body, values)
  }

  mutating func merge(
    _ keep: OpID, _ drop: OpID, byTwo isByTwo: Bool = false, at counter: Counter
  ) throws -> OpID {
    try note(
      "resident.merge", at: counter,
      [
        "keep": .reference(keep), "drop": .reference(drop), "evidence": .integer(0),
        "by_two": isByTwo ? .integer(1) : nil,
      ])
  }

  mutating func unmerge(_ merge: OpID, at counter: Counter) throws -> OpID {
    try note("resident.unmerge", at: counter, ["merge": .reference(merge)])
  }

  mutating func freeze(
    _ resident: OpID, until: BusinessDate, at counter: Counter
  ) throws -> OpID {
    try note(
      "account.freeze", at: counter,
      [
        "account": .reference(resident), "until": .integer(Int64(until.day)),
        "reason": .integer(0),
      ])
  }

  mutating func unfreeze(_ freeze: OpID, at counter: Counter) throws -> OpID {
    try note(
      "account.unfreeze", at: counter, ["freeze": .reference(freeze), "reason": .integer(0)])
  }

  mutating func erase(_ resident: OpID, at counter: Counter) throws -> OpID {
    try note(
      "resident.erase", at: counter, ["resident": .reference(resident), "basis": .integer(0)])
  }

  /// The hub decides a request; another hub where one is named.
  @discardableResult
  mutating func decide(
    _ request: OpID, isApproved: Bool = true, signed staff: [OpID] = [],
    by hub: ReplicaID = Street.hub
  ) throws -> OpID {
    try write(
      "request.decide", by: hub,
      [
        "request": .reference(request), "answer": .integer(isApproved ? 0 : 1),
        "basis": .records([]), "by": staff.isEmpty ? nil : .references(staff.sorted()),
      ])
  }

  @discardableResult
  mutating func leave(
    _ resident: OpID, cause: Int64 = 0, on day: BusinessDate, after give: OpID? = nil,
    at counter: Counter
  ) throws -> OpID {
    try note(
      "resident.deactivate", at: counter,
      [
        "resident": .reference(resident), "cause": .integer(cause),
        "effective_on": .integer(Int64(day.day)), "after": give.map(PayloadValue.reference),
      ])
  }

  @discardableResult
  mutating func reactivate(
    _ departure: OpID, reason: Int64 = 0, after give: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try note(
      "resident.reactivate", at: counter,
      [
        "departure": .reference(departure), "reason": .integer(reason),
        "after": give.map(PayloadValue.reference),
      ])
  }

  @discardableResult
  mutating func resetPIN(of staff: OpID, at counter: Counter) throws -> OpID {
    try note("staff.reset_pin", at: counter, ["staff": .reference(staff)])
  }

  @discardableResult
  mutating func consent(
    _ resident: OpID, purpose: Int64 = 1, isWithdrawn: Bool, guardian: OpID? = nil,
    replaces: [OpID] = [], at counter: Counter
  ) throws -> OpID {
    try note(
      "consent.set", at: counter,
      [
        "resident": .reference(resident), "purpose": .integer(purpose),
        "state": .integer(isWithdrawn ? 1 : 0),
        "replaces": replaces.isEmpty ? nil : .references(replaces.sorted()),
        "given_by": guardian.map { _ in .integer(1) },
        "guardian": guardian.map(PayloadValue.reference),
      ])
  }

  mutating func household(
    _ household: OpID? = nil, head: OpID? = nil, replaces: [OpID] = [], body: Digest? = nil,
    at counter: Counter
  ) throws -> OpID {
    try note(
      "household.upsert_file", at: counter, body: body,
      [
        "household": household.map(PayloadValue.reference),
        "head": head.map(PayloadValue.reference),
        "replaces": replaces.isEmpty ? nil : .references(replaces.sorted()),
      ])
  }

  @discardableResult
  mutating func member(
    _ resident: OpID, of household: OpID, from: BusinessDate, until: BusinessDate? = nil,
    replaces: [OpID] = [], at counter: Counter
  ) throws -> OpID {
    try note(
      "household.set_member", at: counter,
      [
        "household": .reference(household), "resident": .reference(resident),
        "from_on": .integer(Int64(from.day)), "until": until.map { .integer(Int64($0.day)) },
        "replaces": replaces.isEmpty ? nil : .references(replaces.sorted()),
      ])
  }

  mutating func enlist(_ resident: OpID, at counter: Counter) throws -> OpID {
    try note(
      "volunteer.enroll", at: counter,
      ["resident": .reference(resident), "group": .integer(1), "number": .integer(75)])
  }

  @discardableResult
  mutating func leaveTeam(_ enrolment: OpID, at counter: Counter) throws -> OpID {
    try note("volunteer.leave", at: counter, ["enrolment": .reference(enrolment)])
  }

  mutating func appeal(
    against op: OpID, resident: OpID? = nil, body: Digest? = nil, at counter: Counter
  ) throws -> OpID {
    try note(
      "appeal.file", at: counter, body: body,
      ["against": .reference(op), "resident": resident.map(PayloadValue.reference)])
  }

  @discardableResult
  mutating func decideAppeal(
    _ appeal: OpID, isUpheld: Bool, remedy: OpID? = nil, by hub: ReplicaID = Street.hub
  ) throws -> OpID {
    try write(
      "appeal.decide", by: hub,
      [
        "appeal": .reference(appeal), "decision": .integer(isUpheld ? 0 : 1),
        "remedy": remedy.map(PayloadValue.reference),
      ])
  }

  @discardableResult
  mutating func end(_ staff: OpID, on day: BusinessDate) throws -> OpID {
    try write(
      "staff.end", ["staff": .reference(staff), "ended_on": .integer(Int64(day.day))])
  }
}
