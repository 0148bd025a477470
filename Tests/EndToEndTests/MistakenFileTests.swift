import Foundation
import Glibc
import Testing

/// Data under a wrong name, or of another user, is told for what it is, and nothing is made in its place.
@Suite("Mistaken files") struct MistakenFileTests {
  @Test("an office's file is no hub's, nor a hub's an office's, and no key is called void")
  func names() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let hub = street.folder.path("hub")
    let backup = street.folder.path("office.backup")
    #expect(try await office.run("office", "backup", backup).exit == 0)
    await street.hub.end(SIGTERM)

    let fresh = try folder(of: street, "fresh", [hub + "/hub.key": "hub.key"])
    for file in [backup, office.data + "/office.db"] {
      let refused = try await ProcessKit.run(
        ["hub", "recover", "--from", file, "--data", fresh, "--lang", "en"])
      #expect(refused.exit == 5)
      #expect(refused.err.contains("is an office's database or backup"), "\(refused.err)")
      #expect(!refused.err.contains("void") && refused.err.contains("leave --from out"))
    }
    #expect(try names(in: fresh) == ["hub.key", "hub.lock"])

    let mixed = try folder(
      of: street, "mixed", [hub + "/hub.key": "hub.key", office.data + "/office.db": "hub.db"])
    for command in [["status"], ["recover"], ["serve", "--listen", "127.0.0.1:0"]] {
      let refused = try await ProcessKit.run(
        ["hub"] + command + ["--data", mixed, "--lang", "zh"])
      #expect(refused.exit == 5)
      #expect(refused.err.contains("是站点的数据，不是街道的"), "\(refused.err)")
      #expect(!refused.err.contains("作废"), "\(refused.err)")
    }

    let other = try folder(of: street, "other", [hub + "/hub.db": "office.db"])
    let status = try await ProcessKit.run(["office", "status", "--data", other, "--lang", "en"])
    #expect(status.exit == 5)
    #expect(status.err.contains("is the hub's database, not an office's"), "\(status.err)")
  }

  @Test("a backup that is refused leaves no copy of everybody's data behind")
  func copies() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let backup = street.folder.path("monday.backup")
    #expect(try await street.hub("backup", backup).exit == 0)
    let other = street.folder.path("other")
    let made = try await ProcessKit.run(["hub", "init", "--name", "街", "--data", other])
    #expect(made.exit == 0)
    let fresh = try folder(of: street, "fresh", [other + "/hub.key": "hub.key"])
    let refused = try await ProcessKit.run(["hub", "recover", "--from", backup, "--data", fresh])
    #expect(refused.exit == 5, "\(refused.err)")
    #expect(try names(in: fresh) == ["hub.key", "hub.lock"])

    // The clock is asked later, when a next life is about to begin.
    let own = try folder(of: street, "own", [street.folder.path("hub") + "/hub.key": "hub.key"])
    let early = try await ProcessKit.run(
      ["hub", "recover", "--from", backup, "--data", own],
      environment: ["LINLI_CLOCK_OFFSET": "-86400"])
    #expect(early.exit != 0, "\(early.out)")
    #expect(try names(in: own) == ["hub.key", "hub.lock"])
    let done = try await ProcessKit.run(["hub", "recover", "--from", backup, "--data", own])
    #expect(done.exit == 0, "\(done.err)")
  }

  @Test("a folder that this user may not read is said to be that, and nobody is told to begin anew")
  func rights() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let hub = street.folder.path("hub")
    for data in [office.data, hub] {
      try #require(chmod(data, 0) == 0)
      defer { chmod(data, 0o700) }
      for command in [["office", "status"], ["hub", "status"], ["desk"]] {
        let refused = try await unprivileged(command + ["--data", data, "--lang", "en"])
        #expect(refused.exit == 5)
        #expect(refused.err.contains("this user may not read"), "\(refused.err)")
        #expect(!refused.err.contains("init"), "\(refused.err)")
      }
    }
    try #require(chmod(hub + "/hub.key", 0) == 0)
    let locked = try await unprivileged(["hub", "verify", "--data", hub, "--lang", "zh"])
    #expect(locked.exit == 5 && locked.err.contains("没有权限读取"), "\(locked.err)")
  }

  /// Runs the program as somebody who is bound by the rights of files, as root is without its powers.
  private func unprivileged(_ words: [String]) async throws -> ProcessResult {
    guard geteuid() == 0 else { return try await ProcessKit.run(words) }
    return try await ProcessKit.run(
      ["--inh-caps=-all", "--bounding-set=-all", ProcessKit.program.path] + words,
      of: URL(fileURLWithPath: "/usr/bin/setpriv"))
  }

  /// A new folder with copies of files under other names.
  private func folder(
    of street: TestStreet, _ name: String, _ files: [String: String]
  ) throws -> String {
    let path = street.folder.path(name)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    for (from, to) in files {
      try FileManager.default.copyItem(atPath: from, toPath: path + "/" + to)
    }
    return path
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }
}
