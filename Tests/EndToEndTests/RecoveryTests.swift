import Foundation
import Testing

/// The hub's PC dies and comes back, with real processes and files.
@Suite struct RecoveryTests {
  @Test("all of a hub but its key is deleted; its offices bring it back")
  func wiped() async throws {
    let street = try await TestStreet()
    let offices = [
      try await street.office("王敏"), try await street.office("李强"),
    ]
    let resident = try await offices[0].record("resident.register", "name=刘小娥")
    let activity = try await offices[0].record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-05", "--on",
      "2026-01-05")
    for office in offices { try await office.sync() }
    for office in offices { try await office.sync() }
    for session in 1...4 {
      try await offices[session % 2].record(
        "award.grant", "activity=\(activity)", "resident=\(resident)", "session=\(session)",
        "--on", "2026-01-05")
    }
    for office in offices + offices { try await office.sync() }
    let before = try await digest(of: street)

    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where file != "hub.key" { try FileManager.default.removeItem(atPath: folder + "/" + file) }
    let gone = try await street.hub("status")
    #expect(gone.exit == 5)
    let recovered = try await street.hub("recover")
    #expect(recovered.exit == 0, "\(recovered.err)")
    #expect(recovered.out.contains("linli hub serve"))

    let port = try #require(street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", folder, "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(street.url)")
    let staff = offices.map(\.staff).joined(separator: ",")
    let early = try await street.hub("succeed", "--by", staff, "--yes")
    #expect(early.exit == 3)
    #expect(early.err.contains("no office has called yet"))
    for office in offices {
      let synced = try await office.run("office", "sync", "--json", "--attempts", "1")
      #expect(synced.exit == 0, "\(synced.out)\(synced.err)")
    }
    let refused = try await street.hub("invite", "--community", "青龙街", "--staff", "赵磊")
    #expect(refused.exit == 3)
    #expect(refused.err.contains("linli hub succeed"))
    let status = try await street.hub("status")
    #expect(status.out.contains("called: 4097, 4098"))
    #expect(try await digest(of: street) == before)

    let asked = try await street.hub("succeed", "--by", staff)
    #expect(asked.exit == 3)
    #expect(asked.out.contains("not called: none"))
    let ended = try await street.hub("succeed", "--by", staff, "--yes")
    #expect(ended.exit == 0, "\(ended.out)\(ended.err)")
    for office in offices + offices { try await office.sync() }
    #expect(try await digest(of: street) == before)
    let third = try await street.office("赵磊")
    try await third.sync()
    let shown = try await third.run("show", "residents", "--json")
    #expect(shown.out.contains("36"), "\(shown.out)")
    await hub.end(SIGTERM)
  }

  @Test("a backup is no hub, and becomes one again with the two printed shares")
  func backup() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let file = street.folder.path("monday.backup")
    #expect(try await street.hub("backup", file).exit == 0)
    #expect(try await street.hub("backup", file).exit == 3)
    try await office.record("resident.register", "name=陈大勇")
    try await office.sync()
    let before = try await digest(of: street)
    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: folder + "/hub.db" + end)
    }
    try FileManager.default.copyItem(atPath: file, toPath: folder + "/hub.db")
    let served = try await street.hub("serve", "--listen", "127.0.0.1:0")
    #expect(served.exit == 5)
    #expect(served.err.contains("linli hub recover"))
    for name in ["hub.db", "hub.key"] {
      try FileManager.default.removeItem(atPath: folder + "/" + name)
    }
    let keyless = try await street.hub("recover", "--from", file)
    #expect(keyless.exit == 5)
    #expect(keyless.err.contains("--former"))
    // The sheets do not say which lives the hub had; any office does.
    let known = try await office.run("office", "status", "--json").object()
    let lives = try #require(known["hub_lives"] as? [String])
    let check = try #require(known["key_check"] as? String)
    let former = (lives + [check]).joined(separator: ",")
    let words = ["recover", "--from", file, "--join"] + street.shares
    let unknown = try await ProcessKit.run(["hub"] + words + ["--data", folder])
    #expect(unknown.exit == 2)
    #expect(unknown.err.contains("linli office status"))
    let wrong = try await ProcessKit.run(
      ["hub"] + words + ["--former", "1", "--data", folder])
    #expect(wrong.exit == 2)
    // The check is of the office's secret: a void key has made another. Each that is typed counts.
    let misread = (lives + [check.dropLast(8) + "00000000", check]).joined(separator: ",")
    let void = try await ProcessKit.run(
      ["hub"] + words + ["--former", misread, "--data", folder])
    #expect(void.exit == 3 && void.err.contains("void"), "\(void.err)")
    let recovered = try await ProcessKit.run(
      ["hub"] + words + ["--former", former, "--data", folder])
    #expect(recovered.exit == 0, "\(recovered.err)")
    let port = try #require(street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", folder, "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(street.url)")
    let synced = try await office.run("office", "sync", "--json", "--attempts", "1")
    #expect(synced.exit == 0, "\(synced.out)\(synced.err)")
    #expect(try await digest(of: street) == before)
    await hub.end(SIGTERM)
  }

  /// The hub's state digest.
  private func digest(of street: TestStreet) async throws -> String {
    let status = try await street.hub("status", json: true)
    return try #require(try status.object()["digest"] as? String)
  }
}
