import OpLog

/// The tables of the read model, declared once: `Store` creates them, folds fill them, and
/// `Protocol/state.md` documents them.
package enum Tables {
  /// Every table, in layer order.
  package static let all: [Table] = {
    let declared: [Table] = [
      [street, community, replica, staff, staffEnd, policy, activity, item, resident, field],
      [award, redemption, redemptionLine, stockReceipt],
      custodyTables, peopleTables, workTables, counterTables, rightsTables, stockTables,
      closingTables,
      AccountTable.allCases.map(\.table),
    ].flatMap { $0 }
    return Layer.allCases.flatMap { layer in declared.filter { $0.layer == layer } }
  }()

  // Reference layer: one row per entity, keyed by the op that created it.

  /// The street.
  package static let street = Table(
    1, "street", .reference, key: [.integer("id")], [.text("name")])

  /// Its communities.
  package static let community = Table(
    2, "community", .reference, key: [.integer("id")], [.text("name")])

  /// Keyed by replica id, not by op: envelopes name their writer so.
  package static let replica = Table(
    3, "replica", .reference, key: [.integer("id")],
    [.integer("op"), .integer("community"), .text("label"), .optional("revoked_by")],
    readers: RevokedReplica.readers)

  /// Who may record, with which roles (a bit mask), and when; `ended_on` is what `staff.end` says.
  ///
  /// `person` is the first appointment of the same person: who has two decides nothing of their own.
  package static let staff = Table(
    4, "staff", .reference, key: [.integer("id")],
    [
      .integer("community"), .integer("roles"), .integer("valid_from"), .optional("valid_to"),
      .optional("ended_on"), .integer("person"),
    ],
    readers: OpsOfStaff.readers)

  /// When appointments end; one that `replaced_by` names another holds no more.
  package static let staffEnd = Table(
    10, "staff_end", .reference, key: [.integer("staff"), .integer("op")],
    [.integer("ended_on"), .optional("replaced_by")])

  /// A complete set of rules; the columns after `community` follow ``Policy/keys``.
  package static let policy = Table(
    5, "policy", .reference, key: [.integer("id")],
    [.integer("community")] + Policy.keys.map { .optional($0.column) })

  /// What awards are granted for; `starts` and `ends` are minutes of the day.
  ///
  /// `points_most` is the most that was ever announced, and `ended_by` the cancellation or the close.
  /// `award_rule` is null where the rules of the recorder's community decide.
  package static let activity = Table(
    6, "activity", .reference, key: [.integer("id")],
    [
      .integer("organiser"), .integer("category"), .text("title"), .integer("points"),
      .integer("held_on"), .integer("points_most"), .optional("starts"), .optional("ends"),
      .text("state"), .optional("ended_by"), .optional("headcount"), .optionalText("steps"),
      .optionalText("place"), .optional("capacity"), .integer("is_large"),
      .optional("award_rule"),
    ],
    standingDesk: PersonalData.standingDesk(inColumn: 3, orColumn: 13))

  /// What points buy, and the terms of that: how many pieces a person may take in a period (0 month, 1
  /// quarter, 2 year), from which age (1 from 14 on, 2 from 18 on).
  package static let item = Table(
    7, "item", .reference, key: [.integer("id")],
    [
      .integer("community"), .integer("sort"), .text("name"), .integer("points"),
      .optional("value_fen"),
    ] + ItemTerms.columns,
    standingDesk: PersonalData.standingDesk(inColumn: 3))

  /// A person: `home` is the replica that may spend the account's points.
  ///
  /// The columns after `registered_on` are derived (``ResidentStatus``): the lowest id of the files
  /// that were merged with this one, and what decisions and departures say. Nearly all are null.
  package static let resident = Table(
    8, "resident", .reference, key: [.integer("id")],
    [
      .integer("home"), .integer("community"), .integer("registered_on"),
      .optional("representative"), .optional("left_on"), .optional("frozen_until"),
      .optional("erased_by"),
    ],
    readers: ResidentStatus.readers)

  /// One row per register: the ops whose value stands, the shown one first.
  package static let field = Table(
    9, "field", .reference, key: [.integer("entity"), .integer("field")],
    [.integer("shown"), .text("live")],
    standingDesk: UpdateFold.standingDesk)

  // Facts layer: one row per natural key or entity.

  /// One round of one natural key, the activity first: a sign-in sheet is one stretch of the table.
  ///
  /// `others` are the records beside `op`, the one that counts; `bucket` is the last day of
  /// its points, 0 where the rules let none end; `basis` says where its points are
  /// posted: 0 here, 1 in `award_month`, 2 in `tier_year`; `lost` are decisions without effect, each
  /// with its record.
  package static let award = Table(
    20, "award", .facts,
    key: [
      .integer("activity"), .integer("resident"), .integer("session"), .integer("role"),
      .integer("round"),
    ],
    [
      .text("state"), .optional("op"), .integer("points"), .optionalText("others"),
      .optionalText("reversals"), .integer("bucket"), .optional("minutes"),
      .optional("occurred_on"), .integer("basis"), .optionalText("decisions"),
      .optionalText("lost"),
    ],
    indexed: 1, postings: AwardFold.postings, standingDesk: AwardRow.standingDesk)

  /// Goods handed out; `uncovered` is what was given on trust.
  ///
  /// `points` is what was left for the account, or for the household's `pool`, after `coins`; what
  /// came back later is in `redemption_step`. `bucket` is the day on which it saves points from
  /// ending; of credited change, the last day of that.
  package static let redemption = Table(
    21, "redemption", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("resident"), .integer("office"), .integer("basis"),
      .integer("points"), .integer("uncovered"), .integer("occurred_on"), .integer("coins"),
      .optional("pool"), .optional("collector"), .integer("bucket"),
    ],
    postings: RedemptionFold.postings,
    readers: { row in
      let isOnTrust = row[4] == .integer(RedemptionFold.Basis.standIn.rawValue)
      return (row[1] == .text("pending") ? CoverFold.readers(row[0]) : [])
        + OpenDebits.readers(row[0], while: isOnTrust)
    })

  /// The lines of a redemption; `counts` is 0 while it is pending.
  package static let redemptionLine = Table(
    22, "redemption_line", .facts, key: [.integer("redemption"), .integer("line")],
    [
      .integer("office"), .integer("item"), .integer("quantity"), .integer("price"),
      .integer("counts"),
    ],
    postings: RedemptionFold.linePostings,
    readers: { ShelfMoves.readers(RedemptionFold.linePostings($0)) })

  /// Goods put on a shelf; `donor` is empty where none is named, `expires_on` the day up to which they
  /// are good.
  package static let stockReceipt = Table(
    23, "stock_receipt", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("office"), .integer("item"), .integer("quantity"),
      .integer("source"), .optional("unit_cost_fen"), .integer("occurred_on"), .text("donor"),
      .optional("expires_on"),
    ],
    postings: StockFold.postings, standingDesk: PersonalData.standingDesk(inColumn: 8),
    readers: { ShelfMoves.readers(StockFold.postings($0)) })

  // Accounts layer: sums of postings.

  /// A resident's points.
  ///
  /// `earned` never falls by spending; `uncovered` is what stand-ins gave out.
  package static let account = Table(
    40, "account", .accounts, key: [.integer("resident")],
    [.integer("balance"), .integer("earned"), .integer("spent"), .integer("uncovered")],
    standingDesk: { row in
      guard let id = row[0].integer, let balance = row[1].integer, balance < 0 else { return [] }
      return [DeskEntry(.overdrawn, subject: id)]
    },
    readers: { row in
      guard let id = row[0].integer, let balance = row[1].integer, balance < 0 else { return [] }
      return [Reader(.coverProposal, id)]
    })

  /// What lies on an office's shelf: received − issued + adjusted.
  ///
  /// `issued` falls by goods that come back; `adjusted` are transfers, counts, and write-offs.
  package static let shelfItem = Table(
    41, "shelf_item", .accounts, key: [.integer("office"), .integer("item")],
    [.integer("on_hand"), .integer("received"), .integer("issued"), .integer("adjusted")],
    standingDesk: { row in
      guard let office = row[0].integer, let item = row[1].integer, let onHand = row[2].integer,
        onHand < 0
      else { return [] }
      return [DeskEntry(.stockNegative, subject: item, detail: office)]
    })

  /// What an office gave out on trust and nobody has covered yet.
  package static let office = Table(
    42, "office", .accounts, key: [.integer("replica")], [.integer("uncovered")])

  /// A resident's points by day, for expiry.
  ///
  /// `earned` are points whose last day `bucket` is; `spent` is what left the account on it, less what
  /// came back of that before a deadline.
  package static let yearSheet = Table(
    43, "year_sheet", .accounts, key: [.integer("resident"), .integer("bucket")],
    [.integer("earned"), .integer("spent")],
    readers: { row in row[0].integer.map { [Reader(.residentExpiry, $0)] } ?? [] })
}
