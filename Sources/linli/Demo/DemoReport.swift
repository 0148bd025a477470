import Community
import OpLog
import Pages
import Store

/// What came out of the half year, and whether it is what had to.
struct DemoReport {
  /// One thing that must be equal.
  struct Comparison {
    let what: Words
    let expected: String
    let found: String
    /// Whether it is near enough; else it must be the same text.
    var isAllowed: Bool?

    var holds: Bool { isAllowed ?? (expected == found) }
  }

  let street: StreetFixture
  /// The hub, then the offices.
  let places: [PlaceReport]
  /// The published figures beside those of the hub, by community.
  let published: [[Comparison]]
  /// What the places and the story's books must agree on.
  let agreements: [Comparison]

  /// Everything that must hold, and is named by its community or place.
  var comparisons: [Comparison] {
    let figures = zip(street.communities, published).flatMap { community, comparisons in
      comparisons.map { comparison in
        Comparison(
          what: Words(
            "\(community.community) \(comparison.what.chinese)",
            "\(community.community) \(comparison.what.english)"),
          expected: comparison.expected, found: comparison.found, isAllowed: comparison.holds)
      }
    }
    return figures + agreements
  }

  /// Everything that is not as it must be.
  var differences: [Comparison] { comparisons.filter { !$0.holds } }

  /// Reads all places of a stage and compares them with each other, the story, and the figures.
  init(_ stage: Stage, _ story: Story) throws(CommandError) {
    street = stage.street
    var communities: [String: Int] = [:]
    for (index, office) in stage.offices.enumerated() {
      let replica = try CommandError.wrap { () throws(StoreError) in
        try Store(path: office.database, mode: .readWrite).identity.replica
      }
      communities["\(replica)"] = street.offices[index].community
    }
    let hub = try PlaceReport(
      name: "hub", database: stage.hubDatabase, communities: communities)
    var places = [hub]
    for (index, office) in stage.offices.enumerated() {
      places.append(
        try PlaceReport(
          name: street.offices[index].label, database: office.database, communities: communities))
    }
    self.places = places
    var published: [[Comparison]] = []
    for (index, community) in street.communities.enumerated() {
      let facts = try CommunityFacts(of: index, in: stage, by: hub)
      published.append(community.published.map { $0.comparison(with: facts) })
    }
    self.published = published
    var balances: [String: Int] = [:]
    for (resident, balance) in story.books.hub.balances.enumerated() {
      balances[try stage.id("resident.\(resident)").description] = balance
    }
    agreements =
      places.dropFirst().flatMap { Self.agreements(of: $0, with: hub) }
      + Self.agreements(of: hub, with: story, balances)
  }

  /// An office must hold what the hub holds, to the byte.
  static func agreements(
    of place: PlaceReport, with hub: PlaceReport
  ) -> [Comparison] {
    func comparison(_ chinese: String, _ english: String, _ value: (PlaceReport) -> String)
      -> Comparison
    {
      Comparison(
        what: Words("\(place.name) \(chinese)", "\(place.name): \(english)"), expected: value(hub),
        found: value(place))
    }
    return [
      comparison("各日志末端", "heads") { $0.headsText },
      comparison("状态摘要", "digest") { "\($0.digest)" },
      comparison("待处理", "desk") { $0.deskText },
      comparison("库存", "stock") { String($0.stock) },
      comparison("余额", "balances") { "\($0.balances.sorted { $0.key < $1.key })" },
    ]
  }

  /// The hub must hold what an honest book-keeper has.
  private static func agreements(
    of hub: PlaceReport, with story: Story, _ balances: [String: Int]
  ) -> [Comparison] {
    let books = story.books
    let wrong = balances.filter { hub.balances[$0.key] != $0.value }.map(\.key).sorted()
    let desk = Dictionary(
      uniqueKeysWithValues: story.desk.map { ($0.key.rawValue, $0.value) })
    let stock = books.shelves.joined().reduce(0, +)
    func comparison(
      _ chinese: String, _ english: String, _ expected: Int, _ found: Int
    ) -> Comparison {
      Comparison(
        what: Words(chinese, english), expected: String(expected), found: String(found))
    }
    return [
      comparison("登记的签到", "award keys recorded", books.hub.keys, hub.keys),
      comparison("冲正", "awards reversed", books.hub.reversals, hub.reversed),
      comparison("重复录入", "double entries", books.duplicates, hub.desk["double-award"] ?? 0),
      comparison("发放积分", "points in", books.pointsIn, hub.pointsIn),
      comparison("回收积分", "points out", books.pointsOut, hub.pointsOut),
      comparison("库存", "stock", stock, hub.stock),
      Comparison(
        what: Words("待处理", "desk"), expected: PlaceReport.text(of: desk), found: hub.deskText),
      Comparison(
        what: Words("余额不符的居民", "residents with another balance"), expected: "",
        found: wrong.joined(separator: " ")),
    ]
  }

  /// Fen as yuan, such as 6998.80.
  static func yuan(_ fen: Int) -> String {
    let cents = fen % 100
    return "\(fen / 100).\(cents < 10 ? "0" : "")\(cents)"
  }
}

extension CommunityFacts {
  /// What a place holds of the activities that the story published in a community.
  fileprivate init(
    of community: Int, in stage: Stage, by place: PlaceReport
  ) throws(CommandError) {
    var activities: [Activity] = []
    for (index, activity) in stage.street.activities.enumerated()
    where activity.community == community {
      let id = try stage.id("activity.\(index)").description
      guard let held = place.activities[id] else { continue }
      activities.append(
        Activity(
          group: activity.group, title: held.title, heldOn: held.heldOn,
          people: place.people[id] ?? []))
    }
    self.activities = activities
    redeemedFen = place.redeemedFen[community] ?? 0
  }
}

extension PlaceReport {
  /// The ends of the logs, `4096-30 4097-612`.
  var headsText: String { heads.map { "\($0.replica)-\($0.seq)" }.joined(separator: " ") }

  /// The desk, `double-award 20, stand-in 1`.
  var deskText: String { Self.text(of: desk) }

  static func text(of desk: [String: Int]) -> String {
    desk.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}
