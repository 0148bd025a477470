import OpLog

/// The tables of people.
extension Tables {
  static let peopleTables: [Table] = []
}
