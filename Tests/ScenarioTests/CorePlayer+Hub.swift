import Community
import Conformance
import Hub
import OpLog
import ScenarioKit
import Store
import Testing
import Wire

/// What the street's administrator does, by the functions behind the program's commands.
extension CorePlayer {
  /// Does what a request says; the op is the program's.
  func administer(_ request: ScenarioRequest) throws -> ScenarioAnswer {
    let said = try request.stated().payload
    do {
      let ops = try ops(of: request, said)
      let op = try ops.first { try request.difference(from: hub.store.op($0)) == nil } ?? ops.first
      return .recorded(try #require(op, "\(request.kind)"), key: "", isRepeat: false)
    } catch let refusal as ClosingRefusal {
      return .refused(code: try Self.code(of: refusal))
    } catch let refusal as HubDecisionRefusal {
      return .refused(code: refusal.rawValue)
    }
  }

  private func ops(of request: ScenarioRequest, _ said: Payload) throws -> [OpID] {
    let (store, now) = (hub.store, tick())
    switch request.kind {
    case "request.decide", "appeal.decide":
      let isAppeal = request.kind == "appeal.decide"
      let outcome = try HubAdmin.decide(
        #require(said.reference(1)), isApproved: said.integer(2) == 0,
        remedy: isAppeal ? said.reference(3) : nil, by: said.references(4), in: store, now: now)
      return [try Self.op(outcome)]
    case "period.close":
      return [
        try HubAdmin.close(try month(said, 2), of: community(said), in: store, now: now)
      ]
    case "period.reopen":
      let close = try #require(
        try store.rows(of: Tables.period).first { $0[3].id == said.reference(1) })
      return [
        try HubAdmin.reopen(
          #require(close[1].integer.flatMap(BusinessDate.init(day:))),
          of: #require(close[0].id), approvers: said.references(2),
          reason: #require(said.integer(3)), in: store, now: now)
      ]
    case "points.expire_year":
      return try HubAdmin.expire(
        #require(said.integer(2)), of: community(said), in: store, now: now)
    case "closing.reverse":
      return [
        try HubAdmin.reverse(
          #require(said.reference(1)), approvers: said.references(2),
          reason: #require(said.integer(3)), in: store, now: now)
      ]
    case "settlement.post": return try HubAdmin.settle(month(said, 1), in: store, now: now)
    case "reservation.release": return try HubAdmin.expireReservations(in: store, now: now)
    case "policy.set": return [try setPolicy(request, now)]
    default: return [try opOnPeople(request, said, now)]
    }
  }

  /// The same for what is about staff and PCs.
  private func opOnPeople(
    _ request: ScenarioRequest, _ said: Payload, _ now: Int64
  ) throws -> OpID {
    let store = hub.store
    switch request.kind {
    case "replica.retire":
      return try HubAdmin.retire(
        Retirement(
          replica: try replica(said.reference(1)), successor: try replica(said.reference(4)),
          approvers: said.references(5), reason: #require(said.integer(6))),
        in: store, now: now)
    case "budget.set":
      return try HubAdmin.setBudget(
        of: replica(said.reference(1)), to: said.integer(2) ?? 0, in: store, now: now)
    case "staff.appoint":
      let name = #"{"name":"\#(request.fields["name"] ?? "")"}"#
      return try HubAdmin.appoint(
        NewStaff(
          roles: Role.allCases.filter { (said.integer(2) ?? 0) & $0.mask != 0 },
          body: #require(Body(salt: random(16), content: name)), from: date(said, 3),
          to: date(said, 4)),
        to: community(said), in: store, now: now)
    case "staff.end":
      return try HubAdmin.end(
        #require(said.reference(1)), on: #require(date(said, 2)), isSure: true, in: store, now: now)
    case "staff.reset_pin":
      return try HubAdmin.resetPIN(of: #require(said.reference(1)), in: store, now: now)
    case "desk.resolve":
      let reason = try #require(DeskReason(rawValue: said.text(2) ?? ""))
      let outcome = try #require(said.integer(3).flatMap(Resolution.init))
      return try HubAdmin.resolve(
        HubResolution(
          #require(said.reference(1)), reason, outcome, part: said.integer(5),
          undoing: said.reference(4)),
        in: store, now: now)
    default: throw ScenarioError("no command of the hub does \(request.kind)")
    }
  }

  private func setPolicy(_ request: ScenarioRequest, _ now: Int64) throws -> OpID {
    let community = try #require(request.fields["community"].flatMap { OpID($0) })
    let values = request.fields.filter { $0.key != "community" }
    let changes = try self.changes(values.map { (key: $0.key, value: $0.value) })
    return try hub.store.write { () throws(StoreError) in
      try HubAdmin.setPolicy(changes, of: community, in: hub.store, now: now)
    }
  }

  private func community(_ said: Payload) throws -> OpID { try #require(said.reference(1)) }

  private func date(_ said: Payload, _ key: Int) -> BusinessDate? {
    said.integer(key).flatMap(BusinessDate.init(day:))
  }

  private func month(_ said: Payload, _ key: Int) throws -> BusinessDate {
    try #require(date(said, key))
  }

  private func replica(_ enrolment: OpID?) throws -> ReplicaID {
    let row = try hub.store.rows(of: Tables.replica).first { $0[1].id == enrolment }
    let number = try #require(row?[0].integer)
    return try #require(ReplicaID(rawValue: UInt32(number)))
  }

  private static func op(_ outcome: DecisionOutcome) throws -> OpID {
    switch outcome {
    case .decided(let op): return op
    case .notOpen: throw HubDecisionRefusal.notOpen
    case .twoPersonsNeeded: throw HubDecisionRefusal.twoPersons
    case .unfitDecider: throw HubDecisionRefusal.unfitDecider
    case .unfitRemedy: throw HubDecisionRefusal.unfitRemedy
    case .approvedElsewhere: throw HubDecisionRefusal.approvedElsewhere
    }
  }

  /// The codes of the commands.
  private static func code(of refusal: ClosingRefusal) throws -> String {
    switch refusal {
    case .tooEarly: "too-early"
    case .closedBefore: "closed-before"
    case .nothingToDo: "nothing-to-do"
    case .appointmentEnded: "appointment-ended"
    case .notApprover: "not-approver"
    case .onePerson: "one-person"
    case .settled: "settled"
    case .officeAway: "office-away"
    case .store(let error): throw error
    }
  }
}

/// Why the hub does not decide a request now, by the codes of the command.
private enum HubDecisionRefusal: String, Error {
  case notOpen = "not-open"
  case twoPersons = "two-persons"
  case unfitDecider = "unfit-decider"
  case unfitRemedy = "unfit-remedy"
  case approvedElsewhere = "approved-elsewhere"
}
