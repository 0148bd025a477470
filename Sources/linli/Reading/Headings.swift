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
    "note": "备注", "date": "日期", "remark": "备注", "item": "物品", "quantity": "件数",
    "price": "单价", "move": "变动", "unit_cost_fen": "单价(分)", "receipt": "入库单",
    "redemption": "兑换单", "people": "人数", "payer": "付方", "payee": "收方", "month": "月份",
    "reasons": "事由", "activities": "活动场次", "attendances": "参与人次",
    "points_granted": "发放积分", "points_redeemed": "回收积分", "points_expired": "到期积分",
    "points_covered": "社区承担积分", "points_coined": "换成信用币积分", "minutes": "志愿时长(分钟)",
    "redemptions": "兑换人次", "pieces": "兑换件数", "donations": "捐赠次数",
    "stock_on_hand": "库存结余", "on_desk": "待处理数", "corrected": "含更正",
    "building": "楼栋", "ends_on": "到期日",
  ]

  /// A column's heading in a language.
  static func text(_ column: String, in language: Language) -> String {
    language == .chinese ? chinese[column] ?? column : column
  }
}
