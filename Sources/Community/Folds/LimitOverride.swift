import OpLog

/// Who goes above the limits of trust again and again: goods gone stay gone, and an approver talks to
/// the member of staff.
enum LimitOverride {
  /// A year: an exception in it makes the next one a repeat.
  private static let daysBetween: Int64 = 365

  /// Writes down who answers for a redemption above the limits; nobody for one within them.
  static func note<S: FoldState>(_ sale: Sale, _ entry: Entry, in state: S) throws(S.Failure) {
    guard let staff = RedemptionFold.overriding(entry),
      let person = try state.row(Tables.staff, id: staff.packed)?[6].integer
    else { return }
    let key = [person, sale.day, sale.id.packed]
    let isException = sale.basis == .standIn && !sale.isPending
    let row: [Cell]? = isException ? key.map(Cell.integer) + [.integer(0)] : nil
    let old = try state.row(Tables.limitOverride, key)
    if (old == nil) != (row == nil) {
      try Facts.set(row, key, in: Tables.limitOverride, state)
    }
    var before: Int64?
    for row in try state.rows(Tables.limitOverride, under: [person]) {
      guard let day = row[1].integer else { continue }
      var settled = row
      settled[3] = .integer(before.map { day - $0 <= daysBetween } ?? false ? 1 : 0)
      if settled != row { try state.replace(Tables.limitOverride, row, by: settled) }
      before = day
    }
  }

  /// The exceptions that follow another one.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[3] == .integer(1), let redemption = row[2].integer else { return [] }
    return [DeskEntry(.overriddenAgain, subject: redemption)]
  }
}
