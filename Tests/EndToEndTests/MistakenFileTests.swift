import Foundation
import Testing

/// Data under a wrong name is told for what it is, and nothing is made in its place.
@Suite("Mistaken files") struct MistakenFileTests {
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
