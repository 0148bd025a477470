import OpLog

/// The tables of months, years, and decisions.
extension Tables {
  static let closingTables: [Table] = [expiryYear, expiry]

  /// A year whose points ended in a community, and by which rule (``Policy/Expiry``).
  ///
  /// `others` are the ops beside `op`, the one that counts.
  package static let expiryYear = Table(
    130, "expiry_year", .facts, key: [.integer("community"), .integer("year")],
    [.integer("op"), .integer("rule"), .optionalText("others")])

  /// What ended of a resident's points, in all years together; `op` is the op that ended the last of
  /// them.
  ///
  /// A row is there only where something ended.
  package static let expiry = Table(
    131, "expiry", .facts, key: [.integer("resident")],
    [.integer("points"), .integer("op")],
    postings: { row in
      guard let resident = row[0].integer, let points = row[1].integer else { return [] }
      return [Posting(.account, resident, amounts: [-points, 0, 0, 0])]
    })
}
