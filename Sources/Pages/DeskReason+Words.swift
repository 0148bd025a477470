import Community

extension DeskReason {
  /// What is the matter, as the desk shows it.
  package var words: Words {
    switch self {
    case .unknownKind: Words("本机版本不认识这种记录", "a newer kind of record")
    case .waitingForOp: Words("在等它所依据的记录", "waits for a record that it names")
    case .namesMismatch: Words("所依据的记录与原件不符", "names another record than the one here")
    case .malformedPayload: Words("内容不符合格式", "the content does not fit its form")
    case .wrongReference:
      Words("引用了不存在或不合适的对象", "names something that is not there or does not fit")
    case .actorMissing: Words("没有写明经办人", "nobody is named as the recorder")
    case .actorNotEntitled: Words("经办人当时没有这项权限", "the recorder had no right to it then")
    case .onlyHub: Words("只有街道可以记录", "only the street records this")
    case .futureDate: Words("业务日期在将来", "the business date is in the future")
    case .awaitingApproval: Words("等待审核", "waits for approval")
    case .doubleAward: Words("同一次服务重复发放，只计一次", "the same service twice: it counts once")
    case .claimAbovePublished: Words("发放积分高于公布标准", "more points than were published")
    case .reversedByRecorder: Words("不能由原经办人冲正", "its own recorder cannot reverse it")
    case .tooManyRounds: Words("反复冲正次数过多", "reversed and granted too many times")
    case .debitWithoutStanding: Words("无权扣减该账户", "took points without the right to them")
    case .standIn: Words("代付，待归属站确认", "given on trust, not covered yet")
    case .standInAtHome: Words("在归属站不需要代付", "given on trust at the account's own office")
    case .fork: Words("两处同时修改，请选定一个", "changed at two places at once: choose one")
    case .overdrawn: Words("欠分", "the account is below zero")
    case .stockNegative: Words("库存为负，请盘点", "the shelf is below zero: count it")
    }
  }

  /// What staff can do about it.
  package var advice: Words {
    switch self {
    case .unknownKind:
      Words("请升级程序，升级后自动处理", "install the newer version: it settles by itself then")
    case .waitingForOp:
      Words("请同步；所依据的记录到达后自动处理", "sync: it settles by itself once that record is here")
    case .namesMismatch, .malformedPayload:
      Words("保留数据，联系街道管理员", "keep the data and call the street's administrator")
    case .wrongReference:
      Words("请用 linli show 核对编号后重新记录", "check the ids with linli show and record it again")
    case .actorMissing, .actorNotEntitled:
      Words(
        "请由有权限的人员重新记录；linli show staff 列出权限",
        "let somebody who is entitled record it again; linli show staff lists the roles")
    case .onlyHub: Words("请联系街道管理员", "call the street's administrator")
    case .futureDate:
      Words("请冲正后用 --on 按正确日期重记", "reverse it and record it again with the right date, --on")
    case .awaitingApproval: Words("请审核人员处理", "ask an approver")
    case .doubleAward:
      Words("无需处理；如确属另一场次，请加 session=2 记录", "nothing to do; record a second session with session=2")
    case .claimAbovePublished:
      Words(
        "请核对签到表；发多了请另一位人员冲正",
        "check the sign-in sheet; if it is too much, let another person reverse it")
    case .reversedByRecorder:
      Words("请另一位有权限的人员用 --as 冲正", "let another person who is entitled reverse it, with --as")
    case .tooManyRounds: Words("请联系街道管理员", "call the street's administrator")
    case .debitWithoutStanding: Words("请与归属站核对", "settle it with the account's own office")
    case .standIn: Words("归属站下次同步后处理", "the account's own office settles it after its sync")
    case .standInAtHome: Words("请向经办人核对这次兑换", "ask the recorder about this redemption")
    case .fork:
      Words(
        "向本人核对后，用 resident.update 再记一次正确的值",
        "ask the person, then record the right value once more with resident.update")
    case .overdrawn:
      Words(
        "以后发放的积分会自动补上；流水见 linli show resident",
        "later awards repay it; linli show resident lists the ledger")
    case .stockNegative:
      Words(
        "请盘点货架，漏记的入库用 stock.receive 补记",
        "count the shelf; record goods that came in unrecorded with stock.receive")
    }
  }
}

/// A resident's file that has not arrived; the one entry of the desk that no fold makes.
package enum MissingBody {
  /// The reason in the view `desk_entries`.
  package static let code = "body-missing"
  /// What is the matter.
  package static let words = Words("居民资料尚未传到本机", "the details have not arrived here yet")
  /// What staff can do about it.
  package static let advice = Words(
    "等记录的那台电脑同步后会自动补上", "they come once the PC that recorded them has synced")
}
