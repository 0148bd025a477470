/// What a member of staff may do; one person may hold several.
package enum Role: Int, Sendable, CaseIterable {
  /// 收银/记录员: grants, redemptions, stock.
  case clerk
  /// 社区书记/审核: approves and reverses.
  case approver
  /// 网格员/楼栋长: registers residents, keeps their files.
  case grid
  /// 监督/审计: reads all, writes none.
  case auditor

  /// The name in JSON and on the command line.
  package var name: String {
    switch self {
    case .clerk: "clerk"
    case .approver: "approver"
    case .grid: "grid"
    case .auditor: "auditor"
    }
  }

  /// The names in the order of their bits.
  package static let names = allCases.map(\.name)

  /// The bit in a set of roles.
  package var mask: Int64 { 1 << Int64(rawValue) }
}
