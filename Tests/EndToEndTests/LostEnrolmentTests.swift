import Foundation
import LineKit
import Testing

/// A hub that loses all but its key while a new office is still on the way in.
@Suite("A lost enrolment") struct LostEnrolmentTests {
  /// Enrols an office for which nothing is new, and kills it as soon as its counter works: then it has
  /// nothing of the history, its own enrolment neither.
  ///
  /// It is of 青龙街, and somebody works there; without anybody it is the first of a new community.
  private static func newcomer(
    of street: TestStreet, staff known: String?
  ) async throws -> TestOffice {
    let port = try #require(URL(string: street.url)?.port)
    var conditions = LineConditions()
    conditions.downBytesPerSecond = 100_000
    conditions.delayMilliseconds = 5
    let line = try LineSimulator(to: UInt16(port), conditions)
    defer { line.close() }
    let (code, staff) = try await invitation(to: street, staff: known)
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

  private static func invitation(
    to street: TestStreet, staff: String?
  ) async throws -> (code: String, staff: String) {
    guard let staff else {
      let new = try await street.invite(staff: "赵强", community: "朱雀街")
      return (new.code, try #require(new.staff.first))
    }
    let invited = try await street.hub("invite", "--community", "青龙街", json: true).object()
    return (try #require(invited["code"] as? String), staff)
  }

  /// A street that lost its hub, with two offices of 青龙街 and one of 白虎街, a newcomer that recorded
  /// somebody, and its roll-call behind it; the newcomer has not called.
  private static func rebuilt(
    isCommunityNew: Bool
  ) async throws -> (TestStreet, RunningProcess, TestOffice) {
    let street = try await TestStreet()
    let offices = [
      try await street.office("王敏"), try await street.office("李强"),
      try await street.office("孙丽", community: "白虎街"),
    ]
    try await LineTests.fill(offices[0], 450)
    for office in offices + offices { try await office.sync() }
    let newcomer = try await newcomer(
      of: street, staff: isCommunityNew ? nil : offices[1].staff)
    try await newcomer.record("resident.register", "name=刘小娥", "--on", LaterDay(0).date)
    await street.hub.end(SIGKILL)
    try await street.recoverHub()
    let hub = try await street.serve()
    for office in offices {
      try await office.run("office", "sync", "--attempts", "1").expectDone()
    }
    try await street.succeed(by: [offices[0], offices[1]])
    // With the bodies the names come back, without which the hub appoints nobody by name.
    for office in offices { try await office.sync() }
    return (street, hub, newcomer)
  }

  /// What was recorded is still shown where it was recorded.
  private static func expectReadable(_ newcomer: TestOffice) async throws {
    let log = try await newcomer.run("log", "--replica", "4100")
    #expect(
      log.out.contains("4100-1") && log.out.contains("register a resident"), "\(log.out)\(log.err)")
    let told = try await newcomer.run("explain", "4100-1")
    #expect(told.out.contains("刘小娥"), "\(told.out)\(told.err)")
  }

  @Test("an office enrolled again into a wrong community says so, and can still be read")
  func wrongCommunity() async throws {
    let (street, hub, newcomer) = try await Self.rebuilt(isCommunityNew: false)
    let before = try await newcomer.run("office", "status")
    #expect(before.out.contains("community 青龙街 (4096-2)"), "\(before.out)")
    let plan = try await street.hub("enroll", "4100", "--community", "白虎街")
    let communities = try #require(
      try await street.hub("status", json: true).object()["communities"] as? [[String: String]])
    let wrong = try #require(communities.first { $0["name"] == "白虎街" }?["id"])
    #expect(plan.exit == 3 && plan.err.contains("白虎街 (\(wrong))"), "\(plan.err)")
    let done = try await street.hub("enroll", "4100", "--community", "白虎街", "--yes")
    #expect(done.exit == 0 && done.out.contains("白虎街 (\(wrong))"), "\(done.out)\(done.err)")

    let met = try await newcomer.run("office", "sync", "--hub", street.url)
    let status = try await newcomer.run("office", "status")
    for said in [met, status] {
      #expect(said.exit == 0, "\(said.err)")
      for part in ["白虎街 (\(wrong))", "青龙街 (4096-2)", "actor-not-entitled", "linli hub invite"] {
        #expect(said.out.contains(part), "\(part): \(said.out)")
      }
    }
    let object = try await newcomer.run("office", "status", "--json").object()
    #expect(object["enrolled_in"] as? String == wrong)
    let refused = try await newcomer.run(
      "record", "resident.register", "name=孙明", "--as", newcomer.staff)
    #expect(refused.exit == 3 && refused.err.contains("linli office status"), "\(refused.err)")
    #expect(refused.err.contains(wrong), "\(refused.err)")
    try await Self.expectReadable(newcomer)
    await hub.end(SIGTERM)
  }

  @Test("the first office of a community that was lost too is told to begin anew, by both sides")
  func lostCommunity() async throws {
    let (street, hub, newcomer) = try await Self.rebuilt(isCommunityNew: true)
    let met = try await newcomer.run("office", "sync", "--hub", street.url, "--attempts", "1")
    #expect(met.exit == 3, "\(met.out)\(met.err)")
    let object = try await newcomer.run("office", "status", "--json").object()
    let community = try #require(object["community"] as? String)
    let status = try await newcomer.run("office", "status")
    #expect(
      object["enrolment_lost"] as? Bool == true
        && status.out.contains("does not list the community \(community)")
        && status.out.contains("linli hub invite"), "\(status.out)")
    let hubStatus = try await street.hub("status")
    #expect(!hubStatus.out.contains("(\(community))"), "\(hubStatus.out)")
    #expect(
      hubStatus.out.contains("at least 1") && hubStatus.out.contains("revoked"), "\(hubStatus.out)")
    let again = try await street.hub("enroll", "4100", "--yes")
    #expect(again.exit == 3 && again.err.contains("linli hub invite"), "\(again.err)")
    for command in [
      ["revoke", "4100"], ["retire", "4100", "--to", "4097", "--by", "4096-4,4096-6"],
    ] {
      let shut = try await ProcessKit.run(["hub"] + command + ["--data", street.hubData])
      #expect(shut.exit == 3 && shut.err.contains("linli hub enroll 4100"), "\(shut.err)")
    }

    let anew = try await street.office("赵强", community: "朱雀街")
    let mistaken = try await street.hub("enroll", "4100", "--community", "朱雀街")
    #expect(mistaken.exit == 3 && mistaken.err.contains("would not count"), "\(mistaken.err)")
    try await Self.expectReadable(newcomer)
    let person = try await anew.record("resident.register", "name=刘小娥")
    try await anew.sync()
    #expect(try await anew.run("show", "resident", person).out.contains("刘小娥"))
    await hub.end(SIGTERM)
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
