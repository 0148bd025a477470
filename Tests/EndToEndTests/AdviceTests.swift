import Community
import Foundation
import Testing

@testable import linli

/// What messages, help, and documents tell people to type is a command that there is.
@Suite struct AdviceTests {
  @Test("every command that a text names exists, and takes the options that stand behind it")
  func commands() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var (checked, wrong): (Int, [String]) = (0, [])
    for file in try files(under: root) {
      for line in try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
        .split(separator: "\n")
      {
        for place in line.ranges(of: /linli(?= )/) {
          checked += 1
          let said = line[place.upperBound...]
          if let problem = problem(said) { wrong.append("\(file): linli\(said): \(problem)") }
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    #expect(checked > 300)
  }

  /// What is wrong with the words behind the program's name; nil where nothing is.
  private func problem(_ said: Substring) -> String? {
    // What is hashed or sealed begins with such words.
    let isLabel = said.firstIndex(of: "\"").map { end in
      ["\" ‖", "\".utf8"].contains { said[end...].hasPrefix($0) }
    }
    if isLabel == true { return nil }
    // What stands behind a comma or a full stop belongs to the sentence.
    let end = said.firstMatch(of: #/["`()（），；。、;\#]|[,.:] /#)?.range.lowerBound
    let text = said[..<(end ?? said.endIndex)]
    var named: [String] = []
    for word in text.split(separator: " ") {
      guard let name = word.prefixMatch(of: /[a-z][a-z-]*/)?.output else { break }
      named.append(String(name))
      if name.endIndex < word.endIndex { break }
    }
    guard let first = named.first, first != "help" else { return nil }
    let command = Linli.commands.filter {
      named.starts(with: $0.name.split(separator: " ").map(String.init))
    }
    .max { $0.name.count < $1.name.count }
    guard let command else {
      let isGroup = Linli.commands.contains { $0.name.hasPrefix(first + " ") }
      // A text may speak of the program, or of a group of its commands.
      return isGroup && named.count == 1 ? nil : "there is no such command"
    }
    let grammar = Grammar(usage: command.usage)
    let taken = grammar.flags.union(grammar.valued).union(grammar.open)
    for option in text.matches(of: /--([a-z-]+)/) where !taken.contains(String(option.1)) {
      return "\(command.name) takes no --\(option.1)"
    }
    let next = named.dropFirst(command.name.split(separator: " ").count).first
    if command == ShowCommand.self, let next, !Self.prose.contains(next), !views.contains(next) {
      return "there is no view \(next)"
    }
    return nil
  }

  /// Words that follow a command in a sentence.
  private static let prose: Set = ["lists", "and", "prints", "shows"]

  private let views: Set<String>

  init() throws {
    let help = try ShowCommand.details(of: [], in: .english)
    views = Set(
      help.split(separator: "\n").filter { $0.hasPrefix("  ") }
        .compactMap { $0.split(separator: " ").first.map(String.init) })
  }

  private func files(under root: URL) throws -> [String] {
    let all = FileManager.default.enumerator(atPath: root.path)
    let names = (all?.allObjects as? [String] ?? []).filter { name in
      name == "README.md" || name.hasPrefix("Sources/") && name.hasSuffix(".swift")
        || name.hasPrefix("Protocol/") && name.hasSuffix(".md")
    }
    try #require(names.count > 400)
    return names.sorted()
  }
}
