import Foundation
import Testing

@Suite("Exit codes") struct ExitCodeTests {
  @Test(
    "a wrong command line is 2 and says what is wrong",
    arguments: [
      "", "nosuch", "hub", "hub nosuch", "hub init", "hub init --name",
      "hub init --name a --name b",
      "hub init --nosuch 1 --name a", "hub init a --name b", "hub serve --listen 8420",
      "hub serve --listen 127.0.0.1:99999", "hub invite", "hub invite --community a --roles boss",
      "hub invite --community a --policy nosuch=1", "hub revoke", "hub revoke north",
      "hub revoke 4097 --reason boredom", "hub status 1", "office init --hub http://127.0.0.1:1",
      "office init --code A --hub ftp://hub", "office sync --attempts 0",
      "office sync --attempts x",
      "record", "show", "show nosuch", "show resident", "show items 1 2", "desk 1",
      "log --from 0", "log --after x", "log --replica x", "show items --after 1", "hub key",
      "hub key --join a", "hub invite --community a --policy standin.visit_limit=x",
      "desk --lang fr", "desk --limit 0", "record --json=1",
    ])
  func usage(line: String) async throws {
    let street = try ScratchFolder()
    _ = try await ProcessKit.run(["hub", "init", "--name", "街", "--data", street.path("hub")])
    let words = line.split(separator: " ").map(String.init) + ["--data", street.path("hub")]
    let result = try await ProcessKit.run(words)
    #expect(result.exit == 2, "\(result.out)\(result.err)")
    #expect(result.out.isEmpty)
    #expect(
      result.err.split(separator: "\n").count == 2, "what happened, what to do: \(result.err)")
  }

  @Test("a record that does not fit its kind is 2, one that a rule is against is 3")
  func records() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    let resident = try await office.record("resident.register", "name=王芳")
    let item = try await office.record("item.define", "name=皂", "sort=goods", "points=4")
    let cases: [(code: Int32, error: String, words: [String])] = [
      (2, "unknown-kind", ["nosuch"]), (2, "usage", ["award.grant", "x"]),
      (2, "usage", ["award.grant", "points=1", "points=2"]),
      (2, "unknown-field", ["resident.register", "name=a", "nosuch=1"]),
      (2, "missing-field", ["resident.register"]),
      (2, "bad-value", ["resident.register", "name=a", "age_band=old"]),
      (2, "bad-value", ["resident.register", "name=a", "--on", "2026-02-30"]),
      (2, "bad-key", ["resident.register", "name=a", "--key", "1"]),
      (3, "only-hub", ["policy.set"]),
      (3, "unknown-reference", ["stock.receive", "item=4097-99", "quantity=1", "source=purchase"]),
      (3, "not-enough-stock", ["redemption.record", "resident=\(resident)", "items=\(item)"]),
    ]
    for (code, error, words) in cases {
      let result = try await ProcessKit.run(
        ["record"] + words + ["--as", office.staff, "--data", office.data, "--json"])
      #expect(result.exit == code, "\(words): \(result.out)")
      let told = try #require(try result.object()["error"] as? [String: String])
      #expect(told["code"] == error, "\(words): \(result.out)")
      #expect(told["message"]?.isEmpty == false && told["advice"]?.isEmpty == false)
    }
    let nobody = try await office.run("record", "resident.register", "name=a", "--json")
    #expect(nobody.exit == 2)
    #expect(try await office.run("office", "status", "--json").object()["ops"] as? Int == 2)
  }

  @Test("a hub that does not answer is 4")
  func unreachable() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    await street.hub.end(SIGKILL)
    let failed = try await office.run("office", "sync", "--attempts", "1", "--json")
    #expect(failed.exit == 4)
    let told = try #require(try failed.object()["error"] as? [String: String])
    #expect(told["message"] == "the hub cannot be reached")
    #expect(told["detail"]?.isEmpty == false)
    let fresh = TestOffice(data: street.folder.path("fresh"), staff: "")
    let made = try await fresh.run("office", "init", "--hub", street.url, "--code", "A")
    #expect(made.exit == 4)
  }

  @Test("a folder without data, or one that cannot be used, is 5")
  func storage() async throws {
    let folder = try ScratchFolder()
    for words in [
      ["hub", "status"], ["hub", "serve"], ["office", "status"], ["office", "sync"], ["desk"],
      ["office", "verify"], ["show", "items"], ["log"], ["record", "item.define"],
    ] {
      let result = try await ProcessKit.run(words + ["--data", folder.path("none")])
      #expect(result.exit == 5, "\(words): \(result.out)\(result.err)")
    }
    try Data("no database".utf8).write(to: folder.url.appendingPathComponent("office.db"))
    let damaged = try await ProcessKit.run(["desk", "--data", folder.url.path, "--json"])
    #expect(damaged.exit == 5)
    #expect(damaged.out.contains("damaged-file") && damaged.out.contains("linli office init"))
    let file = folder.path("office.db")
    let inFile = try await ProcessKit.run(["hub", "init", "--name", "街", "--data", file])
    #expect(inFile.exit == 5)
  }

  @Test("hub init never overwrites: 3")
  func existing() async throws {
    let folder = try ScratchFolder()
    let words = ["hub", "init", "--name", "街", "--data", folder.path("hub")]
    #expect(try await ProcessKit.run(words).exit == 0)
    let key = try Data(contentsOf: URL(fileURLWithPath: folder.path("hub") + "/hub.key"))
    #expect(try await ProcessKit.run(words).exit == 3)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("hub") + "/hub.key")) == key)
  }

  @Test("--help is 0 for the program, for a group, and for a command")
  func help() async throws {
    for words in [
      ["--help"], ["hub", "--help"], ["hub", "init", "--help"], ["record", "--help"],
    ] {
      let result = try await ProcessKit.run(words)
      #expect(result.exit == 0)
      #expect(result.out.contains("--data DIR"))
      #expect(result.err.isEmpty)
    }
  }

  @Test("words are in the language of the environment, and --lang is stronger")
  func language() async throws {
    let chinese = ["LC_ALL": "zh_CN.UTF-8"]
    let fromEnvironment = try await ProcessKit.run(["nosuch"], environment: chinese)
    #expect(fromEnvironment.err.hasPrefix("没有命令 nosuch"))
    let asked = try await ProcessKit.run(["nosuch", "--lang", "en"], environment: chinese)
    #expect(asked.err.hasPrefix("there is no command nosuch"))
    let json = try await ProcessKit.run(["nosuch", "--lang=zh", "--json"])
    #expect(json.err.isEmpty)
    let told = try #require(try json.object()["error"] as? [String: String])
    #expect(told["code"] == "usage" && told["message"] == "没有命令 nosuch")
  }
}
