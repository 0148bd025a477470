import Community
import OpLog
import Store

/// What became of a decision that the administrator made.
package enum DecisionOutcome: Sendable, Equatable {
  /// It is written, as this op.
  case decided(OpID)
  /// The remedy does not put right what the appeal is against; these kinds can.
  case unfitRemedy([KindNumber])
  /// Nothing with this id waits for the hub: it was decided before, or nobody asked.
  case notOpen
  /// Somebody who is to answer for it is no member of staff today, no approver where two have to be, or
  /// is the one who asks.
  case unfitDecider(OpID)
  /// It takes two persons: it joins or parts two files, erases a person's data, or punishes a fraud.
  case twoPersonsNeeded
  /// The hub approved this membership before, in another household on the same days.
  case approvedElsewhere(OpID)
}

/// The requests that only the hub decides: each once, for good.
extension HubAdmin {
  /// Decides a request or an appeal, on all that the hub holds now.
  ///
  /// - Parameters:
  ///   - request: The op that asks.
  ///   - isApproved: Whether it is granted; an appeal is upheld then.
  ///   - remedy: What was done about an appeal that is upheld; nil for nothing.
  ///   - deciders: Who decided: members of staff other than the one who asks; two approvers at least
  ///     where a request ``isForTwo(_:)``.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The decision, or that there is nothing to decide.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func decide(
    _ request: OpID, isApproved: Bool, remedy: OpID? = nil, by deciders: [OpID] = [],
    in store: Store, now: Int64
  ) throws(StoreError) -> DecisionOutcome {
    try store.write { () throws(StoreError) in
      guard let open = try store.openRequests().first(where: { $0.id == request }) else {
        return .notOpen
      }
      let asked = try store.op(request)
      let takesTwo = isApproved && isForTwo(asked)
      let asker = asked.actor
      for decider in deciders {
        guard try stands(decider, asApprover: takesTwo, on: BusinessDate(stamp: now), in: store),
          try !Standing.isSamePerson(decider, asker, in: store)
        else { return .unfitDecider(decider) }
      }
      if isApproved, let rival = try MemberFold.approvedRival(of: request, in: store) {
        return .approvedElsewhere(rival)
      }
      let answer = PayloadValue.integer(isApproved ? 0 : 1)
      let names = Set(deciders).sorted()
      let by = names.isEmpty ? nil : PayloadValue.references(names)
      guard open.kind != appealKind else {
        if let remedy, let misfit = try misfit(remedy, of: request, in: store) { return misfit }
        let values: [PayloadValue?] = [
          .reference(request), answer, remedy.map(PayloadValue.reference), by,
        ]
        return .decided(try append(66, values, to: store, now: now).id)
      }
      if takesTwo, try persons(names, in: store) < signers { return .twoPersonsNeeded }
      let values: [PayloadValue?] = [
        .reference(request), answer, .records(try basis(of: store)), by,
      ]
      return .decided(try append(64, values, to: store, now: now).id)
    }
  }

  /// Takes an entry off the desk: one about the street's own records, or any that an office left, but
  /// none that warns of the hub itself (``DeskReason/isAboutHub``).
  ///
  /// - Parameters:
  ///   - entry: What the `desk.resolve` says.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The op.
  /// - Throws: ``StoreError/refused(_:)`` where the desk has no such entry, or another rule is against
  ///   it; nothing is written then.
  package static func resolve(
    _ entry: HubResolution, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    try store.checkMayDecide()
    try store.read { () throws(StoreError) in try HubClock.check(now, in: store) }
    guard let kind = Catalogue.kind(named: "desk.resolve") else {
      preconditionFailure("the catalogue has it")
    }
    let draft = Draft(
      kind: kind, payload: Payload(values: entry.values), occurredOn: BusinessDate(stamp: now))
    switch try store.record(draft, key: nil, stamp: now) {
    case .written(let op, _): return op.id
    case .refused(let refusal): throw .refused(refusal)
    case .before(let id): return id
    }
  }

  /// Whether two persons have to grant a request: to merge or part files, to erase a person's data, and
  /// whatever says so itself, such as a freeze for fraud.
  package static func isForTwo(_ request: Op) -> Bool {
    Requests.areByTwo(request.kind) || Requests.isByTwo(request)
  }

  /// Whether an appointment stands on a day.
  private static func stands(
    _ staff: OpID, asApprover mustApprove: Bool, on day: BusinessDate, in store: Store
  ) throws(StoreError) -> Bool {
    guard let row = try store.row(Tables.staff, id: staff.packed) else { return false }
    let isApprover = (row[2].integer ?? 0) & Role.approver.mask != 0
    let day = Int64(day.day)
    return (isApprover || !mustApprove) && row[3].integer ?? 0 <= day
      && day <= min(row[4].integer ?? .max, row[5].integer ?? .max)
  }

  /// How many persons some appointments are of.
  private static func persons(_ staff: [OpID], in store: Store) throws(StoreError) -> Int {
    Set(
      try staff.map { (id) throws(StoreError) in
        try store.row(Tables.staff, id: id.packed)?[6].integer
      }
    ).count
  }

  /// The kind of appeals, which may be asked to name a remedy.
  package static let appealKind: KindNumber = 59

  /// What to say about a remedy that is not one for an appeal; nil for one that is.
  private static func misfit(
    _ remedy: OpID, of appeal: OpID, in store: Store
  ) throws(StoreError) -> DecisionOutcome? {
    guard let against = try store.row(Tables.appeal, id: appeal.packed)?[1].id else { return nil }
    guard try store.foldedHead(of: remedy.replica).seq >= remedy.seq else {
      throw .unknownReference(remedy)
    }
    if try AppealRemedy.fits(remedy, against: against, in: store) { return nil }
    return .unfitRemedy(AppealRemedy.kinds(for: try store.op(against).kind))
  }

  /// How far the hub holds each office's log; never a part of them, for a basis says what was known.
  private static func basis(of store: Store) throws(StoreError) -> [[PayloadValue?]] {
    var heads: [[PayloadValue?]] = []
    for replica in try store.replicas() where !replica.isHub {
      let seq = try store.foldedHead(of: replica).seq
      guard seq > 0 else { continue }
      heads.append([.integer(Int64(replica.rawValue)), .integer(Int64(seq))])
    }
    return heads
  }
}

/// What the administrator says of an entry of the desk.
package struct HubResolution: Sendable {
  let values: [PayloadValue?]

  /// Makes one.
  ///
  /// - Parameters:
  ///   - subject: What the entry is about.
  ///   - reason: Why it is there.
  ///   - outcome: How it ends.
  ///   - part: The line, or the record, where several entries have one subject and reason.
  ///   - undone: The resolution that this one takes back.
  package init(
    _ subject: OpID, _ reason: DeskReason, _ outcome: Resolution, part: Int64?,
    undoing undone: OpID?
  ) {
    let record = part.flatMap { OpID(packed: $0) }
    values = [
      .reference(subject), .text(reason.rawValue), .integer(outcome.rawValue),
      undone.map(PayloadValue.reference),
      record == nil ? part.map(PayloadValue.integer) : nil, record.map(PayloadValue.reference),
      nil,
    ]
  }
}
