import Foundation
import Simulation
import Testing

/// Smallest histories of failures that were found, in `Fixtures/regressions`.
@Suite struct RegressionTests {
  static let files = names()

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Fixtures/regressions")

  private static func names() -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return all.filter { $0.hasSuffix(".json") }.sorted()
  }

  private static func regression(_ name: String) throws -> Regression {
    try Regression(decoding: Array(Data(contentsOf: folder.appending(path: name))))
  }

  @Test("the folder holds histories")
  func areThere() { #expect(Self.files.count >= 2) }

  @Test("what failed once does not fail again", arguments: files)
  func holds(name: String) throws {
    var options = try Self.regression(name).options
    options.bug = nil
    #expect(Simulation.run(options).violation == nil)
  }

  @Test("with its bug planted it fails as it did", arguments: files)
  func fails(name: String) throws {
    let regression = try Self.regression(name)
    guard let bug = regression.bug else { return }
    let violation = Simulation.run(regression.options).violation
    let again = "linli simulate minimize --seed \(regression.seed) --bug \(bug.rawValue)"
    #expect(
      violation?.invariant == regression.promise,
      "if worlds are drawn otherwise now, make the file again: \(again)")
  }

  @Test("a file that is read and written is the same", arguments: files)
  func isReadable(name: String) throws {
    let bytes = try Array(Data(contentsOf: Self.folder.appending(path: name)))
    #expect(try Regression(decoding: bytes).encode() == bytes)
  }

  @Test("a failure is made small, and fails the same way")
  func isMinimised() throws {
    let options = WorldOptions(seed: 5, steps: 30, bug: .acknowledgedBeforeCommit)
    let whole = try #require(Simulation.run(options).violation)
    let least = try #require(Minimiser.smallest(of: options) { _ in })
    #expect(least.promise == whole.invariant)
    #expect(least.steps.count <= 2)
    #expect(least.faults == [.officeCrashBeforeCommit])
    #expect(Simulation.run(least.options).violation?.invariant == whole.invariant)
    #expect(try Regression(decoding: least.encode()) == least)
  }
}
