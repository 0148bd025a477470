/// What the tables and columns of an explanation are called in Chinese.
enum ExplainHeadings {
  /// A table's or column's name for people.
  static func text(_ name: String) -> String {
    Headings.chinese[name] ?? columns[name] ?? tables[name] ?? name
  }

  private static let tables = [
    "appeal": "异议", "attendance": "签到", "award_claim": "发放申报", "award_error": "发放有误",
    "award_month": "月度发放", "coin_award": "信用币发放", "coin_box": "信用币", "coin_move": "信用币进出",
    "coin_points": "信用币积分", "coin_serial": "信用币号码", "coin_total": "信用币总数", "consent": "知情同意",
    "cover": "社区承担",
    "cover_proposal": "待社区承担", "custody": "归属站变动", "custody_give": "账户转站", "departure": "离开",
    "expiry": "到期清零", "expiry_office": "断线站点的年度到期", "expiry_year": "年度到期", "further_cover": "再次承担",
    "granted_right": "批准的额度",
    "guarded_sale": "监护人规则下的兑换",
    "held_right": "持有的额度", "household_claim": "按户计的兑换", "household_member": "家庭成员",
    "household_month": "每户每月", "household_take": "每户已兑", "hub_request": "向街道的申请",
    "item_price": "调价", "kept_coin": "留下核查的信用币", "item_take": "按物品限量的兑换", "kept_goods": "预留物品",
    "lost_award": "未计入的发放",
    "merged_award": "合并后的重复发放", "offer": "优惠", "offer_use": "优惠使用", "offer_void": "优惠作废",
    "office_budget": "代付限额",
    "open_request": "未答复的申请", "other_price": "不同价格", "period": "月结", "period_basis": "月结依据",
    "pin_reset": "口令重设", "points_transfer": "转赠", "pool_sale": "家庭兑换", "quarter_take": "季度兑换",
    "redemption_line": "兑换明细", "redemption_step": "兑换步骤", "replica": "站点", "reservation": "预约",
    "residence": "所在社区",
    "resident_request": "居民申请", "resident_take": "每人已兑", "resolution": "处理", "retirement": "注销",
    "returned_line": "退回明细", "right_use": "额度使用", "rights_request": "额度申请",
    "settlement": "社区间结算", "shelf_item": "库存", "shelf_move": "库存移交", "staff": "人员",
    "staff_end": "任用结束", "stand_in_cover": "归属站接收代付", "stand_in_debt": "代付欠分", "stock_count": "盘点",
    "stock_receipt": "入库", "stock_transfer": "调拨", "stock_write_off": "报损", "street": "街道",
    "tier_year": "年度累计", "transfer_step": "调拨步骤", "volunteer": "志愿者", "year_sheet": "年度积分",
  ]

  private static let columns = [
    "announced": "公布积分", "approved": "已审核", "away": "断线站点", "bucket": "积分日", "carried": "结转",
    "carried_minutes": "结转分钟", "category": "类别", "collector": "领取人", "count": "次数",
    "covers": "承担", "credit": "收入", "day": "日期", "debit": "支出", "ending": "期末",
    "ending_minutes": "期末分钟", "entity": "对象", "existing": "原有", "from_account": "转出账户",
    "holder": "持有站", "is_out": "发出", "is_repeat": "重复", "is_return": "退还", "lot": "批次",
    "makers": "依据",
    "most": "最多", "organiser": "主办社区", "over": "超出", "over_from": "超出起点", "pending": "待处理",
    "per_day": "每日上限", "points_most": "最高积分", "quarter": "季度", "replaced_by": "被取代",
    "replica": "站点", "reports_per_month": "每月上报上限", "request": "申请", "reset_on": "重设日期",
    "restocked": "重新入库", "revoked_by": "停用", "seq": "序号", "serial": "号码", "sort": "种类",
    "source": "来源",
    "successor": "接替站", "team_or_circle": "队伍", "times": "次数", "to_account": "转入账户",
    "to_bucket": "转入日", "undoes": "撤销",
  ]
}
