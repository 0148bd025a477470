import Foundation
import Testing

/// What `hub recover` must not break: another street's key, a hub that runs, one that is whole.
@Suite struct RecoverGuardTests {
  @Test("a key file is never put over another one, and nothing is burnt by a try that fails")
  func keys() async throws {
    let folder = try ScratchFolder()
    for name in ["a", "b"] {
      let made = try await run("init", folder.path(name), "--name", "街")
      #expect(made.exit == 0)
    }
    let file = URL(fileURLWithPath: folder.path("a") + "/hub.key")
    let key = try Data(contentsOf: file)
    let other = try await run("recover", folder.path("a"), "--key", folder.path("b") + "/hub.key")
    #expect(other.exit == 3)
    let missing = try await run("recover", folder.path("a"), "--from", "/nonexistent.db")
    #expect(missing.exit == 3)
    let whole = try await run("recover", folder.path("a"))
    #expect(whole.exit == 3)
    #expect(whole.err.contains("--yes"))

    let database = folder.path("a") + "/hub.db"
    let empty = folder.path("empty.backup")
    try Data().write(to: URL(fileURLWithPath: empty))
    try FileManager.default.moveItem(atPath: database, toPath: database + ".away")
    for source in ["/nonexistent.db", empty] {
      #expect(try await run("recover", folder.path("a"), "--from", source).exit == 5)
    }
    #expect(!FileManager.default.fileExists(atPath: database + ".new"))
    try Data("no database at all".utf8).write(to: URL(fileURLWithPath: database))
    let damaged = try await run("recover", folder.path("a"))
    #expect(damaged.exit == 5)
    #expect(damaged.err.contains("move it away"))
    #expect(try Data(contentsOf: file) == key)

    try FileManager.default.removeItem(atPath: database)
    try FileManager.default.moveItem(atPath: database + ".away", toPath: database)
    let sure = try await run("recover", folder.path("a"), "--yes")
    #expect(sure.exit == 0, "\(sure.err)")
    #expect(sure.out.contains("life 2"))
    // The old key, from a backup of it, does not bring the number down.
    try key.write(to: file)
    let again = try await run("recover", folder.path("a"))
    #expect(again.out.contains("life 3"), "\(again.err)")
  }

  @Test("a hub that is served is not rebuilt, and not served twice")
  func lock() async throws {
    let street = try await TestStreet()
    let folder = street.folder.path("hub")
    for command in [["recover", "--yes"], ["serve", "--listen", "127.0.0.1:0"]] {
      let refused = try await ProcessKit.run(["hub"] + command + ["--data", folder])
      #expect(refused.exit == 3)
      #expect(refused.err.contains("stop linli hub serve"))
    }
  }

  private func run(
    _ command: String, _ data: String, _ more: String...
  ) async throws -> ProcessResult {
    try await ProcessKit.run(["hub", command, "--data", data] + more)
  }
}
