import OpLog

/// The tables of work.
extension Tables {
  static let workTables: [Table] = []
}
