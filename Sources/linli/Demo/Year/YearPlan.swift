import Community
import OpLog
import Simulation

/// A year of ten communities as entries, month by month: all that their offices write down.
///
/// Each community has one office. People redeem at home within their balance, but for a few
/// travellers, who redeem at the next community's office only, on trust. So nobody ever owes
/// anything, and the books kept here (``YearBooks``) are what every place must hold in the end. In
/// the last two communities points end with the year.
struct YearPlan {
  /// The year that is played.
  static let year = 2026
  /// Invented communities.
  static let communities = [
    "东风社区", "胜利社区", "和平社区", "团结社区", "光明社区",
    "新华社区", "向阳社区", "长青社区", "春晖社区", "安居社区",
  ]
  /// The rules of each: the limits of a counter's day have no part in a year's figures.
  static let policy = [
    "award.max_per_day": "100", "award.max_reports_per_month": "1000",
    "award.posting": "on_the_spot", "backdate.max_days": "366", "points.expiry": "never",
    "redeem.household_item_limit": "99", "redeem.item_limit": "99",
    "redeem.minor_per_day": "10000", "standin.max_days": "366",
    "standin.office_limit": "1000000", "standin.person_limit": "10000",
    "standin.visit_limit": "9",
  ]

  /// The communities whose points end with the year.
  static let clearing = 8..<10

  /// The rules of one community.
  static func policy(of community: Int) -> [String: String] {
    guard clearing.contains(community) else { return policy }
    return policy.merging(["points.expiry": "year_end"]) { $1 }
  }

  /// What points buy everywhere, with its price; what has no value in fen needs no shelf.
  static let items: [(name: String, sort: String, points: Int, fen: Int)] = [
    ("小米", "goods", 9, 4_450), ("围棋", "goods", 8, 3_880), ("洗衣液", "goods", 5, 2_400),
    ("毛巾", "goods", 3, 1_480), ("手工课", "course", 5, 2_250), ("理发", "service", 2, 900),
  ]
  static let goods = 0..<4
  private static let titles = [
    "清扫楼道", "垃圾分类宣传", "健康讲座", "看望老人", "巡逻值守", "植树护绿", "旧衣回收", "阅读分享",
  ]

  /// Ops that each community's office records in the year.
  let opsOfEach: Int
  var random = SplitMix64(seed: 20_260_101)
  /// What every place must hold in the end.
  var books: YearBooks

  /// Plans a year of some ops in each community; 240 or more, so that each month has its share.
  init(opsOfEach: Int) {
    precondition(opsOfEach >= 240, "caller bug: a month needs 20 ops")
    self.opsOfEach = opsOfEach
    books = YearBooks(
      officeCount: Self.communities.count, residentCount: opsOfEach / 20,
      itemCount: Self.items.count)
  }

  /// Residents of each community; the first few travel.
  var residentCount: Int { opsOfEach / 20 }
  var travellerCount: Int { max(1, residentCount / 25) }
  private var setupCount: Int { residentCount + Self.items.count }

  /// What each office records in a month, in order; month 13 is January, when somebody finds a
  /// paper of December.
  mutating func entries(of month: Int) -> [[StoryEntry]] {
    Self.communities.indices.map { office in
      guard month <= 12 else {
        return [late(month, of: office) ?? update(12, of: office)]
      }
      let year = opsOfEach - setupCount - 1
      let count = year * month / 12 - year * (month - 1) / 12
      return (month == 1 ? setUp(office) : []) + plan(month, of: office, count: count)
    }
  }

  /// The residents and what points buy.
  private func setUp(_ office: Int) -> [StoryEntry] {
    let date = day(1, of: 1)
    let people = (0..<residentCount).map { resident in
      entry(
        office, date, "resident.register",
        [
          ("name", .text("居民\(office + 1)-\(resident + 1)")),
          ("phone", .text("100-\(1_000 + office)-\(1_000 + resident)")),
        ], name: "\(office).resident.\(resident)")
    }
    let items = Self.items.enumerated().map { index, item in
      entry(
        office, date, "item.define",
        [
          ("name", .text(item.name)), ("sort", .text(item.sort)),
          ("points", .integer(item.points)), ("value_fen", .integer(item.fen)),
        ], name: "\(office).item.\(index)")
    }
    return people + items
  }

  private mutating func plan(_ month: Int, of office: Int, count: Int) -> [StoryEntry] {
    let stock = restock(month, of: office)
    let activities = activities(month, of: office)
    var last: [StoryEntry] = []
    for _ in 0..<count / 50 { last.append(update(month, of: office)) }
    for _ in 0..<count / 7 {
      if let entry = redemption(month, of: office) { last.append(entry) }
    }
    // The other offices know of the travellers when they have synced twice.
    if month > 2 { last += visits(month, to: office) }
    last += happenings(month, of: office, count: count)
    for _ in 0..<max(1, count / 150) {
      if let entry = reversal(month, of: office) { last.append(entry) }
    }
    let left = count - stock.count - activities.count - last.count
    let awards = awards(month, of: office, activities: activities.count, count: left)
    return stock + activities + awards + last
  }

  func day(_ day: Int, of month: Int) -> BusinessDate {
    guard let date = BusinessDate(year: Self.year, month: month, day: day) else {
      preconditionFailure("every month has 28 days")
    }
    return date
  }

  func entry(
    _ office: Int, _ date: BusinessDate, _ kind: String,
    _ fields: [(name: String, value: StoryEntry.Value)], staff: Int = 0, name: String? = nil,
    answer: StoryEntry.Answer = .posted([])
  ) -> StoryEntry {
    StoryEntry(
      office: office, staff: staff, date: date, kind: kind, fields: fields, name: name,
      answer: answer)
  }
}

/// What a month brings.
extension YearPlan {
  private mutating func restock(_ month: Int, of office: Int) -> [StoryEntry] {
    let quantity = opsOfEach / 50
    return Self.goods.map { item in
      books.receive(quantity, of: item, at: office)
      return entry(
        office, day(12, of: month), "stock.receive",
        [
          ("item", .op("\(office).item.\(item)")), ("quantity", .integer(quantity)),
          ("source", .text("donation")),
        ])
    }
  }

  private func activities(_ month: Int, of office: Int) -> [StoryEntry] {
    (0..<max(1, opsOfEach / 500)).map { number in
      entry(
        office, day(1, of: month), "activity.publish",
        [
          ("title", .text(Self.titles[(number + office) % Self.titles.count])),
          ("category", .text("labour")), ("points", .integer(Self.points(ofActivity: number))),
          ("held_on", .text(day(2 + 2 * (number % 12), of: month).description)),
        ], name: "\(office).activity.\(month).\(number)")
    }
  }

  private static func points(ofActivity number: Int) -> Int { 2 + number % 2 }

  /// Lines of the sheets of all activities of a month, as many as are wanted.
  private mutating func awards(
    _ month: Int, of office: Int, activities: Int, count: Int
  ) -> [StoryEntry] {
    var entries: [StoryEntry] = []
    books.offices[office].reversible = []
    for activity in 0..<activities {
      let points = Self.points(ofActivity: activity)
      var people = Array(books.offices[office].balances.indices)
      random.shuffle(&people)
      let lines = count * (activity + 1) / activities - count * activity / activities
      for line in 0..<lines {
        let (round, place) = line.quotientAndRemainder(dividingBy: people.count)
        let resident = people[place]
        var fields: [(name: String, value: StoryEntry.Value)] = [
          ("activity", .op("\(office).activity.\(month).\(activity)")),
          ("resident", .op("\(office).resident.\(resident)")),
        ]
        if round > 0 { fields.append(("session", .integer(round + 1))) }
        var name: String?
        if line == 0, resident >= travellerCount {
          let award = "\(office).award.\(month).\(activity)"
          name = award
          books.offices[office].reversible.append((award, resident, points))
        }
        entries.append(
          entry(office, day(2 + 2 * (activity % 12), of: month), "award.grant", fields, name: name))
        books.award(points, to: resident, of: office, in: month)
      }
    }
    return entries
  }

  private mutating func update(_ month: Int, of office: Int) -> StoryEntry {
    let resident = random.below(residentCount)
    return entry(
      office, day(1 + random.below(28), of: month), "resident.update",
      [
        ("resident", .op("\(office).resident.\(resident)")),
        ("phone", .text("101-\(1_000 + month)-\(1_000 + random.below(9_000))")),
      ])
  }

  /// Somebody who does not travel redeems at home; nil when the one who came has too little.
  private mutating func redemption(_ month: Int, of office: Int) -> StoryEntry? {
    let resident = travellerCount + random.below(residentCount - travellerCount)
    guard let item = choose(books.offices[office].balances[resident], at: office) else {
      return nil
    }
    return sell(item, to: resident, of: office, at: office, on: day(13, of: month), month)
  }

  /// Travellers of the community before redeem here.
  private mutating func visits(_ month: Int, to office: Int) -> [StoryEntry] {
    let home = (office + Self.communities.count - 1) % Self.communities.count
    return (0..<travellerCount).compactMap { resident in
      guard let item = choose(books.offices[home].balances[resident], at: office) else {
        return nil
      }
      return sell(item, to: resident, of: home, at: office, on: day(20, of: month), month)
    }
  }

  /// Something that a balance buys and that is there.
  mutating func choose(_ balance: Int, at office: Int) -> Int? {
    let choice = Self.items.indices.filter {
      Self.items[$0].points <= balance
        && (!Self.goods.contains($0) || books.offices[office].shelf[$0] > 0)
    }
    return choice.isEmpty ? nil : choice[random.below(choice.count)]
  }

  /// The second of the staff takes an award of the month before back, where that leaves no debt.
  private mutating func reversal(_ month: Int, of office: Int) -> StoryEntry? {
    guard let award = books.offices[office].reversible.popLast(),
      books.offices[office].balances[award.resident] >= award.points
    else { return nil }
    books.reverse(award.points, of: award.resident, of: office, in: month)
    return entry(
      office, day(27, of: month), "award.reverse",
      [("award", .op(award.name)), ("cause", .text("not_attended"))], staff: 1)
  }
}
