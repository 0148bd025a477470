import Community
import OpLog
import Store

/// Why the hub does not close something now.
package enum ClosingRefusal: HubRefusal, Equatable {
  /// The month or the points' last day is not over: the first day on which it may be done.
  case tooEarly(BusinessDate)
  /// It is closed already, or its year has ended already.
  case closedBefore(OpID)
  /// There is no close to open again, or no rule by which points end.
  case nothingToDo
  /// An approver's appointment has ended.
  case appointmentEnded(OpID)
  /// Somebody who is to sign is no approver of the community now.
  case notApprover(OpID)
  /// Two persons have to sign, and both are one.
  case onePerson
  /// What the month's redemptions came to is settled between communities.
  case settled(OpID)
  /// The year ended for all but the residents of this office, from which the hub has heard nothing since.
  case officeAway(ReplicaID)
  /// The database failed.
  case store(StoreError)
}

/// Months, years, and settlements, decided at the hub.
extension HubAdmin {
  /// Closes a month of a community on all that the hub holds.
  ///
  /// - Parameters:
  ///   - month: Its first day.
  ///   - community: Whose.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The `period.close` op.
  /// - Throws: ``ClosingRefusal``; nothing is written then.
  package static func close(
    _ month: BusinessDate, of community: OpID, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> OpID {
    guard BusinessDate(stamp: now) >= month.nextMonth else {
      throw .tooEarly(month.nextMonth)
    }
    return try decide(store) { () throws(StoreError) -> Result<OpID, ClosingRefusal> in
      let report = try store.month(month, of: community)
      if let close = report.close { return .failure(.closedBefore(close)) }
      var basis: [[PayloadValue?]] = []
      for replica in try store.replicas() {
        let head = try store.foldedHead(of: replica)
        guard head.seq > 0 else { continue }
        // What waits for an enrolment is no part of the totals: it comes late, should it ever count.
        if !replica.isHub, try store.enrolment(of: replica) == nil { continue }
        basis.append([.integer(Int64(replica.rawValue)), .integer(Int64(head.seq))])
      }
      let values: [PayloadValue?] = [
        .reference(community), .integer(Int64(month.day)), .records(basis),
      ]
      let totals = report.figures.map { PayloadValue.integer($0) }
      return .success(try append(61, values + totals, to: store, now: now).id)
    }
  }

  /// Opens a closed month again, by two approvers of the community.
  ///
  /// A month that is settled stays closed until two persons take the settlement back
  /// (``reverse(_:approvers:reason:in:now:)``): what is owed for it is paid, and late records count in
  /// the open month.
  ///
  /// - Returns: The `period.reopen` op.
  /// - Throws: ``ClosingRefusal/nothingToDo`` for an open month, ``ClosingRefusal/settled(_:)``, and
  ///   what is wrong with the approvers.
  package static func reopen(
    _ month: BusinessDate, of community: OpID, approvers: [OpID], reason: Int64, in store: Store,
    now: Int64
  ) throws(ClosingRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, ClosingRefusal> in
      guard let close = try store.month(month, of: community).close else {
        return .failure(.nothingToDo)
      }
      if let op = try settlement(of: month, with: community, in: store) {
        return .failure(.settled(op))
      }
      if let refusal = try problem(of: approvers, of: community, in: store, now: now) {
        return .failure(refusal)
      }
      let values: [PayloadValue?] = [
        .reference(close), .references(approvers.sorted()), .integer(reason),
      ]
      return .success(try append(62, values, to: store, now: now).id)
    }
  }

  private static func settlement(
    of month: BusinessDate, with community: OpID, in store: Store
  ) throws(StoreError) -> OpID? {
    try store.rows(Tables.settlement, under: [Int64(month.day)])
      .first { $0[3] != .null && ($0[1].id == community || $0[2].id == community) }?[3].id
  }

  /// Takes back that a year's points ended, or what one community owes another.
  ///
  /// - Parameters:
  ///   - closing: The op that counts.
  ///   - approvers: Two approvers of the community; for a settlement one of each of the two.
  ///   - reason: Why, as a number of the form.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The `closing.reverse` op.
  /// - Throws: ``ClosingRefusal/nothingToDo`` for an op that is none, or was taken back before, and
  ///   what is wrong with the approvers.
  package static func reverse(
    _ closing: OpID, approvers: [OpID], reason: Int64, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, ClosingRefusal> in
      guard try store.foldedHead(of: closing.replica).seq >= closing.seq,
        try store.verdict(of: closing).outcome == .posted,
        let sides = try ClosingReverseFold.sides(of: closing, in: store)
      else { return .failure(.nothingToDo) }
      if let refusal = try problem(of: approvers, of: nil, in: store, now: now) {
        return .failure(refusal)
      }
      let staff = try approvers.map { (id) throws(StoreError) in
        try store.row(Tables.staff, id: id.packed)?[1].id
      }
      guard staff == sides || staff.reversed() == sides else {
        let stranger = zip(approvers, staff).first { $1.map { !sides.contains($0) } ?? true }
        return .failure(.notApprover(stranger?.0 ?? approvers[0]))
      }
      let values: [PayloadValue?] = [
        .reference(closing), .references(approvers.sorted()), .integer(reason),
      ]
      return .success(try append(80, values, to: store, now: now).id)
    }
  }

  /// What is wrong with those who are to sign for a community, or for the street where `community` is
  /// nil; nil for two persons who are approvers there.
  static func problem(
    of approvers: [OpID], of community: OpID?, in store: Store, now: Int64
  ) throws(StoreError) -> ClosingRefusal? {
    let today = BusinessDate(stamp: now)
    var persons: Set<Cell> = []
    for approver in approvers {
      guard let row = try store.row(Tables.staff, id: approver.packed),
        let own = community?.packed ?? row[1].integer,
        try ReopenFold.isApprover(approver, of: own, on: today, in: store)
      else { return .notApprover(approver) }
      if Int64(today.day) > row[5].integer ?? .max { return .appointmentEnded(approver) }
      persons.insert(row[6])
    }
    return persons.count == 2 && approvers.count == 2 ? nil : .onePerson
  }

  private static func isSettled(_ key: [Int64], in store: Store) throws(StoreError) -> Bool {
    try store.row(Tables.settlement, key)?[3].id != nil
  }

  /// Writes what communities owe each other for a month that is closed in both.
  ///
  /// - Returns: The new `settlement.post` ops; none for pairs that are settled or still open.
  /// - Throws: ``ClosingRefusal/store(_:)``.
  package static func settle(
    _ month: BusinessDate, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> [OpID] {
    try decide(store) { () throws(StoreError) -> Result<[OpID], ClosingRefusal> in
      var posted: [OpID] = []
      for due in try store.settlementDue(month) {
        let (payer, payee) = (due.payer.packed, due.payee.packed)
        guard try !isSettled([Int64(month.day), payer, payee], in: store),
          try !isSettled([Int64(month.day), payee, payer], in: store),
          try store.month(month, of: due.payer).close != nil,
          try store.month(month, of: due.payee).close != nil
        else { continue }
        let values: [PayloadValue?] = [
          .integer(Int64(month.day)), .reference(due.payer), .reference(due.payee),
          .integer(due.points),
        ]
        posted.append(try append(63, values, to: store, now: now).id)
      }
      return .success(posted)
    }
  }
}
