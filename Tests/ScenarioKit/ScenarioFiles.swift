import Conformance
import Foundation

/// The files of `Fixtures/scenarios`.
package enum ScenarioFiles {
  /// Where they are.
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/scenarios")

  /// The names of all scenarios, in order.
  package static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
  }()

  /// Reads one scenario.
  ///
  /// - Throws: ``ScenarioError`` with the file's name and the path of what is wrong in it.
  package static func scenario(_ name: String) throws -> Scenario {
    let file = folder.appending(path: name + ".json")
    do {
      let scenario = try Scenario(decoding: [UInt8](try Data(contentsOf: file)))
      guard scenario.name == name else { throw ScenarioError("its name is \(scenario.name)") }
      return scenario
    } catch { throw ScenarioError("\(name).json: \(error)") }
  }

  /// The table of cases.
  package static func coverage() throws -> String {
    try String(contentsOf: folder.appending(path: "COVERAGE.md"), encoding: .utf8)
  }
}
