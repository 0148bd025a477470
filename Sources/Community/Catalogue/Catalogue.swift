import OpLog

/// The op catalogue: one row for each kind.
///
/// A new kind is a row here and a fold beside it.
package enum Catalogue {
  /// Which catalogue this is; digests are compared only between equal versions.
  package static let version: UInt32 = 1

  /// Every kind, by number.
  package static let kinds: [Kind] = system + volunteering + redeeming

  /// The kind with a number; nil for one that this version does not know.
  ///
  /// O(1).
  package static func kind(_ number: KindNumber) -> Kind? {
    Int(number) < byNumber.count ? byNumber[Int(number)] : nil
  }

  /// The kind with a name; nil for an unknown name.
  ///
  /// O(1).
  package static func kind(named name: String) -> Kind? { byName[name] }

  /// The schemas alone, for codecs.
  package static let schemas: [(number: KindNumber, name: String, schema: PayloadSchema)] =
    kinds.map { ($0.number, $0.name, $0.schema) }

  private static let byNumber: [Kind?] = {
    let count = (kinds.map { Int($0.number) }.max() ?? 0) + 1
    var table = [Kind?](repeating: nil, count: count)
    for kind in kinds { table[Int(kind.number)] = kind }
    return table
  }()

  private static let byName = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })

  private static func row(
    _ number: KindNumber, _ name: String, _ chinese: String, _ english: String,
    _ schema: PayloadSchema, _ merge: MergeClass, key: String = "", by roles: [Role] = [],
    body: [BodyField] = [], offline isOffline: Bool = true, dated isDated: Bool = false,
    reads: [Table] = [], fold: (any Fold.Type)?
  ) -> Kind {
    Kind(
      number: number, name: name, words: Words(chinese, english), schema: schema, body: body,
      merge: merge, naturalKey: key, roles: roles, isOffline: isOffline, isDated: isDated,
      reads: reads.map(\.name), fold: fold)
  }

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

  // Written by the hub, or by its administrator.
  private static let system: [Kind] = [
    row(
      1, "street.define", "建立街道", "define the street", StreetFold.schema, .hub, offline: false,
      fold: StreetFold.self),
    row(
      2, "community.define", "登记社区", "define a community", CommunityFold.schema, .hub,
      offline: false, fold: CommunityFold.self),
    row(
      3, "replica.enroll", "副本入网", "enrol a replica", EnrollFold.schema, .hub, key: "replica",
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
  ]

  private static let volunteering: [Kind] = [
    row(
      16, "resident.register", "居民建档", "register a resident", RegisterFold.schema, .fact,
      by: [.clerk, .grid], body: UpdateFold.fields, reads: [Tables.replica, Tables.staff],
      fold: RegisterFold.self),
    row(
      17, "resident.update", "信息变更", "change a resident's file", UpdateFold.schema, .register,
      by: [.clerk, .grid], body: UpdateFold.fields,
      reads: [Tables.resident, Tables.replica, Tables.staff], fold: UpdateFold.self),
    row(
      18, "activity.publish", "发布活动", "publish an activity", ActivityFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: ActivityFold.self),
    row(
      19, "award.grant", "积分发放", "grant an award", AwardFold.schema, .unique,
      key: "resident, activity, session, role", by: [.clerk], dated: true,
      reads: [
        Tables.activity, Tables.resident, Tables.replica, Tables.staff, Tables.policy,
      ], fold: AwardFold.self),
    row(
      20, "award.reverse", "冲正", "reverse an award", ReverseFold.schema, .stateMachine,
      key: "that of the award", by: [.clerk, .approver],
      reads: [
        Tables.activity, Tables.resident, Tables.replica, Tables.staff, Tables.policy,
      ], fold: ReverseFold.self),
  ]

  private static let redeeming: [Kind] = [
    row(
      21, "item.define", "上架", "define an item", ItemFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: ItemFold.self),
    row(
      22, "stock.receive", "入库", "receive stock", StockFold.schema, .fact, by: [.clerk],
      dated: true, reads: [Tables.item, Tables.replica, Tables.staff], fold: StockFold.self),
    row(
      23, "redemption.record", "兑换", "record a redemption", RedemptionFold.schema, .fact,
      by: [.clerk], dated: true,
      reads: [Tables.resident, Tables.item, Tables.replica, Tables.staff],
      fold: RedemptionFold.self),
  ]
}
