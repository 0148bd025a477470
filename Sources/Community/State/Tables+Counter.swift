import OpLog

/// The tables of the counter.
extension Tables {
  static let counterTables: [Table] = []
}
