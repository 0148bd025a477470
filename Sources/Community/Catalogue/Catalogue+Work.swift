import OpLog

extension Catalogue {
  /// Activities, attendance, and awards.
  static let work: [Kind] = [
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
}
