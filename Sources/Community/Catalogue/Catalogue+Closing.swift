import OpLog

extension Catalogue {
  /// What ends a month or a year, and what the hub decides.
  static let closing: [Kind] = [
    row(
      64, "request.decide", "决定申请", "decide a request", DecideFold.schema, .hub, key: "request",
      offline: false, reads: [Tables.replica, Tables.staff], fold: DecideFold.self),
    row(
      66, "appeal.decide", "复核决定", "decide an appeal", AppealDecideFold.schema, .hub,
      key: "appeal", offline: false, fold: AppealDecideFold.self),
  ]
}
