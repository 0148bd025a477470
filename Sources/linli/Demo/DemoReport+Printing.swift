import Community
import OpLog
import Pages
import Wire

/// Printing.
extension DemoReport {
  /// The tables for people.
  func lines(in language: Language) -> [String] {
    var lines = placeTable(in: language) + [""] + deskLines(in: language)
    for index in street.communities.indices {
      lines += [""] + communityLines(index, in: language)
    }
    return lines + [""] + verdict(in: language)
  }

  /// A row for each place.
  private func placeTable(in language: Language) -> [String] {
    let titles = [
      Words("", ""), Words("记录(条)", "ops"), Words("本站日志", "own log"),
      Words("状态摘要", "digest"), Words("发放积分", "points in"), Words("回收积分", "points out"),
      Words("库存(件)", "stock"), Words("待处理(条)", "desk entries"),
    ]
    var table = Table(titles.map { language($0) })
    for (index, place) in places.enumerated() {
      // The logs are in the order of replicas: the hub's, then the offices' as they were enrolled.
      let own = index < place.heads.count ? place.heads[index] : nil
      table.add([
        index == 0 ? language(Words("街道", "hub")) : place.name, String(place.ops),
        own.map { "\($0.replica)-\($0.seq)" } ?? "-", String("\(place.digest)".prefix(12)),
        String(place.pointsIn), String(place.pointsOut), String(place.stock),
        String(place.desk.values.reduce(0, +)),
      ])
    }
    return table.lines
  }

  /// What is on the desk of every place.
  private func deskLines(in language: Language) -> [String] {
    var table = Table([language(Words("待处理", "on the desk")), ""])
    for (reason, count) in places[0].desk.sorted(by: { $0.key < $1.key }) {
      let words = DeskReason(rawValue: reason)?.words ?? Words(reason, reason)
      table.add(["  \(language(words))", String(count)])
    }
    return table.lines
  }

  /// A community's published figures beside those of the hub, and the others as they were published.
  private func communityLines(_ index: Int, in language: Language) -> [String] {
    let community = street.communities[index]
    var table = Table([
      community.community, language(Words("公布", "published")),
      language(Words("重现", "reproduced")),
    ])
    for comparison in published[index] {
      table.add(["  " + language(comparison.what), comparison.expected, comparison.found])
    }
    let context = community.context.map { "\(language(Words($0.zh, $0.en))) \($0.value)" }
    let title = language(Words("背景(不重现)", "context, not reproduced"))
    let separator = language(Words("，", ", "))
    return table.lines + ["  \(title): " + context.joined(separator: separator)]
  }

  private func verdict(in language: Language) -> [String] {
    guard !differences.isEmpty else {
      let (hub, offices) = (places[0], places.count - 1)
      return [
        language(
          Words(
            "街道与 \(offices) 个站点逐字节一致；\(hub.keys) 条签到，冲正 \(hub.reversed) 条",
            "hub and \(offices) offices agree to the byte; \(hub.keys) award keys, \(hub.reversed) reversed"
          ))
      ]
    }
    return differences.map { $0.line(in: language) }
  }

  /// The members of the JSON answer.
  func write(to json: inout JSONWriter) {
    json.key("places")
    json.openArray()
    for place in places { write(place, to: &json) }
    json.closeArray()
    json.key("communities")
    json.openArray()
    for (community, figures) in zip(street.communities, published) {
      json.openObject()
      json.key("name")
      json.text(community.community)
      json.key("published")
      json.comparisons(figures)
      json.key("context")
      json.openObject()
      for context in community.context {
        json.key(context.en)
        json.text(context.value)
      }
      json.closeObject()
      json.closeObject()
    }
    json.closeArray()
    json.key("comparisons")
    json.comparisons(comparisons)
  }

  private func write(_ place: PlaceReport, to json: inout JSONWriter) {
    json.openObject()
    json.key("name")
    json.text(place.name)
    for (name, value) in [
      ("ops", Int(place.ops)), ("activities", place.activities.count), ("award_keys", place.keys),
      ("reversed", place.reversed), ("person_times", place.personTimes),
      ("points_in", place.pointsIn), ("points_out", place.pointsOut), ("stock", place.stock),
      ("redeemed_fen", place.redeemedFen.values.reduce(0, +)),
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

extension DemoReport.Comparison {
  /// What is said when it does not hold.
  func line(in language: Language) -> String {
    language(
      Words(
        "不一致 — \(language(what)): 应为 \(expected)，实为 \(found)",
        "DIFFERS — \(language(what)): expected \(expected), found \(found)"))
  }
}

extension JSONWriter {
  /// Writes comparisons as a list.
  mutating func comparisons(_ comparisons: [DemoReport.Comparison]) {
    openArray()
    for comparison in comparisons {
      openObject()
      key("what")
      text(comparison.what.english)
      key("expected")
      text(comparison.expected)
      key("found")
      text(comparison.found)
      key("holds")
      flag(comparison.holds)
      closeObject()
    }
    closeArray()
  }
}
