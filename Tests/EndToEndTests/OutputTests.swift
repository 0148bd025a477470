import Testing

@testable import linli

/// What reaches a terminal, and what reaches a program.
@Suite("Output") struct OutputTests {
  @Test("what people type is shown as it is, joined emoji and other scripts too")
  func plainText() {
    for text in ["王芳\n扫雪", "👩‍🌾👨‍👩‍👧", "क्‍ष می‌خواهم", "e\u{301}\u{FE0F}", "a\u{AD}b"] {
      #expect(text.withoutControls == text)
    }
  }

  @Test(
    "what would steer a terminal, or turn the order of what stands there, is marked",
    arguments: ["\u{1B}", "\0", "\t", "\r", "\u{7F}", "\u{85}", "\u{9B}", "\u{200E}", "\u{200F}"]
      + (0x202A...0x202E).map(Self.scalar) + (0x2066...0x2069).map(Self.scalar))
  func controls(control: String) {
    #expect("甲\(control)乙".withoutControls == "甲\u{FFFD}乙")
  }

  @Test("a joined emoji reaches a listing whole, and what turns the order of others no terminal")
  func shown() async throws {
    let street = try await TestStreet()
    let invited = try await street.hub(
      "invite", "--community", "青龙街", "--label", "👩‍🌾站", "--staff", "王敏")
    #expect(invited.exit == 0, "\(invited.err)")
    let status = try await street.hub("status")
    #expect(status.out.contains("👩‍🌾站"), "\(status.out)")
    let word = "\u{202E}👩‍🌾"
    let refused = try await ProcessKit.run([word])
    #expect(refused.exit == 2 && refused.err.contains("\u{FFFD}👩‍🌾"), "\(refused.err)")
    #expect(!refused.err.contains("\u{202E}"))
    #expect(try await ProcessKit.run([word, "--json"]).out.contains(word))
  }

  @Test("JSON for programs is written as it is, also where --json did not ask for it")
  func json() async throws {
    let verb = "\u{202E}👩‍🌾\u{9B}"
    let driver = try RunningProcess(["conform", "driver"])
    driver.send(#"{"do":"\#(verb)"}"#)
    let answer = try #require(await driver.line())
    #expect(answer == #"{"why":"usage: there is no \#(verb)"}"#)
    driver.endInput()
    #expect(await driver.wait().code == 0)
  }

  private static func scalar(_ value: Int) -> String {
    Unicode.Scalar(UInt32(value)).map { String(Character($0)) } ?? ""
  }
}
