import Community
import Glibc
import Wire

/// Where results and errors go: lines for people, or one JSON object per result.
struct Console: Sendable {
  /// The language of words for people.
  let language: Language
  /// Whether results are JSON.
  let isJSON: Bool

  /// Whether somebody watches stderr, so that progress is worth showing.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// What the words of a command line ask for, whether the rest of them is right or not.
  init(for words: some Collection<String>) {
    let named = zip(words, words.dropFirst()).first { $0.0 == "--lang" }?.1
    let joined = words.first { $0.hasPrefix("--lang=") }?.dropFirst(7)
    language =
      (named ?? joined.map(String.init)).flatMap { Language(rawValue: $0) } ?? .ofEnvironment
    isJSON = words.contains("--json")
  }

  /// Writes a line to stdout; it is out when this returns.
  ///
  /// What it quotes must not steer a terminal.
  func out(_ line: String) {
    print(line.withoutControls)
    fflush(nil)
  }

  /// Writes a phrase to stdout.
  func out(_ words: Words) { out(language(words)) }

  /// Writes a line to stderr; what it quotes must not steer a terminal.
  func error(_ line: String) {
    let bytes = Array((line.withoutControls + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Writes a phrase to stderr.
  func error(_ words: Words) { error(language(words)) }

  /// Writes one JSON object as a line to stdout.
  func json(_ members: (inout JSONWriter) -> Void) {
    var json = JSONWriter()
    json.openObject()
    members(&json)
    json.closeObject()
    jsonLine(json.bytes)
  }

  /// Writes JSON as a line to stdout, as it is: programs read it, whether `--json` asked for it or not, and
  /// another character in a text would be another text.
  func jsonLine(_ bytes: [UInt8]) { raw(bytes + [UInt8(ascii: "\n")]) }

  /// Writes bytes to stdout as they are; they are out when this returns, unless nobody can have them: the
  /// reader is gone, or its disk is full.
  func raw(_ bytes: [UInt8]) {
    var left = bytes[...]
    while !left.isEmpty {
      let count = left.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      left = left.dropFirst(count)
    }
  }

  /// Writes a result: its words for people, its members for programs.
  func answer(_ words: Words, _ members: (inout JSONWriter) -> Void) {
    isJSON ? json(members) : out(words)
  }

  /// Writes rows under their titles.
  func table(_ titles: [Words], _ rows: [[String]]) {
    table(titles.map { language($0) }, rows)
  }

  /// Writes rows under titles that are in the language already.
  func table(_ titles: [String], _ rows: [[String]]) {
    for line in Table(titles, rows).lines { out(line) }
  }

  /// Shows how far something is, over the line before it; only to a person who watches.
  func progress(_ line: @autoclosure () -> String) {
    guard Self.isTerminal else { return }
    let bytes = Array("\r\u{1B}[K\(line())".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Takes the progress line away.
  func endProgress() { progress("") }

  /// Says why a command failed: on stderr for people, on stdout for programs.
  func report(_ failure: CommandError) {
    guard isJSON else {
      let detail = failure.shownDetail(in: language).map { " (\($0))" }
      error(language(failure.message) + (detail ?? ""))
      error(failure.advice)
      return
    }
    json { $0.error(failure, in: language) }
  }
}

extension String {
  /// The text with a mark for each control character that ends no line, and for each one that turns the
  /// order of others; what joins an emoji's parts stays.
  var withoutControls: String {
    var text = ""
    for scalar in unicodeScalars {
      let properties = scalar.properties
      let isControl =
        properties.generalCategory == .control && scalar != "\n" || properties.isBidiControl
      text.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return text
  }
}

extension JSONWriter {
  /// Writes a member `error` with a code, what happened, and what to do.
  mutating func error(_ failure: CommandError, in language: Language) {
    key("error")
    openObject()
    member("code", failure.code)
    member("message", language(failure.message))
    member("advice", language(failure.advice))
    if let detail = failure.detail {
      member("detail", detail)
    }
    closeObject()
  }
}

extension Language {
  /// The language that the environment asks for: any text with `zh` in the first variable set.
  static var ofEnvironment: Language {
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
      if let text = environmentVariable(name) { return text.contains("zh") ? .chinese : .english }
    }
    return .english
  }
}
