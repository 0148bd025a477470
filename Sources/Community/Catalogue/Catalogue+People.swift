import OpLog

extension Catalogue {
  /// Residents' files, households, volunteers, and consent.
  static let people: [Kind] = [
    row(
      16, "resident.register", "居民建档", "register a resident", RegisterFold.schema, .fact,
      by: [.clerk, .grid], body: UpdateFold.fields, reads: [Tables.replica, Tables.staff],
      fold: RegisterFold.self),
    row(
      17, "resident.update", "信息变更", "change a resident's file", UpdateFold.schema, .register,
      by: [.clerk, .grid], body: UpdateFold.fields,
      reads: [Tables.resident, Tables.replica, Tables.staff, Tables.policy], fold: UpdateFold.self),
    row(
      47, "resident.merge", "申请合并档案", "ask to merge two files", MergeFold.schema, .fact,
      by: [.approver], reads: asked, fold: MergeFold.self),
    row(
      48, "resident.unmerge", "申请拆分档案", "ask to part merged files", UnmergeFold.schema, .fact,
      by: [.approver], reads: asked, fold: UnmergeFold.self),
    row(
      49, "resident.deactivate", "迁出/注销/去世", "note that a resident left", DepartureFold.schema,
      .stateMachine, by: [.clerk, .grid],
      reads: [Tables.resident, Tables.residence, Tables.replica, Tables.staff],
      fold: DepartureFold.self),
    row(
      68, "resident.reactivate", "撤销迁出/注销登记", "take a wrong departure back",
      ReactivateFold.schema, .stateMachine, key: "departure", by: [.approver], signed: true,
      reads: [
        Tables.departure, Tables.resident, Tables.residence, Tables.replica, Tables.staff,
      ],
      fold: ReactivateFold.self),
    row(
      50, "resident.erase", "申请删除个人信息", "ask to erase personal data", EraseFold.schema, .fact,
      by: [.approver], reads: asked, fold: EraseFold.self),
    row(
      51, "consent.set", "知情同意/撤回", "set a consent", ConsentFold.schema, .register,
      by: [.clerk, .grid],
      reads: [
        Tables.resident, Tables.replica, Tables.staff, Tables.ageBand, Tables.residentRequest,
      ], fold: ConsentFold.self),
    row(
      52, "household.upsert_file", "一户一档", "file a household", HouseholdFold.schema, .register,
      by: [.grid], body: HouseholdFold.fields,
      reads: [Tables.resident, Tables.replica, Tables.staff], fold: HouseholdFold.self),
    row(
      53, "household.set_member", "户成员增减", "set a member of a household", MemberFold.schema,
      .register, by: [.grid],
      reads: [
        Tables.household, Tables.resident, Tables.residence, Tables.decision, Tables.replica,
        Tables.staff,
      ], fold: MemberFold.self),
    row(
      54, "volunteer.enroll", "志愿者入队", "enrol a volunteer", EnlistFold.schema, .fact,
      by: [.clerk, .grid], reads: [Tables.resident, Tables.replica, Tables.staff],
      fold: EnlistFold.self),
    row(
      55, "volunteer.leave", "志愿者退出", "note that a volunteer left", LeaveFold.schema, .fact,
      by: [.clerk, .grid], reads: [Tables.replica, Tables.staff], fold: LeaveFold.self),
    row(
      57, "account.freeze", "申请暂停兑换", "ask to freeze an account", FreezeFold.schema, .fact,
      by: [.approver], reads: asked, fold: FreezeFold.self),
    row(
      58, "account.unfreeze", "申请恢复兑换", "ask to end a freeze", UnfreezeFold.schema, .fact,
      by: [.approver], reads: asked, fold: UnfreezeFold.self),
    row(
      59, "appeal.file", "异议申请", "file an appeal", AppealFold.schema, .fact,
      by: [.clerk, .approver, .grid], body: AppealFold.grounds,
      reads: [
        Tables.resident, Tables.replica, Tables.staff, Tables.policy, Tables.decision,
      ], fold: AppealFold.self),
  ]

  /// What the fold of a request reads.
  private static let asked = [Tables.resident, Tables.decision, Tables.replica, Tables.staff]
}
