import OpLog

/// A debt that comes of a mistake of staff: the desk proposes that the community bears it.
///
/// Who came in good faith and spent the points does not pay for the mistake. The proposal stands
/// while the account is below zero, and is never more than what such reversals took back and nobody
/// covered: each loss is covered once.
///
/// Two approvers who don't know of each other may cover one debt by two losses. No order tells which
/// was too much, and the resident may have spent it, so both stand; each beyond an account's first is
/// on the desk.
enum CoverProposal: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let balance = try state.row(Tables.account, [key.first])?[1].integer ?? 0
    var points: Int64 = 0
    if balance < 0 {
      for error in try state.rows(Tables.awardError, under: [key.first]) {
        guard let loss = error[1].integer,
          try state.row(Tables.cover, [loss])?[2].integer == nil
        else { continue }
        points += error[2].integer ?? 0
      }
    }
    let row: [Cell]? =
      points == 0 ? nil : [.integer(key.first), .integer(min(points, -balance))]
    try Facts.set(row, [key.first], in: Tables.coverProposal, state)
    let covers = try state.rows(Tables.cover, where: 1, is: key.first).compactMap(\.[2].id)
    let others = OpList.encode(Array(covers.sorted().dropFirst()))
    try Facts.set(
      others.isEmpty ? nil : [.integer(key.first), .text(others)], [key.first],
      in: Tables.furtherCover, state)
  }

  /// The covers of an account beyond its first.
  static let furtherCovers: @Sendable ([Cell]) -> [DeskEntry] = { row in
    OpList.decode(row[1].text).map { DeskEntry(.furtherCover, subject: $0.packed) }
  }
}
