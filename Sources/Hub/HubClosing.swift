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
  /// A month that is settled stays closed: what is owed for it is paid, and late records count in the
  /// open month.
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
      .first { $0[1].id == community || $0[2].id == community }?[3].id
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
        guard try store.row(Tables.settlement, [Int64(month.day), payer, payee]) == nil,
          try store.row(Tables.settlement, [Int64(month.day), payee, payer]) == nil,
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

  /// Ends a year's points in a community: those that end by the rule that stands there, then those that
  /// were earned under the other one.
  ///
  /// - Returns: The `points.expire_year` op.
  /// - Throws: ``ClosingRefusal/tooEarly(_:)`` before the deadline, ``ClosingRefusal/nothingToDo``
  ///   where no points of the year end.
  package static func expire(
    _ year: Int64, of community: OpID, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, ClosingRefusal> in
      let values = try store.policyValues(of: community)
      let current = values?[Policy.Name.expiry.rawValue].flatMap(Policy.Expiry.init)
      var refusal = ClosingRefusal.nothingToDo
      let rules: [Policy.Expiry] =
        current == .carryOneYear ? [.carryOneYear, .yearEnd] : [.yearEnd, .carryOneYear]
      for rule in rules {
        var isDue = rule == current
        if !isDue { isDue = try store.hasPoints(of: year, under: rule, in: community) }
        guard isDue, let last = rule.lastDay(of: year) else { continue }
        let key = [community.packed, year, rule.rawValue]
        if let op = try store.row(Tables.expiryYear, key)?[3].id {
          refusal = .closedBefore(op)
          continue
        }
        guard BusinessDate(stamp: now) > last else {
          refusal = .tooEarly(last.adding(days: 1))
          continue
        }
        let payload: [PayloadValue?] = [
          .reference(community), .integer(year), .integer(rule.rawValue - 1),
        ]
        return .success(try append(60, payload, to: store, now: now).id)
      }
      return .failure(refusal)
    }
  }
}
