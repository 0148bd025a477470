import Community
import OpLog
import Pages
import Wire

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

  /// The hub, then the offices.
  let places: [PlaceReport]
  /// The published figures beside those of the hub.
  let published: [Comparison]
  /// What the places and the story's books must agree on.
  let agreements: [Comparison]

  /// Everything that is not as it must be.
  var differences: [Comparison] { (published + agreements).filter { !$0.holds } }

  /// Reads all places of a stage and compares them with each other, the story, and the figures.
  init(_ stage: Stage, _ story: Story) throws(CommandError) {
    var places = [try PlaceReport(name: "hub", database: stage.hubDatabase)]
    for (index, office) in stage.offices.enumerated() {
      places.append(
        try PlaceReport(
          name: stage.fixture.offices[index].label, database: office.database))
    }
    self.places = places
    let hub = places[0]
    published = Self.published(stage.fixture.published, hub)
    var balances: [String: Int] = [:]
    for (resident, balance) in story.books.hub.balances.enumerated() {
      balances[try stage.id("resident.\(resident)").description] = balance
    }
    agreements =
      places.dropFirst().flatMap { Self.agreements(of: $0, with: hub) }
      + Self.agreements(of: hub, with: story, balances)
  }

  private static func published(
    _ figures: StreetFixture.Published, _ hub: PlaceReport
  ) -> [Comparison] {
    let target = figures.redeemedYuan * 100
    return [
      Comparison(
        what: Words("活动(场)", "activities"), expected: String(figures.activities),
        found: String(hub.activities)),
      Comparison(
        what: Words("受益人次", "person-times"), expected: String(figures.personTimes),
        found: String(hub.personTimes)),
      Comparison(
        what: Words("兑换总额(元)", "redeemed, yuan"), expected: "≈ \(figures.redeemedYuan)",
        found: yuan(hub.redeemedFen), isAllowed: abs(hub.redeemedFen - target) * 50 <= target),
    ]
  }

  /// An office must hold what the hub holds, to the byte.
  private static func agreements(
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

extension PlaceReport {
  /// The ends of the logs, `4096-30 4097-612`.
  var headsText: String { heads.map { "\($0.replica)-\($0.seq)" }.joined(separator: " ") }

  /// The desk, `double-award 20, stand-in 1`.
  var deskText: String { Self.text(of: desk) }

  static func text(of desk: [String: Int]) -> String {
    desk.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }
}

/// Printing.
extension DemoReport {
  /// The tables for people.
  func lines(in language: Language) -> [String] {
    var table = Table(
      [""] + places.map { $0.name == "hub" ? language(Words("街道", "hub")) : $0.name })
    func row(_ words: Words, _ value: (PlaceReport) -> String) {
      table.add([language(words)] + places.map(value))
    }
    row(Words("记录(条)", "ops")) { String($0.ops) }
    for index in places[0].heads.indices {
      row(
        Words("日志 \(places[0].heads[index].replica)", "head of \(places[0].heads[index].replica)")
      ) {
        index < $0.heads.count ? String($0.heads[index].seq) : "-"
      }
    }
    row(Words("状态摘要", "digest")) { String("\($0.digest)".prefix(12)) }
    row(Words("发放积分", "points in")) { String($0.pointsIn) }
    row(Words("回收积分", "points out")) { String($0.pointsOut) }
    row(Words("库存(件)", "stock")) { String($0.stock) }
    row(Words("待处理(条)", "desk entries")) { String($0.desk.values.reduce(0, +)) }
    for reason in places[0].desk.keys.sorted() {
      let words = DeskReason(rawValue: reason)?.words ?? Words(reason, reason)
      row(Words("  \(words.chinese)", "  \(words.english)")) { String($0.desk[reason] ?? 0) }
    }
    var figures = Table([
      "", language(Words("公布", "published")), language(Words("重现", "reproduced")),
    ])
    for comparison in published {
      figures.add([language(comparison.what), comparison.expected, comparison.found])
    }
    return table.lines + [""] + figures.lines + [""] + verdict(in: language)
  }

  private func verdict(in language: Language) -> [String] {
    guard !differences.isEmpty else {
      return [
        language(
          Words(
            "街道与两个站点逐字节一致；\(places[0].keys) 条签到，冲正 \(places[0].reversed) 条",
            "hub and offices agree to the byte; \(places[0].keys) award keys, \(places[0].reversed) reversed"
          ))
      ]
    }
    return differences.map { difference in
      language(
        Words(
          "不一致 — \(language(difference.what)): 应为 \(difference.expected)，实为 \(difference.found)",
          "DIFFERS — \(language(difference.what)): expected \(difference.expected), found \(difference.found)"
        ))
    }
  }

  /// The members of the JSON answer.
  func write(to json: inout JSONWriter) {
    json.key("places")
    json.openArray()
    for place in places { write(place, to: &json) }
    json.closeArray()
    json.key("comparisons")
    json.openArray()
    for comparison in published + agreements {
      json.openObject()
      json.key("what")
      json.text(comparison.what.english)
      json.key("expected")
      json.text(comparison.expected)
      json.key("found")
      json.text(comparison.found)
      json.key("holds")
      json.flag(comparison.holds)
      json.closeObject()
    }
    json.closeArray()
  }

  private func write(_ place: PlaceReport, to json: inout JSONWriter) {
    json.openObject()
    json.key("name")
    json.text(place.name)
    for (name, value) in [
      ("ops", Int(place.ops)), ("activities", place.activities), ("award_keys", place.keys),
      ("reversed", place.reversed), ("person_times", place.personTimes),
      ("points_in", place.pointsIn), ("points_out", place.pointsOut), ("stock", place.stock),
      ("redeemed_fen", place.redeemedFen),
    ] {
      json.key(name)
      json.integer(Int64(value))
    }
    json.key("heads")
    json.text(place.headsText)
    json.key("digest")
    json.digest(place.digest)
    json.key("desk")
    json.openObject()
    for (reason, count) in place.desk.sorted(by: { $0.key < $1.key }) {
      json.key(reason)
      json.integer(Int64(count))
    }
    json.closeObject()
    json.closeObject()
  }
}
