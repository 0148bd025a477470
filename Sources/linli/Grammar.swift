/// The options of a command, as its usage line shows them.
struct Grammar {
  /// The options that every command takes.
  static let common = "[--data DIR] [--json] [--lang zh|en] [--help]"

  /// Options with a value.
  private(set) var valued: Set<String> = []
  /// Options without one.
  private(set) var flags: Set<String> = []
  /// Options that may have one, and may go without.
  private(set) var open: Set<String> = []

  /// Reads a usage line and adds the common options.
  init(usage: String) {
    let words = "\(usage) \(Self.common)".split { $0 == " " || $0 == "\n" }
    for (index, word) in words.enumerated() {
      let name = word.drop { $0 == "[" }
      guard name.hasPrefix("--") else { continue }
      let next = index + 1 < words.count ? words[index + 1] : ""
      if !name.hasSuffix("]"), next.hasPrefix("["), !next.hasPrefix("[--") {
        open.insert(String(name.dropFirst(2)))  // [--name [VALUE]]
      } else if name.hasSuffix("]") || next.isEmpty || next.hasPrefix("[")
        || next.hasPrefix("--")
      {
        flags.insert(String(name.dropFirst(2).prefix { $0 != "]" }))
      } else {
        valued.insert(String(name.dropFirst(2)))
      }
    }
  }
}
