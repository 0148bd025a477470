import Community
import Pages

/// What the words of a list's cells are for people: states, entries, choices, reasons.
///
/// In English they are the stable names that JSON has; `reason` keeps its code in both languages,
/// because `desk resolve` takes it.
enum CellWords {
  /// A cell as people read it.
  ///
  /// - Parameters:
  ///   - cell: The text that JSON has.
  ///   - column: Its column, or its field.
  ///   - list: The view or report that it stands in; some words mean more than one thing.
  ///   - language: Whose words.
  /// - Returns: The words; the cell itself where it holds none.
  static func text(
    _ cell: String, in column: String, of list: String = "", _ language: Language
  ) -> String {
    guard language == .chinese, !ownWords.contains(column) else { return cell }
    switch column {
    case "roles":
      return many(cell, by: ",") { name in Role.allCases.first { $0.name == name }?.words.chinese }
    case "reasons": return many(cell, by: " ") { DeskReason(rawValue: $0)?.words.chinese }
    case "remark" where list == "audit": return many(cell, by: " ") { chinese[$0] }
    default: break
    }
    if list == "audit", column == "kind", let kind = Catalogue.kind(named: cell) {
      return kind.words.chinese
    }
    return chineseIn[list]?[cell] ?? chinese[cell] ?? cell
  }

  /// Several words in one cell.
  private static func many(
    _ cell: String, by separator: Character, _ words: (String) -> String?
  ) -> String {
    cell.split(separator: separator).map { words(String($0)) ?? String($0) }.joined(separator: "、")
  }

  /// Columns that hold what people wrote, or what is typed again as it stands.
  private static let ownWords: Set<String> = [
    "name", "title", "value", "label", "building", "unit", "number", "grounds", "phone", "address",
    "note", "place", "strengths", "needs", "activity", "item", "community", "payer", "payee", "key",
    "chinese", "meaning",
  ]

  /// Words that mean something else in one list than elsewhere.
  private static let chineseIn: [String: [String: String]] = [
    "offices": ["open": "正常"],
    "months": ["open": "未结账", "closed": "已结账"],
    "month": ["open": "未结账", "closed": "已结账"],
    "ledger": ["void": "作废"],
    "redemption_steps": ["void": "作废"],
    "stock": ["received": "入库"],
    "resolutions": ["rejected": "不认可"],
  ]

  private static let chinese = [
    "posted": "有效", "pending": "待处理", "duplicate": "重复", "void": "无效", "invalid": "无效",
    "reversed": "已冲正", "rejected": "已驳回", "approved": "已批准", "refused": "已拒绝", "undone": "已撤销",
    "voided": "已作废", "returned": "已退回", "partly_returned": "部分退回", "published": "已发布",
    "open": "未完", "closed": "已结束", "cancelled": "已取消", "cancelled_with_attendance": "已取消(有签到)",
    "in": "已签到", "out": "已签退", "corrected": "已更正", "collected": "已领取", "released": "已取消",
    "expired": "已过期", "sent": "已发出", "received": "已收到", "short_received": "少收", "settled": "已结清",
    "given": "已同意", "withdrawn": "已撤回", "contested": "有争议", "filed": "已提出", "upheld": "成立",
    "revoked": "已停用", "home": "归属站", "grant": "额度", "stand_in": "代付",
    "waiting": "等待答复", "granted": "已批准",
    "award": "发放", "reversal": "冲正", "hours": "时长计分", "redemption": "兑换", "coins": "信用币",
    "cover": "社区承担", "gift": "转赠", "offer": "优惠", "offer_void": "优惠作废", "signature": "对方签字",
    "return": "退回", "expiry": "到期",
    "merged": "合并扣回", "donation": "捐赠", "purchase": "采购", "send": "调出", "accept": "调入",
    "count": "盘点", "write_off": "报损", "late": "补记", "yes": "是",
    "qr": "扫码", "list": "名单", "manual": "补登", "team": "队伍", "circle": "社团",
    "account": "积分账户", "board_name": "上榜实名", "photo": "照片", "school_share": "告知学校",
    "moved": "迁出", "died": "去世", "left": "退出", "year_end": "年末清零",
    "carry_one_year": "结转一年", "noted": "已阅", "accepted": "认可", "reopened": "重新打开",
    "borne_by_community": "社区承担", "volunteer": "志愿者", "leader": "带头人", "teacher": "授课人",
    "id_number": "身份证件", "phone_and_birth": "电话和出生日期", "in_person": "本人到场",
    "own_wish": "本人要求", "guardian_wish": "监护人要求", "retention_ended": "保存期满",
    "unlawful": "违规收集", "fraud": "造假", "dispute": "争议", "card_lost": "卡片遗失", "other": "其他",
    "cleared": "已查清", "appeal_upheld": "异议成立", "mistake": "误办", "staff_error": "工作失误",
    "not_attended": "未到场", "ok": "可导入", "new": "新", "already": "导入过", "wrong": "有误",
    "doubtful": "待核对", "transit_loss": "途中损失", "shelf_move": "货架移交",
    "child": "未满14岁", "minor": "14至17岁", "adult": "成年", "senior": "老年",
    "recorded": "已记录", "unattended": "没有签到", "running": "进行中", "fixed": "按次",
    "per_hour": "每小时一分", "per_four_hours": "每四小时一分", "tier": "按全年时长",
  ]
}
