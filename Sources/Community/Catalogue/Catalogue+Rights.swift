import OpLog

extension Catalogue {
  /// Spending away from an account's home: rights, and how far an office may trust.
  static let rights: [Kind] = [
    row(
      9, "rights.grant", "批准额度", "grant a right", RightsGrantFold.schema, .unique, key: "request",
      byProgram: true, reads: [Tables.resident, Tables.household] + ofHomes,
      fold: RightsGrantFold.self),
    row(
      10, "rights.request", "申请额度", "ask for a right", RightsRequestFold.schema, .fact,
      by: [.clerk],
      reads: [Tables.resident, Tables.household, Tables.replica, Tables.staff] + ofHomes,
      fold: RightsRequestFold.self),
    row(
      11, "rights.return", "退还额度", "give a right back", RightsReturnFold.schema, .fact,
      byProgram: true,
      reads: [Tables.resident, Tables.household, Tables.heldRight] + ofHomes,
      fold: RightsReturnFold.self),
    row(
      14, "budget.set", "代付限额", "set an office's trust", BudgetFold.schema, .hub, offline: false,
      decides: true, reads: [Tables.replica], fold: BudgetFold.self),
  ]
}
