import Community

extension SpendingPromise {
  /// What a counter tells a person, and no more than it can keep; why nothing can be redeemed, and what
  /// to do.
  package var words: Words {
    if let bar { return Self.barred(bar.barringWords, bar.barringAdvice) }
    let adult =
      needsAdult
      ? Words("，须由成人陪同、写明 collector", "; somebody grown up collects: name the collector")
      : Words("", "")
    let sum =
      switch (guaranteed, onTrust) {
      case (0, let trust): Words("可先兑后补 \(trust) 分", "up to \(trust) points on trust")
      case (let sure, 0): Words("本机保证可兑 \(sure) 分", "\(sure) points guaranteed here")
      case (let sure, let trust):
        Words(
          "本机保证可兑 \(sure) 分；之后另兑一次，可先兑后补 \(trust) 分",
          "\(sure) points guaranteed here; after that, in another redemption, up to \(trust) on trust"
        )
      }
    return Words(sum.chinese + adult.chinese, sum.english + adult.english)
  }

  /// What it tells where nothing can be redeemed.
  package static func barred(_ why: Words, _ advice: Words) -> Words {
    Words(
      "现在不能兑: \(why.chinese)；\(advice.chinese)",
      "nothing can be redeemed here now: \(why.english); \(advice.english)")
  }
}

extension Refusal {
  /// Why nothing is promised, before anybody has said how much is wanted.
  fileprivate var barringWords: Words {
    switch self {
    case .notEnoughPoints: Words("账户里没有可用的积分", "the account has no points left")
    case .grantedElsewhere(let balance, _, _):
      Words("这 \(balance) 分都已批准在其他站使用", "all \(balance) points are granted to other offices")
    case .visitLimit: Words("本站不代付", "this office gives nothing on trust")
    case .coinsNeeded: Words("本社区只收信用币", "only coins are taken here")
    case .minorLimit(let limit):
      Words("未成年人每天限 \(limit) 分，今天已用完", "a minor's \(limit) points of today are spent")
    case .wouldNotCount(_, [.belowMinimum]):
      Words("可用的积分低于每次兑换最低分值", "fewer points are left than a redemption must cost")
    case .wouldNotCount(_, [.debitWithoutStanding]):
      Words("账户转走后又转回，本站还没有接回", "the account came back here, and was not taken back yet")
    case .wouldNotCount(_, let reasons): reasons.first?.words ?? words
    default: words
    }
  }

  /// What to do then.
  fileprivate var barringAdvice: Words {
    switch self {
    case .notEnoughPoints:
      Words("先同步；有了新的积分再来", "sync first; come again with new points")
    case .grantedElsewhere:
      Words(
        "到他站兑换，或由他站退回: linli office rights return；linli show rights 可查是哪个站",
        "redeem there, or let that office give them back with linli office rights return; "
          + "linli show rights lists who holds what")
    case .visitLimit:
      Words(
        "先申请额度: linli office rights ask，或到归属站兑换",
        "ask its home for a right with linli office rights ask, or redeem at the home")
    case .minorLimit, .quarterLimit: Words("请下次再来", "come again later")
    case .wouldNotCount(_, [.belowMinimum]):
      Words("积分够了再来，或用信用币补足", "come again with more points, or add coins")
    case .wouldNotCount(_, [.debitWithoutStanding]):
      Words(
        "请审核人员接回: linli office give --to 写本站编号",
        "let an approver take it back: linli office give, with this office's number behind --to")
    default: advice
    }
  }
}
