import OpLog

extension Catalogue {
  private static let staffName = [BodyField(name: "name", length: 1...60, isRequired: true)]

  private static let receiptSchema = PayloadSchema([
    .required(
      "runs",
      .records(
        [
          .required("replica", .replica),
          .required("seq", .integer(1...Int64(EnvelopeLimits.seqMax))),
          .required("hash", .bytes(32...32)),
        ], 1...EnvelopeLimits.receiptRunsMax))
  ])

  /// The street's own kinds: most are written by the hub, or by its administrator.
  static let system: [Kind] = [
    row(
      1, "street.define", "建立街道", "define the street", StreetFold.schema, .hub, offline: false,
      fold: StreetFold.self),
    row(
      2, "community.define", "登记社区", "define a community", CommunityFold.schema, .hub,
      offline: false, fold: CommunityFold.self),
    row(
      EnrollFold.kind, "replica.enroll", "副本入网", "enrol a replica", EnrollFold.schema, .hub,
      key: "replica",
      offline: false, reads: [Tables.community], fold: EnrollFold.self),
    row(
      4, "replica.revoke", "副本停用", "revoke a replica", RevokeFold.schema, .hub, offline: false,
      reads: [Tables.replica], fold: RevokeFold.self),
    row(
      Receipt.kind, "receipt", "回执", "receipt", receiptSchema, .hub, offline: false, fold: nil),
    row(
      6, "staff.appoint", "任用工作人员", "appoint staff", StaffFold.schema, .hub, body: staffName,
      offline: false, reads: [Tables.community], fold: StaffFold.self),
    row(
      7, "policy.set", "设定规则", "set the rules", PolicyFold.schema, .hub, offline: false,
      reads: [Tables.community], fold: PolicyFold.self),
    row(
      8, "staff.end", "结束任用", "end an appointment", StaffEndFold.schema, .hub, offline: false,
      reads: [Tables.staff], fold: StaffEndFold.self),
    row(
      CustodyFold.kind, "custody.give", "转移账户", "give an account to another office",
      CustodyFold.schema, .stateMachine, by: [.approver], signed: true,
      reads: [Tables.replica, Tables.staff], fold: CustodyFold.self),
    row(
      RetireFold.kind, "replica.retire", "副本注销", "retire a lost replica", RetireFold.schema, .hub,
      key: "replica", offline: false, decides: true, reads: [Tables.custodyGive],
      fold: RetireFold.self),
    row(
      70, "hub.begin", "街道服务器换代", "begin a life of the hub", HubBeginFold.schema, .hub,
      offline: false, fold: HubBeginFold.self),
    row(
      71, "hub.succeed", "接替旧服务器", "succeed the former hubs", HubSucceedFold.schema, .hub,
      offline: false, decides: true, reads: [Tables.staff], fold: HubSucceedFold.self),
    row(
      HubAdoptFold.kind, "hub.adopt", "认领旧服务器的记录", "adopt the logs of former hubs",
      HubAdoptFold.schema, .hub, offline: false, decides: true, reads: [Tables.staff],
      fold: HubAdoptFold.self),
    row(
      67, "staff.reset_pin", "重设口令", "take a PIN away", PinResetFold.schema, .fact,
      by: [.approver], signed: true, reads: [Tables.replica, Tables.staff],
      fold: PinResetFold.self),
    row(
      15, "points.cover", "社区承担", "cover a loss", CoverFold.schema, .unique, key: "loss",
      by: [.approver], dated: true, signed: true,
      reads: [
        Tables.activity, Tables.resident, Tables.replica, Tables.staff, Tables.policy,
        Tables.awardError,
        Tables.redemption, Tables.redemptionStep, Tables.coinPoints, Tables.household,
        Tables.offerUse, Tables.heldRight, Tables.item, Tables.itemPrice, Tables.keptCoin,
        Tables.standInCover, Tables.residence,
      ] + ofHomes, fold: CoverFold.self),
  ]
}
