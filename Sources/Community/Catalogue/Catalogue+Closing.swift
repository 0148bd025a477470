import OpLog

extension Catalogue {
  /// What ends a month or a year, and what the hub decides.
  static let closing: [Kind] = [
    row(
      60, "points.expire_year", "年度清零/结转", "end a year's points", ExpireYearFold.schema, .hub,
      key: "community, year, rule, office", offline: false, decides: true,
      reads: [Tables.community, Tables.resident, Tables.residence], fold: ExpireYearFold.self),
    row(
      61, "period.close", "月结", "close a month", PeriodCloseFold.schema, .hub,
      key: "community, month", offline: false, decides: true, reads: [Tables.community],
      fold: PeriodCloseFold.self),
    row(
      62, "period.reopen", "重开账期", "open a closed month again", ReopenFold.schema, .hub,
      offline: false, decides: true, reads: [Tables.staff], fold: ReopenFold.self),
    row(
      63, "settlement.post", "社区间结算", "settle between communities", SettlementFold.schema, .hub,
      key: "month, from, to", offline: false, decides: true, reads: [Tables.community],
      fold: SettlementFold.self),
    row(
      80, "closing.reverse", "撤销清零/结算", "take a year's end or a settlement back",
      ClosingReverseFold.schema, .hub, key: "closing", offline: false, decides: true,
      reads: [Tables.community, Tables.resident, Tables.residence, Tables.staff],
      fold: ClosingReverseFold.self),
    row(
      64, "request.decide", "决定申请", "decide a request", DecideFold.schema, .hub, key: "request",
      offline: false, decides: true, reads: [Tables.residence, Tables.replica, Tables.staff],
      fold: DecideFold.self),
    row(
      65, "desk.resolve", "处理待办", "take an entry off the desk", ResolveFold.schema, .fact,
      by: [.approver], signed: true, reads: [Tables.residence, Tables.replica, Tables.staff],
      fold: ResolveFold.self),
    row(
      66, "appeal.decide", "复核决定", "decide an appeal", AppealDecideFold.schema, .hub,
      key: "appeal", offline: false, decides: true, fold: AppealDecideFold.self),
  ]
}
