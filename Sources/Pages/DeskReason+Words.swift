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
    case .beforeDeadline: Words("这一年的积分还没有到期", "the points of this year have not ended yet")
    case .awaitingApproval: Words("等待审核", "waits for approval")
    case .doubleAward: Words("同一次服务重复发放，只计一次", "the same service twice: it counts once")
    case .claimAbovePublished: Words("发放积分高于公布标准", "more points than were published")
    case .reversedByRecorder: Words("不能由原经办人冲正", "its own recorder cannot reverse it")
    case .lateForClosedMonth:
      Words("补记到已结账的月份，计入本月", "dated in a closed month: posted in the current one")
    case .ownRecord: Words("不能由原经办人处理", "its own recorder cannot decide it")
    case .late:
      Words(
        "写它的电脑已注销，之后才出现: 决定无效，扣减照计",
        "turned up after its PC was retired: a decision has no effect, a debit counts")
    case .tooManyRounds: Words("反复冲正次数过多", "reversed and granted too many times")
    case .notHome:
      Words("记录时已不是该账户的归属站", "the office was not the account's home any more")
    case .recordedAgain:
      Words("电脑数据曾被复制，本条由新编号补录", "recorded again under a new id: its PC was copied")
    case .officeRevoked:
      Words("账户转到了已停用的站点，无人可办", "given to an office that was revoked: nobody works there")
    case .otherBranch:
      Words(
        "注销时登记的末条与收到的不同: 这台电脑的数据曾被复制",
        "the log ends otherwise than was said when its PC was retired: there are two copies of it")
    case .appointedInRollCall:
      Words(
        "街道服务器重建后、点名结束前任用的审核人员",
        "an approver who was appointed while the rebuilt hub's roll-call was open")
    case .fraudReversed: Words("以作弊为由冲正", "taken back because of fraud")
    case .movedHere:
      Words("从别的社区搬来，账户随人转入", "moved here from another community, with the account")
    case .awaitingOtherOffice:
      Words("等待对方站点签字", "waits for the other office to sign")
    case .overdrawnAgain:
      Words(
        "同一人一年内再次在别站用超积分",
        "the same person took more than was left at another office before, within a year")
    case .overriddenAgain:
      Words("同一人一年内再次特批", "the same person allowed an exception before, within a year")
    case .adoptedLog:
      Words(
        "街道换了密钥，旧服务器的记录由站点出示、两人认领，没有印章可验",
        "the street has a new key: offices showed the former hub's log and two persons adopted it; no "
          + "seal could prove it")
    case .debitWithoutStanding: Words("无权扣减该账户", "took points without the right to them")
    case .standIn: Words("代付，待归属站确认", "given on trust, not covered yet")
    case .standInAtHome: Words("在归属站不需要代付", "given on trust at the account's own office")
    case .fork: Words("两处同时修改，请选定一个", "changed at two places at once: choose one")
    case .overdrawn: Words("欠分", "the account is below zero")
    case .stockNegative: Words("库存为负，请盘点", "the shelf is below zero: count it")
    case .notOrganiser: Words("不是本社区的活动或发放", "another community's activity or award")
    case .activityCancelled: Words("活动已取消，积分暂停入账", "the activity was cancelled: held back")
    case .activityEnded: Words("活动已先取消或办结", "the activity was cancelled or closed first")
    case .approvedByRecorder: Words("不能审核自己记录的发放", "its own recorder cannot decide it")
    case .stepTooLate: Words("已有在先的处理，本次不生效", "decided before: this has no effect")
    case .valuesDiffer:
      Words("两处记录分值不同，先按低的计", "two records differ: the lower one counts for now")
    case .backdated: Words("补记: 日期早于规定期限", "dated back further than the rules allow")
    case .dailyCap: Words("当天计分次数已满，只计时长", "over the day's limit: hours count, points don't")
    case .monthlyCap:
      Words("当月随手报已满，只作记录", "over the month's limit of reports: it earns no points")
    case .overlap: Words("与同一时间的另一活动重叠", "at the same time as another activity")
    case .coverProposed: Words("欠分由工作失误造成", "a mistake of staff left this debt")
    case .witnessIsRecorder: Words("见证人不能是记录人", "the witness is the recorder")
    case .supplementNeedsApprover:
      Words("补录超过期限或时长", "supplemented too late, or for too long")
    case .awaitingHub: Words("等待街道决定", "waits for the street's decision")
    case .secondDecision:
      Words("街道对同一申请有两个不同决定，以先者为准", "decided twice and differently: the first holds")
    case .mergedAward:
      Words("合并档案后同一次服务有两份积分，只计一份", "the same service under two merged files: it counts once")
    case .residentLeft: Words("业务日期在居民离开之后", "dated after the resident left")
    case .twoHouseholds: Words("同一时间登记在两户", "a member of two households at once")
    case .personalData: Words("文字里有电话或证件号码", "a text holds a phone or ID number")
    case .priceDiffers: Words("单价与任何公布的价格不符", "the price is none that was ever announced")
    case .itemLimit: Words("超过每人限量", "more of an item than a person may take in the time")
    case .coinAgain:
      Words("同号的信用币再次收回，这一枚留下核查", "a coin with this number came back before: this one is kept")
    case .guardianConsent:
      Words("未满14岁，只有本人同意，没有监护人同意", "a child under 14 agreed, and no guardian did")
    case .underAge:
      Words("兑换或代领的人未到物品规定的年龄", "somebody took it who is younger than the item allows")
    case .voidTooLate: Words("已过作废期限", "too late to void it")
    case .returnOfVoided:
      Words("兑换已作废，退回不再计算", "the redemption was voided: the return does not count")
    case .returnAboveOriginal: Words("退回多于兑换数量", "more came back than was taken")
    case .reservationCollected: Words("预约已领取，取消无效", "it was collected: the release has no effect")
    case .offerLimit: Words("优惠使用超过每人次数", "the offer was used more often than allowed")
    case .offerExpired: Words("优惠已过期", "the offer had ended")
    case .witnessNeeded: Words("需要另一位人员见证", "another person must witness it")
    case .shortReceipt: Words("调拨少收，差额在途", "less arrived than was sent")
    case .notInTransit: Words("多于在途数量", "more than what is in transit")
    case .coinsMissing: Words("信用币库存为负", "more coins left the box than it held")
    case .coinsTwice: Words("同一次发放重复给了信用币", "coins were handed out twice for one award")
    case .wrongQuantity: Words("数量不合适", "the quantity does not fit")
    case .householdLimit:
      Words("超过每户每月限量", "more of an item than a household may take in a month")
    case .quarterLimit: Words("超过每人每季度兑换次数", "more redemptions than a person has in a quarter")
    case .closedDay: Words("当天不是兑换日", "no redemptions are made on that day")
    case .guardianNeeded:
      Words(
        "未成年人兑换，没有成人陪同", "somebody under age redeemed, and no adult collected")
    case .notOfHousehold:
      Words("兑换或代领的人不在这一户", "redeemed from the pool of another household")
    case .belowMinimum: Words("低于每次兑换最低分值", "costs less than a redemption must")
    case .coinsUnissued:
      Words("收回的信用币比发出的还多", "more coins came back than were ever handed out")
    case .furtherCover:
      Words("这个账户已有另一笔社区承担", "the community bore a loss of this account before")
    case .goodsUnbooked:
      Words(
        "物品已退回，但作废以另一次为准，未入账", "the goods came back, but another void counts: they are on no shelf")
    case .returnAboveHeld:
      Words("退还的额度多于所持有的", "more of a right was given back than the office held")
    case .limitOverridden:
      Words("经特批，不受代付上限限制", "given on trust by a named exception from the limits")
    }
  }

  /// What staff can do about it.
  package var advice: Words {
    switch self {
    case .unknownKind:
      Words("请升级程序，升级后自动处理", "install the newer version: it settles by itself then")
    case .waitingForOp:
      Words(
        "请同步；所依据的记录到达后自动处理。一直不到，说明那条记录已丢失: 请重新登记",
        "sync: it settles by itself once that record is here; if it never comes it is lost, record this anew"
      )
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
    case .beforeDeadline: Words("到期以后再清零", "end them after their deadline")
    case .lateForClosedMonth: Words("无需处理；报表会注明原日期", "nothing; the report shows its date")
    case .ownRecord: Words("请另一位审核人员处理", "let another approver do it")
    case .tooManyRounds: Words("请联系街道管理员", "call the street's administrator")
    case .debitWithoutStanding: Words("请与归属站核对", "settle it with the account's own office")
    case .notHome: Words("由现归属站办理转移", "let the present home give the account")
    case .recordedAgain:
      Words("请与当时的凭证核对", "check it against the receipt of that day")
    case .officeRevoked:
      Words(
        "请街道用 linli hub retire 注销该站点，账户由接替的站点办理",
        "let the hub retire that office (linli hub retire): another takes its place")
    case .otherBranch:
      Words(
        "请找到另一份数据的凭证，缺的补记；办完由未签字的审核人员处理本条",
        "look for the slips of the other copy, and record what is missing; then an approver who did not "
          + "sign takes it off")
    case .appointedInRollCall:
      Words(
        "请向街道核实这次任用，有误请街道结束任用；核实后由另一名审核人员处理本条",
        "ask the street whether it is right; if not, it ends it; then another approver takes it off"
      )
    case .adoptedLog:
      Words(
        "请核对本社区的人员、规则和近期决定是否如旧", "check that staff, rules, and late decisions are as they were")
    case .standIn: Words("归属站下次同步后处理", "the account's own office settles it after its sync")
    case .standInAtHome: Words("请向经办人核对这次兑换", "ask the recorder about this redemption")
    case .fork:
      Words(
        "核对后，把正确的值再记一次", "find out which is right, then record it once more")
    case .overdrawn:
      Words(
        "以后发放的积分会自动补上；流水见 linli show resident",
        "later awards repay it; linli show resident lists the ledger")
    case .stockNegative:
      Words(
        "请盘点货架，漏记的入库用 stock.receive 补记",
        "count the shelf; record goods that came in unrecorded with stock.receive")
    case .notOrganiser: Words("请联系主办社区", "ask the community that organises it")
    case .activityCancelled:
      Words("主办方审核: 通过、给安慰分或驳回", "the organiser approves, gives less, or rejects")
    case .activityEnded:
      Words(
        "核对活动实际情况；先到的那条错了，由审核员用 activity.reopen 撤销",
        "check what became of the activity; where the first one is wrong, an approver takes it back with activity.reopen"
      )
    case .approvedByRecorder: Words("请另一位审核人员处理", "let another approver decide")
    case .stepTooLate: Words("请核对；如需更改请冲正", "check it; reverse the award if it is wrong")
    case .valuesDiffer:
      Words(
        "请主办社区 5 天内补记自己的签到表，否则按低的计",
        "ask the organiser to record its own sheet within 5 days; else the lower one stays")
    case .fraudReversed:
      Words(
        "核实后记 account.freeze account=居民 reason=fraud，期限按规则自动填，须两人批准；并告知本人可以申诉",
        "if it is so, record account.freeze account=RESIDENT reason=fraud: the rules say until when, and two "
          + "approvers grant it; tell the person of the appeal")
    case .movedHere:
      Words(
        "核对档案，登记新的家庭；不是本社区居民的，用 linli office give 转回去",
        "check the file and set the household; give back with linli office give whoever does not live here"
      )
    case .backdated: Words("请审核人员看过证明后通过", "let an approver look at the evidence")
    case .dailyCap, .monthlyCap: Words("无需处理", "nothing")
    case .overlap: Words("请向两个主办方核实，属实则审核通过", "ask both organisers; approve it if both are true")
    case .coverProposed:
      Words("建议由社区承担(points.cover)", "let the community bear it: points.cover")
    case .witnessIsRecorder: Words("请换一位见证人重新补录", "record it again with another witness")
    case .supplementNeedsApprover: Words("请审核人员补录", "let an approver record it")
    case .awaitingHub: Words("街道决定后同步即可看到", "sync after the street has decided")
    case .secondDecision:
      Words(
        "请与街道管理员核对；核对后由站点审核人员处理本条",
        "check it with the street's administrator; then an office's approver takes it off")
    case .mergedAward:
      Words("无需处理；如确属两人请申请拆分", "nothing; ask to part the files if they are two persons")
    case .residentLeft: Words("请核对日期；有误请冲正后重记", "check the date; if it is wrong, record it again")
    case .twoHouseholds:
      Words(
        "请网格员核实住址，街道确认；街道已批准的一份有误或已搬家，重新登记并写 replaces",
        "let the grid worker check the address and the street confirm it; where the confirmed one is wrong, "
          + "or they moved, record it again with replaces")
    case .personalData: Words("请联系街道管理员", "call the street's administrator")
    case .late:
      Words(
        "决定如仍需要，请重新办理；如是扣减，请与居民核对",
        "decide it again if it is still wanted; if it is a debit, settle it with the resident")
    default: counterAdvice
    }
  }

  /// The same for what happens at the counter.
  private var counterAdvice: Words {
    switch self {
    case .priceDiffers: Words("请核对标价，有误请作废重记", "check the label; void it if it is wrong")
    case .itemLimit, .householdLimit, .quarterLimit, .offerLimit:
      Words("无需追回，请提醒居民", "take nothing back; tell the resident")
    case .voidTooLate: Words("请改办退回", "record a return instead")
    case .returnOfVoided: Words("无需处理，请告知经办人", "nothing; tell the cashier")
    case .returnAboveOriginal: Words("核对件数后重新记录", "count the pieces and record it again")
    case .reservationCollected: Words("无需处理", "nothing")
    case .offerExpired: Words("请与商户核对", "settle it with the merchant")
    case .witnessNeeded: Words("请由两人办理后重新记录", "record it again with a second person")
    case .shortReceipt: Words("双方核对差额后报损", "settle the difference with the other office")
    case .notInTransit: Words("请双方核对调拨数量", "compare the numbers with the other office")
    case .coinsMissing: Words("请清点信用币", "count the coins")
    case .coinsTwice: Words("从以后的发放中抵扣一次", "offset it with one of the next awards")
    case .wrongQuantity: Words("核对数量后重新记录", "check the quantity and record it again")
    case .closedDay: Words("请在兑换日办理；规则见 linli policy show", "see linli policy show for the days")
    case .guardianNeeded:
      Words(
        "请家长在 collector 中登记；年龄已变请先用 resident.update age_band 更新",
        "name the parent as the collector; who is older now needs resident.update age_band first")
    case .coinAgain:
      Words(
        "请与另一枚比对；是真币就不写 serials 再记一次收回，物品不追回",
        "compare the two; if this one is good, collect it again without serials; no goods are taken back"
      )
    case .guardianConsent:
      Words(
        "请监护人同意后再记: consent.set … given_by=guardian guardian=监护人编号；监护人须成年且已建档",
        "once the guardian agrees: consent.set … given_by=guardian guardian=ID, of a grown-up's file"
      )
    case .underAge:
      Words(
        "物品不追回，请告知家长；年龄已变请用 resident.update age_band 更新",
        "take nothing back; tell the parents; who is older now needs resident.update age_band")
    case .notOfHousehold:
      Words(
        "请核对户成员，漏记的用 household.set_member 补记",
        "check who lives there; household.set_member adds a member")
    case .belowMinimum:
      Words("请一次多换几件；规则见 linli policy show", "take more at once; see linli policy show")
    case .coinsUnissued:
      Words(
        "请各站清点信用币，漏记的发放用 coin.issue 补记",
        "count the coins at every office; record what was handed out with coin.issue")
    case .furtherCover:
      Words(
        "请核对是否同一笔欠分；若重复，与居民说明，不收回",
        "check that it was another debt; if not, note it: nothing is taken back")
    case .goodsUnbooked:
      Words("请盘点货架(stock.count)", "count the shelf: stock.count")
    case .returnAboveHeld:
      Words("多出部分无效，请与该站核对", "the excess has no effect; settle it with that office")
    case .limitOverridden:
      Words("请另一位审核人员过问", "let another approver look at it")
    case .awaitingOtherOffice:
      Words(
        "核对后由对方站点对同一调拨记同样件数的报损(stock.write_off)",
        "the other office looks, and writes as many pieces of the transfer off: stock.write_off")
    case .overdrawnAgain:
      Words(
        "请审核人员与本人友好沟通；不公开、不处罚",
        "let an approver talk to the person in a friendly way: nothing public, no sanction")
    case .overriddenAgain:
      Words("请审核人员了解原因，并安排培训", "let an approver ask why, and train the staff")
    default: preconditionFailure("\(rawValue) has advice of its own")
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
    "等记录的那台电脑同步后会自动补上；它换了新文件夹的，在旧文件夹再同步一次。街道已删除的资料不会再来",
    "they come once the PC that recorded them has synced, where it has a new folder, in the old one; what "
      + "the street erased does not come")
}

/// Two files here that are surely one person's: only who has the names can tell, so no fold says it.
package enum SamePerson {
  /// The reason on the desk of an office or the hub.
  package static let code = "same-person"
  /// What is the matter.
  package static let words = Words("此人像是建了两份档案", "this person seems to have two files")
  /// What is the matter where the name or the day of birth differs.
  package static let likely = Words(
    "可能是同一人，姓名或出生日期不同", "maybe one person: the name or the day of birth differs")
  /// What staff can do about it.
  package static let advice = Words(
    "请核对；是同一个人就用 resident.merge 申请合并，是两个人就用 resident.update 补上各人的出生日期",
    "look at both: ask to join them with resident.merge; of two people record each date of birth with "
      + "resident.update")
}
