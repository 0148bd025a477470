import Foundation
import Testing

/// Whoever writes another replica has the documents alone; one that was written from nothing else meets
/// this program here.
@Suite(
  "A replica that was written from the documents",
  .enabled(if: PythonReplica.isThere, "it takes python3"))
struct ReferenceTests {
  @Test("its own laws hold, on the golden messages and the exchanges of sync.md")
  func ownLaws() async throws {
    let folder = PythonReplica.folder.path
    let tests = try await PythonReplica.python("-m", "unittest", "discover", "-s", folder)
    #expect(tests.exit == 0, "\(tests.err)")
    let count = try #require(tests.err.firstMatch(of: /Ran ([0-9]+) tests/))
    #expect(try #require(Int(count.1)) >= 23)
  }

  @Test("each side holds what the other recorded: the same heads, chain hashes, and balances")
  func sameState() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let python = try await PythonReplica(in: street, "李强")

    let ours = try await office.record("resident.register", "name=刘小娥")
    let work = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-12")
    let soap = try await office.record("item.define", "name=肥皂", "sort=goods", "points=2")
    try await office.record("award.grant", "activity=\(work)", "resident=\(ours)")
    try await office.record("stock.receive", "item=\(soap)", "quantity=10", "source=purchase")
    try await office.record("redemption.record", "resident=\(ours)", "items=\(soap)*2")

    let theirs = try await python.record("resident.register", "name=王芳", "phone=13800000000")
    let lesson = try await python.record(
      "activity.publish", "title=教课", "category=lecture", "points=5", "held_on=2026-01-12")
    let wrong = try await python.record(
      "award.grant", "activity=\(lesson)", "resident=\(theirs)", "role=teacher")
    try await python.record("award.grant", "activity=\(lesson)", "resident=\(theirs)")
    let reversed = try await python.run(
      "record", "award.reverse", "award=\(wrong)", "cause=not_attended", "--as", python.staff[1])
    try #require(reversed.exit == 0, "\(reversed.err)")

    try await python.sync()
    try await office.sync()
    try await python.sync()
    // One award that both record while neither hears of the other: the guest's is a duplicate.
    try await python.record("award.grant", "activity=\(work)", "resident=\(theirs)")
    try await office.record("award.grant", "activity=\(work)", "resident=\(theirs)")
    try await python.record("points.transfer", "from=\(theirs)", "to=\(ours)", "points=4")
    for _ in 0..<2 {
      try await python.sync()
      try await office.sync()
    }

    try await expectSameHeads(python, office, count: 3)
    let ops = try await office.run("show", "ops", "--limit", "1000", "--json").objects()
    let hashes = ops.reduce(into: [String: String]()) { found, row in
      found[row["id"] as? String ?? ""] = row["hash"] as? String
    }
    let held = try await python.hashes()
    #expect(hashes.count > 20 && hashes == held)

    let shown = try await office.run("show", "residents", "--json").objects()
    let balances = shown.reduce(into: [String: Int?]()) { found, row in
      found[row["id"] as? String ?? ""] = .some(row["balance"] as? Int)
    }
    #expect(balances == [ours: 9, theirs: 10])
    let folded = try await python.balances()
    #expect(folded == balances)
    #expect(shown.contains { $0["name"] as? String == "王芳" }, "its body came along")
  }

  @Test("an answer that is cut in the middle and a request that comes twice change nothing")
  func badLine() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let python = try await PythonReplica(in: street, "李强")
    let forms = (1...20).map {
      #"{"kind":"resident.register","fields":{"name":"居民\#($0)"}}"# + "\n"
    }
    let recorded = try await office.run(
      "record", "--json", "-", "--as", office.staff, input: forms.joined())
    try #require(recorded.exit == 0, "\(recorded.out)\(recorded.err)")
    for number in 1...5 { try await python.record("resident.register", "name=邻居\(number)") }
    try await office.sync()

    let line = try RunningProcess(
      [
        "python3", "-B", PythonReplica.folder.appending(path: "tests/spoilt_line.py").path,
        street.url, "2",
      ], of: PythonReplica.environment)
    let listening = try #require(await line.line())
    let spoilt = String(listening.dropFirst("listening ".count))
    let before = try await python.heads()
    let cut = try await python.run("sync", "--hub", spoilt, "--attempts", "1")
    #expect(cut.exit == 4, "\(cut.out)\(cut.err)")
    let after = try await python.heads()
    #expect(after == before)

    let synced = try await python.sync(through: spoilt)
    #expect(synced["pushed"] as? Int == 5)
    line.endInput()
    try await office.sync()
    try await expectSameHeads(python, office, count: 3)
    let residents = try await office.run("show", "residents", "--limit", "100", "--json")
    #expect(residents.lines.count == 25)
    // What came twice was received once.
    let receipts = try await office.run("log", "--replica", "4096", "--limit", "100", "--json")
      .lines.filter { $0.contains(#""kind":"receipt""#) }
    #expect(receipts.count == 2)
    #expect(try await street.hub("verify").exit == 0)
  }

  @Test("a kind that nobody knows passes through, and its account is not firm")
  func unknownKind() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let python = [
      try await PythonReplica(in: street, "李强"), try await PythonReplica(in: street, "赵云"),
    ]
    let resident = try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    try await python[0].sync()
    let payload = ##"{"#1":{"#ref":"\##(resident)"},"#7":[{"#2":{"#bytes":"AAH_"}},true,-5]}"##
    let op = try await python[0].record("#900", "--payload", payload)
    try await python[0].sync()
    try await office.sync()
    try await python[1].sync()

    let logs = [
      try await office.run("log", "--replica", "4098", "--json"),
      try await python[0].run("log", "--replica", "4098"),
      try await python[1].run("log", "--replica", "4098"),
    ]
    for log in logs {
      #expect(log.lines.contains { $0.contains(payload) && $0.contains("\"\(op)\"") }, "\(log.out)")
    }
    let balance = try #require(try await python[0].balances()[resident])
    #expect(balance == nil)
    #expect(try await office.run("desk").out.contains(op))
    try await expectSameHeads(python[1], office, count: 3)
  }

  @Test("it gives a rebuilt hub what it holds, and follows it")
  func rollCall() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let python = try await PythonReplica(in: street, "李强")
    let resident = try await office.record("resident.register", "name=刘小娥")
    try await python.record("resident.register", "name=王芳")
    try await office.sync()
    try await python.sync()

    await street.hub.end(SIGKILL)
    let rebuilt = street.folder.path("rebuilt")
    try FileManager.default.createDirectory(atPath: rebuilt, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: street.folder.path("hub/hub.key"), toPath: rebuilt + "/hub.key")
    try #require(await ProcessKit.run(["hub", "recover", "--data", rebuilt]).exit == 0)
    let (hub, url) = try await RunningProcess.hub(data: rebuilt)
    defer { hub.endInput() }

    try await python.sync(through: url)
    let status = try await ProcessKit.run(["hub", "status", "--data", rebuilt, "--json"]).out
    #expect(status.contains(#""replica":4097"#) && status.contains(#""replica":4098"#), "\(status)")
    let synced = try await office.run("office", "sync", "--hub", url, "--json")
    #expect(try synced.object()["digest_equal"] as? Bool == true, "\(synced.out)\(synced.err)")
    try await python.sync()
    try await expectSameHeads(python, office, count: 4)
    let balance = try #require(try await python.balances()[resident])
    #expect(balance == 0)
  }

  private func expectSameHeads(
    _ python: PythonReplica, _ office: TestOffice, count: Int
  ) async throws {
    let theirs = try await python.heads()
    let ours = try await PythonReplica.heads(of: office)
    #expect(theirs == ours && ours.count == count)
  }
}
