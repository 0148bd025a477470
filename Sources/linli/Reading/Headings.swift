import Community

/// What the columns of lists are called in Chinese; in English they are called as in JSON.
enum Headings {
  /// Headings by column.
  static let chinese = [
    "id": "编号", "op": "编号", "kind": "种类", "chinese": "中文", "occurred_on": "日期",
    "outcome": "结果", "received_at": "街道收到", "hash": "校验", "bytes": "字节",
    "resident": "居民", "field": "项", "name": "名称", "value": "值", "home": "归属站",
    "balance": "余额", "earned": "累计", "spent": "已用", "uncovered": "未结代付",
    "registered_on": "建档日期", "title": "活动", "points": "积分", "held_on": "举办日期",
    "awards": "发放数", "value_fen": "价值(分)", "on_hand": "库存", "activity": "活动",
    "session": "场次", "role": "角色", "round": "轮次", "state": "状态", "others": "重复记录",
    "reversals": "冲正", "office": "站点", "basis": "依据", "entry": "事项", "received": "入库",
    "issued": "已兑", "subject": "对象", "reason": "事由", "detail": "明细", "community": "社区",
    "roles": "角色", "valid_from": "起", "valid_to": "止", "key": "规则", "meaning": "说明",
    "policy": "依据记录", "offices": "站点", "label": "名称", "ops": "记录",
    "last_received": "最近收到", "phone": "电话", "birth_date": "出生日期", "address": "地址",
    "note": "备注",
    "item": "物品", "minutes": "分钟", "quantity": "数量", "month": "月份", "left_on": "离开日期",
    "counted": "计入", "year": "年度", "until": "至", "away": "失联站点", "representative": "档案代表",
    "frozen_until": "暂停至", "written_off": "已报损", "vault": "站内", "used": "已用次数", "unit": "单元",
    "undone_by": "撤回记录", "transfer": "调拨", "from_office": "发出站", "to_office": "接收站",
    "steps": "步骤", "step": "步骤", "starts": "开始(分)", "ends": "结束(分)", "rule": "规则",
    "replaces": "替换", "reopenings": "重开", "redemption": "兑换", "purpose": "用途", "printed": "已印制",
    "pool": "家庭", "points_redeemed": "兑换积分", "points_granted": "发放积分", "per_person": "每人次数",
    "payer": "付款社区", "payee": "收款社区", "overlapping": "时间重叠", "over_month": "超出月上限",
    "over_day": "超出日上限", "out": "在外", "other": "另一居民", "number": "编号", "min_earned": "累计门槛",
    "method": "方式", "members": "成员", "loss": "损失记录", "live": "有效记录", "is_erased": "已删除",
    "in_transit": "在途", "household": "家庭", "headcount": "到场人数", "head": "户主", "grounds": "理由",
    "from_on": "起", "filed_on": "提出日期", "expires_on": "保留至", "enrolled_on": "注册日期",
    "effective_on": "生效日期", "due_on": "期限", "difference": "差数", "destroyed": "已销毁",
    "denomination": "面值", "decisions": "审批", "decision": "决定", "coins": "信用币", "closes": "结账",
    "cause": "原因", "building": "楼栋", "booked": "账面", "as_of": "截至", "against": "针对",
    "adjusted": "调整", "ended_on": "任用结束", "person": "本人首次编号",
    "date": "日期", "remark": "备注", "price": "单价", "move": "变动", "unit_cost_fen": "单价(分)",
    "receipt": "入库单", "people": "人数", "reasons": "事由", "activities": "活动场次",
    "attendances": "参与人次", "points_expired": "到期积分", "points_covered": "社区承担积分",
    "points_coined": "兑成信用币的积分", "redemptions": "兑换人次", "pieces": "兑换件数",
    "donations": "捐赠次数", "stock_on_hand": "库存结余", "on_desk": "待处理数", "corrected": "含更正",
    "ends_on": "到期日", "file": "档案",
    "keep": "保留档案", "drop": "并入档案", "evidence": "凭据", "merge": "原合并", "account": "账户",
    "freeze": "原暂停", "from": "转出", "to": "转入", "award": "发放", "after": "接续", "moves": "随人迁入社区",
    "held": "可用额度", "granted": "批准", "returned": "退还", "answer": "答复",
    "remedy": "补救", "line": "行", "piece_limit": "限件", "is_over": "超限", "counts": "计入",
    "donor": "捐赠方", "as": "经办人编号", "recorder": "经办人", "pay_with": "付币", "over": "多付",
    "age_band": "年龄段", "band": "年龄段", "strengths": "特长", "needs": "困难需求",
    "limit_per_person": "每人限量", "limit_period": "限量期",
    "min_age": "最低年龄", "guardian": "监护人", "counted_on": "上次盘点", "objections_until": "异议截止",
    "place": "地点", "capacity": "名额", "came": "签到人数",
    "award_rule": "计分方式", "large": "大型活动", "is_large": "大型活动",
  ]

  /// Lists in which a name is a person's.
  private static let people: Set<String> = [
    "residents", "staff", "person_files", "medals", "expiring", "requests", "notice",
  ]

  /// A column's heading in a language.
  ///
  /// - Parameters:
  ///   - column: The column, as in JSON.
  ///   - list: The view or report that it stands in.
  ///   - language: Whose words.
  /// - Returns: The heading; the column itself in English.
  static func text(_ column: String, of list: String = "", in language: Language) -> String {
    guard language == .chinese else { return column }
    if column == "on_hand", list == "items" { return "各站库存合计" }
    return column == "name" && people.contains(list) ? "姓名" : chinese[column] ?? column
  }
}
