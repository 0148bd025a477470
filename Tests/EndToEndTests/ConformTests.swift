import Foundation
import Testing

/// `linli conform` against `linli hub serve`, over sockets and files.
@Suite struct ConformTests {
  /// A hub that serves with a door, and a command that does to it what the runner asks for.
  private final class Hub {
    let folder: ScratchFolder
    let process: RunningProcess
    let url: String
    let token: String

    init() async throws {
      folder = try ScratchFolder()
      let data = folder.path("hub")
      let made = try await ProcessKit.run(["hub", "init", "--name", "青龙街道", "--data", data])
      try #require(made.exit == 0, "\(made.err)")
      token = folder.path("admin.token")
      try Data("0123456789abcdefghijklmnopqrstuv\n".utf8).write(to: URL(fileURLWithPath: token))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
      process = try RunningProcess([
        "hub", "serve", "--data", data, "--listen", "127.0.0.1:0", "--admin-token-file", token,
      ])
      let line = try #require(await process.line())
      url = String(line.dropFirst("listening ".count))
    }

    deinit {
      // The hub that the control command started outlives that command.
      guard let text = try? String(contentsOfFile: folder.path("pid"), encoding: .utf8),
        let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
      else { return }
      kill(pid, SIGKILL)
    }

    /// Writes the control command.
    func control() throws -> String {
      let script = """
        set -e
        cd '\(folder.url.path)'
        LINLI='\(ProcessKit.program.path)'
        [ -f pid ] || echo \(process.id) > pid
        kill -9 $(cat pid)
        case "$1" in
        rebuild)
          rm -f hub/hub.db hub/hub.db-wal hub/hub.db-shm
          # The lock of the hub is let go when the system has ended it.
          for try in $(seq 50); do
            if "$LINLI" hub recover --data hub > recover.txt 2>&1; then break; fi
          done ;;
        keep)
          rm -rf kept
          mkdir kept
          cp hub/hub.db* kept ;;
        back)
          rm -f hub/hub.db hub/hub.db-wal hub/hub.db-shm
          cp kept/* hub ;;
        esac
        rm -f ready
        mkfifo ready
        for try in $(seq 50); do
          "$LINLI" hub serve --data hub --listen '\(url.dropFirst(7))' \
            --admin-token-file '\(token)' > ready 2> serve.txt &
          echo $! > pid
          head -n 1 < ready > line
          if grep -q listening line; then break; fi
        done
        grep -q listening line
        """
      let file = folder.path("control.sh")
      try Data(script.utf8).write(to: URL(fileURLWithPath: file))
      return "bash '\(file)'"
    }
  }

  @Test("linli's own hub keeps every rule that can be tested, and what is not tested says why")
  func ownHub() async throws {
    let hub = try await Hub()
    let result = try await ProcessKit.run([
      "conform", "--hub", hub.url, "--admin-token-file", hub.token, "--control",
      try hub.control(), "--json",
    ])
    let objects = try result.objects()
    for object in objects where object["outcome"] as? String == "failed" {
      Issue.record("\(object)")
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let document = try String(
      contentsOf: root.appending(path: "Protocol/conformance.md"), encoding: .utf8)
    let end = try #require(document.range(of: "<!-- rules end -->")).lowerBound
    let untestable = document[..<end].split(separator: "\n")
      .filter { $0.contains("| not testable: ") }
      .map { String($0.split(separator: "`")[1]) }
    let notTested = objects.filter { $0["outcome"] as? String == "not tested" }
      .compactMap { $0["rule"] as? String }
    #expect(Set(notTested) == Set(untestable))
    #expect(result.exit == 0, "\(result.err)")
    #expect(objects.last?["failed"] as? Int == 0)
    #expect((objects.last?["passed"] as? Int ?? 0) > 90)
  }

  @Test("without the door only what needs no office is tested, and nobody fails")
  func withoutDoor() async throws {
    let hub = try await Hub()
    let result = try await ProcessKit.run(["conform", "--hub", hub.url, "--only", "sync.2"])
    #expect(result.exit == 0)
    #expect(result.lines.contains { $0.hasPrefix("passed sync.2.3.d") })
    #expect(result.lines.contains { $0.hasPrefix("not tested sync.2.3.a") })
    #expect(result.out.contains("because without --admin-token-file"))
  }

  @Test("where nobody answers no rule is listed")
  func noHub() async throws {
    let result = try await ProcessKit.run(["conform", "--hub", "http://127.0.0.1:1"])
    #expect(result.exit == 4)
    #expect(result.out.isEmpty && result.err.contains("nobody answers"), "\(result.out)")
  }

  @Test("a hub in its roll-call is not tested, and the run says so")
  func rollCall() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    try await office.sync()
    await street.hub.end(SIGKILL)
    try await street.recoverHub()
    let hub = try await street.serve()
    let result = try await ProcessKit.run(["conform", "--hub", street.url, "--only", "sync.2"])
    await hub.end(SIGKILL)
    #expect(result.exit == 3)
    #expect(result.out.isEmpty && result.err.contains("roll-call"), "\(result.out)\(result.err)")
  }

  @Test("a file of the door's token that others may read is refused, and so is a short one")
  func badTokenFile() async throws {
    let folder = try ScratchFolder()
    let file = folder.path("token")
    for (text, mode) in [("0123456789abcdefghijklmnopqrstuv", 0o644), ("short", 0o600)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
      for words in [
        ["hub", "serve", "--data", folder.path("hub")], ["conform", "--hub", "http://127.0.0.1:1"],
      ] {
        let result = try await ProcessKit.run(words + ["--admin-token-file", file])
        #expect(result.exit == 2, "\(result.out)\(result.err)")
        #expect(!(result.out + result.err).contains(text))
      }
    }
  }
}
