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
    case .minutesNeeded: Words("按时长计分，还没有填分钟数", "points go by time, and no minutes are given")
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
    case .minutesNeeded: Words("请填写分钟数，或先签退", "give the minutes, or check the person out")
    }
  }

  private static func wouldNotCount(_ why: Words) -> Words {
    Words("不会入账: \(why.chinese)", "it would not count: \(why.english)")
  }
}
