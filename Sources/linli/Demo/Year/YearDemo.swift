import Community
import Office

/// Plays a year of ten communities, month by month, and reports it.
struct YearDemo {
  /// Ops that each community's office records.
  static let opsOfEach = 5_000

  let opsOfEach: Int
  let folder: String
  let console: Console

  /// Plays the year and prints what came of it.
  ///
  /// - Returns: ``ExitCode/ok`` when everything is as it must be, else ``ExitCode/checkFailed``.
  func run() throws(CommandError) -> Int32 {
    var plan = YearPlan(opsOfEach: opsOfEach)
    var closing = YearClosing()
    var times = YearReport.Times()
    let stage = try YearStage(path: folder)
    if !console.isJSON {
      console.out(
        Words(
          "\(stage.offices.count) 个社区，\(YearPlan.year) 年，每社区 \(opsOfEach) 条记录",
          "\(stage.offices.count) communities, \(YearPlan.year), \(opsOfEach) ops in each"))
    }
    try stage.open()
    for month in 1...12 {
      let entries = plan.entries(of: month)
      progress(month, "记录", "recording")
      times.record += try measured { () throws(CommandError) in
        try stage.record(entries, in: month)
      }
      progress(month, "同步", "syncing")
      times.sync += try measured { () throws(CommandError) in try stage.sync(after: month) }
      progress(month, "月结", "closing")
      times.close += try measured { () throws(CommandError) in
        try closing.close(month: month, hub: stage.hub, by: stage.program(after: month))
      }
    }
    // The year's points end while every office still works on; then papers of December turn up.
    try stage.endPoints(after: 12)
    let papers = plan.entries(of: 13)
    times.record += try measured { () throws(CommandError) in try stage.record(papers, in: 13) }
    try stage.endPoints(after: 13)
    // Whoever synced early in a round learns in the next what the others brought after, and in the one
    // after that what their own offices took over.
    for _ in 1...3 {
      times.sync += try measured { () throws(CommandError) in try stage.sync(after: 13) }
    }
    progress(12, "核对", "checking")
    let start = SystemSource.now()
    try stage.verify()
    var report = try YearReport(stage, plan, closing)
    times.check = SystemSource.now() - start
    report.times = times
    console.endProgress()
    if console.isJSON {
      console.json { report.write(to: &$0) }
    } else {
      console.out("")
      for line in report.lines(in: console.language) { console.out(line) }
    }
    return report.differences.isEmpty ? ExitCode.ok : ExitCode.checkFailed
  }

  private func progress(_ month: Int, _ chinese: String, _ english: String) {
    console.progress(
      console.language(Words("\(month) 月: \(chinese)", "month \(month): \(english)")))
  }

  /// Milliseconds that something takes.
  private func measured(
    _ body: () throws(CommandError) -> Void
  ) throws(CommandError) -> Int64 {
    let start = SystemSource.now()
    try body()
    return SystemSource.now() - start
  }
}
