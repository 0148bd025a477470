import OpLog

/// The files of one person, for limits that hold for a person and not for a file.
///
/// A merge unites what people look at, and never postings: so what is over such a limit is judged over all
/// files, and caps by which points are posted stay with each account.
enum PersonFiles {
  /// All files of a resident's person, ascending; nearly always the one.
  static func of<S: FoldState>(_ resident: OpID, in state: S) throws(S.Failure) -> [Int64] {
    guard try state.row(Tables.resident, id: resident.packed)?[4].integer != nil else {
      return [resident.packed]
    }
    return try ResidentStatus.merged(with: resident.packed, in: state)
  }

  /// The rows of a person's files, in the order of op ids.
  ///
  /// Of a table whose key ends with an op, in column `op`, or with an op and a line; `keys` are what the
  /// keys begin with, for each file.
  static func rows<S: FoldState>(
    _ table: Table, under keys: [[Int64]], op: Int, in state: S
  ) throws(S.Failure) -> [[Cell]] {
    guard keys.count > 1 else {
      return try keys.first.map { (key) throws(S.Failure) in try state.rows(table, under: key) }
        ?? []
    }
    var rows: [[Cell]] = []
    for key in keys { rows += try state.rows(table, under: key) }
    func place(_ row: [Cell]) -> [Int64] {
      row[op..<table.keyCount].map { $0.integer ?? 0 }
    }
    return rows.sorted { place($0).lexicographicallyPrecedes(place($1)) }
  }
}

/// What a person took and used under limits, when files are found to be one person's, or parted again.
enum PersonTakes: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let files = try ResidentStatus.merged(with: key.first, in: state)
    try ItemLimit.settle(allOf: files, in: state)
    try OwnLimit.settle(allOf: files, in: state)
    try QuarterLimit.settle(allOf: files, in: state)
    try OfferUseFold.limit(allOf: files, in: state)
  }
}
