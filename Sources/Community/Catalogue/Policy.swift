import OpLog

/// A rule value that a community sets; `policy.set` carries the complete set, an absent key is off.
package struct PolicyKey: Sendable {
  /// The name in JSON, such as `standin.visit_limit`.
  package let name: String
  /// What it holds.
  package let type: FieldType
  /// The value that `hub invite` writes for a new community; nil leaves the rule off.
  package let initial: Int64?
  /// What it means.
  package let meaning: Words

  /// The name as an SQL column.
  package var column: String { name.replacing(".", with: "_") }
}

extension String {
  fileprivate func replacing(_ old: Character, with new: Character) -> String {
    String(map { $0 == old ? new : $0 })
  }
}

/// One community's rules, as a `policy.set` op states them; prices and limits of the past never
/// change, because every op names the policy op that it was made under.
package struct Policy: Equatable, Sendable {
  /// How an award posts.
  package enum AwardPosting: Int64, Sendable {
    /// With the grant, as where coins are handed out.
    case onTheSpot
    /// With a second person's approval.
    case approved
  }

  /// How the hours or the fixed value of an activity become points.
  package enum AwardMode: Int64, Sendable {
    /// What the activity published, however long it took.
    case fixed
    /// A point for each hour.
    case perHour
    /// A point for every four hours.
    case perFourHours
    /// By the hours of the whole year, each further hour counting less (``HourScale``).
    case tier

    /// What it is called in records.
    package var name: String { awardModes[Int(rawValue)] }
  }

  /// When points end.
  package enum Expiry: Int64, Sendable {
    /// They do not.
    case never
    /// With the year in which they were earned.
    case yearEnd
    /// On 31 January two years after it.
    case carryOneYear
  }

  /// The keys, in the order of the payload of `policy.set`, after its `community`.
  package enum Name: Int, CaseIterable, Sendable {
    case awardPosting, standInVisit, standInPerson, standInOffice, pointValue
    case awardMode, awardMinutes, awardsPerDay, reportsPerMonth, supplementDays
    case expiry, expiryNotice, itemLimit, minorPerDay, standInDays, voidDays, backdateDays
    case coinsOnly, creditsChange, crossesCommunities, householdPool
    case householdItemLimit, redemptionsPerQuarter, redeemWeekday, fairDay, guardian
    case balanceCap, leastPoints
    case labourPoints, lecturePoints, reportPoints, appealDays, goodsNotice
    case noticeDays, fraudSanction, appealFileDays, countDays
    case awardMinutesLarge, referralPoints, openingPoints
  }

  /// Every key, in the order of ``Name``.
  package static let keys: [PolicyKey] = [
    PolicyKey(
      name: "award.posting", type: .choice(["on_the_spot", "approved"]), initial: 0,
      meaning: Words("积分何时入账", "when an award posts")),
    PolicyKey(
      name: "standin.visit_limit", type: .integer(0...10_000), initial: 9,
      meaning: Words("代付每次上限", "points on trust per visit")),
    PolicyKey(
      name: "standin.person_limit", type: .integer(0...10_000), initial: 18,
      meaning: Words("代付每人未结上限", "uncovered points on trust per person")),
    PolicyKey(
      name: "standin.office_limit", type: .integer(0...1_000_000), initial: 200,
      meaning: Words("代付每站未结上限", "uncovered points on trust per office")),
    PolicyKey(
      name: "points.value_fen", type: .integer(1...100_000), initial: 100,
      meaning: Words("每分折合(分)", "value of a point in fen")),
    PolicyKey(
      name: "award.mode", type: .choice(awardModes), initial: 0,
      meaning: Words("积分算法", "how an award is valued")),
    PolicyKey(
      name: "award.max_minutes", type: .integer(1...1_440), initial: 120,
      meaning: Words("每次活动计时上限(分钟)", "minutes credited per activity")),
    PolicyKey(
      name: "award.max_per_day", type: .integer(1...100), initial: 2,
      meaning: Words("每人每天计分次数上限", "awards that count per person and day")),
    PolicyKey(
      name: "award.max_reports_per_month", type: .integer(1...1_000), initial: 10,
      meaning: Words("每人每月随手报计分上限", "reports that count per person and month")),
    PolicyKey(
      name: "award.supplement_days", type: .integer(0...366), initial: 7,
      meaning: Words("补录期限(天)", "days in which attendance may be supplemented")),
    PolicyKey(
      name: "points.expiry", type: .choice(["never", "year_end", "carry_one_year"]),
      initial: 2, meaning: Words("积分有效期", "when points end")),
    PolicyKey(
      name: "points.expiry_notice_days", type: .integer(0...366), initial: 30,
      meaning: Words("到期提前通知(天)", "days of notice before points end")),
    PolicyKey(
      name: "redeem.item_limit", type: .integer(1...99), initial: 1,
      meaning: Words("每人每月每种物品件数上限", "pieces of one item per person and month")),
    PolicyKey(
      name: "redeem.minor_per_day", type: .integer(0...10_000), initial: 10,
      meaning: Words("未成年人每天上限", "points that a person under 18 may spend a day")),
    PolicyKey(
      name: "standin.max_days", type: .integer(0...366), initial: 7,
      meaning: Words("代付最长离线(天)", "days since the last receipt after which trust ends")),
    PolicyKey(
      name: "void.days", type: .integer(0...366), initial: 7,
      meaning: Words("作废期限(天)", "days in which a redemption may be voided")),
    PolicyKey(
      name: "backdate.max_days", type: .integer(0...366), initial: 7,
      meaning: Words("补记期限(天)", "days that a clerk may date a record back")),
    PolicyKey(
      name: "coin.only", type: onOff, initial: 0,
      meaning: Words("只用信用币", "whether points are coins only")),
    PolicyKey(
      name: "redeem.credit_change", type: onOff, initial: 1,
      meaning: Words("多付信用币记入账户", "whether coins paid over the price are credited")),
    PolicyKey(
      name: "redeem.cross_community", type: onOff, initial: 1,
      meaning: Words("可在其他社区兑换", "whether residents of other communities may redeem")),
    PolicyKey(
      name: "household.pool", type: onOff, initial: 1,
      meaning: Words("家庭共享积分", "whether households share points")),
    PolicyKey(
      name: "redeem.household_item_limit", type: .integer(1...99), initial: 1,
      meaning: Words("每户每月每种物品件数上限", "pieces of one item per household and month")),
    PolicyKey(
      name: "redeem.max_per_quarter", type: .integer(1...99), initial: nil,
      meaning: Words("每人每季度兑换次数上限", "redemptions per person and quarter")),
    PolicyKey(
      name: "redeem.weekday",
      type: .choice([
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
      ]), initial: nil, meaning: Words("每周兑换日", "day of the week for redemptions")),
    PolicyKey(
      name: "fair.day", type: .integer(1...28), initial: nil,
      meaning: Words("每月集市日，当天也可兑换", "day of the monthly fair, also for redemptions")),
    PolicyKey(
      name: "redeem.guardian", type: onOff, initial: 1,
      meaning: Words("儿童须由成人陪同兑换", "whether an adult must collect for a child")),
    PolicyKey(
      name: "points.balance_cap", type: .integer(1...1_000_000), initial: 1_500,
      meaning: Words(
        "每人余额上限，超出部分只能转赠", "points an account may hold; what is above can only be given away")),
    PolicyKey(
      name: "redeem.min_points", type: .integer(1...10_000), initial: 2,
      meaning: Words("每次兑换最低分值", "points that a redemption costs at the least")),
    PolicyKey(
      name: "award.labour_points", type: .integer(0...1_000), initial: 3,
      meaning: Words("劳动类活动的常用分值", "usual points of an activity of labour")),
    PolicyKey(
      name: "award.lecture_points", type: .integer(0...1_000), initial: 2,
      meaning: Words("讲座类活动的常用分值", "usual points of a lecture")),
    PolicyKey(
      name: "award.report_points", type: .integer(0...1_000), initial: 1,
      meaning: Words("随手报的常用分值", "usual points of a report")),
    PolicyKey(
      name: "appeal.decide_days", type: .integer(1...366), initial: 10,
      meaning: Words("异议复核期限(天)", "days in which an appeal is to be decided")),
    PolicyKey(
      name: "stock.expiry_warn_days", type: .integer(0...366), initial: 30,
      meaning: Words("物品到期提前提醒(天)", "days of warning before goods expire")),
    PolicyKey(
      name: "notice.period_days", type: .integer(0...60), initial: 3,
      meaning: Words("发放公示期(工作日)", "working days that awards hang on the wall")),
    PolicyKey(
      name: "fraud.sanction", type: .choice(["none", "this_and_next_year"]), initial: 1,
      meaning: Words("作弊后申请暂停兑换到何时", "until when a freeze for fraud is asked for")),
    PolicyKey(
      name: "appeal.file_days", type: .integer(1...366), initial: 15,
      meaning: Words("对作弊处理提出异议的期限(天)", "days in which what followed a fraud may be appealed")),
    PolicyKey(
      name: "stock.count_cycle_days", type: .integer(1...366), initial: 31,
      meaning: Words("货架盘点周期(天)", "days in which each item of a shelf is counted")),
    PolicyKey(
      name: "award.max_minutes_large", type: .integer(1...1_440), initial: 240,
      meaning: Words("大型活动计时上限(分钟)", "minutes credited per large activity")),
    PolicyKey(
      name: "award.referral_points", type: .integer(0...1_000), initial: 0,
      meaning: Words("介绍他人参加的常用分值", "usual points for bringing somebody along")),
    PolicyKey(
      name: "award.opening_points", type: .integer(0...1_000), initial: 0,
      meaning: Words("开户的常用分值", "usual points for joining")),
  ]

  /// The names of ``AwardMode``.
  static let awardModes = ["fixed", "per_hour", "per_four_hours", "tier"]

  private static let onOff = FieldType.choice(["off", "on"])

  /// The values in the order of ``keys``; nil is off.
  package var values: [Int64?] { row[2...].map(\.integer) }

  /// A value; nil is off.
  package subscript(_ name: Name) -> Int64? { row[2 + name.rawValue].integer }

  /// Whether a switch is on.
  package func isOn(_ name: Name) -> Bool { self[name] == 1 }

  /// The community whose rules these are, packed.
  package var community: Int64? { row[1].integer }
  /// How awards post; off means approved, the careful one.
  package var awardPosting: AwardPosting {
    self[.awardPosting].flatMap(AwardPosting.init) ?? .approved
  }
  /// How awards are valued; off means fixed.
  package var awardMode: AwardMode { self[.awardMode].flatMap(AwardMode.init) ?? .fixed }
  /// When points end; off means never.
  package var expiry: Expiry { self[.expiry].flatMap(Expiry.init) ?? .never }
  /// Days in which an appeal is to be decided; rules that do not say it mean ten.
  package var appealDays: Int64 { self[.appealDays] ?? 10 }
  /// What the community usually gives for an activity of a category; nil where each one says it.
  package func usualPoints(ofCategory name: String) -> Int64? {
    switch name {
    case "labour": self[.labourPoints]
    case "lecture": self[.lecturePoints]
    case "report": self[.reportPoints]
    case "referral": self[.referralPoints]
    case "joining": self[.openingPoints]
    default: nil
    }
  }
  /// The last day of a freeze that is asked for because of a fraud on a day; nil where staff say it.
  package func sanctionEnd(of day: BusinessDate) -> BusinessDate? {
    guard self[.fraudSanction] == 1 else { return nil }
    return BusinessDate(year: Int(day.civil.year) + 1, month: 12, day: 31)
  }
  /// Points on trust in one redemption.
  package var visitLimit: Int64 { self[.standInVisit] ?? 0 }
  /// Uncovered points on trust of one person.
  package var personLimit: Int64 { self[.standInPerson] ?? 0 }
  /// Uncovered points on trust of one office.
  package var officeLimit: Int64 { self[.standInOffice] ?? 0 }

  /// Id, community, and the values.
  private let row: [Cell]

  /// The policy in a row of the table `policy`.
  package init(row: [Cell]) { self.row = row }
}
