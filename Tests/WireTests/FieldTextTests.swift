import OpLog
import Testing

@testable import Wire

@Suite("FieldText reads what people type")
struct FieldTextTests {
  private static let line: [Field] = [
    .required("item", .reference([1])), .required("qty", .integer(1...99)),
  ]

  @Test("of every type of field")
  func values() throws {
    let first = try Sample.id("4097-1")
    let second = try Sample.id("4098-2")
    let cases: [(String, FieldType, PayloadValue)] = [
      ("-9", .integer(-9...9), .integer(-9)), ("盐 500g", .text(1...20), .text("盐 500g")),
      ("", .text(0...20), .text("")), ("AAEC_w", .bytes(4...4), .bytes([0, 1, 2, 0xFF])),
      ("true", .flag, .integer(1)), ("false", .flag, .integer(0)),
      ("grant", .choice(["home", "grant"]), .integer(1)),
      ("c,a", .choices(["a", "b", "c"]), .integer(0b101)),
      ("2026-01-13", .date, .integer(20_466)), ("4097", .replica, .integer(4097)),
      ("4097-1", .reference([1]), .reference(first)),
      ("4098-2,4097-1", .references([1], 1...2), .references([first, second])),
      ("", .references([1], 0...2), .references([])),
      (
        #" [{"qty":2,"item":"4097-1"}] "#, .records(Self.line, 1...2),
        .records([[.reference(first), .integer(2)]])
      ),
    ]
    for (text, type, value) in cases { #expect(FieldText.parse(text, as: type) == value) }
  }

  @Test("and nothing that does not fit")
  func refused() {
    let cases: [(String, FieldType)] = [
      ("10", .integer(-9...9)), ("1.0", .integer(0...9)), ("", .integer(0...9)),
      (" 1", .integer(0...9)), ("9223372036854775808", .integer(Int64.min...Int64.max)),
      ("", .text(1...20)), ("a\u{7}", .text(1...20)), ("AAEC/w", .bytes(0...9)),
      ("yes", .flag), ("1", .flag), ("Grant", .choice(["home", "grant"])),
      ("", .choices(["a"])), ("a,a", .choices(["a", "b"])), ("a,", .choices(["a", "b"])),
      ("13.1.2026", .date), ("2026-02-29", .date), ("0", .replica), ("2147483648", .replica),
      ("4097", .reference([1])), ("4097-1,4097-1", .references([1], 1...2)),
      ("4097-1, 4097-2", .references([1], 1...2)), ("", .references([1], 1...2)),
      ("[]", .records(Self.line, 1...2)), ("[{}]", .records(Self.line, 1...2)),
      (#"{"item":"4097-1","qty":2}"#, .records(Self.line, 1...2)),
      (#"[{"item":"4097-1","qty":2}]x"#, .records(Self.line, 1...2)),
    ]
    for (text, type) in cases {
      #expect(FieldText.parse(text, as: type) == nil, "\(text) as \(type)")
    }
  }

  @Test("and a member of a body, or that there is none")
  func members() {
    let body = #"{"name":"王芳","phone":"111"}"#
    #expect(BodyJSON.member("phone", of: body) == "111")
    #expect(BodyJSON.member("note", of: body) == nil)
    #expect(BodyJSON.member("name", of: "no JSON") == nil)
    #expect(BodyJSON.member("name", of: #"{"name":1}"#) == nil)
  }
}
