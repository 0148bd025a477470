/// Cuts Swift source into tokens, well enough to tell code from literals and comments.
///
/// The code of an interpolation is kept as tokens after its literal. Bare regex literals are not
/// known: a quote inside one reads as a literal that ends with its line.
struct Lexer {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var tokens: [Token] = []

  static func tokens(of text: String) -> [Token] {
    var lexer = Lexer(bytes: Array(text.utf8))
    lexer.readCode(inInterpolation: false)
    return lexer.tokens
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads up to the end, or past the parenthesis that closes the interpolation.
  private mutating func readCode(inInterpolation: Bool) {
    var depth = 0
    while let byte = peek() {
      switch byte {
      case Byte.slash where peek(1) == Byte.slash: readLineComment()
      case Byte.slash where peek(1) == Byte.star: readBlockComment()
      case Byte.quote: readString(hashes: 0)
      case Byte.hash where quoteFollowsHashes(): readString(hashes: countHashes(at: position))
      case _ where Byte.isWord(byte): readWord()
      case _ where Byte.isSpace(byte): advance()
      default:
        if byte == Byte.open { depth += 1 }
        if byte == Byte.close { depth -= 1 }
        guard !inInterpolation || depth >= 0 else { return advance() }
        emit(.symbol, from: position, to: position + 1, line: line)
        advance()
      }
    }
  }

  private mutating func readWord() {
    let start = position
    while let byte = peek(), Byte.isWord(byte) { position += 1 }
    // `try!` and `as!` are words of their own: `try !isEmpty` is another thing.
    let isForced = peek() == UInt8(ascii: "!") && peek(1) != UInt8(ascii: "=")
    let word = bytes[start..<position]
    if isForced, word.elementsEqual("try".utf8) || word.elementsEqual("as".utf8) { position += 1 }
    emit(.word, from: start, to: position, line: line)
  }

  private mutating func readLineComment() {
    let start = position
    while let byte = peek(), byte != Byte.newline { position += 1 }
    emit(.comment, from: start, to: position, line: line)
  }

  private mutating func readBlockComment() {
    let (start, startLine) = (position, line)
    var depth = 0
    repeat {
      switch (peek(), peek(1)) {
      case (Byte.slash, Byte.star):
        depth += 1
        position += 2
      case (Byte.star, Byte.slash):
        depth -= 1
        position += 2
      default: advance()
      }
    } while depth > 0 && peek() != nil
    emit(.comment, from: start, to: position, line: startLine)
  }

  /// Reads a literal; one without triple quotes ends at the latest with its line.
  private mutating func readString(hashes: Int) {
    let (place, startLine) = (tokens.count, line)
    position += hashes
    let isMultiline = peek(1) == Byte.quote && peek(2) == Byte.quote
    let quotes = isMultiline ? 3 : 1
    position += quotes
    var content: [UInt8] = []
    while let byte = peek(), isMultiline || byte != Byte.newline {
      if closes(quotes: quotes, hashes: hashes) {
        position += quotes + hashes
        break
      }
      guard byte == Byte.backslash, countHashes(at: position + 1) >= hashes else {
        content.append(byte)
        advance()
        continue
      }
      position += 1 + hashes
      let isInterpolation = peek() == Byte.open
      if peek() != nil { advance() }
      if isInterpolation { readCode(inInterpolation: true) }
    }
    let text = String(decoding: content, as: UTF8.self)
    tokens.insert(Token(kind: .string, text: text, line: startLine), at: place)
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    (0..<quotes).allSatisfy { peek($0) == Byte.quote }
      && countHashes(at: position + quotes) >= hashes
  }

  private func quoteFollowsHashes() -> Bool {
    peek(countHashes(at: position)) == Byte.quote
  }

  private func countHashes(at start: Int) -> Int {
    var end = start
    while end < bytes.count, bytes[end] == Byte.hash { end += 1 }
    return end - start
  }

  private func peek(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private mutating func advance() {
    if peek() == Byte.newline { line += 1 }
    position += 1
  }

  private mutating func emit(_ kind: Token.Kind, from start: Int, to end: Int, line: Int) {
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    tokens.append(Token(kind: kind, text: text, line: line))
  }
}

private enum Byte {
  static let newline = UInt8(ascii: "\n")
  static let quote = UInt8(ascii: "\"")
  static let backslash = UInt8(ascii: "\\")
  static let hash = UInt8(ascii: "#")
  static let slash = UInt8(ascii: "/")
  static let star = UInt8(ascii: "*")
  static let open = UInt8(ascii: "(")
  static let close = UInt8(ascii: ")")

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (9...13).contains(byte)
  }

  static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"),
      UInt8(ascii: "`"), 0x80...:
      true
    default: false
    }
  }
}
