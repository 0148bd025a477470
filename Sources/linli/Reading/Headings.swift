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
    "counted": "计入", "year": "年度", "until": "至", "representative": "档案代表",
    "frozen_until": "暂停至", "written_off": "已报损", "vault": "站内", "used": "已用次数", "unit": "单元",
    "undone_by": "撤回记录", "transfer": "调拨", "from_office": "发出站", "to_office": "接收站",
    "steps": "步骤", "step": "步骤", "starts": "开始(分)", "ends": "结束(分)", "rule": "规则",
    "replaces": "替换", "reopenings": "重开", "redemption": "兑换", "purpose": "用途", "printed": "已印制",
    "pool": "家庭", "points_redeemed": "兑换积分", "points_granted": "发放积分", "per_person": "每人次数",
    "payer": "付款社区", "payee": "收款社区", "overlapping": "时间重叠", "over_month": "超出月上限",
    "over_day": "超出日上限", "out": "在外", "other": "另一居民", "number": "编号", "min_earned": "累计门槛",
    "method": "方式", "members": "成员", "loss": "损失记录", "live": "有效记录", "is_erased": "已删除",
    "in_transit": "在途", "household": "家庭", "headcount": "名额", "head": "户主", "grounds": "理由",
    "from_on": "起", "filed_on": "提出日期", "expires_on": "保留至", "enrolled_on": "注册日期",
    "effective_on": "生效日期", "due_on": "期限", "difference": "差数", "destroyed": "已销毁",
    "denomination": "面值", "decisions": "审批", "decision": "决定", "coins": "积分币", "closes": "结账",
    "cause": "原因", "building": "楼栋", "booked": "账面", "as_of": "截至", "against": "针对",
    "adjusted": "调整", "ended_on": "任用结束",
    "date": "日期", "remark": "备注", "price": "单价", "move": "变动", "unit_cost_fen": "单价(分)",
    "receipt": "入库单", "people": "人数", "reasons": "事由", "activities": "活动场次",
    "attendances": "参与人次", "points_expired": "到期积分", "points_covered": "社区承担积分",
    "points_coined": "换成信用币积分", "redemptions": "兑换人次", "pieces": "兑换件数",
    "donations": "捐赠次数", "stock_on_hand": "库存结余", "on_desk": "待处理数", "corrected": "含更正",
    "ends_on": "到期日",
    "remedy": "补救", "line": "行", "piece_limit": "限件", "is_over": "超限", "counts": "计入",
  ]

  /// Columns that hold what people wrote, which is never translated.
  static let ownWords: Set<String> = [
    "name", "title", "value", "label", "building", "unit", "number", "grounds", "phone", "address",
    "note",
  ]

  /// What the words of a list's cells are in Chinese: states, entries, and choices.
  static let chineseValues = [
    "posted": "有效", "pending": "待处理", "duplicate": "重复", "void": "无效", "invalid": "无效",
    "reversed": "已冲正", "rejected": "已驳回", "approved": "已批准", "refused": "已拒绝", "undone": "已撤销",
    "voided": "已作废", "returned": "已退回", "partly_returned": "部分退回", "published": "已发布",
    "open": "未完", "closed": "已结束", "cancelled": "已取消", "cancelled_with_attendance": "已取消(有签到)",
    "in": "已签到", "out": "已签退", "corrected": "已更正", "collected": "已领取", "released": "已取消",
    "expired": "已过期", "sent": "已发出", "received": "已收到", "short_received": "少收", "settled": "已结清",
    "given": "已同意", "withdrawn": "已撤回", "contested": "有争议", "filed": "已提出", "upheld": "成立",
    "home": "归属站", "grant": "授权", "stand_in": "代付",
    "award": "发放", "redemption": "兑换", "coins": "积分币", "cover": "补偿", "gift": "转赠",
    "offer": "优惠", "return": "退回", "move": "调拨", "write_off": "报损",
    "qr": "扫码", "list": "名单", "manual": "补登", "team": "队伍", "circle": "社团",
    "board_name": "上榜实名", "photo": "照片", "school_share": "告知学校",
    "moved": "迁出", "died": "去世", "left": "退出", "year_end": "年末清零",
    "carry_one_year": "结转一年", "noted": "已阅", "accepted": "认可", "reopened": "重新打开",
    "borne_by_community": "社区承担", "volunteer": "志愿者", "leader": "带头人", "teacher": "授课人",
  ]

  /// A column's heading in a language.
  static func text(_ column: String, in language: Language) -> String {
    language == .chinese ? chinese[column] ?? column : column
  }
}
