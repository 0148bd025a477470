import Community
import OpLog
import SQLite

/// A community's month: its columns, as closed or as they stand now.
package struct MonthReport: Sendable, Equatable {
  /// The close that counts; nil while the month is open.
  package let close: OpID?
  /// The columns in the order of ``Store/monthFigures``.
  package let figures: [Int64]
  /// What of the figures corrects months that are closed; all 0 but in the first open month.
  package let corrections: [Int64]
}

/// Months and what they come to.
extension Store {
  /// The columns of a month, in the order in which a close states them.
  package static let monthFigures = PeriodCloseFold.totals

  /// Columns that no sum over months makes: they are never corrected later.
  private static let present: Set<String> = ["people", "stock_on_hand", "on_desk"]

  /// A month of a community: what its close says, else what its ops come to now.
  ///
  /// What changes about a closed month (an award taken back, a late record that counts instead) is in
  /// the first month after the last closed one, so all months together always come to the ledger.
  ///
  /// - Parameters:
  ///   - month: The first day of the month; another day is a caller bug.
  ///   - community: Whose.
  /// - Returns: The columns; O(ops of the community).
  /// - Throws: ``StoreError/database(_:)``.
  package func month(
    _ month: BusinessDate, of community: OpID
  ) throws(StoreError) -> MonthReport {
    precondition(month.civil.day == 1, "caller bug: a month is named by its first day")
    let zero = Self.monthFigures.map { _ in Int64(0) }
    let closed = try closedMonths(of: community)
    if let row = closed[Int64(month.day)] {
      return MonthReport(close: row.op, figures: row.totals, corrections: zero)
    }
    let live = try liveFigures(of: community)
    var figures = live[Int64(month.day)] ?? zero
    var corrections = zero
    if let last = closed.keys.max().flatMap(BusinessDate.init(day:)), last.nextMonth == month {
      for (day, frozen) in closed {
        for (index, name) in Self.monthFigures.enumerated() where !Self.present.contains(name) {
          corrections[index] += (live[day]?[index] ?? 0) - frozen.totals[index]
        }
      }
    }
    for index in figures.indices { figures[index] += corrections[index] }
    for (name, value) in try presentFigures(of: community) {
      if let index = Self.monthFigures.firstIndex(of: name) { figures[index] = value }
    }
    return MonthReport(close: nil, figures: figures, corrections: corrections)
  }

  /// The person-times of each community in all months together, and how long they took.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package func attendance() throws(StoreError) -> [OpID: (personTimes: Int64, minutes: Int64)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT community, count(*), sum(minutes) FROM month_parts GROUP BY community")
      var sums: [OpID: (personTimes: Int64, minutes: Int64)] = [:]
      while try select.step() {
        guard let community = OpID(packed: select.integer(0)) else { continue }
        sums[community] = (select.integer(1), select.integer(2))
      }
      return sums
    }
  }

  /// The heads that a closed month was taken on; empty for an open one.
  package func basis(
    ofMonth month: BusinessDate, of community: OpID
  ) throws(StoreError) -> [ReplicaID: UInt64] {
    var basis: [ReplicaID: UInt64] = [:]
    for row in try rows(Tables.periodBasis, under: [community.packed, Int64(month.day)]) {
      guard let id = row[2].integer, let seq = row[3].integer,
        let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: id))
      else { continue }
      basis[replica] = UInt64(seq)
    }
    return basis
  }

  /// What communities owe each other for a month, by the ops of now.
  package func settlementDue(
    _ month: BusinessDate
  ) throws(StoreError) -> [(payer: OpID, payee: OpID, points: Int64)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        "SELECT payer, payee, points FROM settlement_due WHERE month = ?1 ORDER BY payer, payee")
      select.bind(1, Int64(month.day))
      var due: [(payer: OpID, payee: OpID, points: Int64)] = []
      while try select.step() {
        guard let payer = OpID(packed: select.integer(0)),
          let payee = OpID(packed: select.integer(1))
        else { continue }
        due.append((payer, payee, select.integer(2)))
      }
      return due
    }
  }

  private func closedMonths(
    of community: OpID
  ) throws(StoreError) -> [Int64: (op: OpID, totals: [Int64])] {
    var closed: [Int64: (op: OpID, totals: [Int64])] = [:]
    for row in try rows(Tables.period, under: [community.packed]) {
      guard let month = row[1].integer, let op = row[3].id else { continue }
      closed[month] = (op, row[6...].map { $0.integer ?? 0 })
    }
    return closed
  }

  private func liveFigures(of community: OpID) throws(StoreError) -> [Int64: [Int64]] {
    let zero = Self.monthFigures.map { _ in Int64(0) }
    return try StoreError.wrap { () throws(SQLiteFailure) in
      var live: [Int64: [Int64]] = [:]
      for (view, columns) in Views.figures {
        let sums = columns.map(\.sum).joined(separator: ", ")
        let select = try connection.prepare(
          text: "SELECT month, \(sums) FROM \(view) WHERE community = ?1 GROUP BY month")
        select.bind(1, community.packed)
        let places = columns.map { Self.monthFigures.firstIndex(of: $0.name) }
        while try select.step() {
          for (column, place) in places.enumerated() {
            guard let place else { preconditionFailure("\(columns[column].name) is no figure") }
            live[select.integer(0), default: zero][place] += select.integer(Int32(column + 1))
          }
        }
      }
      return live
    }
  }

  private func presentFigures(
    of community: OpID
  ) throws(StoreError) -> [(name: String, value: Int64)] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare(
        """
        SELECT coalesce((SELECT sum(s.on_hand) FROM shelf_item s JOIN replica r ON r.id = s.office
                          WHERE r.community = ?1), 0),
          (SELECT count(*) FROM desk_open d JOIN replica r ON r.id = d.subject >> 32
            LEFT JOIN resident p ON p.id = d.subject LEFT JOIN household h ON h.id = d.subject
            -- Who moved is the business of where they are now.
            WHERE CASE WHEN d.reason = ?2
              THEN (SELECT t.community FROM custody_give g JOIN replica t ON t.id = g.to_office
                     WHERE g.op = d.subject)
              ELSE coalesce(p.community, h.community, r.community) END = ?1)
        """)
      select.bind(1, community.packed)
      select.bind(2, DeskReason.movedHere.rawValue)
      guard try select.step() else { return [] }
      defer { select.reset() }
      return [("stock_on_hand", select.integer(0)), ("on_desk", select.integer(1))]
    }
  }
}

extension BusinessDate {
  /// The first day of the month after this one's.
  package var nextMonth: BusinessDate {
    let (year, month, _) = civil
    let next = BusinessDate(
      year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
    return next ?? self
  }

  /// Reads a month such as `2026-01`; nil for anything else.
  package init?(month text: String) { self.init(text + "-01") }
}
