import Community
import FoldKit
import OpLog
import Testing

/// What offices write down about activities, attendance, and awards.
extension Street {
  /// Sets rules of a community's own; what is not given is off.
  @discardableResult
  mutating func setRules(_ rules: [Policy.Name: Int64], in community: Int) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "policy.set"))
    let values = Policy.Name.allCases.map { rules[$0].map(PayloadValue.integer) }
    let payload = Payload(values: [.reference(communities[community])] + values)
    return try write(7, by: Self.hub, payload: kind.schema.encode(payload))
  }

  /// Announces an activity with all that it may say; times are minutes of the day.
  mutating func announce(
    points: Int64 = 3, category: Int64 = 0, hours: ClosedRange<Int64>? = nil,
    isLarge: Bool? = nil, rule: Policy.AwardMode? = nil, at counter: Counter
  ) throws -> OpID {
    try write(
      "activity.publish", by: counter.office, actor: counter.clerk,
      [
        "title": .text("清扫楼道"), "category": .integer(category), "points": .integer(points),
        "held_on": .integer(Int64(today.day)),
        "starts": hours.map { .integer($0.lowerBound) },
        "ends": hours.map { .integer($0.upperBound) },
        "large": isLarge.map { .integer($0 ? 1 : 0) },
        "award_rule": rule.map { .integer($0.rawValue) },
      ])
  }

  @discardableResult
  mutating func amend(
    _ activity: OpID, points: Int64? = nil, heldOn: BusinessDate? = nil, title: String? = nil,
    hours: ClosedRange<Int64>? = nil, replaces: [OpID] = [], at counter: Counter
  ) throws -> OpID {
    try write(
      "activity.amend", by: counter.office, actor: counter.clerk,
      [
        "activity": .reference(activity), "points": points.map(PayloadValue.integer),
        "held_on": heldOn.map { .integer(Int64($0.day)) },
        "title": title.map(PayloadValue.text),
        "starts": hours.map { .integer($0.lowerBound) },
        "ends": hours.map { .integer($0.upperBound) },
        "replaces": replaces.isEmpty ? nil : .references(replaces.sorted()),
      ])
  }

  @discardableResult
  mutating func resume(_ step: OpID, at counter: Counter) throws -> OpID {
    try write(
      "activity.reopen", by: counter.office, actor: counter.clerk,
      ["step": .reference(step), "reason": .integer(0)])
  }

  @discardableResult
  mutating func cancel(_ activity: OpID, at counter: Counter) throws -> OpID {
    try write(
      "activity.cancel", by: counter.office, actor: counter.clerk,
      ["activity": .reference(activity), "reason": .integer(0)])
  }

  @discardableResult
  mutating func close(
    _ activity: OpID, headcount: Int64 = 20, at counter: Counter
  ) throws -> OpID {
    try write(
      "activity.close", by: counter.office, actor: counter.clerk,
      ["activity": .reference(activity), "headcount": .integer(headcount)])
  }

  @discardableResult
  mutating func checkIn(
    _ resident: OpID, _ activity: OpID, session: Int64? = nil, method: Int64 = 0,
    at counter: Counter
  ) throws -> OpID {
    try write(
      "attendance.check_in", by: counter.office, actor: counter.clerk,
      [
        "activity": .reference(activity), "resident": .reference(resident),
        "session": session.map(PayloadValue.integer), "method": .integer(method),
      ])
  }

  @discardableResult
  mutating func checkOut(
    _ checkIn: OpID, minutes: Int64, at counter: Counter
  ) throws -> OpID {
    try write(
      "attendance.check_out", by: counter.office, actor: counter.clerk,
      ["check_in": .reference(checkIn), "minutes": .integer(minutes)])
  }

  @discardableResult
  mutating func supplement(
    _ resident: OpID, _ activity: OpID, minutes: Int64, witness: OpID, policy: OpID? = nil,
    at counter: Counter
  ) throws -> OpID {
    try write(
      "attendance.supplement", by: counter.office, actor: counter.clerk,
      policy: policy ?? spot(at: counter),
      [
        "activity": .reference(activity), "resident": .reference(resident),
        "minutes": .integer(minutes), "witness": .reference(witness),
      ])
  }

  @discardableResult
  mutating func approve(
    _ awards: [OpID], points: Int64? = nil, at counter: Counter
  ) throws -> OpID {
    try write(
      "award.approve", by: counter.office, actor: counter.clerk,
      ["awards": .references(awards.sorted()), "points": points.map(PayloadValue.integer)])
  }

  @discardableResult
  mutating func reject(_ awards: [OpID], at counter: Counter) throws -> OpID {
    try write(
      "award.reject", by: counter.office, actor: counter.clerk,
      ["awards": .references(awards.sorted()), "reason": .integer(0)])
  }
}
