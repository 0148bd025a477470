import Community
import Conformance
import Foundation
import Testing

/// Protocol/conformance.md: the runner's rules, and what each MUST of the protocol comes to.
@Suite struct ConformanceDocumentTests {
  /// `LINLI_RECORD=1 swift test --filter ConformanceDocumentTests` writes the tables anew.
  @Test("Protocol/conformance.md holds the runner's own rules, for hubs and for replicas")
  func tablesAreGenerated() throws {
    let hubs = ConformanceRule.all.sorted(by: Self.isBefore).map { rule in
      "| `\(rule.id)` | \(rule.words.english) | \(Self.way(of: rule)) |"
    }
    let replicas = ConformanceRule.ofReplicas.sorted(by: Self.isBefore).map { rule in
      let way = rule.reason.map { "not testable: \($0.english)" } ?? "level \(rule.level)"
      return "| `\(rule.id)` | \(rule.words.english) | \(way) |"
    }
    for (name, rows) in [("rules", hubs), ("replica rules", replicas)] {
      let head = ["| rule | what it says | tested with |", "|---|---|---|"]
      let table = "\n" + (head + rows).joined(separator: "\n") + "\n\n"
      let text = try Self.text(of: "conformance")
      let begin = try #require(text.range(of: "<!-- \(name) begin -->\n"))
      let end = try #require(text.range(of: "<!-- \(name) end -->"))
      if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
        let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
        try new.write(to: Self.file("conformance"), atomically: true, encoding: .utf8)
      } else {
        #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
      }
    }
  }

  @Test("each rule has an id of its own, of a section that there is")
  func ids() throws {
    let all = ConformanceRule.all + ConformanceRule.ofReplicas
    #expect(Set(all.map(\.id)).count == all.count)
    for rule in all {
      let parts = rule.id.split(separator: ".")
      try #require(parts.count >= 3 && parts.last?.count == 1, "\(rule.id)")
      let section = parts[1..<(parts.count - 1)].joined(separator: ".")
      guard section != "0" else { continue }
      let text = try Self.text(of: String(parts[0]))
      #expect(text.contains("\n\(section) "), "\(rule.id) has no section")
    }
  }

  @Test("every MUST of the protocol is in the list, with rules of whoever is held to it")
  func everyMust() throws {
    let hubRules = Set(ConformanceRule.all.map(\.id))
    let replicaRules = Set(ConformanceRule.ofReplicas.map(\.id))
    let rows = try Self.musts()
    let documents = [
      "sync", "bodies", "versioning", "canonical", "segment", "bundle", "checkpoint",
      "errors", "limits", "security",
    ]
    for document in documents {
      let text = try Self.text(of: document)
      var covered: [Range<String.Index>] = []
      for row in rows where row.document == document {
        let ranges = text.ranges(of: row.words)
        try #require(ranges.count == 1, "\(document) \(row.section): \(row.words)")
        let before = text[..<ranges[0].lowerBound]
        let section = before.matches(of: #/\n([0-9]+(\.[0-9]+)+) /#).last.map { String($0.1) }
        #expect((section ?? "0") == row.section, "\(row.words)")
        covered.append(ranges[0])
        #expect(row.isOfHub == !hubRules.isDisjoint(with: row.rules), "\(row.words)")
        #expect(row.isOfOffice == !replicaRules.isDisjoint(with: row.rules), "\(row.words)")
        #expect(Set(row.rules).isSubset(of: hubRules.union(replicaRules)), "\(row.rules)")
      }
      for place in text.ranges(of: "MUST") {
        let line = text[place.lowerBound...].prefix { $0 != "\n" }
        // What the word means is no rule.
        guard !text[..<place.lowerBound].hasSuffix("The words "),
          !text[..<place.lowerBound].hasSuffix("The words MUST, ")
        else { continue }
        #expect(
          covered.contains { $0.contains(place.lowerBound) }, "\(document): \(line.prefix(80))")
      }
    }
  }

  private struct Must {
    let document: String
    let section: String
    let words: String
    let isOfHub: Bool
    let isOfOffice: Bool
    let rules: [String]
  }

  private static func musts() throws -> [Must] {
    let text = try text(of: "conformance")
    let start = try #require(text.range(of: "\n## 5. "))
    return text[start.upperBound...].split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      guard cells.count == 7, cells[3].contains("MUST") else { return nil }
      return Must(
        document: cells[1], section: cells[2], words: cells[3], isOfHub: cells[4].contains("hub"),
        isOfOffice: cells[4].contains("office"),
        rules: cells[5].matches(of: /[a-z]+(\.[0-9]+)+\.[a-z]/).map { String($0.0) })
    }
  }

  private static func way(of rule: ConformanceRule) -> String {
    if let reason = rule.reason { return "not testable: \(reason.english)" }
    return rule.needs.contains(.control)
      ? "control" : rule.needs.contains(.offices) ? "offices" : "the address alone"
  }

  /// By document, then section, then letter.
  private static func isBefore(_ left: ConformanceRule, _ right: ConformanceRule) -> Bool {
    left.id.compare(right.id, options: .numeric) == .orderedAscending
  }

  private static func file(_ document: String) -> URL {
    Repository.root.appending(path: "Protocol/\(document).md")
  }

  private static func text(of document: String) throws -> String {
    try String(contentsOf: file(document), encoding: .utf8)
  }
}
