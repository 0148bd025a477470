import OpLog

extension Catalogue {
  /// The counter: items, redemptions, reservations, offers, and points between accounts.
  static let counter: [Kind] = [
    row(
      13, "standin.cover", "代付确认", "take over a debit on trust", StandInCoverFold.schema, .unique,
      key: "debit", byProgram: true, reads: [Tables.resident, Tables.household] + ofHomes,
      fold: StandInCoverFold.self),
    row(
      21, "item.define", "上架", "define an item", ItemFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: ItemFold.self),
    row(
      23, "redemption.record", "兑换", "record a redemption", RedemptionFold.schema, .fact,
      by: [.clerk], dated: true,
      reads: [
        Tables.resident, Tables.item, Tables.replica, Tables.staff, Tables.policy,
        Tables.itemPrice, Tables.redemptionStep, Tables.residentTake, Tables.quarterTake,
        Tables.householdClaim, Tables.householdMember, Tables.coinPoints, Tables.household,
        Tables.standInCover, Tables.heldRight, Tables.reservation, Tables.keptGoods, Tables.ageBand,
        Tables.residentRequest, Tables.itemTake, Tables.keptCoin,
      ] + ofHomes,
      fold: RedemptionFold.self),
    row(
      32, "redemption.void", "兑换作废", "void a redemption", VoidFold.schema, .stateMachine,
      key: "redemption", by: [.clerk, .approver], dated: true, reads: ofSteps,
      fold: VoidFold.self),
    row(
      33, "redemption.return", "退换", "return goods", ReturnFold.schema, .stateMachine,
      by: [.clerk, .approver], dated: true, reads: ofSteps, fold: ReturnFold.self),
    row(
      34, "item.reprice", "调价", "change a price", RepriceFold.schema, .register,
      by: [.clerk, .approver],
      reads: [Tables.item, Tables.replica, Tables.staff],
      fold: RepriceFold.self),
    row(
      35, "reservation.place", "预约", "reserve an item", ReservationFold.schema, .stateMachine,
      by: [.clerk], dated: true, reads: ofReservations, fold: ReservationFold.self),
    row(
      36, "reservation.release", "取消预约", "release a reservation", ReleaseFold.schema,
      .stateMachine, by: [.clerk], dated: true, reads: ofReservations, fold: ReleaseFold.self),
    row(
      37, "reservation.collect", "领取预约", "collect a reservation", CollectFold.schema,
      .stateMachine, by: [.clerk], dated: true, reads: ofReservations, fold: CollectFold.self),
    row(
      38, "offer.publish", "商户让利", "publish an offer", OfferFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: OfferFold.self),
    row(
      39, "offer.use", "让利核销", "use an offer", OfferUseFold.schema, .fact, by: [.clerk],
      dated: true,
      reads: [
        Tables.offer, Tables.offerVoid, Tables.resident, Tables.residentRequest, Tables.replica,
        Tables.staff, Tables.policy, Tables.standInCover, Tables.household,
      ] + ofHomes,
      fold: OfferUseFold.self),
    row(
      56, "points.transfer", "积分转赠", "give points to another account", TransferFold.schema,
      .fact, by: [.clerk], dated: true,
      reads: [Tables.resident, Tables.replica, Tables.staff, Tables.policy, Tables.household]
        + ofHomes,
      fold: TransferFold.self),
    row(
      79, "offer.void", "让利核销作废", "take back the use of an offer", OfferVoidFold.schema,
      .unique, key: "use", by: [.approver], dated: true, signed: true,
      reads: [
        Tables.offer, Tables.resident, Tables.residentRequest, Tables.replica, Tables.staff,
        Tables.policy, Tables.standInCover, Tables.household,
      ] + ofHomes,
      fold: OfferVoidFold.self),
    row(
      81, "standin.owed", "代付欠分", "say that an account lacked what was given on trust",
      StandInOwedFold.schema, .unique, key: "debit", byProgram: true,
      reads: [Tables.resident, Tables.replica, Tables.household] + ofHomes,
      fold: StandInOwedFold.self),
  ]

  /// Who is home of an account, where homes move.
  static let ofHomes = [Tables.custody, Tables.custodyGive, Tables.retirement]

  private static let ofSteps =
    [
      Tables.resident, Tables.item, Tables.replica, Tables.staff, Tables.policy,
      Tables.residentTake, Tables.quarterTake, Tables.householdClaim, Tables.householdMember,
      Tables.coinMove, Tables.coinPoints, Tables.household, Tables.standInCover,
      Tables.redemptionLine, Tables.heldRight, Tables.ageBand, Tables.residentRequest,
      Tables.itemPrice, Tables.itemTake, Tables.keptCoin, Tables.coinSerial,
    ] + ofHomes

  private static let ofReservations = [
    Tables.item, Tables.resident, Tables.replica, Tables.staff, Tables.keptGoods,
    Tables.retirement,
  ]
}
