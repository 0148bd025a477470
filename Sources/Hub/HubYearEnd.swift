import Community
import OpLog
import Store

/// The end of a year's points, decided at the hub.
extension HubAdmin {
  /// Ends a year's points in a community: those that end by the rule that stands there, then those that
  /// were earned under the other one.
  ///
  /// Not for residents whose account lay at an office from which the hub heard nothing on the last day:
  /// they may spend until 7 days after that office's next sync. Once these are over, the same call ends
  /// the year for them, at once where they are over already.
  ///
  /// - Returns: The `points.expire_year` ops: one for the community, and one for each such office whose
  ///   days are over.
  /// - Throws: ``ClosingRefusal/tooEarly(_:)`` before the deadline, ``ClosingRefusal/officeAway(_:)``
  ///   where only offices are left that have not synced, ``ClosingRefusal/nothingToDo`` where no points
  ///   of the year end.
  package static func expire(
    _ year: Int64, of community: OpID, in store: Store, now: Int64
  ) throws(ClosingRefusal) -> [OpID] {
    try decide(store) { () throws(StoreError) -> Result<[OpID], ClosingRefusal> in
      let values = try store.policyValues(of: community)
      let current = values?[Policy.Name.expiry.rawValue].flatMap(Policy.Expiry.init)
      var refusal = ClosingRefusal.nothingToDo
      let rules: [Policy.Expiry] =
        current == .carryOneYear ? [.carryOneYear, .yearEnd] : [.yearEnd, .carryOneYear]
      for rule in rules {
        var isDue = rule == current
        if !isDue { isDue = try store.hasPoints(of: year, under: rule, in: community) }
        guard isDue, let last = rule.lastDay(of: year) else { continue }
        let payload: [PayloadValue?] = [
          .reference(community), .integer(year), .integer(rule.rawValue - 1),
        ]
        let key = [community.packed, year, rule.rawValue]
        let row = try store.row(Tables.expiryYear, key)
        if let end = row?[3].id {
          switch try endForOffices(payload, key, since: last, in: store, now: now) {
          case .success(let ops) where !ops.isEmpty: return .success(ops)
          case .success: refusal = .closedBefore(end)
          case .failure(let waiting): refusal = waiting
          }
          continue
        }
        guard BusinessDate(stamp: now) > last else {
          refusal = .tooEarly(last.adding(days: 1))
          continue
        }
        let away = try store.officesAway(
          from: community, on: last, beside: OpList.decode(row?[4].text ?? ""))
        let records = away.map { [PayloadValue.integer($0)] }
        let stated: [PayloadValue?] = [records.isEmpty ? nil : .records(records), nil, nil]
        let end = try append(60, payload + stated, to: store, now: now).id
        guard
          case .success(let late) = try endForOffices(
            payload, key, since: last, in: store, now: now)
        else { return .success([end]) }
        return .success([end] + late)
      }
      return .failure(refusal)
    }
  }

  /// Ends a year for the residents of the offices that were away and had their days since.
  ///
  /// - Returns: The ops; none where nobody is left; or why those that are left have to wait.
  private static func endForOffices(
    _ payload: [PayloadValue?], _ key: [Int64], since last: BusinessDate, in store: Store,
    now: Int64
  ) throws(StoreError) -> Result<[OpID], ClosingRefusal> {
    var ops: [OpID] = []
    var waiting: ClosingRefusal?
    for (office, replica) in try store.officesWaiting(forEndOf: key) {
      guard let until = try store.lastDay(atOffice: office, since: last) else {
        waiting = waiting ?? .officeAway(replica)
        continue
      }
      guard BusinessDate(stamp: now) > until else {
        waiting = .tooEarly(until.adding(days: 1))
        continue
      }
      let stated: [PayloadValue?] = [nil, .integer(office), .integer(Int64(until.day))]
      ops.append(try append(60, payload + stated, to: store, now: now).id)
    }
    if ops.isEmpty, let waiting { return .failure(waiting) }
    return .success(ops)
  }
}
