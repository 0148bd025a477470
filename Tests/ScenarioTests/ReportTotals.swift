import Community
import OpLog
import Store
import Testing

/// The control totals of reports: all months together come to the ledger.
enum ReportTotals {
  /// From before the scenarios begin to after their last year ends.
  private static let months = 2024 * 12..<2030 * 12

  /// What the monthly reports of a store say otherwise than its accounts.
  static func findings(_ store: Store) throws -> [String] {
    var balances: [String: Int64] = [:]
    var sums: [String: Int64] = [:]
    var pieces: Int64 = 0
    let communities = try store.rows(of: Tables.community).compactMap { $0[0].id }
    for number in months {
      let month = try #require(BusinessDate(year: number / 12, month: number % 12 + 1, day: 1))
      let ledger = try store.report("ledger", month: month, of: nil)
      for row in ledger.rows { balances[row[1] ?? "", default: 0] += Int64(row[3] ?? "") ?? 0 }
      let handed = try store.report("redemptions", month: month, of: nil)
      pieces += handed.rows.reduce(0) { $0 + (Int64($1[5] ?? "") ?? 0) }
      guard !ledger.rows.isEmpty else { continue }
      for community in communities {
        let report = try store.month(month, of: community)
        for (name, figure) in zip(Store.monthFigures, report.figures) {
          sums[name, default: 0] += figure
        }
      }
    }
    var findings: [String] = []
    var total: Int64 = 0
    for row in try store.rows(of: Tables.account) {
      guard let account = row[0].id?.description, let balance = row[1].integer else { continue }
      total += balance
      let said = balances.removeValue(forKey: account) ?? 0
      if said != balance { findings.append("ledger: \(account) has \(balance), not \(said)") }
    }
    for (account, said) in balances where said != 0 {
      findings.append("ledger: \(account) has nothing, not \(said)")
    }
    // What a close states stands, right or wrong; the scenarios state what they like.
    guard try store.rows(of: Tables.period).isEmpty else { return findings }
    let named =
      sums["points_granted", default: 0] - sums["points_redeemed", default: 0]
      - sums["points_coined", default: 0] - sums["points_expired", default: 0]
      + sums["points_covered", default: 0]
    if pieces != sums["pieces", default: 0] {
      findings.append("redemptions come to \(pieces) pieces, months to \(sums["pieces"] ?? 0)")
    }
    if named != total { findings.append("months come to \(named), accounts to \(total)") }
    return findings
  }
}
