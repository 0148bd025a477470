import OpLog

/// The tables of the counter.
extension Tables {
  static let counterTables: [Table] = [
    redemptionStep, returnedLine, itemPrice, otherPrice, residentTake, reservation, keptGoods,
    offer, offerUse, offerVoid, pointsTransfer, standInCover, standInDebt, quarterTake,
    householdClaim, householdTake, householdMonth, poolSale, guardedSale, limitOverride, itemTake,
  ]

  /// Voids and returns; `points` and `uncovered` are what came back, 0 for a step without effect.
  ///
  /// `office` is the one that handed the goods out; `credit` of the points are new to the account and
  /// end with `to_bucket`; `bucket` is the redemption's, 0 where a deadline lies between: then all are.
  package static let redemptionStep = Table(
    100, "redemption_step", .facts, key: [.integer("redemption"), .integer("op")],
    [
      .text("step"), .text("state"), .integer("account"), .integer("office"), .integer("points"),
      .integer("uncovered"), .integer("occurred_on"), .integer("credit"), .integer("bucket"),
      .integer("to_bucket"),
    ],
    postings: RedemptionSteps.postings, readers: { CoverFold.readers($0[0]) })

  /// The pieces that came back, by line; `restocked` of them lie on the shelf of `office` again.
  package static let returnedLine = Table(
    101, "returned_line", .facts,
    key: [.integer("redemption"), .integer("op"), .integer("line")],
    [.integer("office"), .integer("item"), .integer("quantity"), .integer("restocked")],
    postings: RedemptionSteps.linePostings,
    readers: { ShelfMoves.readers(RedemptionSteps.linePostings($0)) })

  /// Prices announced after the one that an item was defined with, and terms as in `item`.
  package static let itemPrice = Table(
    102, "item_price", .facts, key: [.integer("item"), .integer("op")],
    [.integer("points"), .integer("valid_from"), .optionalText("replaces")] + ItemTerms.columns,
    readers: { row in row[0].integer.map { [Reader(.pricesOfItem, $0)] } ?? [] })

  /// Lines at another price than the first; `announced` is 0 while no office ever named it.
  package static let otherPrice = Table(
    103, "other_price", .facts,
    key: [.integer("item"), .integer("redemption"), .integer("line")],
    [.integer("price"), .integer("occurred_on"), .integer("announced")],
    standingDesk: ItemPrices.standingDesk)

  /// What a person took in a month (year × 12 + month − 1), where the office's rules limit it.
  package static let residentTake = Table(
    104, "resident_take", .facts,
    key: [.integer("resident"), .integer("month"), .integer("redemption"), .integer("line")],
    [
      .integer("item"), .integer("quantity"), .integer("price"), .integer("occurred_on"),
      .optional("piece_limit"), .integer("is_over"),
    ],
    standingDesk: ItemLimit.standingDesk)

  /// Goods kept for a person on the shelf of `office`.
  package static let reservation = Table(
    105, "reservation", .facts,
    key: [.integer("office"), .integer("item"), .integer("id")],
    [
      .text("state"), .integer("resident"), .integer("quantity"), .integer("expires_on"),
      .optional("redemption"), .optionalText("steps"),
    ])

  /// The open reservations among them, until `expires_on`.
  package static let keptGoods = Table(
    109, "kept_goods", .facts,
    key: [.integer("office"), .integer("item"), .integer("reservation")],
    [.integer("quantity"), .integer("expires_on")])

  /// What a merchant gives to residents; `points` 0 is free.
  package static let offer = Table(
    106, "offer", .facts, key: [.integer("id")],
    [
      .integer("community"), .text("title"), .integer("points"), .optional("per_person"),
      .integer("min_earned"), .integer("valid_to"),
    ],
    standingDesk: PersonalData.standingDesk(inColumn: 2))

  /// Who used an offer, and how often; the one over the limit is on the desk, and `bucket` is as in
  /// `redemption`.
  package static let offerUse = Table(
    107, "offer_use", .facts, key: [.integer("offer"), .integer("resident"), .integer("op")],
    [
      .text("state"), .integer("office"), .integer("times"), .integer("points"),
      .integer("uncovered"), .integer("is_over"), .integer("occurred_on"), .integer("bucket"),
    ],
    postings: OfferUseFold.postings, standingDesk: OfferUseFold.standingDesk,
    readers: { row in
      (row[3] == .text("posted") ? [] : CoverFold.readers(row[2]))
        + OpenDebits.readers(row[2], while: row[7] != .integer(0))
    })

  /// What took uses back; `office` is the one of the use, `bucket` and `to_bucket` are as in
  /// `redemption_step`.
  package static let offerVoid = Table(
    149, "offer_void", .facts, key: [.integer("use"), .integer("op")],
    [
      .text("state"), .integer("resident"), .integer("office"), .integer("points"),
      .integer("uncovered"), .integer("occurred_on"), .integer("bucket"), .integer("to_bucket"),
      .integer("offer"),
    ],
    postings: OfferVoidFold.postings)

  /// Points that one account gave to another: spent in `bucket`, earned in `to_bucket`, or 0.
  package static let pointsTransfer = Table(
    108, "points_transfer", .facts, key: [.integer("id")],
    [
      .text("state"), .integer("from_account"), .integer("to_account"), .integer("points"),
      .integer("occurred_on"), .integer("bucket"), .integer("to_bucket"),
    ],
    postings: TransferFold.postings)

  /// How often a person redeemed in a quarter (year × 4 + quarter − 1), where the rules limit it.
  ///
  /// `counts` is 0 for a redemption of which everything came back.
  package static let quarterTake = Table(
    140, "quarter_take", .facts,
    key: [.integer("resident"), .integer("quarter"), .integer("redemption")],
    [.integer("counts"), .integer("most"), .integer("is_over")],
    standingDesk: QuarterLimit.standingDesk)

  /// What a person took where the rules limit what a household takes; `month` as in `resident_take`.
  package static let householdClaim = Table(
    141, "household_claim", .facts,
    key: [.integer("resident"), .integer("redemption"), .integer("line")],
    [
      .integer("month"), .integer("item"), .integer("quantity"), .integer("occurred_on"),
      .integer("piece_limit"),
    ],
    readers: { row in row[0].integer.map { [Reader(.householdTakes, $0)] } ?? [] })

  /// The same under the household in which the person lived that day.
  package static let householdTake = Table(
    142, "household_take", .facts,
    key: [.integer("household"), .integer("month"), .integer("redemption"), .integer("line")],
    [.integer("item"), .integer("quantity"), .integer("piece_limit")],
    readers: { row in
      guard let household = row[0].integer, let month = row[1].integer else { return [] }
      return [Reader(.householdMonth, household, month)]
    })

  /// A household's month with too much of an item: each redemption, followed by the item.
  package static let householdMonth = Table(
    143, "household_month", .facts, key: [.integer("household"), .integer("month")],
    [.text("over")], standingDesk: HouseholdMonth.standingDesk)

  /// Who redeemed or collected from a household's `pool`.
  package static let poolSale = Table(
    144, "pool_sale", .facts, key: [.integer("resident"), .integer("redemption")],
    [.integer("pool")])

  /// Who redeemed or collected where the rules ask children for somebody who is grown up, or the item
  /// is for people from an age on.
  package static let guardedSale = Table(
    145, "guarded_sale", .facts, key: [.integer("person"), .integer("redemption")],
    [.integer("occurred_on")])

  /// Who let more be given on trust than the limits; `is_repeat` where the same person had done so in
  /// the year before.
  package static let limitOverride = Table(
    146, "limit_override", .facts,
    key: [.integer("person"), .integer("occurred_on"), .integer("redemption")],
    [.integer("is_repeat")], standingDesk: LimitOverride.standingDesk)

  /// What a person took in a year of an item that has a limit of its own; `month` as in
  /// `resident_take`, and the limit as in `item`.
  package static let itemTake = Table(
    147, "item_take", .facts,
    key: [
      .integer("resident"), .integer("item"), .integer("year"), .integer("redemption"),
      .integer("line"),
    ],
    [
      .integer("month"), .integer("quantity"), .integer("piece_limit"), .integer("limit_period"),
      .integer("is_over"),
    ],
    standingDesk: OwnLimit.standingDesk)

  /// Debits on trust that the account's home took over; `others` are repeats, and what others than the
  /// home wrote.
  package static let standInCover = Table(
    114, "stand_in_cover", .facts, key: [.integer("debit")],
    [.optional("op"), .optionalText("others")],
    readers: { row in
      row[0].integer.map { [Reader(.takenOver, $0), Reader(.openDebits, $0)] } ?? []
    })

  /// Debits on trust for which the account had too few points, by the person who took the goods;
  /// `is_repeat` where one of an earlier day was within the year before.
  package static let standInDebt = Table(
    148, "stand_in_debt", .facts,
    key: [.integer("person"), .integer("occurred_on"), .integer("debit")],
    [.integer("op"), .optionalText("others"), .integer("is_repeat")],
    standingDesk: StandInOwedFold.standingDesk)
}
