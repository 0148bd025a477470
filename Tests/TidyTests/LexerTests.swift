import Testing

@Suite struct LexerTests {
  @Test("parts words, symbols, literals, and comments, with their lines")
  func kinds() {
    let tokens = Lexer.tokens(of: "let a1 = \"b\"  // c\n}")
    #expect(
      tokens == [
        Token(kind: .word, text: "let", line: 1), Token(kind: .word, text: "a1", line: 1),
        Token(kind: .symbol, text: "=", line: 1), Token(kind: .string, text: "b", line: 1),
        Token(kind: .comment, text: "// c", line: 1), Token(kind: .symbol, text: "}", line: 2),
      ])
  }

  @Test(
    "finds the end of every form of literal",
    arguments: [
      (##""a{""##, "a{"), (##""a\"b""##, "ab"), (##"#"a"b"#"##, ##"a"b"##),
      ("\"\"\"\n{\n\"a\"\n\"\"\"", "\n{\n\"a\"\n"), (##"#"a\(b)"#"##, ##"a\(b)"##),
      (##""""##, ""), (##""never closed"##, "never closed"),
    ])
  func literals(source: String, content: String) {
    let tokens = Lexer.tokens(of: source + "\nend")
    #expect(tokens.map(\.text) == [content, "end"])
    #expect(tokens.first?.kind == .string)
  }

  @Test("keeps the code of an interpolation after its literal")
  func interpolation() {
    let tokens = Lexer.tokens(of: #""a\(f(["b": 1]))c" d"#)
    #expect(tokens.map(\.text) == ["ac", "f", "(", "[", "b", ":", "1", "]", ")", "d"])
  }

  @Test("skips nested comments and counts their lines")
  func comments() {
    let tokens = Lexer.tokens(of: "/* a\n/* { */\n*/ b // {\nc")
    #expect(tokens.filter { $0.kind != .comment }.map(\.text) == ["b", "c"])
    #expect(tokens.last?.line == 4)
  }

  @Test("never takes an escaped name for a keyword")
  func backticks() {
    #expect(Lexer.tokens(of: "`import`").map(\.text) == ["`import`"])
  }
}
