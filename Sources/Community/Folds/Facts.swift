import OpLog

/// What the folds of plain facts share.
enum Facts {
  /// Adds a fact's row, or replaces it when the fact is folded again.
  static func put<S: FoldState>(
    _ row: [Cell], in table: Table, isFirst: Bool, _ state: S
  ) throws(S.Failure) {
    guard !isFirst, let old = try state.row(table, table.key(of: row)) else {
      return try state.insert(table, row)
    }
    if old != row { try state.replace(table, old, by: row) }
  }

  /// Makes the row under a key this one; nil for none.
  static func set<S: FoldState>(
    _ new: [Cell]?, _ key: [Int64], in table: Table, _ state: S
  ) throws(S.Failure) {
    let old = try state.row(table, key)
    switch (old, new) {
    case (nil, let new?): try state.insert(table, new)
    case (let old?, let new?) where old != new: try state.replace(table, old, by: new)
    case (let old?, nil): try state.remove(table, old)
    default: break
    }
  }
}
