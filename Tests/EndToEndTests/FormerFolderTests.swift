import Foundation
import Testing

/// A new folder in place of one to which no hub's log leads any more.
@Suite("A former folder") struct FormerFolderTests {
  /// Two offices in step, an activity, and the hub's folder as it was then.
  private struct Scene {
    let street: TestStreet
    let office: TestOffice
    let other: TestOffice
    let activity: String
    let old: String
    var hub: RunningProcess

    init() async throws {
      street = try await TestStreet()
      office = try await street.office("王敏")
      other = try await street.office("李强")
      activity = try await office.record(
        "activity.publish", "title=扫雪", "category=labour", "points=10",
        "held_on=\(LaterDay(0).date)")
      for office in [office, other, office] { try await office.sync() }
      await street.hub.end(SIGTERM)
      old = try street.copyHub(as: "old-hub")
      hub = try await street.serve()
    }

    /// Puts the hub back on its old disk behind everybody's back.
    mutating func setBack() async throws {
      await hub.end(SIGTERM)
      try street.putHubBack(from: old)
      hub = try await street.serve()
    }
  }

  private static func code(of street: TestStreet) async throws -> String {
    let invited = try await street.hub("invite", "--community", "青龙街", json: true).object()
    return try #require(invited["code"] as? String)
  }

  private static func newcomer(
    _ name: String, in street: TestStreet, staff: String
  ) async throws -> TestOffice {
    let newcomer = TestOffice(data: street.folder.path(name), staff: staff)
    let code = try await code(of: street)
    try await newcomer.run("office", "init", "--hub", street.url, "--code", code).expectDone()
    return newcomer
  }

  /// Begins a new folder in place of an old one; returns how many records were recorded again and how many
  /// were not.
  private static func begin(
    _ name: String, inPlaceOf former: TestOffice, in street: TestStreet
  ) async throws -> (office: TestOffice, again: Int?, refused: Int?) {
    let office = TestOffice(data: street.folder.path(name), staff: former.staff)
    let begun = try await office.run(
      "office", "init", "--hub", street.url, "--code", try await code(of: street), "--from",
      former.data, "--json"
    ).object()
    return (office, begun["recorded_again"] as? Int, begun["not_recorded_again"] as? Int)
  }

  private static func clerk(_ name: String, in street: TestStreet) async throws -> String {
    let appointed = try await street.hub(
      "staff", "appoint", name, "--community", "青龙街", "--roles", "clerk", "--yes", json: true)
    return try #require(try appointed.object()["op"] as? String, "\(appointed.out)")
  }

  @Test("two PCs of one number: what the one recorded is recorded again from its new folder")
  func sameNumber() async throws {
    var scene = try await Scene()
    let (street, office, other) = (scene.street, scene.office, scene.other)
    let activity = scene.activity
    // The lost branch of the hub's log enrols one PC under 4099, the other branch another.
    let helper = try await Self.clerk("周八", in: street)
    let lost = try await Self.newcomer("lost", in: street, staff: office.staff)
    let person = try await lost.record("resident.register", "name=东居民")
    _ = try await lost.record("award.grant", "activity=\(activity)", "resident=\(person)")
    try await lost.sync()
    try await scene.setBack()
    #expect(try await Self.clerk("吴九", in: street) == helper)
    let found = try await Self.newcomer("found", in: street, staff: office.staff)
    for number in 1...3 { _ = try await found.record("resident.register", "name=西居民\(number)") }
    try await found.sync()
    let byHelper = TestOffice(data: lost.data, staff: helper)
    let last = try await byHelper.record("resident.register", "name=东居民二")

    let fenced = try await lost.run("office", "sync", "--attempts", "1")
    #expect(fenced.exit != 0, "\(fenced.out)")
    for office in [office, other] { _ = try await office.run("office", "sync") }
    try await street.succeed(by: [office, other])
    for office in [office, other, found] { try await office.sync() }
    let code = try await Self.code(of: street)
    for exit in [1, 3] as [Int32] {
      let rejoined = try await lost.run("office", "rejoin", "--code", code, "--yes")
      #expect(rejoined.exit == exit && rejoined.err.contains("office init --from"))
    }

    let new = try await Self.begin("new", inPlaceOf: lost, in: street)
    // Who has the number of who recorded the last one is somebody else now.
    #expect(new.again == 2 && new.refused == 1)
    let desk = try await new.office.run("desk")
    #expect(desk.out.contains(last) && desk.out.contains("another record now"), "\(desk.out)")
    // From there once more, as if the hub had been set back again: the one that was not said goes along.
    let next = try await Self.begin("next", inPlaceOf: new.office, in: street)
    #expect(next.again == 0 && next.refused == 1)
    try await next.office.run(
      "desk", "resolve", last, "--reason", "not-recorded-again", "--outcome", "noted"
    ).expectDone()
    #expect(try await !next.office.run("desk").out.contains(last))
    for office in [found, new.office, office] {
      try await office.sync()
      try await office.run("office", "verify").expectDone()
    }
    let list = try await office.run("show", "residents").out
    for name in ["西居民3", "东居民 "] { #expect(list.contains(name), "\(list)") }
    #expect(!list.contains("东居民二"))
    await scene.hub.end(SIGTERM)
  }

  @Test("a copy on another branch of the hub's log: its records come along into a new folder")
  func copied() async throws {
    var scene = try await Scene()
    let (street, office, other) = (scene.street, scene.office, scene.other)
    let activity = scene.activity
    _ = try await office.record("resident.register", "name=分一")
    try await office.sync()
    let copy = TestOffice(data: street.folder.path("copy"), staff: office.staff)
    try FileManager.default.copyItem(atPath: office.data, toPath: copy.data)
    try await scene.setBack()
    _ = try await Self.clerk("新人", in: street)
    _ = try await other.record("resident.register", "name=白一")
    try await other.sync()
    _ = try await office.record("resident.register", "name=原二")
    let person = try await copy.record("resident.register", "name=副二", "phone=13700003333")
    _ = try await copy.record("award.grant", "activity=\(activity)", "resident=\(person)")
    for office in [office, copy, other] {
      _ = try await office.run("office", "sync", "--attempts", "1")
    }
    try await street.succeed(by: [office, other])
    for office in [office, copy, other] {
      _ = try await office.run("office", "sync", "--attempts", "1")
    }
    let code = try await Self.code(of: street)
    _ = try await copy.run("office", "rejoin", "--code", code, "--yes")
    // It has the other copy's ops under the number that it gave up, and its own apart.
    let refused = try await copy.run("office", "rejoin", "--code", code, "--yes")
    #expect(refused.exit == 3 && refused.err.contains("office init --from"), "\(refused.err)")

    let new = try await Self.begin("new", inPlaceOf: copy, in: street)
    #expect(new.again == 2 && new.refused == 0)
    for office in [new.office, other] {
      try await office.sync()
      let list = try await office.run("show", "residents").out
      for name in ["分一", "原二", "副二", "白一"] { #expect(list.contains(name), "\(list)") }
      try await office.run("office", "verify").expectDone()
    }
    try await street.hub("verify").expectDone()
    await scene.hub.end(SIGTERM)
  }
  @Test("a hub that was set back and gives the old folder's number makes no new folder")
  func numberGivenAgain() async throws {
    var scene = try await Scene()
    let street = scene.street
    let lost = try await Self.newcomer("lost", in: street, staff: scene.office.staff)
    try await scene.setBack()
    let new = TestOffice(data: street.folder.path("new"), staff: lost.staff)
    let refused = try await new.run(
      "office", "init", "--hub", street.url, "--code", try await Self.code(of: street), "--from",
      lost.data)
    #expect(refused.exit == 3 && refused.err.contains("4099"), "\(refused.out)\(refused.err)")
    #expect(try await new.run("office", "status").exit != 0)
    await scene.hub.end(SIGTERM)
  }
}
