import Foundation
import LineKit
import Testing

/// A hub that loses all but its key while a new office is still on the way in.
@Suite("A lost enrolment") struct LostEnrolmentTests {
  /// Enrols an office for which nothing is new, and kills it as soon as its counter works: then it has
  /// nothing of the history, its own enrolment neither.
  private static func newcomer(of street: TestStreet, staff: String) async throws -> TestOffice {
    let port = try #require(URL(string: street.url)?.port)
    var conditions = LineConditions()
    conditions.downBytesPerSecond = 100_000
    conditions.delayMilliseconds = 5
    let line = try LineSimulator(to: UInt16(port), conditions)
    defer { line.close() }
    let invited = try await street.hub("invite", "--community", "青龙街", json: true).object()
    let code = try #require(invited["code"] as? String)
    let office = TestOffice(data: street.folder.path("newcomer"), staff: staff)
    for _ in 1...40 {
      let isEnrolled = FileManager.default.fileExists(atPath: office.data + "/office.db")
      let begin = ["office", "init", "--hub", line.url, "--code", code]
      let process = try RunningProcess(
        (isEnrolled ? ["office", "sync"] : begin) + ["--json", "--data", office.data])
      line.cutAndKill(process)
      try #require(await process.wait().isSignal, "all of the history came")
      let status = try await office.run("office", "status", "--json").object()
      if status["history_held"] != nil { return office }
    }
    throw CancellationError()
  }

  @Test("a hub that lost all enrols an office again that nobody else had heard of")
  func story() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    try await LineTests.fill(offices[0], 450)
    for office in offices + offices { try await office.sync() }
    let newcomer = try await Self.newcomer(of: street, staff: offices[1].staff)
    let person = try await newcomer.record(
      "resident.register", "name=刘小娥", "--on", LaterDay(0).date)
    await street.hub.end(SIGKILL)
    try await street.recoverHub()
    let hub = try await street.serve()

    let met = try await newcomer.run("office", "sync", "--hub", street.url)
    #expect(met.exit == 0 && met.out.contains("linli hub enroll 4099"), "\(met.out)\(met.err)")
    let refused = try await newcomer.run(
      "record", "resident.register", "name=孙明", "--as", newcomer.staff)
    #expect(refused.exit == 3 && refused.err.contains("linli office status"), "\(refused.err)")
    let status = try await newcomer.run("office", "status", "--json").object()
    #expect(status["enrolment_lost"] as? Bool == true)
    let early = try await street.hub("enroll", "4099", "--yes")
    #expect(early.exit == 3 && early.err.contains("linli hub succeed"), "\(early.err)")
    for office in offices {
      try await office.run("office", "sync", "--attempts", "1").expectDone()
    }
    try await street.succeed(by: offices)
    let named = try await street.hub("status")
    #expect(named.out.contains("linli hub enroll 4099"), "\(named.out)")
    let unknown = try await newcomer.run("office", "sync", "--attempts", "1")
    #expect(unknown.exit == 3 && unknown.err.contains("linli hub enroll"), "\(unknown.err)")

    let asked = try await street.hub("enroll", "4099")
    #expect(asked.exit == 3 && asked.err.contains("青龙街"), "\(asked.err)")
    let enrolled = try await street.hub("enroll", "4099", "--yes")
    #expect(enrolled.exit == 0 && enrolled.out.contains("青龙街"), "\(enrolled.out)\(enrolled.err)")
    let again = try await street.hub("enroll", "4099", "--yes")
    #expect(again.exit == 3 && again.err.contains("is enrolled"), "\(again.err)")
    try await newcomer.sync()
    let second = try await newcomer.record("resident.register", "name=孙明")
    for office in [newcomer] + offices { try await office.sync() }
    for (id, name) in [(person, "刘小娥"), (second, "孙明")] {
      #expect(try await offices[0].run("show", "resident", id).out.contains(name))
    }
    #expect(try await newcomer.run("office", "status", "--json").object()["enrolment_lost"] == nil)
    try await newcomer.run("office", "verify").expectDone()
    try await street.hub("verify").expectDone()
    await hub.end(SIGTERM)
  }
}
