import Community
import OpLog
import Store

/// Why the hub does not close something now.
package enum ClosingRefusal: Error, Equatable, Sendable {
  /// The month or the points' last day is not over: the first day on which it may be done.
  case tooEarly(BusinessDate)
  /// It is closed already, or its year has ended already.
  case closedBefore(OpID)
  /// There is no close to open again, or no rule by which points end.
  case nothingToDo
  /// An approver's appointment has ended.
  case appointmentEnded(OpID)
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
    return try decide(store) { () throws(StoreError) in
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
  /// - Returns: The `period.reopen` op; what became of it is its verdict.
  /// - Throws: ``ClosingRefusal/nothingToDo`` for an open month, ``ClosingRefusal/appointmentEnded(_:)``.
  package static func reopen(
    _ month: BusinessDate, of community: OpID, approvers: [OpID], reason: Int64, in store: Store,
    now: Int64
  ) throws(ClosingRefusal) -> OpID {
    try decide(store) { () throws(StoreError) in
      guard let close = try store.month(month, of: community).close else {
        return .failure(.nothingToDo)
      }
      for approver in approvers {
        let ended = try store.row(Tables.staff, id: approver.packed)?[5].integer
        if Int64(BusinessDate(stamp: now).day) > ended ?? .max {
          return .failure(.appointmentEnded(approver))
        }
      }
      let values: [PayloadValue?] = [
        .reference(close), .references(approvers.sorted()), .integer(reason),
      ]
      return .success(try append(62, values, to: store, now: now).id)
    }
  }

  /// Writes what communities owe each other for a month that is closed in both.
  ///
  /// - Returns: The new `settlement.post` ops; none for pairs that are settled or still open.
  /// - Throws: ``ClosingRefusal/store(_:)``.
  package static func settle(
    _ month: BusinessDate, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> [OpID] {
    try decide(store) { () throws(StoreError) in
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

  /// Ends a year's points in a community, by the rule that stands there.
  ///
  /// - Returns: The `points.expire_year` op.
  /// - Throws: ``ClosingRefusal/tooEarly`` before the deadline, ``ClosingRefusal/nothingToDo`` where
  ///   points never end.
  package static func expire(
    _ year: Int64, of community: OpID, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> OpID {
    try decide(store) { () throws(StoreError) in
      if let row = try store.row(Tables.expiryYear, [community.packed, year]), let op = row[2].id {
        return .failure(.closedBefore(op))
      }
      let values = try store.policyValues(of: community)
      let rule = values?[Policy.Name.expiry.rawValue].flatMap(Policy.Expiry.init)
      guard let rule, let last = rule.lastDay(of: year) else { return .failure(.nothingToDo) }
      guard BusinessDate(stamp: now) > last else {
        return .failure(.tooEarly(last.adding(days: 1)))
      }
      let payload: [PayloadValue?] = [
        .reference(community), .integer(year), .integer(rule.rawValue - 1),
      ]
      return .success(try append(60, payload, to: store, now: now).id)
    }
  }

  /// Decides inside one transaction, on what the hub holds then.
  private static func decide<R>(
    _ store: Store, _ body: () throws(StoreError) -> Result<R, ClosingRefusal>
  ) throws(ClosingRefusal) -> R {
    let result: Result<R, ClosingRefusal>
    do throws(StoreError) {
      result = try store.write(body)
    } catch { throw .store(error) }
    return try result.get()
  }
}
