import Community

extension Refusal {
  /// Why nothing was recorded.
  package var words: Words {
    switch self {
    case .wouldNotCount(let outcome, let reasons):
      Self.wouldNotCount(reasons.first?.words ?? outcome.words)
    case .accountNotFirm(let op):
      Words("新版本的记录 \(op) 涉及这个账户", "record \(op) of a newer version names this account")
    case .notEnoughPoints(let balance, let needed):
      Words("积分不够: 有 \(balance) 分，需要 \(needed) 分", "not enough points: \(balance) of \(needed)")
    case .rightFirst(let balance, let held, let needed):
      Words(
        "账户有 \(balance) 分，其中 \(held) 分是本站已有的额度，代付 \(needed) 分就超出了",
        "the account has \(balance) points, and this office holds the right to \(held) of them: "
          + "\(needed) on trust are too many")
    case .visitLimit(let limit):
      Words("超过代付每次上限 \(limit) 分", "more than \(limit) points on trust in one visit")
    case .personLimit(let limit, let uncovered):
      Words(
        "超过代付每人上限 \(limit) 分，未结 \(uncovered) 分",
        "more than \(limit) points on trust for one person, \(uncovered) of them open")
    case .officeLimit(let limit, let uncovered):
      Words(
        "超过本站代付上限 \(limit) 分，未结 \(uncovered) 分",
        "more than \(limit) points on trust at this office, \(uncovered) of them open")
    case .notEnoughStock(let item, let onHand):
      Words("库存不够: \(item) 只有 \(onHand) 件", "not enough on the shelf: \(onHand) of \(item)")
    case .priceDiffers(let item, let points):
      Words("单价不对: \(item) 是 \(points) 分", "the price is wrong: \(item) costs \(points) points")
    case .onlyHub: Words("只有街道可以记录", "only the street records this")
    case .byProgram: Words("由程序自动记录", "the program records this by itself")
    case .claimAbovePublished(let points):
      Words("高于公布的 \(points) 分", "more than the \(points) points that were published")
    case .minutesNeeded: Words("按时长计分，还没有填分钟数", "points go by time, and no minutes are given")
    case .accountFrozen(let until):
      Words("该账户暂停兑换至 \(until)", "the account is frozen until \(until)")
    case .residentLeft(let day):
      Words("该居民已于 \(day) 离开", "the resident left on \(day)")
    case .residentErased:
      Words("该居民的个人信息已按要求删除", "the resident's personal data was erased on request")
    case .personalData(let field):
      Words("\(field) 里有电话或证件号码", "\(field) holds a phone or ID number")
    case .appointmentEnded(let day):
      Words("经办人的任用已于 \(day) 结束", "the recorder's appointment ended on \(day)")
    default: counterWords
    }
  }

  /// The same for what the counter's own rules refuse.
  private var counterWords: Words {
    switch self {
    case .reserved(let item, let kept):
      Words("已预约: \(item) 为他人留了 \(kept) 件", "kept for others: \(kept) of \(item)")
    case .itemLimit(let item, let limit, let period):
      Words(
        "现在不能换: \(item) 每人每\(period.words.chinese)限 \(limit) 件",
        "not now: at most \(limit) of \(item) per person and \(period.words.english)")
    case .householdLimit(let item, let limit):
      Words("\(item) 每户每月限 \(limit) 件", "at most \(limit) of \(item) per household and month")
    case .quarterLimit(let limit):
      Words("每人每季度限兑换 \(limit) 次", "at most \(limit) redemptions per person and quarter")
    case .minorLimit(let limit):
      Words("未成年人每天限 \(limit) 分", "at most \(limit) points a day for a minor")
    case .offlineTooLong(let days, let limit):
      Words(
        "业务日期在最近一次同步的 \(days) 天以后，超过 \(limit) 天不能代付",
        "the date is \(days) days after the last sync, and trust ends after \(limit)")
    case .otherReservation(let reservation):
      Words(
        "预约 \(reservation) 不是该居民在本站预约的这种物品，或已领取",
        "\(reservation) is not this resident's reservation of these goods here, or was collected before"
      )
    case .coinsNeeded(let points):
      Words("本社区只收信用币，还差 \(points) 分", "only coins are taken here: \(points) points are missing")
    case .otherCommunity: Words("本社区只为本社区居民兑换", "only this community's residents redeem here")
    case .poolsAreOff: Words("本社区没有开通家庭共享", "households share no points here")
    case .grantedElsewhere(let balance, let granted, let needed):
      Words(
        "积分不够: 有 \(balance) 分，其中 \(granted) 分已批准在其他站使用，需要 \(needed) 分",
        "not enough points: of \(balance), \(granted) are granted to other offices; \(needed) needed"
      )
    case .notEnoughRights(let held, let needed):
      Words(
        "额度不够: 本站还有 \(held) 分，需要 \(needed) 分",
        "not enough was granted to this office: \(held) of \(needed) points are left")
    case .isHome: Words("本站就是该账户的归属站", "this office is the account's own")
    case .askedAlready(let request, let points):
      Words(
        "今天已为该账户申请 \(points) 分(\(request))，归属站还没有答复",
        "\(points) points of this account were asked for today (\(request)), and not answered yet")
    case .alreadyReturned: Words("已有退回，不能作废", "pieces came back already: it cannot be voided")
    case .notPayableInCoins(let points):
      Words("信用币付不出 \(points) 分", "no coins make \(points) points")
    case .notEnoughCoins(let denomination, let vault):
      Words("\(denomination) 分币只有 \(vault) 枚", "only \(vault) coins of \(denomination)")
    case .ageBandNeeded(let resident, _, let day):
      Words(
        "\(resident) 按出生日期在 \(day) 未成年，但没有登记年龄段",
        "\(resident) is under age on \(day) by the birth date, and no age band says so")
    case .tooManyCoins(let points, let enough):
      Words(
        "付多了，不找零: \(points) 分收 \(Self.text(enough)) 即可",
        "more coins than \(points) points take, and no change is given: \(Self.text(enough)) do")
    case .paidInCoins(let award):
      Words("\(award) 已经发过信用币", "\(award) was paid in coins before")
    case .bookedDiffers(let item, let booked):
      Words("账面不符: \(item) 当时账面 \(booked) 件", "the books said \(booked) of \(item) there")
    case .offerLimit(let limit): Words("每人限用 \(limit) 次", "at most \(limit) times per person")
    case .earnedTooLittle(let least):
      Words("累计积分不到 \(least) 分", "earned less than \(least) points so far")
    case .coverTooLarge(let limit):
      Words("社区最多承担 \(limit) 分", "the community can bear at most \(limit) points of it")
    case .coverNeeded(let loss):
      Words("还没有记录社区承担 \(loss)", "no cover of \(loss) counts: nobody bears it yet")
    default: mendedWords
    }
  }

  /// The same for what is refused until something else is put right.
  private var mendedWords: Words {
    switch self {
    case .pointsInOtherFile(let balance, let needed, let file, let holds):
      Words(
        "积分不够: 这份档案有 \(balance) 分，需要 \(needed) 分；同一人的档案 \(file) 另有 \(holds) 分",
        "not enough points: \(balance) of \(needed); another file of this person, \(file), has \(holds)"
      )
    case .aboveCap(let limit, let excess):
      Words(
        "余额超过上限 \(limit) 分，超出 \(excess) 分只能转赠",
        "\(excess) points above the \(limit) that an account may hold: these can only be given away"
      )
    case .coinsNotPrinted(let denomination, let printed):
      Words(
        "本街道一共只印了 \(printed) 枚 \(denomination) 分币",
        "the street has printed only \(printed) coins of \(denomination)")
    case .paidAlready: Words("这笔兑换已经付清", "this redemption is paid already")
    case .notOnDesk: Words("待处理中没有这一项，或已处理", "the desk has no such entry, or it was resolved")
    case .dateAhead(let today):
      Words("业务日期晚于明天(本机今天是 \(today))", "the business date is after tomorrow: today is \(today)")
    case .keptUntilPast(let day):
      Words("预约到期日 \(day) 已经过去", "the goods would be kept until \(day), which is over")
    case .endsBeforeStart: Words("结束时间早于开始时间", "it would end before it starts")
    case .frozenUntilPast(let day):
      Words("暂停截止日 \(day) 已经过去", "the freeze would end on \(day), which is over")
    case .appealTooLate(let until):
      Words("异议期限 \(until) 已过", "it could be appealed until \(until)")
    case .otherCommunityOffice:
      Words("只能转到本站所属社区的站点", "that office is not of the community that gives the account")
    case .sameCommunityOffice:
      Words("该站点就在本社区，不算搬到别的社区", "that office is of this community: nobody moves to another")
    case .officeGone: Words("该站点已停用或注销", "that office was revoked, or is retired")
    default: preconditionFailure("\(code) has words of its own")
    }
  }

  /// What staff can do now.
  package var advice: Words {
    switch self {
    case .wouldNotCount(.duplicate, []):
      Words("已有同样的记录，无需再记", "it is recorded already: nothing to do")
    case .wouldNotCount(_, [.debitWithoutStanding]):
      Words(
        "请与归属站核对；账户是转回本站的，请审核人员接回: linli office give --to 写本站编号",
        "settle it with the account's own office; one that came back here an approver takes back: linli "
          + "office give, with this office's number behind --to")
    case .wouldNotCount(_, let reasons):
      reasons.first?.advice ?? Words("请核对后重新记录", "check it and record it again")
    case .accountNotFirm: Words("请先升级本机程序", "upgrade the program on this PC first")
    case .notEnoughPoints: Words("请减少兑换", "take less")
    case .rightFirst:
      Words(
        "先用额度单独兑一次，或退回额度再兑: linli office rights return",
        "spend that right in a redemption of its own first, or give it back: linli office rights return"
      )
    case .visitLimit:
      Words(
        "请减少兑换，或到归属站兑换；必须给的，请另一位工作人员特批: limit_override=那人的编号",
        "take less, or redeem at the account's own office; if it must be, another member of staff has to allow it: limit_override=STAFF"
      )
    case .personLimit, .officeLimit:
      Words(
        "请到归属站兑换，或先同步；必须给的，请另一位工作人员特批: limit_override=那人的编号",
        "redeem at the account's own office, or sync first; if it must be, another member of staff has to allow it: limit_override=STAFF"
      )
    case .notEnoughStock: Words("请减少数量，或先记录入库", "take less, or record what came in first")
    case .priceDiffers: Words("请按标价兑换", "take the price of the list")
    case .onlyHub: Words("请在街道的电脑上操作", "do it at the hub")
    case .byProgram: Words("同步一次即可", "sync once")
    case .claimAbovePublished: Words("请按公布的积分发放", "grant what was published")
    case .minutesNeeded: Words("请填写分钟数，或先签退", "give the minutes, or check the person out")
    case .accountFrozen: Words("请审核人员核实，可申请恢复", "ask an approver; a freeze can be ended")
    case .residentLeft: Words("请联系家属或街道管理员", "call the family or the street's administrator")
    case .residentErased: Words("不能再登记此人的资料", "no data of this person may be kept again")
    case .personalData: Words("请删去号码；电话写在电话栏", "leave the number out; a phone has its own field")
    case .appointmentEnded: Words("请由现任人员记录", "let somebody record it who is appointed")
    default: counterAdvice
    }
  }

  /// The same for what the counter's own rules refuse.
  private var counterAdvice: Words {
    switch self {
    case .reserved: Words("请减少数量，或注明预约编号", "take less, or name the reservation")
    case .itemLimit(_, _, let period):
      Words(
        "请减少件数，或下个\(period.words.chinese)再来；看全街道已同步的记录",
        "take fewer, or come again next \(period.words.english); what other offices synced counts too"
      )
    case .householdLimit, .quarterLimit, .minorLimit, .offerLimit:
      Words("请下次再来", "come again later")
    case .offlineTooLong:
      Words("请先同步；今天同步过，就核对 --on 的日期", "sync first; after a sync today check the date of --on")
    case .otherReservation:
      Words(
        "见 linli show reservations；不写 reservation 就是普通兑换",
        "see linli show reservations; without reservation= it is an ordinary redemption")
    case .coinsNeeded: Words("请收信用币，写上 coins=", "take coins, and name them with coins=")
    case .otherCommunity: Words("请到本人所在社区兑换", "redeem in the resident's own community")
    case .poolsAreOff: Words("请用本人账户兑换", "use the person's own account")
    case .grantedElsewhere:
      Words(
        "请减少兑换；他站未用的额度次日同步后退回，要提前退就在他站运行 linli office rights return；linli show rights 可查是哪个站",
        "take less; what other offices do not use comes back with their sync on the next day, or at once "
          + "with linli office rights return there; linli show rights lists who holds what")
    case .notEnoughRights:
      Words(
        "请减少兑换，或用 linli office rights ask 再申请",
        "take less, or ask for more: linli office rights ask")
    case .isHome: Words("直接兑换即可，无需申请额度", "redeem at once: no right is needed here")
    case .askedAlready:
      Words(
        "请等答复；要改分数，先撤回: linli office rights withdraw --resident 编号",
        "wait for the answer; to ask for another number, withdraw it first: "
          + "linli office rights withdraw --resident ID")
    case .alreadyReturned: Words("请继续办理退回", "return the rest instead")
    case .notPayableInCoins: Words("请定 2 分或更高", "set 2 points or more")
    case .notEnoughCoins: Words("请换一种面值，或先记录印制", "use another coin, or record what was printed")
    case .ageBandNeeded(let resident, let band, let day):
      Self.saying("resident.update resident=\(resident) age_band=\(band.name) --on \(day)")
    case .tooManyCoins: Words("把多的币还给居民，再记录", "hand the others back, and record it again")
    case .paidInCoins: Words("请核对签到表", "check the sign-in sheet")
    case .bookedDiffers: Words("请按账面数重记", "record it with that number")
    case .coverNeeded(let loss):
      Words(
        "先记录 points.cover loss=\(loss)", "record points.cover with loss=\(loss) first")
    case .coverTooLarge: Words("只承担仍欠的分", "let it bear what is still owed, and no more")
    case .otherCommunityOffice:
      Words(
        "请选与本站同一社区的站点；居民搬到了那个社区的，加上 moves=true(office give 用 --moves)",
        "name an office of this community; with moves=true (office give: --moves) for who moved to that one"
      )
    case .sameCommunityOffice:
      Words(
        "去掉 moves(--moves)，或者写别的社区的站点",
        "leave moves (--moves) out, or name an office of the other community")
    case .officeGone: Words("请选本社区在用的站点", "name an office of this community that is in use")
    case .earnedTooLittle: Words("再参加一些活动即可使用", "it can be used after more activities")
    case .pointsInOtherFile:
      Words(
        "请用那份档案兑换，或在其归属站用 points.transfer 转入",
        "redeem with that file, or move the points at its own office with points.transfer")
    case .aboveCap:
      Words(
        "请先用 points.transfer 转赠超出部分，可转入家庭共享",
        "give the excess away first with points.transfer, for instance to the household")
    case .coinsNotPrinted: Words("请清点信用币，或先记录印制", "count the coins, or record what was printed")
    case .paidAlready:
      Words("多收的信用币可记作存入: 只填居民", "to pay the coins in, name the resident instead")
    case .notOnDesk: Words("请用 desk list 核对原因和行号", "look at desk list for its reason and its line")
    case .dateAhead: Words("请核对 --on 的日期和本机时钟", "check the date of --on, and this PC's clock")
    case .keptUntilPast, .frozenUntilPast: Words("请填写今天或以后的日期", "give a day from today on")
    case .endsBeforeStart: Words("请核对开始和结束时间", "check when it starts and ends")
    case .appealTooLate:
      Words(
        "请本人联系街道；处理有误可由审核人员申请恢复: account.unfreeze",
        "let the person call the street; an approver may ask to end a wrong freeze: account.unfreeze"
      )
    default: preconditionFailure("\(code) has advice of its own")
    }
  }

  /// What to record before this.
  private static func saying(_ record: String) -> Words {
    Words("先记录 \(record)", "record \(record) first")
  }

  /// Coins as they are counted out: `2×3 3×1`.
  private static func text(_ coins: [CoinCount]) -> String {
    coins.map { "\($0.denomination)×\($0.count)" }.joined(separator: " ")
  }

  private static func wouldNotCount(_ why: Words) -> Words {
    Words("不会入账: \(why.chinese)", "it would not count: \(why.english)")
  }
}
