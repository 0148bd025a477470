import Community
import OpLog
import SQLite

/// Rights away from home, as the office's program and its staff ask for them.
extension Store {
  /// A right that this replica holds and may give back.
  package struct HeldRight: Sendable, Equatable {
    /// Whose points they are.
    package let account: OpID
    /// How many.
    package let points: Int64

    /// Makes one.
    package init(account: OpID, points: Int64) {
      self.account = account
      self.points = points
    }
  }

  /// The requests that this replica has to answer, as the home of their accounts.
  ///
  /// - Parameter limit: At most so many.
  /// - Returns: Ascending. O(log n + requests).
  /// - Throws: ``StoreError/database(_:)``.
  package func requestsToAnswer(limit: Int) throws(StoreError) -> [OpID] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT request FROM open_request WHERE home = ?1 ORDER BY request LIMIT ?2")
      select.bind(1, Int64(identity.replica.rawValue))
      select.bind(2, Int64(limit))
      var requests: [OpID] = []
      while try select.step() {
        if let id = OpID(packed: select.integer(0)) { requests.append(id) }
      }
      return requests
    }
  }

  /// The row of a request for rights; nil for what is none, or names no account.
  package func rightsRequest(_ id: OpID) throws(StoreError) -> [Cell]? {
    guard try foldedHead(of: id.replica).seq >= id.seq, let request = RightsRequest(try op(id))
    else { return nil }
    return try row(Tables.rightsRequest, request.key)
  }

  /// What a home answers to a request: 0 where it may not, or does not know what the account holds.
  package func answer(to request: OpID, on today: BusinessDate) throws(StoreError) -> Int64 {
    guard let row = try rightsRequest(request), let account = row[0].id,
      try parkedOp(touching: account) == nil
    else { return 0 }
    return try HomeRights.answer(to: row, on: today, in: self)
  }

  /// What this replica holds of the rights on an account.
  package func heldRight(on account: OpID) throws(StoreError) -> Int64 {
    try row(Tables.heldRight, [Int64(identity.replica.rawValue), account.packed])?[2].integer ?? 0
  }

  /// What this replica asked for on a day, of one account, and was not answered yet; ascending.
  package func openRights(
    on account: OpID, asked day: BusinessDate
  ) throws(StoreError) -> [(request: OpID, points: Int64)] {
    try HomeRights.asked(
      of: account.packed, by: Int64(identity.replica.rawValue), on: day, in: self
    ).map { ($0.id, $0.points) }
  }

  /// The rights that this replica holds, less those that may still be used.
  ///
  /// - Parameters:
  ///   - now: The hub's clock: what was granted today by it, or within ``grantHold``, stays, unless this
  ///     replica has become the home; nil lets nothing stay.
  ///   - limit: At most so many.
  /// - Returns: In the order of the accounts. O(log n + what is held).
  /// - Throws: ``StoreError/database(_:)``, ``StoreError/damaged(op:)``.
  package func heldRights(leftAt now: Int64?, limit: Int) throws(StoreError) -> [HeldRight] {
    var rights: [HeldRight] = []
    for row in try rows(Tables.heldRight, under: [Int64(identity.replica.rawValue)]) {
      guard rights.count < limit, let account = row[1].id, var points = row[2].integer else {
        continue
      }
      // What the home itself still holds of a grant stands in its own way.
      let isOwn =
        try RecordRule.home(of: account, in: self) == Int64(identity.replica.rawValue)
      if let now, !isOwn { points -= try fresh(on: account, at: now) }
      if points > 0 { rights.append(HeldRight(account: account, points: points)) }
    }
    return rights
  }

  /// How long a grant holds at least, also where midnight comes in between, in ms: nobody at a counter
  /// is told "granted" of points that the same sync gives back.
  package static let grantHold: Int64 = 6 * 3_600_000

  /// What this replica was granted on an account and may still use.
  private func fresh(on account: OpID, at now: Int64) throws(StoreError) -> Int64 {
    var granted: Int64 = 0
    let key = [account.packed, Int64(identity.replica.rawValue)]
    for row in try rows(Tables.rightsRequest, under: key) where row[7].integer ?? 0 > 0 {
      guard let answer = row[6].id else { continue }
      let isOfToday = try op(answer).occurredOn >= BusinessDate(stamp: now)
      let receivedAt = try receivedAt(answer) ?? now
      if isOfToday || receivedAt > now - Self.grantHold {
        granted += row[7].integer ?? 0
      }
    }
    return granted
  }

  /// The latest answer by which this replica got a right on an account; nil where it has none.
  package func latestGrant(on account: OpID) throws(StoreError) -> OpID? {
    try rows(Tables.rightsRequest, under: [account.packed, Int64(identity.replica.rawValue)])
      .last { $0[7].integer ?? 0 > 0 }?[6].id
  }

  /// What this office can promise of an account at its counter, if it may record at all; nil at a hub,
  /// which has none.
  package func promise(
    of account: OpID, on today: BusinessDate
  ) throws(StoreError) -> SpendingPromise? {
    guard let community = try number(.community).flatMap(OpID.init(packed:)) else { return nil }
    let policy = try policy(of: community).flatMap { (id) throws(StoreError) in
      try row(Tables.policy, id: id.packed).map(Policy.init(row:))
    }
    return try SpendingPromise(
      of: account, at: Int64(identity.replica.rawValue), policy, on: today,
      parkedOp: try parkedOp(touching: account), in: self)
  }
}
