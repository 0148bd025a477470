import Community
import Conformance
import Foundation
import OpLog
import Store
import Testing

/// The hub that all scenarios share; its clock begins where scenarios begin.
final class ScenarioStreet: Sendable {
  /// The hub's address.
  let url: String
  /// What moves a clock of today to where scenarios begin, in s.
  let offset: Int64
  private let folder: ScratchFolder
  private let process: RunningProcess

  init() async throws {
    offset = Scenario.start / 1_000 - Int64(Date().timeIntervalSince1970)
    folder = try ScratchFolder()
    let environment = ["LINLI_CLOCK_OFFSET": "\(offset)"]
    let data = folder.path("hub")
    let made = try await ProcessKit.run(
      ["hub", "init", "--name", "青龙街道", "--data", data], environment: environment)
    try #require(made.exit == 0, "\(made.err)")
    (process, url) = try await RunningProcess.hub(data: data, environment: environment)
  }

  /// Runs a command on the hub's folder.
  func hub(_ words: [String]) async throws -> [String: Any] {
    let result = try await ProcessKit.run(
      ["hub"] + words + ["--data", folder.path("hub"), "--json"],
      environment: ["LINLI_CLOCK_OFFSET": "\(offset)"])
    try #require(result.exit == 0, "\(words): \(result.out)\(result.err)")
    return try result.object()
  }

  /// Runs a command on the hub's folder that may be refused, with its code then.
  func answer(_ words: [String]) async throws -> (code: String?, objects: [[String: Any]]) {
    let result = try await ProcessKit.run(
      words + ["--data", folder.path("hub"), "--json"],
      environment: ["LINLI_CLOCK_OFFSET": "\(offset)"])
    if let code = try result.code { return (code, []) }
    return (nil, try result.objects())
  }

  /// A folder for another office.
  func newFolder() -> String {
    folder.path("office-\(UUID().uuidString)")
  }

  /// The hub's database as it is now.
  func store() throws -> Store {
    try Store(path: folder.path("hub") + "/hub.db", mode: .readWrite)
  }
}

extension ProcessResult {
  /// The code of a command that failed; nil for one that did not.
  var code: String? {
    get throws {
      guard exit != 0 else { return nil }
      let error = try #require(try objects().first?["error"] as? [String: Any], "\(out)\(err)")
      return try #require(error["code"] as? String)
    }
  }
}
