import OpLog

extension Catalogue {
  /// The counter: items, redemptions, reservations, offers, and points between accounts.
  static let counter: [Kind] = [
    row(
      21, "item.define", "上架", "define an item", ItemFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: ItemFold.self),
    row(
      23, "redemption.record", "兑换", "record a redemption", RedemptionFold.schema, .fact,
      by: [.clerk], dated: true,
      reads: [Tables.resident, Tables.item, Tables.replica, Tables.staff, Tables.policy],
      fold: RedemptionFold.self),
  ]
}
