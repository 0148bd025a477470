import OpLog

/// The tables of months, years, and decisions.
extension Tables {
  static let closingTables: [Table] = []
}
