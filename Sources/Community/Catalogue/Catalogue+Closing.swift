import OpLog

extension Catalogue {
  /// What ends a month or a year, and what the hub decides.
  static let closing: [Kind] = [
    row(
      60, "points.expire_year", "年度清零/结转", "end a year's points", ExpireYearFold.schema, .hub,
      key: "community, year", offline: false, reads: [Tables.community, Tables.resident],
      fold: ExpireYearFold.self)
  ]
}
