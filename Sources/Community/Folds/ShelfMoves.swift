import OpLog

/// What a PC that was lost had on its books of one thing: it lies with its successor.
///
/// Only the books moved: goods and coins stay where they are, and nothing is gained or lost. What turns
/// up late of the lost PC's log follows, because all of its books is moved, whenever that came.
protocol MovedBooks: Derivation {
  /// The sums, by office and thing; what is there is the first of them.
  static var books: Table { get }
  /// What was moved: office, thing, the successor, and how much.
  static var moves: Table { get }
  /// Which derivation this is.
  static var derived: Derived { get }
}

extension MovedBooks {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let heir = try RetireFold.heir(of: key.first, in: state) else { return }
    let place = [key.first, key.second]
    let moved = try state.row(moves, place)?[3].integer ?? 0
    let left = try state.row(books, place)?[2].integer ?? 0
    let row = (place + [heir, left + moved]).map(Cell.integer)
    try Facts.set(left + moved == 0 ? nil : row, place, in: moves, state)
  }

  /// Has the books of retired offices moved, and takes back what was moved to one that is no longer the
  /// heir.
  ///
  /// An office that had no heir, because retirements went in a circle, has no row to tell it by: so the
  /// caller names all whose line leads over the retirement that is new.
  static func move<S: FoldState>(_ offices: [Int64], in state: S) throws(S.Failure) {
    for row in try state.rows(moves, under: []) {
      guard let from = row[0].integer, let thing = row[1].integer,
        try RetireFold.heir(of: from, in: state) != row[2].integer
      else { continue }
      try state.remove(moves, row)
      state.requeue(Reader(derived, from, thing))
    }
    for office in offices {
      for row in try state.rows(books, under: [office]) {
        if let thing = row[1].integer { state.requeue(Reader(derived, office, thing)) }
      }
    }
  }

  /// What reads a row that posts to the books: the move from there, if that office was retired.
  static func readers(_ postings: [Posting]) -> [Reader] {
    postings.filter { $0.table.table === books }.map {
      Reader(derived, $0.key.first, $0.key.second)
    }
  }
}

/// The shelf of a PC that was lost.
enum ShelfMoves: MovedBooks {
  static var books: Table { Tables.shelfItem }
  static var moves: Table { Tables.shelfMove }
  static var derived: Derived { .movedShelf }

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

/// The coins in the vault of a PC that was lost.
enum VaultMoves: MovedBooks {
  static var books: Table { Tables.coinBox }
  static var moves: Table { Tables.vaultMove }
  static var derived: Derived { .movedVault }

  /// What leaves one vault and enters the other, as if it had been handed out and come back: how many
  /// coins people hold stays the same.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let office = row[0].integer, let denomination = row[1].integer,
      let heir = row[2].integer, let count = row[3].integer
    else { return [] }
    return [
      Posting(.coinBox, office, denomination, amounts: [-count, count, 0, 0]),
      Posting(.coinBox, heir, denomination, amounts: [count, -count, 0, 0]),
    ]
  }
}
