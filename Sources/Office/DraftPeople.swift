import Community
import OpLog
import Store

/// What the rules and a person's file say, so that staff need not type it.
extension OfficeCore {
  /// A freeze for fraud ends when the rules say, and two approvers have to grant it.
  func fillSanction(
    _ fields: inout [String: String], on day: BusinessDate
  ) throws(OfficeError) {
    guard fields["by_two"] ?? "true" == "true" else { throw .badValue(field: "by_two") }
    fields["by_two"] = "true"
    guard fields["until"] == nil, let end = try rules()?.sanctionEnd(of: day) else { return }
    fields["until"] = end.description
  }

  /// The points of who left go to the household that the departure names, all of them.
  func fillHeirs(_ fields: inout [String: String]) throws(OfficeError) {
    guard let from = fields["from"].flatMap({ OpID($0) }),
      fields["to"] == nil || fields["points"] == nil
    else { return }
    let (pool, balance) = try OfficeError.wrap { () throws(StoreError) in
      (
        try Departures.pool(of: from, in: store),
        try store.row(Tables.account, id: from.packed)?[1].integer ?? 0
      )
    }
    guard let pool, fields["to"] ?? pool.description == pool.description else { return }
    fields["to"] = pool.description
    if fields["points"] == nil, balance > 0 { fields["points"] = String(balance) }
  }
}
