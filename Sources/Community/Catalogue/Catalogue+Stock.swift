import OpLog

extension Catalogue {
  /// Shelves and coins.
  static let stock: [Kind] = [
    row(
      22, "stock.receive", "入库", "receive stock", StockFold.schema, .fact, by: [.clerk],
      dated: true, reads: [Tables.item, Tables.replica, Tables.staff], fold: StockFold.self),
    row(
      40, "coin.issue", "发放信用币", "issue coins", CoinIssueFold.schema, .fact, by: [.clerk],
      dated: true,
      reads: [
        Tables.resident, Tables.replica, Tables.staff, Tables.policy, Tables.award,
        Tables.awardClaim, Tables.awardMonth, Tables.mergedAward, Tables.standInCover,
        Tables.household,
      ] + ofHomes,
      fold: CoinIssueFold.self),
    row(
      41, "coin.collect", "回收信用币", "collect coins", CoinCollectFold.schema, .fact, by: [.clerk],
      dated: true,
      reads: [
        Tables.resident, Tables.item, Tables.replica, Tables.staff, Tables.policy, Tables.household,
        Tables.standInCover, Tables.ageBand, Tables.itemPrice, Tables.keptCoin,
      ] + ofHomes, fold: CoinCollectFold.self),
    row(
      42, "coin.adjust", "信用币印制/盘点/作废", "print, destroy, or count coins",
      CoinAdjustFold.schema, .fact, by: [.clerk, .approver], dated: true,
      reads: [Tables.replica, Tables.staff], fold: CoinAdjustFold.self),
    row(
      43, "stock.send", "调出", "send stock", SendFold.schema, .stateMachine, by: [.clerk],
      dated: true,
      reads: [
        Tables.item, Tables.replica, Tables.staff, Tables.transferStep, Tables.retirement,
      ], fold: SendFold.self),
    row(
      44, "stock.accept", "调入", "accept stock", AcceptFold.schema, .stateMachine, by: [.clerk],
      dated: true, reads: [Tables.replica, Tables.staff, Tables.retirement],
      fold: AcceptFold.self),
    row(
      45, "stock.count", "盘点", "count stock", CountFold.schema, .fact, by: [.clerk],
      dated: true, reads: [Tables.item, Tables.replica, Tables.staff], fold: CountFold.self),
    row(
      46, "stock.write_off", "报损", "write stock off", WriteOffFold.schema, .stateMachine,
      by: [.clerk], dated: true,
      reads: [Tables.item, Tables.replica, Tables.staff, Tables.retirement],
      fold: WriteOffFold.self),
  ]
}
