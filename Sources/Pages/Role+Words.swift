import Community

extension Role {
  /// What a member of staff is called.
  package var words: Words {
    switch self {
    case .clerk: Words("记录员", "clerk")
    case .approver: Words("审核员", "approver")
    case .grid: Words("网格员", "grid worker")
    case .auditor: Words("监督员", "auditor")
    }
  }
}
