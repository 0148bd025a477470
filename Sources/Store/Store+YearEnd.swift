import Community
import OpLog
import SQLite

/// What the hub needs to know to end a year's points: who earned some, and which offices were away.
extension Store {
  /// How long the residents of an office that was away may still spend, from its first sync on.
  private static let daysAfterFirstSync: Int64 = 7

  /// Whether residents who lived in a community when a year's points ended earned some under a rule.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func hasPoints(
    of year: Int64, under rule: Policy.Expiry, in community: OpID
  ) throws(StoreError) -> Bool {
    guard let bucket = ExpiryNotice.bucket(of: year, rule), let last = rule.lastDay(of: year) else {
      return false
    }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT 1 FROM year_sheet y JOIN resident r ON r.id = y.resident
        WHERE y.bucket = ?2 AND y.earned > 0 AND ?1 = coalesce(
          (SELECT s.community FROM residence s WHERE s.account = r.id AND s.from_on <= ?3
            ORDER BY s.number DESC LIMIT 1), r.community) LIMIT 1
        """)
      select.bind(1, community.packed)
      select.bind(2, bucket)
      select.bind(3, Int64(last.day))
      defer { select.reset() }
      return try select.step()
    }
  }

  /// The offices of a community that were away when a year ended: from which the hub heard nothing on its
  /// last day.
  ///
  /// What the hub's receipts say of that day is the same whenever it is asked. An office counts whether
  /// or not the hub knows anybody there: its residents may be among what it has not sent. One that was
  /// revoked or lost its place to another counts while accounts lay there on the last day, and no office
  /// that was enrolled later.
  ///
  /// - Parameters:
  ///   - community: Whose.
  ///   - last: The last day of the year's points.
  ///   - ends: What declared that end before. Whom one of them named away was told of more days, and
  ///     keeps them.
  /// - Returns: Ascending; O(residents of the street).
  /// - Throws: ``StoreError/database(_:)``.
  package func officesAway(
    from community: OpID, on last: BusinessDate, beside ends: [OpID]
  ) throws(StoreError) -> [Int64] {
    var offices: Set<Int64> = []
    for row in try rows(of: Tables.resident) {
      guard let id = row[0].id,
        try ExpiryNotice.community(of: id, on: last, in: self) == community.packed,
        let office = try ExpiryNotice.office(of: id, on: last, in: self)
      else { continue }
      offices.insert(office)
    }
    for row in try rows(of: Tables.replica) where row[2].id == community && row[4] == .null {
      guard let office = row[0].integer, try RetireFold.heir(of: office, in: self) == nil else {
        continue
      }
      offices.insert(office)
    }
    var away: Set<Int64> = []
    for office in offices where try isEnrolled(office, by: last) {
      let first = try firstReceipt(of: office, since: last)
      if first.map({ BusinessDate(stamp: $0) > last }) ?? true { away.insert(office) }
    }
    for end in ends { away.formUnion(try ExpiryNotice.officesAway(by: end, in: self)) }
    return away.sorted()
  }

  private func isEnrolled(_ office: Int64, by day: BusinessDate) throws(StoreError) -> Bool {
    guard let id = try row(Tables.replica, id: office)?[1].id else { return false }
    // One that a later hub enrolled again was there before; nobody knows since when.
    if office / Int64(ReplicaID.idsPerIncarnation) < Int64(id.replica.incarnation) { return true }
    return try op(id).occurredOn <= day
  }

  /// The offices of a row of `expiry_year` for whose residents the year has not ended yet.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func officesWaiting(
    forEndOf key: [Int64]
  ) throws(StoreError) -> [(office: Int64, replica: ReplicaID)] {
    guard let year = try row(Tables.expiryYear, key), year[3] != .null else { return [] }
    var waiting: [(office: Int64, replica: ReplicaID)] = []
    for office in year[6].text.split(separator: " ").compactMap({ Int64($0) }) {
      guard let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: office)),
        try row(Tables.expiryOffice, key + [office])?[4].id == nil
      else { continue }
      waiting.append((office, replica))
    }
    return waiting
  }

  /// The last day on which the residents of an office that was away on the last day of a year may spend:
  /// 7 days after the hub first took something in of it from then on; nil before that.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func lastDay(
    atOffice office: Int64, since last: BusinessDate
  ) throws(StoreError) -> BusinessDate? {
    let first = try firstReceipt(of: office, since: last)
    return first.map { BusinessDate(stamp: $0).adding(days: Self.daysAfterFirstSync) }
  }

  /// When the hub first took something in of an office from the beginning of a day on, in ms; of one that
  /// was retired, from then on of the office that took its place, which knows of it by then.
  private func firstReceipt(
    of office: Int64, since day: BusinessDate
  ) throws(StoreError) -> Int64? {
    let line = try RetireFold.line(of: office, in: self)
    var first: Int64?
    var since: Int64 = 0
    for (place, replica) in line.enumerated() {
      var until = Int64.max
      if place + 1 < line.count {
        until = try row(Tables.retirement, id: replica)?[1].integer ?? .max
      }
      if let time = try firstReceipt(of: replica, between: since, until, since: day) {
        first = min(first ?? time, time)
      }
      since = until
    }
    return first
  }

  private func firstReceipt(
    of replica: Int64, between first: Int64, _ last: Int64, since day: BusinessDate
  ) throws(StoreError) -> Int64? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT min(received_at) FROM receipt_run
        WHERE replica = ?1 AND receipt > ?2 AND receipt < ?3
          AND (received_at + 28800000) / 86400000 >= ?4
        """)
      select.bind(1, replica)
      select.bind(2, first)
      select.bind(3, last)
      select.bind(4, Int64(day.day))
      defer { select.reset() }
      return try select.step() ? select.optionalInteger(0) : nil
    }
  }
}
