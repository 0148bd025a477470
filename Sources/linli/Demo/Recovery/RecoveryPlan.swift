import Community
import OpLog

/// What five offices record before their hub is lost: residents, work, awards, and goods.
struct RecoveryPlan {
  /// The offices' communities.
  static let communities = Array(YearPlan.communities.prefix(5))
  /// The day on which all is played: every activity has a day of its own before it.
  static let today = YearClosing.first(of: 12)

  /// Ops that each office records.
  let opsOfEach: Int

  /// Residents of each community.
  private var residentCount: Int { max(1, opsOfEach / 20) }

  /// What one office records, in order: exactly ``opsOfEach`` ops.
  func entries(of office: Int) -> [StoryEntry] {
    var entries: [StoryEntry] = []
    func add(_ kind: String, _ name: String?, _ fields: [(String, StoryEntry.Value)], _ day: Int) {
      guard entries.count < opsOfEach else { return }
      entries.append(
        StoryEntry(
          office: office, staff: 0, date: Self.today.adding(days: Int64(day - Self.daysMax)),
          kind: kind,
          fields: fields.map { (name: $0.0, value: $0.1) }, name: name.map { "\(office).\($0)" }))
    }
    func op(_ name: String) -> StoryEntry.Value { .op("\(office).\(name)") }
    add(
      "item.define", "item",
      [
        ("name", .text("毛巾")), ("sort", .text("goods")), ("points", .integer(3)),
        ("value_fen", .integer(1_480)),
      ], 0)
    add(
      "stock.receive", nil,
      [
        ("item", op("item")), ("quantity", .integer(opsOfEach)), ("source", .text("donation")),
      ], 0)
    for resident in 0..<residentCount {
      add("resident.register", "r\(resident)", [("name", .text("居民\(resident)"))], 0)
    }
    var day = 0
    while entries.count < opsOfEach {
      day = min(day + 1, Self.daysMax)
      let activity = "a\(entries.count)"
      add(
        "activity.publish", activity,
        [
          ("title", .text("扫雪")), ("category", .text("labour")), ("points", .integer(3)),
          ("held_on", .text(Self.today.adding(days: Int64(day - Self.daysMax)).description)),
        ], day)
      for resident in 0..<residentCount {
        let fields = [("activity", op(activity)), ("resident", op("r\(resident)"))]
        add("award.grant", nil, fields, day)
        guard resident.isMultiple(of: 5) else { continue }
        add(
          "redemption.record", nil,
          [("resident", op("r\(resident)")), ("items", .items(["\(office).item"]))], day)
      }
    }
    return entries
  }

  private static let daysMax = 60
}
