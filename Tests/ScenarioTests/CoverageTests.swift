import Community
import Conformance
import ScenarioKit
import Testing

/// `COVERAGE.md` and the files say the same.
@Suite struct CoverageTests {
  private struct Row {
    let number: String
    let files: Set<String>
    /// What is missing: kinds and policy keys of the program, and steps of scenarios.
    let needs: [String]
    /// Whether nothing is missing but the file.
    let isUnwritten: Bool
  }

  /// Cases whose files nobody has written: lower it with each one that is, and never raise it.
  private static let unwritten = 0

  private static let steps = ["record", "again", "sync", "copy", "rejoin", "clock", "check"]

  @Test func `no more cases are unwritten than there were`() throws {
    let numbers = try rows().filter(\.isUnwritten).map(\.number)
    print("scenarios not written: \(numbers.count) (\(numbers.joined(separator: ", ")))")
    #expect(numbers.count == Self.unwritten)
  }

  @Test func `every case of the table has its files or needs something`() throws {
    let rows = try rows()
    #expect(rows.map(\.number) == (1...44).map(String.init) + "ABCDEFGHIJ".map(String.init))
    for row in rows {
      #expect(row.files.isSubset(of: ScenarioFiles.names), "case \(row.number)")
      #expect(!row.isUnwritten || row.files.isEmpty && row.needs.isEmpty, "case \(row.number)")
      guard row.files.isEmpty, !row.isUnwritten else { continue }
      #expect(!row.needs.isEmpty, "case \(row.number) has neither files nor needs")
      let missing = row.needs.filter { name in
        Catalogue.kind(named: name) == nil && !Policy.keys.contains { $0.name == name }
          && !Self.steps.contains(name)
      }
      #expect(!missing.isEmpty, "case \(row.number) can be played now: write its scenario")
    }
  }

  @Test func `every file is named by the rows of its cases, and no other`() throws {
    var claimed: [String: Set<String>] = [:]
    for name in ScenarioFiles.names {
      let cases = try ScenarioFiles.scenario(name).cases
      #expect(!cases.isEmpty, "\(name)")
      for number in cases { claimed[number, default: []].insert(name) }
    }
    for row in try rows() {
      #expect(claimed.removeValue(forKey: row.number) ?? [] == row.files, "case \(row.number)")
    }
    #expect(claimed.isEmpty, "cases that the table does not have")
  }

  private func rows() throws -> [Row] {
    try ScenarioFiles.coverage().split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmed }
      guard cells.count == 3, cells[0] != "case", !cells[0].hasPrefix("-") else { return nil }
      let quoted = cells[2].split(separator: "`", omittingEmptySubsequences: false)
      let names = quoted.indices.filter { $0 % 2 == 1 }.map { String(quoted[$0]) }
      let files = names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
      return Row(
        number: cells[0], files: Set(files), needs: names.filter { !$0.hasSuffix(".json") },
        isUnwritten: cells[2] == "not written")
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
