import OpLog

/// The shelf of a PC that was lost: what its books come to lies on its successor's shelf.
///
/// Only the books moved: goods stay where they are, and nothing is gained or lost. What turns up late
/// of the lost PC's log follows, because all of its books is moved, whenever that came.
enum ShelfMoves: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let heir = try RetireFold.heir(of: key.first, in: state) else { return }
    let shelf = [key.first, key.second]
    let moved = try state.row(Tables.shelfMove, shelf)?[3].integer ?? 0
    let left = try state.row(Tables.shelfItem, shelf)?[2].integer ?? 0
    let row = (shelf + [heir, left + moved]).map(Cell.integer)
    try Facts.set(left + moved == 0 ? nil : row, shelf, in: Tables.shelfMove, state)
  }

  /// Takes back what was moved to an office that is no longer the heir, and has it moved again.
  static func takeBack<S: FoldState>(in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.shelfMove, under: []) {
      guard let office = row[0].integer, let item = row[1].integer,
        try RetireFold.heir(of: office, in: state) != row[2].integer
      else { continue }
      try state.remove(Tables.shelfMove, row)
      state.requeue(Reader(.movedShelf, office, item))
    }
  }

  /// What reads a row that moves goods: the move of that shelf, if its office was retired.
  static func readers(_ postings: [Posting]) -> [Reader] {
    postings.filter { $0.table == .shelfItem }.map {
      Reader(.movedShelf, $0.key.first, $0.key.second)
    }
  }

  /// What leaves one shelf's books and enters the other's.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let office = row[0].integer, let item = row[1].integer, let heir = row[2].integer,
      let quantity = row[3].integer
    else { return [] }
    return [
      Posting(.shelfItem, office, item, amounts: [-quantity, 0, 0, -quantity]),
      Posting(.shelfItem, heir, item, amounts: [quantity, 0, 0, quantity]),
    ]
  }
}
