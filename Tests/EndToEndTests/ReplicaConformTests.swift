import Foundation
import Testing

@testable import linli

/// `linli conform --replica` against replicas: some that keep the rules, and many that break one.
@Suite struct ReplicaConformTests {
  private static let ownDriver = "'\(ProcessKit.program.path)' conform driver"
  private static let python = "python3 -B '\(PythonReplica.folder.path)"

  @Test("linli's own office keeps every rule that can be tested")
  func ownOffice() async throws {
    let sums = try await Self.conform(Self.ownDriver)
    // It never reads the card.
    let expected = try Self.untestable().union(["versioning.3.2.a"])
    #expect(sums.failed.isEmpty && sums.exit == 0, "\(sums.out)")
    #expect(sums.notTested == expected)
    #expect(sums.passed.count > 45)
  }

  @Test(
    "the replica in Python keeps every rule of its level",
    .enabled(if: PythonReplica.isThere, "it takes python3"))
  func pythonReplica() async throws {
    let sums = try await Self.conform(Self.python + "/linli_ref.py' drive")
    // It never reads the card, reads no segments, and is of level 2.
    let expected = try Self.untestable().union([
      "versioning.3.2.a", "sync.4.13.g", "sync.4.14.a", "segment.1.2.b", "sync.4.9.a",
    ])
    #expect(sums.failed.isEmpty && sums.exit == 0, "\(sums.out)")
    #expect(sums.notTested == expected)
  }

  /// What each replica of `broken.py` breaks, and the rules that are tested with it.
  private static let faults: [(name: String, only: String, breaks: Set<String>)] = [
    ("seals-pushes-wrongly", "sync.4.1.", ["sync.4.1.c", "sync.4.1.d"]),
    (
      "believes-any-seal", "sync.4.6.b,sync.4.6.c,sync.4.6.d,sync.8.5.a",
      ["sync.4.6.c", "sync.4.6.d", "sync.8.5.a"]
    ),
    ("believes-any-head", "sync.4.6.a,sync.4.6.b,sync.4.6.c", ["sync.4.6.b"]),
    ("believes-any-op", "sync.4.6.d,sync.4.6.e,sync.4.6.g", ["sync.4.6.e", "sync.4.6.g"]),
    ("ends-too-early", "sync.4.6.e,sync.4.6.f", ["sync.4.6.f"]),
    ("believes-surplus-members", "sync.0.k,sync.4.6.a", ["sync.0.k"]),
    ("salts-alike", "bodies.1.1.b,bodies.3", ["bodies.1.1.b"]),
    ("brings-bodies-once", "bodies.1.1.b,bodies.3", ["bodies.3.1.b"]),
    ("forgets-its-bits", "sync.2.4", ["sync.2.4.a"]),
    ("records-before-it-pulled", "sync.2.4.b,sync.4.1.b", ["sync.2.4.b"]),
    ("never-stops", "sync.4.7.b,sync.4.7.c,sync.4.1.d", ["sync.4.7.b", "sync.4.7.c"]),
    ("keeps-late-answers", "sync.4.11,sync.4.10", ["sync.4.11.a"]),
    ("pushes-by-names", "sync.4.12,canonical.7", ["sync.4.12.b"]),
    ("acknowledges-before-it-is-durable", "sync.0.h,sync.0.j", ["sync.0.h"]),
    ("pulls-from-the-start", "sync.4.5.b,sync.4.6.f", ["sync.4.5.b"]),
    ("drops-unknown-kinds", "ops,canonical.1.3.c", ["ops.1.3.b"]),
    ("wants-a-policy", "canonical.3", ["canonical.3.2.d"]),
    ("names-no-policy", "canonical.3", ["canonical.3.2.c"]),
    ("names-wrongly", "canonical.3", ["canonical.3.3.c"]),
    ("stops-at-a-busy-hub", "sync.4.10,sync.4.11", ["sync.4.10.a"]),
    ("gives-nothing", "sync.8.5.b,sync.4.1.d", ["sync.8.5.b"]),
    (
      "is-silent-at-first", "sync.3.1.d,sync.4.1.,sync.4.13.f,canonical.3.2.c,canonical.3.3.c",
      [
        "sync.3.1.d", "sync.4.1.b", "sync.4.1.c", "sync.4.13.f", "canonical.3.2.c",
        "canonical.3.3.c",
      ]
    ),
    ("asks-between-two-transactions", "sync.4.6.h,sync.4.6.a", ["sync.4.6.h"]),
    ("hides-from-a-later-life", "sync.8.5.b,sync.8.5.c", ["sync.8.5.c"]),
    (
      "hides-when-it-has-nothing", "sync.0.k,sync.4.6.c,sync.8.5.a,sync.8.5.b",
      ["sync.0.k", "sync.4.6.c", "sync.8.5.a"]
    ),
    ("is-silent-when-it-has-nothing", "sync.4.1.d,sync.4.11", ["sync.4.11.a"]),
    (
      "backs-off-for-a-sync", "sync.0.i,sync.8.5.d,bodies.3.1.b,sync.4.11,sync.4.1.d",
      ["sync.0.i", "sync.8.5.d", "bodies.3.1.b", "sync.4.11.a"]
    ),
    (
      "backs-off-for-four-syncs", "sync.0.j,sync.4.6.h,sync.4.10.a,sync.4.1.d",
      ["sync.0.j", "sync.4.6.h", "sync.4.10.a"]
    ),
    ("enrols-every-other-time", "sync.2.4", ["sync.2.4.a"]),
    ("keeps-no-body", "bodies.1.1.b,bodies.3.1.b,sync.4.1.d", ["bodies.1.1.b", "bodies.3.1.b"]),
    ("believes-a-hub-of-now-only", "canonical.1.3", ["canonical.1.3.b"]),
    ("counts-each-record-of-an-award", "state.4.3,state.4.5", ["state.4.3.a"]),
    ("lets-people-reverse-their-own-awards", "state.4.3.a,state.4.4", ["state.4.4.a"]),
    (
      "gives-its-ops-up-before-they-are-held", "sync.0.i,sync.0.j,sync.0.l,sync.4.10.a",
      ["sync.0.i", "sync.0.l", "sync.4.10.a"]
    ),
    (
      "gives-its-ops-up-behind-a-question", "sync.0.i,sync.0.l,sync.4.1.d",
      ["sync.0.i", "sync.0.l"]
    ),
    (
      "takes-its-push-for-answered", "sync.0.i,sync.0.j,sync.4.1.d", ["sync.0.i", "sync.0.j"]
    ),
    ("follows-a-former-life", "sync.8.5.b,sync.8.5.c", ["sync.8.5.c"]),
    (
      "stops-at-what-it-does-not-believe", "sync.4.6.c,sync.8.5.a,sync.8.5.c,sync.4.1.d",
      ["sync.4.6.c", "sync.8.5.a", "sync.8.5.c"]
    ),
    ("goes-back-with-a-late-answer", "sync.4.11,sync.4.1.d", ["sync.4.11.a"]),
    ("takes-its-time-between-two-transactions", "sync.4.6.h,sync.4.6.a", ["sync.4.6.h"]),
  ]

  /// What other replicas of `broken.py` do in another way, which is allowed, and the rules that meet it.
  private static let choices: [(name: String, only: String)] = [
    (
      "reads-the-card-first",
      "sync.0.i,sync.0.l,sync.4.6.h,sync.4.10,sync.4.11,sync.8.5,versioning.3.2.a"
    ),
    (
      "asks-before-it-pushes",
      "sync.0.i,sync.0.j,sync.0.l,sync.4.1.b,sync.4.7.d,sync.4.10,sync.4.11"
    ),
    ("keeps-what-came-whole", "sync.4.6"),
  ]

  @Test(
    "a replica that keeps the rules in another way fails none",
    .enabled(if: PythonReplica.isThere, "it takes python3"),
    arguments: choices.indices)
  func otherChoice(index: Int) async throws {
    let (name, only) = Self.choices[index]
    let sums = try await Self.conform(Self.python + "/tests/broken.py' \(name)", "--only", only)
    #expect(sums.failed.isEmpty && sums.notTested.isEmpty && sums.exit == 0, "\(name): \(sums.out)")
    #expect(sums.passed.count >= 6)
  }

  @Test(
    "a replica that breaks a rule fails exactly the rules that it breaks",
    .enabled(if: PythonReplica.isThere, "it takes python3"),
    arguments: faults.indices)
  func brokenReplica(index: Int) async throws {
    let (name, only, breaks) = Self.faults[index]
    let sums = try await Self.conform(Self.python + "/tests/broken.py' \(name)", "--only", only)
    #expect(sums.failed == breaks && sums.exit == 1, "\(name): \(sums.out)")
    #expect(!sums.passed.isEmpty && sums.notTested.isEmpty, "\(name): \(sums.out)")
  }

  @Test("each replica of broken.py has a name here")
  func coverage() throws {
    let file = PythonReplica.folder.appending(path: "tests/broken.py")
    let text = try String(contentsOf: file, encoding: .utf8)
    let names = text.matches(of: /\n    "([a-z-]+)": \[/).map { String($0.1) }
    #expect(names == Self.faults.map(\.name) + Self.choices.map(\.name))
    #expect(names.count >= 20)
  }

  @Test(
    "both drivers answer the questions of conformance.md as it shows them",
    .enabled(if: PythonReplica.isThere, "it takes python3"), arguments: [true, false])
  func exchange(isOwn: Bool) async throws {
    let street = try await TestStreet()
    let invited = try await street.invite(staff: "王敏")
    let program = PythonReplica.folder.appending(path: "linli_ref.py").path
    let driver =
      isOwn
      ? try RunningProcess(["conform", "driver"])
      : try RunningProcess(["python3", "-B", program, "drive"], of: PythonReplica.environment)
    let lines = try Self.shownExchange()
    try #require(lines.count == 14)
    for place in stride(from: 0, to: lines.count, by: 2) {
      var question = try Self.object(lines[place])
      if question["data"] != nil { question["data"] = street.folder.path("tested") }
      if question["hub"] != nil { (question["hub"], question["code"]) = (street.url, invited.code) }
      let bytes = try JSONSerialization.data(withJSONObject: question)
      driver.send(String(decoding: bytes, as: UTF8.self))
      let answer = try Self.object(try #require(await driver.line()))
      let shown = try Self.object(lines[place + 1])
      #expect(Set(answer.keys) == Set(shown.keys), "\(question): \(answer)")
      for name in ["replica", "end", "op", "balances"] where shown[name] != nil {
        #expect("\(answer[name] ?? "")" == "\(shown[name] ?? "")", "\(question)")
      }
    }
    driver.endInput()
    #expect(await driver.wait().code == 0)
  }

  @Test("a program that does not start, or that says nonsense, stands in the way of every rule")
  func noReplica() async throws {
    for command in ["/nowhere/replica", "cat"] {
      let sums = try await Self.conform(command, "--only", "sync.4.1")
      #expect(sums.exit == 1 && sums.passed.isEmpty && sums.failed.isEmpty, "\(sums.out)")
    }
    let echo = try await ProcessKit.run(["conform", "--replica", "cat", "--only", "sync.4.1.c"])
    #expect(echo.out.contains(#"came: {"do":"level"}"#), "\(echo.out)")
    let told = try await Self.conform("/nowhere/replica", "--only", "sync.4.1.c", "--level", "1")
    #expect(told.exit == 1 && told.notTested == ["sync.4.1.c"])
    for words in [
      ["--hub", "http://127.0.0.1:1", "--replica", "cat"], ["--replica", "cat", "--level", "4"],
      ["--replica", "cat", "--only", "sync.99"], [],
    ] {
      #expect(try await ProcessKit.run(["conform"] + words).exit == 2, "\(words)")
    }
  }

  // MARK: Running it

  private struct Sums {
    let exit: Int32
    let out: String
    var passed: Set<String> = []
    var failed: Set<String> = []
    var notTested: Set<String> = []
  }

  private static func conform(_ command: String, _ words: String...) async throws -> Sums {
    let result = try await ProcessKit.run(["conform", "--replica", command, "--json"] + words)
    var sums = Sums(exit: result.exit, out: result.out + result.err)
    for object in try result.objects() {
      guard let rule = object["rule"] as? String else { continue }
      switch object["outcome"] as? String {
      case "passed": sums.passed.insert(rule)
      case "failed": sums.failed.insert(rule)
      default: sums.notTested.insert(rule)
      }
    }
    return sums
  }

  private static func document() throws -> String {
    let file = PythonReplica.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Protocol/conformance.md")
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The rules for replicas that the document calls not testable.
  private static func untestable() throws -> Set<String> {
    let text = try document()
    let start = try #require(text.range(of: "<!-- replica rules begin -->"))
    return Set(
      text[start.upperBound...].split(separator: "\n").filter { $0.contains("| not testable: ") }
        .map { String($0.split(separator: "`")[1]) })
  }

  /// The questions and answers that the document shows, in turn.
  private static func shownExchange() throws -> [Substring] {
    let text = try document()
    let start = try #require(text.range(of: "<!-- exchange begin -->"))
    let end = try #require(text.range(of: "<!-- exchange end -->"))
    return text[start.upperBound..<end.lowerBound].split(separator: "\n").filter {
      $0.hasPrefix("{")
    }
  }

  private static func object(_ line: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
  }
}
