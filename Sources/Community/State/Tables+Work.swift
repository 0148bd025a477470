import OpLog

/// The tables of work.
extension Tables {
  static let workTables: [Table] = [
    awardClaim, awardMonth, tierYear, attendance, awardError, coverProposal, lostAward,
  ]

  /// An award that counts as far as its month has room: those with a limit, a scale, or a time.
  ///
  /// `minutes` are those of the falling scale, `bucket` as in `award`; an absent limit is off.
  package static let awardClaim = Table(
    60, "award_claim", .facts,
    key: [.integer("resident"), .integer("year"), .integer("month"), .integer("op")],
    [
      .integer("day"), .integer("activity"), .integer("points"), .integer("minutes"),
      .integer("bucket"), .optional("per_day"), .optional("reports_per_month"),
      .optional("starts"), .optional("ends"), .integer("approved"),
    ],
    readers: { row in
      guard let resident = row[0].integer, let year = row[1].integer, let month = row[2].integer
      else { return [] }
      return [
        Reader(.awardMonth, resident, AwardMonth.number(year: year, month: month)),
        Reader(.awardYear, resident, year),
      ]
    })

  /// An award that a mistake of staff took back, as it would be in `award_claim`.
  package static let lostAward = Table(
    66, "lost_award", .facts,
    key: [.integer("resident"), .integer("year"), .integer("month"), .integer("reversal")],
    [.integer("op")] + awardClaim.columns[4...],
    readers: { row in
      guard let resident = row[0].integer, let year = row[1].integer else { return [] }
      return [Reader(.awardYear, resident, year)]
    })

  /// What counts of a resident's month; `ending` and `ending_minutes` are the part that ends with the
  /// year, `carried` and `carried_minutes` the one that is carried over.
  ///
  /// `over_day`, `over_month`, and `overlapping` are the awards that count for hours only.
  package static let awardMonth = Table(
    61, "award_month", .facts,
    key: [.integer("resident"), .integer("year"), .integer("month")],
    [
      .integer("counted"), .integer("points"), .integer("ending"), .integer("minutes"),
      .integer("ending_minutes"), .optionalText("over_day"), .optionalText("over_month"),
      .optionalText("overlapping"), .integer("carried"), .integer("carried_minutes"),
    ],
    postings: AwardMonth.postings, standingDesk: AwardMonth.standingDesk,
    readers: { row in
      guard let resident = row[0].integer, let year = row[1].integer, row[6] != .integer(0)
      else { return [] }
      return [Reader(.tierYear, resident, year)]
    })

  /// Points from the hours of a resident's year, by the falling scale; `bucket` as in `award`.
  package static let tierYear = Table(
    62, "tier_year", .facts, key: [.integer("resident"), .integer("year")],
    [.integer("minutes"), .integer("points"), .integer("bucket")],
    postings: TierYear.postings)

  /// A person's part in one session of an activity: the facts that awards are granted for.
  ///
  /// `op` is the check-in that counts, or the supplement where there is none; `others` are the
  /// records beside it, `steps` the check-outs.
  package static let attendance = Table(
    63, "attendance", .facts,
    key: [
      .integer("activity"), .integer("resident"), .integer("session"), .integer("role"),
    ],
    [
      .text("state"), .optional("op"), .optional("minutes"), .optional("method"),
      .optional("occurred_on"), .optionalText("others"), .optionalText("steps"),
    ])

  /// Points that a mistake of staff took of what counted in `year`, by the reversal.
  package static let awardError = Table(
    64, "award_error", .facts, key: [.integer("resident"), .integer("reversal")],
    [.integer("points"), .integer("year")],
    readers: { row in
      (row[0].integer.map { [Reader(.coverProposal, $0)] } ?? []) + CoverFold.readers(row[1])
    })

  /// What the community should bear of a debt: as much of it as mistakes of staff can have made.
  package static let coverProposal = Table(
    65, "cover_proposal", .facts, key: [.integer("resident")], [.integer("points")],
    standingDesk: { row in
      row[0].integer.map { [DeskEntry(.coverProposed, subject: $0)] } ?? []
    })
}
