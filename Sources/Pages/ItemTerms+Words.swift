import Community

extension ItemTerms.Period {
  /// What people call it.
  package var words: Words {
    switch self {
    case .month: Words("月", "month")
    case .quarter: Words("季度", "quarter")
    case .year: Words("年", "year")
    }
  }
}
