import OpLog

extension Catalogue {
  private static let awardReads = [
    Tables.activity, Tables.resident, Tables.replica, Tables.staff, Tables.policy,
    Tables.awardClaim, Tables.lostAward,
  ]
  private static let stepReads = [Tables.replica, Tables.staff, Tables.field]
  private static let attendanceReads = [
    Tables.activity, Tables.resident, Tables.replica, Tables.staff, Tables.policy,
  ]

  /// Activities, attendance, and awards.
  static let work: [Kind] = [
    row(
      18, "activity.publish", "发布活动", "publish an activity", ActivityFold.schema, .fact,
      by: [.clerk, .approver], reads: [Tables.replica, Tables.staff], fold: ActivityFold.self),
    row(
      19, "award.grant", "积分发放", "grant an award", AwardFold.schema, .unique,
      key: "resident, activity, session, role", by: [.clerk], dated: true, reads: awardReads,
      fold: AwardFold.self),
    row(
      20, "award.reverse", "冲正", "reverse an award", ReverseFold.schema, .stateMachine,
      key: "that of the award", by: [.approver], signed: true, reads: awardReads,
      fold: ReverseFold.self),
    row(
      24, "activity.amend", "活动变更", "amend an activity", AmendFold.schema, .register,
      by: [.clerk, .approver], reads: stepReads, fold: AmendFold.self),
    row(
      25, "activity.cancel", "活动取消", "cancel an activity", CancelFold.schema, .stateMachine,
      by: [.clerk, .approver], reads: stepReads, fold: CancelFold.self),
    row(
      26, "activity.close", "活动办结", "close an activity", CloseFold.schema, .stateMachine,
      by: [.clerk, .approver], reads: stepReads, fold: CloseFold.self),
    row(
      75, "activity.reopen", "撤销取消或办结", "take the end of an activity back", ResumeFold.schema,
      .stateMachine, by: [.approver], reads: stepReads, fold: ResumeFold.self),
    row(
      27, "attendance.check_in", "签到", "check in", CheckInFold.schema, .unique,
      key: "resident, activity, session, role", by: [.clerk, .grid],
      reads: attendanceReads, fold: CheckInFold.self),
    row(
      28, "attendance.check_out", "签退", "check out", CheckOutFold.schema, .unique,
      key: "that of the check-in", by: [.clerk, .grid], reads: attendanceReads,
      fold: CheckOutFold.self),
    row(
      29, "attendance.supplement", "补录", "supplement attendance", SupplementFold.schema, .unique,
      key: "resident, activity, session, role", by: [.clerk, .grid, .approver],
      dated: true, reads: attendanceReads,
      fold: SupplementFold.self),
    row(
      30, "award.approve", "审核通过", "approve awards", ApproveFold.schema, .stateMachine,
      by: [.approver], signed: true, reads: awardReads, fold: ApproveFold.self),
    row(
      31, "award.reject", "驳回", "reject awards", RejectFold.schema, .stateMachine,
      by: [.approver], signed: true, reads: awardReads, fold: RejectFold.self),
  ]
}
