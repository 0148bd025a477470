import OpLog

extension Catalogue {
  /// What ends a month or a year, and what the hub decides.
  static let closing: [Kind] = []
}
