import OpLog

/// The tables of shelves and coins.
extension Tables {
  static let stockTables: [Table] = [
    stockTransfer, transferStep, stockCount, stockWriteOff, coinMove, coinPoints, coinAward,
    coinSerial, keptCoin,
  ]

  /// Goods on their way to another shelf: quantity − received − written_off are in transit.
  package static let stockTransfer = Table(
    110, "stock_transfer", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("from_office"), .integer("to_office"), .integer("item"),
      .integer("quantity"), .optional("lot"), .integer("received"), .integer("written_off"),
      .integer("occurred_on"),
    ],
    postings: SendFold.postings, standingDesk: SendFold.standingDesk,
    readers: { ShelfMoves.readers(SendFold.postings($0)) })

  /// What the other end found in it, and what was written off on the way; a `signature` is the write-off
  /// of the other end, which books nothing more.
  package static let transferStep = Table(
    111, "transfer_step", .facts, key: [.integer("transfer"), .integer("op")],
    [
      .text("step"), .text("state"), .integer("office"), .integer("item"), .integer("quantity"),
      .integer("occurred_on"),
    ],
    postings: SendFold.stepPostings,
    readers: { ShelfMoves.readers(SendFold.stepPostings($0)) })

  /// Pieces counted on a shelf when its log was at `as_of`, against what the books said there.
  package static let stockCount = Table(
    112, "stock_count", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("office"), .integer("item"), .integer("counted"),
      .integer("booked"), .integer("as_of"), .integer("occurred_on"),
    ],
    postings: CountFold.postings, readers: { ShelfMoves.readers(CountFold.postings($0)) })

  /// Goods that are gone from the shelf of `office`.
  package static let stockWriteOff = Table(
    113, "stock_write_off", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("office"), .integer("item"), .integer("quantity"),
      .integer("reason"), .integer("occurred_on"),
    ],
    postings: WriteOffFold.postings, readers: { ShelfMoves.readers(WriteOffFold.postings($0)) })

  /// Coins that an op moved into or out of an office's box.
  package static let coinMove = Table(
    120, "coin_move", .facts, key: [.integer("op"), .integer("denomination")],
    [
      .text("move"), .text("state"), .integer("office"), .optional("resident"),
      .integer("count"), .integer("occurred_on"),
    ],
    postings: Coins.postings, readers: { VaultMoves.readers(Coins.postings($0)) })

  /// Points that became coins, and coins that became points; `points` is what the account gets.
  ///
  /// `subject` is the redemption that coins were handed in for, else the op itself. `credit` of the
  /// points are new to the account and end with `to_bucket`, the others paid for the redemption;
  /// `bucket` is as in `redemption_step`. `uncovered` is what was given on trust.
  package static let coinPoints = Table(
    121, "coin_points", .facts, key: [.integer("subject"), .integer("op")],
    [
      .text("state"), .integer("account"), .integer("points"), .integer("occurred_on"),
      .integer("credit"), .integer("bucket"), .integer("to_bucket"), .integer("uncovered"),
    ],
    postings: Coins.pointPostings,
    readers: { row in
      guard let subject = row[0].integer, row[0] != row[1] else {
        return (row[2] == .text("posted") ? [] : CoverFold.readers(row[0]))
          + OpenDebits.readers(row[0], while: row[9] != .integer(0))
      }
      return [Reader(.redemptionSteps, subject)] + CoverFold.readers(row[0])
    })

  /// Which awards were paid in coins, and by which op.
  package static let coinAward = Table(
    122, "coin_award", .facts, key: [.integer("award"), .integer("op")],
    [.integer("is_repeat")], standingDesk: CoinIssueFold.standingDesk,
    readers: { row in row[0].integer.map { [Reader(.coinIssues, $0)] } ?? [] })

  /// When a coin with a number went out (1) or came back (0).
  package static let coinSerial = Table(
    123, "coin_serial", .facts,
    key: [.integer("denomination"), .integer("serial"), .integer("op")],
    [.integer("is_out"), .integer("occurred_on")],
    readers: { row in
      guard let denomination = row[0].integer, let serial = row[1].integer else { return [] }
      return [Reader(.coinSerials, denomination, serial)]
    })

  /// The coins with a number that came back while none was out: kept for a look, and in no box.
  package static let keptCoin = Table(
    124, "kept_coin", .facts,
    key: [.integer("denomination"), .integer("serial"), .integer("op")], [],
    standingDesk: CoinSerials.standingDesk)

  /// Coins of a denomination at an office: in the vault, given out, destroyed, and printed.
  package static let coinBox = Table(
    125, "coin_box", .accounts, key: [.integer("office"), .integer("denomination")],
    [.integer("vault"), .integer("out"), .integer("destroyed"), .integer("printed")],
    standingDesk: Coins.standingDesk)

  /// Coins of a denomination on the whole street: those that people hold, and printed − destroyed.
  package static let coinTotal = Table(
    126, "coin_total", .accounts, key: [.integer("denomination")],
    [.integer("out"), .integer("existing")],
    standingDesk: Coins.totalDesk)
}
