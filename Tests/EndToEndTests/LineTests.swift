import Foundation
import LineKit
import Testing

/// Real processes over a line that hardly works.
@Suite("a bad line") struct LineTests {
  private static func line(to street: TestStreet, _ conditions: LineConditions) throws
    -> LineSimulator
  {
    let port = try #require(URL(string: street.url)?.port)
    return try LineSimulator(to: UInt16(port), conditions)
  }

  /// Records so many activities with names that do not shorten.
  static func fill(_ office: TestOffice, _ count: Int) async throws {
    let lines = (0..<count).map { number in
      // Letters only: long numbers look like somebody's.
      let noise = String(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, radix: 16).map { letter in
        letter.isNumber ? Character("x") : letter
      }
      let title = "Sweeping \(number) \(String(noise))"
      return #"{"kind":"activity.publish","fields":{"title":"\#(title)","category":"labour","#
        + #""points":3,"held_on":"2026-01-13"}}"#
    }
    let made = try await office.run(
      "record", "--json", "-", "--as", office.staff, input: lines.joined(separator: "\n"))
    try #require(made.exit == 0, "\(made.err)\(made.lines.last ?? "")")
  }

  @Test("a first sync goes on where the line was cut, and little comes twice")
  func cuts() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    try await Self.fill(north, 600)
    try await north.sync()
    var conditions = LineConditions()
    conditions.upBytesPerSecond = 24_000
    conditions.downBytesPerSecond = 24_000
    conditions.delayMilliseconds = 20
    conditions.cutEveryMilliseconds = 2_000
    let line = try Self.line(to: street, conditions)
    defer { line.close() }
    let (code, _) = try await street.invite(staff: "south")
    let words = [
      "office", "init", "--hub", line.url, "--code", code, "--attempts", "100", "--json", "--data",
      street.folder.path("south"),
    ]
    // Where the cut hits the enrolment, the code is used again.
    var made = try await ProcessKit.run(words)
    for _ in 1...9 where made.exit == 4 { made = try await ProcessKit.run(words) }
    try #require(made.exit == 0, "\(made.out)\(made.err)")
    let summary = try made.object()
    #expect(summary["digest_equal"] as? Bool == true)
    let failures = try #require(summary["failures"] as? Int)
    let received = try #require(summary["bytes_received"] as? Int)
    let wasted = try #require(summary["bytes_wasted"] as? Int)
    #expect(failures >= 1, "the line was cut \(line.counts.cuts) times")
    // Each cut costs a chunk at most, with the head of its answer: nothing begins anew.
    #expect(wasted <= failures * (17 << 10), "\(wasted) of \(received) in \(failures) cuts")
    #expect(received - wasted < 200_000)
  }

  @Test("killed while its checkpoint and history come in, an office goes on where it was")
  func killed() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    try await Self.fill(north, 450)
    try await north.sync()
    var conditions = LineConditions()
    conditions.downBytesPerSecond = 100_000
    conditions.delayMilliseconds = 5
    let line = try Self.line(to: street, conditions)
    defer { line.close() }
    let (code, _) = try await street.invite(staff: "south")
    let south = TestOffice(data: street.folder.path("south"), staff: north.staff)
    let begin = ["office", "init", "--hub", line.url, "--code", code]
    var heldAtKill: [Int] = []
    // Each start brings as much as came before it was cut, or nothing where the machine is busy.
    for _ in 1...30 where heldAtKill.count(where: { $0 >= 0 }) < 2 {
      let isEnrolled = FileManager.default.fileExists(atPath: south.data + "/office.db")
      let process = try RunningProcess(
        (isEnrolled ? ["office", "sync"] : begin) + ["--json", "--data", south.data])
      line.cutAndKill(process)
      guard await process.wait().isSignal else { break }
      let status = try await south.run("office", "status", "--json").object()
      heldAtKill.append(status["history_held"] as? Int ?? -1)
      if heldAtKill.count(where: { $0 >= 0 }) == 1 { try await Self.expectWarned(south, north) }
    }
    line.whenReached(.max) {}
    let end = try await south.run("office", "sync", "--hub", street.url, "--json")
    try #require(end.exit == 0, "\(end.out)\(end.err)")
    #expect(try end.object()["digest_equal"] as? Bool == true)
    #expect(try await south.run("office", "verify").exit == 0)
    let starts = line.counts.rangeStarts
    print("killed with \(heldAtKill) ops of the history; ranges from \(starts)")
    // Before the counter works, and behind that.
    #expect(heldAtKill.count { $0 < 0 } >= 3 && heldAtKill.contains { $0 >= 0 })
    #expect(starts == starts.sorted() && starts.count { $0 == 0 } <= 1, "\(starts)")
    let report = try await south.run("report", "expiring-goods")
    #expect(report.exit == 0 && report.err.isEmpty, "\(report.err)")
  }

  /// Expects that readings at an office whose history is still coming say so, and those only that need it.
  private static func expectWarned(_ office: TestOffice, _ writer: TestOffice) async throws {
    for words in [["ledger", "--month", "2026-01"], ["expiring-goods"]] {
      let report = try await ProcessKit.run(["report"] + words + ["--data", office.data])
      #expect(report.exit == 1 && report.err.contains("not the whole truth"), "\(report.err)")
      let json = try await ProcessKit.run(["report"] + words + ["--data", office.data, "--json"])
      #expect(json.exit == 1)
      #expect(try json.object()["incomplete"] as? String == "history-coming", "\(json.out)")
    }
    try await expectNothingNew(office)
    let first = try #require(try await writer.run("log", "--replica", "4097", "--json").lines.first)
    let id = try #require(
      first.split(separator: "\"").first { $0.hasPrefix("4097-") }.map(String.init))
    let told = try await office.run("explain", id, "--json")
    #expect(told.exit == 3 && told.out.contains("history-coming"), "\(told.out)\(told.err)")
    let shown = try await office.run("show", "residents", "--lang", "zh")
    #expect(shown.exit == 0 && shown.err.contains("历史记录还在接收"), "\(shown.err)")
    #expect(try await office.run("show", "items").err.isEmpty)
  }

  /// Expects that nothing is imported or awarded that may be there already, and a registration warned of.
  private static func expectNothingNew(_ office: TestOffice) async throws {
    let folder = try ScratchFolder()
    let file = folder.path("people.csv")
    try Data("name\n钱进\n".utf8).write(to: URL(fileURLWithPath: file))
    let staff = office.staff
    for words in [["check"], ["preview"], ["run", "--rows", "1", "--anyway", "--as", staff]] {
      let (step, options) = (words[0], Array(words.dropFirst()))
      let imported = try await ProcessKit.run(
        ["import", step, "residents", file] + options + ["--data", office.data, "--json"])
      #expect(imported.exit == 3 && imported.out.contains("history-coming"), "\(imported.out)")
    }
    let activity = try await office.run("show", "activities", "--json").objects().first?["id"]
    if let activity = activity as? String {
      let listed = try await office.run("award", "--activity", activity, "--as", staff, "--json")
      #expect(listed.exit == 1 && listed.out.contains("history-coming"), "\(listed.out)")
      let granted = try await office.run(
        "award", "--activity", activity, "--as", staff, "--yes", "--json")
      #expect(granted.exit == 3 && granted.out.contains("history-coming"), "\(granted.out)")
    }
  }

  @Test("a day's ops pass 64 kbit/s and 600 ms in one round trip, while staff go on")
  func day() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    try await office.sync()
    try await Self.fill(office, 50)
    let line = try Self.line(to: street, .bad)
    defer { line.close() }
    async let synced = office.run(
      "office", "sync", "--hub", line.url, "--json", "--attempts", "9")
    for _ in 1...5 {
      let shown = try await office.run("office", "status", "--json")
      #expect(shown.exit == 0, "\(shown.err)")
    }
    let result = try await synced
    try #require(result.exit == 0, "\(result.out)\(result.err)")
    let summary = try result.object()
    #expect(summary["pushed"] as? Int == 50)
    #expect(summary["exchanges"] as? Int == 1)
    let failures = try #require(summary["failures"] as? Int)
    #expect(line.counts.answers <= 1 + failures && failures <= line.counts.cuts)
    let status = try await office.run("office", "status", "--json").object()
    #expect(try #require(status["sent_today"] as? Int) >= line.counts.up)
    #expect(try #require(status["received_today"] as? Int) >= line.counts.down)
  }

  @Test("answers that never arrive, and silence, cost no op and count none twice")
  func swallowed() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    var conditions = LineConditions()
    conditions.delayMilliseconds = 5
    conditions.swallowEvery = 2
    conditions.stallEveryMilliseconds = 700
    conditions.stallMilliseconds = 200
    let line = try Self.line(to: street, conditions)
    defer { line.close() }
    for (office, count) in [(north, 40), (south, 30)] {
      try await Self.fill(office, count)
      let result = try await office.run(
        "office", "sync", "--hub", line.url, "--json", "--attempts", "20")
      try #require(result.exit == 0, "\(result.out)\(result.err)")
    }
    for office in [north, south] {
      let result = try await office.run("office", "sync", "--hub", street.url, "--json")
      try #require(result.exit == 0, "\(result.out)\(result.err)")
    }
    #expect(line.counts.swallowed >= 1)
    for office in [north, south] {
      let status = try await office.run("office", "status", "--json").object()
      #expect(status["waiting"] as? Int == 0)
      let logs = try #require(status["logs"] as? [[String: Any]])
      let own = logs.filter { $0["replica"] as? Int != 4_096 }.compactMap { $0["ops"] as? Int }
      #expect(own.reduce(0, +) == 70)
    }
  }

  @Test("--watch hears at once what another office brings, and sends what is recorded here")
  func watch() async throws {
    let street = try await TestStreet()
    let north = try await street.office("north")
    let south = try await street.office("south")
    for office in [north, south] { try await office.sync() }
    let watch = try RunningProcess(["office", "sync", "--watch", "--json", "--data", north.data])
    // Both ways twice: the first time the call may not wait at the hub yet.
    for _ in 1...2 {
      try await Self.fill(south, 1)
      try await south.sync()
      let heard = try #require(await watch.line())
      #expect(heard.contains("pulled"), "\(heard)")
      try await north.record(
        "activity.publish", "title=More", "category=labour", "points=3", "held_on=2026-01-13")
      while let line = await watch.line(), !line.contains(#""pushed":1"#) {}
    }
    #expect(await watch.end(SIGTERM) == (0, false))
    let status = try await north.run("office", "status", "--json").object()
    #expect(status["waiting"] as? Int == 0)
  }
}

extension LineSimulator {
  /// Has the line cut, so that what came is kept, and then the process killed in the next part.
  func cutAndKill(_ process: RunningProcess) {
    let down = counts.down
    whenReached(down + 8_000) {
      self.cut()
      self.whenReached(down + 13_000) { kill(process.id, SIGKILL) }
    }
  }
}
