import Community
import Office
import OpLog
import Pages
import Wire

/// What came out of the year, what it took, and whether it is right.
struct YearReport {
  /// Milliseconds of each part.
  struct Times {
    var record: Int64 = 0
    var sync: Int64 = 0
    var close: Int64 = 0
    var check: Int64 = 0

    var whole: Int64 { record + sync + close + check }
  }

  let opsOfEach: Int
  let recorded: [Int]
  let months: [Int: YearBooks.Month]
  let comparisons: [DemoReport.Comparison]
  let hubKiB: Int
  let officeKiB: Int
  let hubBytes: Int
  let officeBytes: Int
  /// Ops in all logs, the hub's own among them.
  let ops: Int
  var times = Times()

  /// Everything that is not as it must be.
  var differences: [DemoReport.Comparison] { comparisons.filter { !$0.holds } }

  /// Reads all places and compares them with each other and with the plan's books.
  init(_ stage: YearStage, _ plan: YearPlan, _ closing: YearClosing) throws(CommandError) {
    opsOfEach = plan.opsOfEach
    recorded = stage.recorded
    months = closing.closed
    let hub = try PlaceReport(name: "hub", database: stage.hub.database, communities: [:])
    ops = Int(hub.ops)
    var comparisons: [DemoReport.Comparison] = []
    for (index, office) in stage.offices.enumerated() {
      let name = YearPlan.communities[index]
      let place = try PlaceReport(name: name, database: office.database, communities: [:])
      comparisons.append(
        .init(
          what: Words("\(name) 记录(条)", "\(name): ops recorded"),
          expected: String(plan.opsOfEach), found: String(stage.recorded[index])))
      comparisons += DemoReport.agreements(of: place, with: hub)
    }
    comparisons += try Self.books(of: plan, stage.ids, hub)
    self.comparisons = try comparisons + closing.comparisons(with: plan.books, at: stage.hub)
    hubKiB = stage.hub.peakKiB
    officeKiB = stage.peakKiB.max() ?? 0
    hubBytes = YearStage.bytes(in: stage.hub.folder)
    officeBytes = stage.offices.map { YearStage.bytes(in: $0.path) }.max() ?? 0
  }

  /// The hub must hold what the plan's books say: where points ended with the year, nothing is left.
  private static func books(
    of plan: YearPlan, _ ids: StoryIDs, _ hub: PlaceReport
  ) throws(CommandError) -> [DemoReport.Comparison] {
    let books = plan.books
    var wrong: [String] = []
    for (name, balance) in books.balances.sorted(by: { $0.key < $1.key }) {
      let id = try ids.id(name).description
      let isCleared = YearPlan.clearing.contains { name.hasPrefix("\($0).") }
      if hub.balances[id] != (isCleared ? 0 : balance) { wrong.append(id) }
    }
    let desk = [
      DeskReason.awaitingHub.rawValue: books.appealCount,
      DeskReason.lateForClosedMonth.rawValue: books.lateCount,
    ].filter { $0.value > 0 }
    let ended = YearPlan.clearing.reduce(0) { $0 + books.offices[$1].balances.reduce(0, +) }
    func comparison(
      _ chinese: String, _ english: String, _ expected: String, _ found: String
    ) -> DemoReport.Comparison {
      .init(what: Words(chinese, english), expected: expected, found: found)
    }
    return [
      comparison("发放积分", "points in", "\(books.pointsIn)", "\(hub.pointsIn)"),
      comparison("回收积分", "points out", "\(books.pointsOut)", "\(hub.pointsOut)"),
      comparison(
        "到期积分", "points ended", "\(ended)",
        "\(hub.pointsIn - hub.pointsOut - hub.balances.values.reduce(0, +))"),
      comparison("冲正", "awards reversed", "\(books.reversals)", "\(hub.reversed)"),
      comparison("库存", "stock", "\(books.stock)", "\(hub.stock)"),
      comparison("待处理", "desk", PlaceReport.text(of: desk), hub.deskText),
      comparison("余额不符的居民", "residents with another balance", "", wrong.joined(separator: " ")),
    ]
  }
}

/// Printing.
extension YearReport {
  /// The tables for people.
  func lines(in language: Language) -> [String] {
    let titles = [
      Words("月份", "month"), Words("签到", "awards"), Words("发放积分", "points in"),
      Words("冲正", "reversed"), Words("兑换", "redemptions"), Words("回收积分", "points out"),
      Words("件数", "pieces"), Words("换信用币", "as coins"), Words("社区间结算", "settled"),
    ]
    var table = Table(titles.map { language($0) })
    for (month, totals) in months.sorted(by: { $0.key < $1.key }) {
      table.add(
        [
          month, totals.awards, totals.pointsGranted, totals.reversals, totals.redemptions,
          totals.pointsRedeemed, totals.pieces, totals.pointsCoined, totals.settled,
        ].map { String($0) })
    }
    return table.lines + [""] + costLines(in: language) + [""] + verdict(in: language)
  }

  private func costLines(in language: Language) -> [String] {
    var table = Table([
      "", language(Words("街道", "hub")), language(Words("站点(最大)", "office (largest)")),
    ])
    table.add([
      language(Words("内存峰值", "peak RSS")), Self.mebibytes(hubKiB * 1_024),
      Self.mebibytes(officeKiB * 1_024),
    ])
    table.add([
      language(Words("文件", "files")), Self.mebibytes(hubBytes), Self.mebibytes(officeBytes),
    ])
    let seconds = [
      Words("记录 \(Self.seconds(times.record))", "recording \(Self.seconds(times.record))"),
      Words("同步 \(Self.seconds(times.sync))", "syncing \(Self.seconds(times.sync))"),
      Words("月结 \(Self.seconds(times.close))", "closing \(Self.seconds(times.close))"),
      Words("核对 \(Self.seconds(times.check))", "checking \(Self.seconds(times.check))"),
    ]
    let written = recorded.reduce(0, +)
    return table.lines + [
      language(
        Words(
          "\(recorded.count) 个站点记录 \(written) 条(全部日志共 \(ops) 条)，用时 \(Self.seconds(times.whole))",
          "\(recorded.count) offices recorded \(written) ops (\(ops) in all logs), took \(Self.seconds(times.whole))"
        ))
    ] + ["  " + seconds.map { language($0) }.joined(separator: language(Words("，", ", ")))]
  }

  private func verdict(in language: Language) -> [String] {
    guard !differences.isEmpty else {
      return [
        language(
          Words(
            "街道与 \(recorded.count) 个站点逐字节一致；\(months.count) 个已结月份未变",
            "hub and \(recorded.count) offices agree to the byte; \(months.count) closed months are unchanged"
          ))
      ]
    }
    return differences.map { $0.line(in: language) }
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    "\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"
  }

  private static func mebibytes(_ bytes: Int) -> String {
    let tenths = (bytes * 10) >> 20
    return "\(tenths / 10).\(tenths % 10) MiB"
  }

  /// The members of the JSON answer.
  func write(to json: inout JSONWriter) {
    for (name, value) in [
      ("ops", Int64(ops)), ("recorded", Int64(recorded.reduce(0, +))),
      ("hub_peak_kib", Int64(hubKiB)), ("office_peak_kib", Int64(officeKiB)),
      ("hub_bytes", Int64(hubBytes)), ("office_bytes", Int64(officeBytes)),
      ("record_milliseconds", times.record), ("sync_milliseconds", times.sync),
      ("close_milliseconds", times.close), ("check_milliseconds", times.check),
      ("milliseconds", times.whole),
    ] {
      json.key(name)
      json.integer(value)
    }
    json.key("closed_months")
    json.integer(Int64(months.count))
    json.key("comparisons")
    json.comparisons(comparisons)
  }
}
