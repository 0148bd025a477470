import OpLog

/// The tables of months, years, and decisions.
extension Tables {
  static let closingTables: [Table] = [
    expiryYear, expiryOffice, expiry, period, periodBasis, settlement, cover, furtherCover,
    resolution,
  ]

  /// A year whose points ended in a community, those that were earned under a rule
  /// (``Policy/Expiry``).
  ///
  /// `others` are the ops beside `op`, the one that counts; `away` are the offices for whose residents
  /// nothing ends before `expiry_office` says so.
  package static let expiryYear = Table(
    130, "expiry_year", .facts, key: [.integer("community"), .integer("year"), .integer("rule")],
    [
      .optional("op"), .optionalText("others"), .optionalText("reversals"),
      .optionalText("away"),
    ])

  /// The same for the residents of an office that was away: `until` is the last day on which they could
  /// spend.
  package static let expiryOffice = Table(
    138, "expiry_office", .facts,
    key: [.integer("community"), .integer("year"), .integer("rule"), .integer("office")],
    [
      .optional("op"), .optionalText("others"), .optionalText("reversals"), .optional("until"),
    ])

  /// What ended of a resident's points by an op, beside what those with lower ids ended.
  ///
  /// A row is there only where something ended.
  package static let expiry = Table(
    131, "expiry", .facts, key: [.integer("resident"), .integer("op")],
    [.integer("points")],
    postings: { row in
      guard let resident = row[0].integer, let points = row[2].integer else { return [] }
      return [Posting(.account, resident, amounts: [-points, 0, 0, 0])]
    })

  /// A community's month, named by its first day: `op` is the close that counts, then its totals.
  package static let period = Table(
    132, "period", .facts, key: [.integer("community"), .integer("month")],
    [.text("state"), .optional("op"), .optionalText("closes"), .optionalText("reopenings")]
      + PeriodCloseFold.totals.map { .optional($0) })

  /// The logs that a closed month was taken on, each up to `seq`; what else is dated in the month is
  /// posted later.
  package static let periodBasis = Table(
    133, "period_basis", .facts,
    key: [.integer("community"), .integer("month"), .integer("replica")], [.integer("seq")])

  /// What the community `payer` owes to `payee` for a month; `others` are the ops beside `op`,
  /// which is null while it is taken back.
  package static let settlement = Table(
    134, "settlement", .facts,
    key: [.integer("month"), .integer("payer"), .integer("payee")],
    [.optional("op"), .integer("points"), .optionalText("others"), .optionalText("reversals")])

  /// What the community bears of a loss, by the op that made it.
  ///
  /// `others` are the ops beside `op`, the one that counts; `bucket` as in `award`.
  package static let cover = Table(
    135, "cover", .facts, key: [.integer("loss")],
    [
      .integer("resident"), .optional("op"), .integer("points"), .integer("bucket"),
      .optionalText("others"),
    ],
    indexed: 1, postings: CoverFold.postings, readers: CoverFold.accountReaders)

  /// The covers of an account beside the first.
  package static let furtherCover = Table(
    137, "further_cover", .facts, key: [.integer("resident")], [.text("covers")],
    standingDesk: CoverProposal.furtherCovers)

  /// What an approver said of an entry of the desk; the entry is off the desk while one that nobody
  /// took back says so.
  ///
  /// `detail` is that of the entry: 0 where the subject and the reason say it all.
  package static let resolution = Table(
    136, "resolution", .facts, key: [.integer("subject"), .integer("op")],
    [
      .integer("detail"), .text("reason"), .integer("outcome"), .optional("undoes"),
      .optional("undone_by"),
    ])
}
