import Community
import Office
import Testing

/// What people type for a person.
@Suite struct PhoneNumberTests {
  @Test(
    "a phone number is told from what a spreadsheet made of one",
    arguments: [
      ("13800001234", true), ("+86 138-0000-1234", true), ("(010) 6552 1234转801", true),
      ("120", true), ("12", false), ("abc", false), ("", false), ("1.39E+10", false),
      ("=\"13900000002\"", false), ("13900000003.0", false), ("１３８００００１２３４", false),
      ("138+00001234", false),
    ])
  func isOne(text: String, isNumber: Bool) {
    #expect(PhoneNumber.isOne(text) == isNumber)
  }

  @Test(
    "all ways to write a number have one form",
    arguments: [
      ("+8613800001234", "13800001234"), ("86 138 0000 1234", "13800001234"),
      ("0086-13800001234", "13800001234"), ("１３８00001234", "13800001234"),
      ("+86 10 65521234", "01065521234"), ("010-65521234", "01065521234"),
      ("86521234", "86521234"), ("+1 202 555 0123", "12025550123"), ("", ""),
    ])
  func key(text: String, form: String) {
    #expect(PhoneNumber.key(text) == form)
  }

  @Test("a name has a letter to read")
  func names() {
    #expect(["王芳", "O'Hara", "ﾊﾅ"].allSatisfy(PersonName.isReadable))
    #expect(!["", " ", "\u{200B}", "\u{3164}", "。"].contains(where: PersonName.isReadable))
    #expect(PersonName.tidied("赵\u{200B}六") == "赵六")
  }
}
