import Community
import Office
import OpLog
import Store

/// The hub is gone for ever: what needs only local rights still works.
extension World {
  /// Sometimes the world ends without a hub: every office goes on by itself.
  ///
  /// - Returns: Whether it does.
  func loseTheHub() throws(Violation) -> Bool {
    begin(.hubLoss)
    // What a PC that was put back had sent is at the hub, and may be nowhere else.
    guard strikes(.hubGone), !offices.contains(where: { $0.copied != nil }) else { return false }
    note("the hub is gone for good")
    mix = .none
    line = Line()
    for office in offices {
      office.session = nil
      office.lineDownUntil = .max
      let last = office.lastSync?.time
      try runSync(of: office)
      guard office.lastSync?.time == last else {
        throw Violation("I14", "\(office.replica) says that it synced with a hub that is gone")
      }
      // One that heard that another took its place records nothing more.
      if try !hasStopped(office) { try workAlone(at: office) }
      try upgrade(office)
    }
    try checkRequests()
    for office in offices {
      let check = try ReplicaCheck("office \(office.replica)", office.store)
      try checkPromises(check, of: office)
      // The rows of a checkpoint are of another head than the log, and not all of what its ops made.
      guard try history(of: office) == nil else { continue }
      try check.run(&marks, isPlain: isPlain, unchecked: unchecked)
      try sales.look(at: office.store, of: check.name)
    }
    try checkRebuilt(offices.map { ("office \($0.replica)", $0.store) })
    return true
  }

  /// A day at a counter that nobody answers: a new person earns points and spends them.
  private func workAlone(at office: OfficeNode) throws(Violation) {
    let isKnown = try must("look up its enrolment") {
      try office.store.enrolment(of: office.replica) != nil
    }
    // One that never heard the street out knows neither its rules nor itself.
    guard isKnown, let (clerk, approver) = try team(of: office) else { return }
    let person = try succeed("resident.register", ["name": "新居民"], by: clerk, at: office)
    let activity = try succeed(
      "activity.publish",
      [
        "title": "大扫除", "category": "service", "points": "5",
        "held_on": BusinessDate(stamp: time).description,
      ], by: clerk, at: office)
    let award = try succeed(
      "award.grant",
      ["activity": "\(activity)", "resident": "\(person)", "minutes": "240"], by: clerk,
      at: office)
    // The strictest check knows no approvals.
    let verdict = try must("read a verdict") { try office.store.verdict(of: award) }
    if verdict.outcome == .pending, !isPlain {
      try succeed("award.approve", ["awards": "\(award)"], by: approver, at: office)
    }
    let item = try succeed(
      "item.define", ["name": "肥皂", "sort": "goods", "points": "2"], by: clerk, at: office)
    try succeed(
      "stock.receive", ["item": "\(item)", "quantity": "2", "source": "donation"], by: clerk,
      at: office)
    let points = try balance(of: .init(id: person, home: office.replica), at: office)
    let sale = try attempt(
      "redemption.record", ["resident": "\(person)", "items": "\(item)"], by: clerk, at: office)
    switch sale {
    case .failure(let refusal) where !Self.localReasons(points).contains(refusal.code):
      throw Violation("I14", "\(office.replica) refuses points that it holds: \(refusal.code)")
    case .failure: break
    case .success:
      marks.hit(Look.alone)
      guard try balance(of: .init(id: person, home: office.replica), at: office) == points - 2
      else { throw Violation("I14", "\(office.replica) takes other points than it says") }
    }
  }

  /// Rules of the community itself that may be against a sale of one piece for two points.
  private static func localReasons(_ points: Int64) -> Set<String> {
    points < 2
      ? ["not-enough-points"]
      : ["closed-day", "not-payable-in-coins", "coins-needed", "below-minimum"]
  }

  /// Two persons of the office who may still record and approve; nil when there are none.
  private func team(of office: OfficeNode) throws(Violation) -> (clerk: OpID, approver: OpID)? {
    let day = Int64(BusinessDate(stamp: time).day)
    var able: [(id: OpID, roles: Int64)] = []
    for id in staff[office.community] where try office.holds(id) {
      let row = try must("look up staff") { try office.store.row(Tables.staff, [id.packed]) }
      guard let row, row[3].integer ?? 0 <= day, row[4].integer ?? .max >= day,
        row[5].integer ?? .max >= day
      else { continue }
      able.append((id, row[2].integer ?? 0))
    }
    let approver = able.last { $0.roles & Role.approver.mask != 0 }
    let clerk = able.first { $0.roles & Role.clerk.mask != 0 && $0.id != approver?.id }
    guard let clerk, let approver else { return nil }
    return (clerk.id, approver.id)
  }

  private struct Refused: Error {
    let code: String
  }

  @discardableResult
  private func succeed(
    _ kind: String, _ fields: [String: String], by actor: OpID, at office: OfficeNode
  ) throws(Violation) -> OpID {
    switch try attempt(kind, fields, by: actor, at: office) {
    case .success(let op): return op
    case .failure(let refusal):
      throw Violation("I14", "\(office.replica) refuses \(kind) without a hub: \(refusal.code)")
    }
  }

  private func attempt(
    _ kind: String, _ fields: [String: String], by actor: OpID, at office: OfficeNode
  ) throws(Violation) -> Result<OpID, Refused> {
    let request = RecordRequest(
      kind: kind, fields: fields, actor: actor.description,
      occurredOn: BusinessDate(stamp: time).description)
    wishes.append(Wish(office: office.index, request: request, slip: .none))
    try attempt(wishes.count - 1)
    guard let wish = wishes.last, let op = wish.op else {
      return .failure(Refused(code: wishes.last?.refusal ?? "nothing"))
    }
    return .success(op)
  }
}
