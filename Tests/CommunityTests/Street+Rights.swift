import Community
import OpLog

/// What offices away from home, an account's home, and the hub write about rights.
extension Street {
  @discardableResult
  mutating func ask(_ account: OpID, _ points: Int64, at counter: Counter) throws -> OpID {
    try record(
      "rights.request", at: counter, ["account": .reference(account), "points": .integer(points)])
  }

  /// What an office's program answers.
  @discardableResult
  mutating func answer(_ request: OpID, _ points: Int64, by office: ReplicaID) throws -> OpID {
    try write(
      "rights.grant", by: office, ["request": .reference(request), "points": .integer(points)])
  }

  /// What an office's program gives back.
  @discardableResult
  mutating func giveBack(_ account: OpID, _ points: Int64, by office: ReplicaID) throws -> OpID {
    try write(
      "rights.return", by: office, ["account": .reference(account), "points": .integer(points)])
  }

  /// Redeems one piece on a grant.
  @discardableResult
  mutating func spend(
    _ points: Int64, on grant: OpID?, item: OpID, to resident: OpID, pool: OpID? = nil,
    at counter: Counter
  ) throws -> OpID {
    try record(
      "redemption.record", policy: spot(at: counter), at: counter,
      [
        "resident": .reference(resident),
        "lines": .records([[.reference(item), .integer(1), .integer(points)]]),
        "basis": .integer(1), "grant": grant.map(PayloadValue.reference),
        "pool": pool.map(PayloadValue.reference),
      ])
  }

  @discardableResult
  mutating func budget(_ enrolment: OpID, _ limit: Int64, by writer: ReplicaID = hub) throws -> OpID
  {
    try write(
      "budget.set", by: writer, ["enrolment": .reference(enrolment), "limit": .integer(limit)])
  }
}
