import Foundation
import Testing

/// A hub whose disk was set back, or that an office has not called, with real processes and files.
@Suite("A hub's lives") struct HubLivesTests {
  @Test("a hub that was set back unawares begins a new life, and so does its old disk later")
  func setBack() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    for office in offices { try await office.sync() }
    await street.hub.end(SIGTERM)
    let old = try street.copyHub(as: "old")
    var hub = try await street.serve()
    let resident = try await offices[0].record("resident.register", "name=刘小娥")
    for office in offices + offices { try await office.sync() }
    let before = try await street.hubDigest()
    await hub.end(SIGTERM)
    try street.putHubBack(from: old)

    hub = try await street.serve()
    #expect(try await street.hubDigest() != before)
    // It says that a life begins, and goes on where nobody hears it.
    hub.closeOutput()
    let met = try await offices[1].run("office", "sync", "--json", "--attempts", "1")
    #expect(met.exit == 0, "\(met.out)\(met.err)")
    let status = try await street.hub("status")
    #expect(status.out.contains("roll-call (the hub was rebuilt)"), "\(status.out)")
    #expect(try await street.hubDigest() == before)
    try await offices[0].run("office", "sync", "--attempts", "1").expectDone()
    try await street.succeed(by: offices)
    for office in offices + offices { try await office.sync() }
    #expect(try await street.hubDigest() == before)
    await hub.end(SIGTERM)

    // The disk that was put away runs again: shown a later life it begins one beyond that, and nobody
    // goes back to the one that is on it.
    hub = try await street.serve(old)
    for office in offices { try await office.run("office", "sync", "--attempts", "1").expectDone() }
    await hub.end(SIGTERM)
    let third = try await ProcessKit.run(["hub", "status", "--data", old])
    #expect(third.out.contains("roll-call (the hub was rebuilt)"), "\(third.out)")
    hub = try await street.serve()
    for office in offices { try await office.run("office", "sync", "--attempts", "1").expectDone() }
    try await street.succeed(by: offices)
    for office in offices + offices { try await office.sync() }
    #expect(try await street.hubDigest() == before)
    #expect(try await offices[1].run("show", "residents", resident).out.contains("刘小娥"))
    await hub.end(SIGTERM)
  }

  @Test("an office on the other branch of a hub's log is named, warned, and comes back as said")
  func branched() async throws {
    let street = try await TestStreet()
    let (north, south) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [north, south] { try await office.sync() }
    await street.hub.end(SIGTERM)
    let old = try street.copyHub(as: "old")
    var hub = try await street.serve()
    try await street.hub("budget", "set", "4098", "--limit", "7").expectDone()
    var newcomer = ""
    for name in ["赵云", "马超", "黄忠"] {
      let appointed = try await street.hub(
        "staff", "appoint", name, "--community", "青龙街", "--roles", "clerk", "--yes", json: true)
      newcomer = try #require(try appointed.object()["op"] as? String, "\(appointed.err)")
    }
    try await north.sync()
    await hub.end(SIGTERM)
    try street.putHubBack(from: old)
    hub = try await street.serve()
    try await street.hub("budget", "set", "4098", "--limit", "8").expectDone()
    try await south.sync()

    let resident = try await north.record("resident.register", "name=刘小娥")
    let stray = try await north.run(
      "record", "activity.publish", "title=扫雪", "category=labour", "points=9",
      "held_on=\(LaterDay(0).date)", "--as", newcomer)
    try #require(stray.exit == 0, "\(stray.err)")
    let met = try await north.run("office", "sync", "--attempts", "1")
    #expect(met.exit != 0, "\(met.out)")
    let warned = try await north.run("office", "status")
    #expect(warned.out.contains("warning: at the last sync the hub did not know"), "\(warned.out)")
    #expect(try await south.run("office", "sync", "--attempts", "1").exit == 0)
    let status = try await street.hub("status")
    #expect(status.out.contains("4097 hold another branch"), "\(status.out)")
    #expect(status.out.contains("linli hub retire OLD --to NEW --reason broken"))
    try await street.succeed(by: [north, south])
    try await south.sync()

    // It comes back as it was told.
    #expect(try await north.run("office", "sync", "--attempts", "1").exit != 0)
    let (code, _) = try await street.invite(staff: "王敏")
    let again = TestOffice(data: street.folder.path("again"), staff: north.staff)
    let made = try await again.run("office", "init", "--hub", street.url, "--code", code)
    try #require(made.exit == 0, "\(made.err)")
    let number = try #require(
      try await again.run("office", "status", "--json").object()["replica"] as? Int)
    let retired = try await street.hub(
      "retire", "4097", "--to", "\(number)", "--by", "\(north.staff),\(south.staff)", "--reason",
      "broken", "--yes")
    #expect(retired.exit == 0, "\(retired.err)")
    for office in [again, south, again] { try await office.sync() }
    let shown = try await again.run("show", "resident", resident, "--json").object()
    #expect(shown["home"] as? Int == number, "\(shown)")
    // The old folder gave the file, too, when it was synced before it was put away.
    #expect(shown["name"] as? String == "刘小娥", "\(shown)")
    let after = try await street.hub("status")
    #expect(!after.out.contains("another branch"), "\(after.out)")
    // Whoever recorded under an appointment that is lost is named by the id that nobody has.
    let audit = try await south.run("report", "audit", "--month", "\(LaterDay(0).date.prefix(7))")
    #expect(audit.exit == 0 && audit.out.contains(newcomer), "\(audit.out)\(audit.err)")
    await hub.end(SIGTERM)
  }

  @Test("a roll-call is closed without an office that had not called; what it brings later arrives")
  func notCalled() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    let (north, south) = (offices[0], offices[1])
    for office in offices { try await office.sync() }
    // Only one office hears of this decision before the hub dies, and that one does not call.
    #expect(try await street.hub("budget", "set", "4097", "--limit", "7").exit == 0)
    try await south.sync()
    let resident = try await south.record("resident.register", "name=刘小娥")
    await street.hub.end(SIGKILL)
    try await street.recoverHub()
    var hub = try await street.serve()
    try await north.run("office", "sync", "--attempts", "1").expectDone()
    let by = offices.map(\.staff).joined(separator: ",")
    let asked = try await street.hub("succeed", "--by", by)
    #expect(asked.exit == 3 && asked.out.contains("not called: 4098"), "\(asked.out)")
    try await street.succeed(by: offices)
    try await north.sync()
    for office in [south, south, north] { try await office.sync() }
    let listed = try await street.hub("budget", "list", json: true)
    #expect(!listed.out.contains("\"points\":7"), "\(listed.out)")
    #expect(try await north.run("show", "residents", resident, "--json").objects().count == 1)

    // The end of a roll-call can come too late itself, and is told in words.
    await hub.end(SIGKILL)
    try await street.recoverHub()
    hub = try await street.serve()
    for office in offices {
      try await office.run("office", "sync", "--attempts", "1").expectDone()
    }
    try await street.succeed(by: offices)
    try await south.sync()
    await hub.end(SIGKILL)
    try await street.recoverHub()
    hub = try await street.serve()
    try await north.run("office", "sync", "--attempts", "1").expectDone()
    try await street.succeed(by: offices)
    for office in [south, north, south] { try await office.sync() }
    let desk = try await north.run("desk", "--lang", "en")
    let late = desk.lines.filter { $0.contains("succeed the former hubs") }
    #expect(!late.isEmpty, "\(desk.out)")
    #expect(late.allSatisfy { !$0.contains(", ,") && $0.contains("4096-") }, "\(late)")
    await hub.end(SIGTERM)
  }
}

extension ProcessResult {
  /// Expects that it did what it was asked.
  func expectDone() { #expect(exit == 0, "\(out)\(err)") }
}
