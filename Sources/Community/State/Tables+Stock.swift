import OpLog

/// The tables of shelves and coins.
extension Tables {
  static let stockTables: [Table] = []
}
