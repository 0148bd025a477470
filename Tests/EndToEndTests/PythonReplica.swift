import Foundation
import Testing

@testable import linli

/// An office that is the replica of `Fixtures/reference`, which was written from the documents alone.
struct PythonReplica {
  /// Where the replica's program is.
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/reference")

  /// Whether there is a Python to run it; under `LINLI_REQUIRE_TOOLS=1` a test that finds none fails
  /// instead of being skipped.
  static let isThere: Bool = {
    if ProcessInfo.processInfo.environment["LINLI_REQUIRE_TOOLS"] == "1" { return true }
    let none = Spawn.Stream.reading("/dev/null")
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let process = Spawn(
      environment.path, ["env", "python3", "--version"], environment: ["PATH=\(path)"],
      streams: (none, .writing("/dev/null"), .writing("/dev/null")))
    guard let end = process?.wait() else { return false }
    return end.code == 0 && !end.isSignal
  }()

  /// Finds `python3` by PATH.
  static let environment = URL(fileURLWithPath: "/usr/bin/env")

  /// Its data folder.
  let data: String
  /// Members of its staff with every role.
  let staff: [String]

  /// Enrols one with two members of staff, and pulls the hub's log.
  init(in street: TestStreet, _ name: String) async throws {
    let invited = try await street.invite(staff: "\(name)甲,\(name)乙")
    staff = invited.staff
    data = street.folder.path("python-" + name)
    try #require(await run("enroll", street.url, invited.code).exit == 0)
    try await sync()
  }

  /// Runs Python on a file of the folder, or on options of its own.
  static func python(_ words: String...) async throws -> ProcessResult {
    // -B: nothing is written beside the sources.
    try await ProcessKit.run(["python3", "-B"] + words, of: environment)
  }

  /// Runs a command of the replica.
  func run(_ words: String...) async throws -> ProcessResult {
    let program = Self.folder.appending(path: "linli_ref.py").path
    return try await ProcessKit.run(
      ["python3", "-B", program] + words + ["--data", data], of: Self.environment)
  }

  /// Records something that must succeed.
  ///
  /// - Returns: The op's id.
  @discardableResult
  func record(_ words: String...) async throws -> String {
    let program = Self.folder.appending(path: "linli_ref.py").path
    let result = try await ProcessKit.run(
      ["python3", "-B", program, "record"] + words + ["--as", staff[0], "--data", data],
      of: Self.environment)
    try #require(result.exit == 0, "\(words): \(result.out)\(result.err)")
    return try #require(try result.object()["id"] as? String)
  }

  /// Syncs until nothing is left, and says what went to and fro; `url` is another address of the hub.
  @discardableResult
  func sync(through url: String? = nil) async throws -> [String: Any] {
    let result =
      if let url {
        try await run("sync", "--hub", url)
      } else {
        try await run("sync")
      }
    try #require(result.exit == 0, "\(result.out)\(result.err)")
    return try result.object()
  }

  /// The last chain hash of each log that is held, by replica.
  func heads() async throws -> [Int: String] {
    try Self.heads(await run("heads").objects(), hash: "hash")
  }

  /// The same of an office of this project.
  static func heads(of office: TestOffice) async throws -> [Int: String] {
    let status = try await office.run("office", "status", "--json").object()
    return try heads(status["logs"] as? [[String: Any]] ?? [], hash: "head")
  }

  private static func heads(_ rows: [[String: Any]], hash: String) throws -> [Int: String] {
    try Dictionary(
      rows.map {
        (try #require($0["replica"] as? Int), try #require($0[hash] as? String))
      }, uniquingKeysWith: { first, _ in first })
  }

  /// The chain hash of each op that is held, by id.
  func hashes() async throws -> [String: String] {
    try await run("log").objects().reduce(into: [:]) { found, line in
      let op = try #require(line["op"] as? [String: Any])
      found[try #require(op["id"] as? String)] = try #require(line["hash"] as? String)
    }
  }

  /// The balance of each account, nil where it is not known.
  func balances() async throws -> [String: Int?] {
    try await run("balances").objects().reduce(into: [:]) { found, line in
      found[try #require(line["account"] as? String)] = .some(line["balance"] as? Int)
    }
  }
}
