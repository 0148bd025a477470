import OpLog

extension Catalogue {
  /// Shelves and coins.
  static let stock: [Kind] = [
    row(
      22, "stock.receive", "入库", "receive stock", StockFold.schema, .fact, by: [.clerk],
      dated: true, reads: [Tables.item, Tables.replica, Tables.staff], fold: StockFold.self)
  ]
}
