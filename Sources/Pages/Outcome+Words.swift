import Community

extension Outcome {
  /// What became of a record.
  package var words: Words {
    switch self {
    case .posted: Words("已入账", "posted")
    case .pending: Words("待处理", "pending")
    case .duplicate: Words("重复，不计", "duplicate")
    case .void: Words("无效", "void")
    }
  }
}
