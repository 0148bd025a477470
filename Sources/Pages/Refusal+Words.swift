import Community

extension Refusal {
  /// Why nothing was recorded.
  package var words: Words {
    switch self {
    case .wouldNotCount(let outcome, let reasons):
      Self.wouldNotCount(reasons.first?.words ?? outcome.words)
    case .notEnoughPoints(let balance, let needed):
      Words("积分不够: 有 \(balance) 分，需要 \(needed) 分", "not enough points: \(balance) of \(needed)")
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
    case .grantNotSupported: Words("本版本还不能使用授权额度", "this version cannot use grants yet")
    case .onlyHub: Words("只有街道可以记录", "only the street records this")
    case .claimAbovePublished(let points):
      Words("高于公布的 \(points) 分", "more than the \(points) points that were published")
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
    }
  }

  /// What staff can do now.
  package var advice: Words {
    switch self {
    case .wouldNotCount(_, let reasons):
      reasons.first?.advice ?? Words("请核对后重新记录", "check it and record it again")
    case .notEnoughPoints: Words("请减少兑换", "take less")
    case .visitLimit: Words("请减少兑换，或到归属站兑换", "take less, or redeem at the account's own office")
    case .personLimit, .officeLimit:
      Words("请到归属站兑换，或先同步", "redeem at the account's own office, or sync first")
    case .notEnoughStock: Words("请减少数量，或先记录入库", "take less, or record what came in first")
    case .priceDiffers: Words("请按标价兑换", "take the price of the list")
    case .grantNotSupported: Words("请改用 home 或 stand_in", "use home or stand_in")
    case .onlyHub: Words("请在街道的电脑上操作", "do it at the hub")
    case .claimAbovePublished: Words("请按公布的积分发放", "grant what was published")
    case .accountFrozen: Words("请审核人员核实，可申请恢复", "ask an approver; a freeze can be ended")
    case .residentLeft: Words("请联系家属或街道管理员", "call the family or the street's administrator")
    case .residentErased: Words("不能再登记此人的资料", "no data of this person may be kept again")
    case .personalData: Words("请删去号码；电话写在电话栏", "leave the number out; a phone has its own field")
    case .appointmentEnded: Words("请由现任人员记录", "let somebody record it who is appointed")
    }
  }

  private static func wouldNotCount(_ why: Words) -> Words {
    Words("不会入账: \(why.chinese)", "it would not count: \(why.english)")
  }
}
