import Community
import Pages
import Store

/// What the rules and roles of an explanation are called.
enum ExplainWords {
  /// What an op is to a value, by its role: a column of the tables, or a role of its own.
  static let roles: [String: Words] = [
    "record": Words("记录", "the record"), "op": Words("依据", "made by"),
    "id": Words("依据", "made by"), "shown": Words("显示", "shown"),
    "live": Words("并存，未显示", "stands beside it, not shown"),
    "replaced": Words("已被取代", "replaced"), "named_by": Words("被引用", "named by"),
    "others": Words("未计入", "does not count"), "reversals": Words("冲正", "taken back by"),
    "decisions": Words("审核", "decided by"), "lost": Words("未生效的审核", "without effect"),
    "steps": Words("后续步骤", "step"), "leaves": Words("退出", "left by"),
    "replaces": Words("取代了", "replaces"), "closes": Words("月结", "closed by"),
    "reopenings": Words("重开", "opened again by"), "undoing": Words("撤销申请", "asked to undo"),
    "over_day": Words("超过每日上限", "over the limit of its day"),
    "over_month": Words("超过每月上限", "over the limit of its month"),
    "overlapping": Words("时间重叠", "at the time of another"),
    "decision": Words("决定", "decided by"), "remedy": Words("补救", "put right by"),
    "ended_by": Words("终止", "ended by"), "undone_by": Words("撤销", "undone by"),
    "erased_by": Words("删除", "erased by"), "counted": Words("计入的一条", "the one that counts"),
    "against": Words("异议对象", "objects to"), "reversal": Words("冲正", "taken back by"),
  ]
}

extension ExplainRule {
  /// The rule, as a sentence.
  var words: Words {
    switch self {
    case .onlyValue: Words("没有人记录过别的值", "nobody recorded another value")
    case .replaced: Words("后一条记录写明取代前一条", "each later record names the one that it replaces")
    case .laterTime:
      Words(
        "几条记录互不取代: 先显示时间较晚的(本机时钟与街道收到时间取较早者)，等人核对",
        "neither record names the other: the one with the later time is shown (the earlier of clock "
          + "and receipt) until a person decides")
    case .largerID:
      Words(
        "几条记录互不取代，时间相同: 先显示编号较大的，等人核对",
        "neither record names the other and the times are equal: the larger id is shown until a "
          + "person decides")
    case .organiser: Words("以主办社区的记录为准", "the organiser's record counts")
    case .lowerValue: Words("都不是主办社区的记录: 以较低的为准", "none is the organiser's: the lower value counts")
    case .lowerID: Words("内容相同: 以编号较小的为准", "they are alike: the lower id counts")
    case .lastFreeze:
      Words(
        "街道批准且未恢复的暂停中，以最晚的日期为准",
        "of the freezes that the street granted and nobody ended the last day holds")
    case .firstDeparture:
      Words("未撤销的登记中，以最早的日期为准", "of the departures that nobody took back the earliest day holds")
    case .lowestFile:
      Words("同一人的档案以编号最小的为代表", "files of one person go by the one with the lowest id")
    }
  }
}
