import OpLog

/// An account that points can be taken from or given to: a resident's, or a household's pool.
enum Payer {
  /// The kinds that create an account.
  static let kinds: [KindNumber] = [16, 52]

  /// The table of households; nil while the catalogue has none, and then no pool works.
  private static let household = Tables.all.first { $0.name == "household" }

  /// The replica that holds an account's rights; nil when there is no such account.
  ///
  /// A pool's home is the replica that opened the household's file.
  static func home<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    if let resident = try state.row(Tables.resident, id: account.packed) {
      return resident[1].integer
    }
    guard let household, try state.has(household, id: account.packed) else { return nil }
    return Int64(account.replica.rawValue)
  }
}
