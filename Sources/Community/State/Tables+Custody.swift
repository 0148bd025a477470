import OpLog

/// The tables of homes that move and of PCs that are lost.
extension Tables {
  static let custodyTables: [Table] = [
    retirement, custodyGive, custody, residence, shelfMove, vaultMove, recordedAgain,
  ]

  /// A lost PC's log binds up to `seq`, and `successor` takes its place; `others` are the ops beside
  /// `op`, the one that counts.
  package static let retirement = Table(
    150, "retirement", .reference, key: [.integer("replica")],
    [.integer("op"), .integer("seq"), .integer("successor"), .optionalText("others")],
    readers: { row in
      row[0].integer.map { [Reader(.retired, $0), Reader(.endOfLog, $0)] } ?? []
    })

  /// What `custody.give` says of an account; `counts` is 0 while its approver has no right to it, and
  /// `moves` is 1 where the people moved to the other office's community.
  package static let custodyGive = Table(
    151, "custody_give", .reference, key: [.integer("account"), .integer("op")],
    [.integer("to_office"), .integer("after"), .integer("counts"), .integer("moves")],
    readers: { row in
      row[0].integer.map { [Reader(.residence, $0), Reader(.movedAccount, $0)] } ?? []
    })

  /// The accounts that a give moved: the present home, and the ops that made each home in turn.
  ///
  /// An account that no give moved has no row: its home is where it was opened, or the successor of
  /// that one.
  package static let custody = Table(
    152, "custody", .reference, key: [.integer("account")],
    [.integer("home"), .text("makers")])

  /// In which communities an account that moved to another one was, in turn; each from a day on, by the
  /// give that says so, and the first from its registration on.
  package static let residence = Table(
    156, "residence", .reference, key: [.integer("account"), .integer("number")],
    [.integer("op"), .integer("community"), .integer("from_on")],
    readers: { row in
      row[0].integer.map { [Reader(.residentStatus, $0), Reader(.residentExpiry, $0)] } ?? []
    })

  /// What a retired replica's shelf came to, on the shelf of the one that took its place.
  package static let shelfMove = Table(
    153, "shelf_move", .facts, key: [.integer("office"), .integer("item")],
    [.integer("to_office"), .integer("quantity")],
    postings: ShelfMoves.postings)

  /// The coins that a retired replica's vault came to, in the vault of the one that took its place.
  package static let vaultMove = Table(
    155, "vault_move", .facts, key: [.integer("office"), .integer("denomination")],
    [.integer("to_office"), .integer("count")],
    postings: VaultMoves.postings)
}
