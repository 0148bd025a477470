import OpLog
import Testing

@testable import Wire

@Suite("JSONReader takes what every reader understands in the same way, and nothing else")
struct JSONReaderTests {
  @Test(
    "refuses what is not JSON",
    arguments: [
      ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("[", .unexpectedEnd, 1),
      ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedByte, 3),
      ("[,1]", .unexpectedByte, 1), ("[1 2]", .unexpectedByte, 3), ("{", .unexpectedEnd, 1),
      ("{\"a\"", .unexpectedEnd, 4), ("{\"a\" 1}", .unexpectedByte, 5),
      ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
      ("{1:1}", .unexpectedByte, 1), ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte, 3),
      ("nul", .unexpectedEnd, 3), ("'a'", .unexpectedByte, 0), ("+1", .unexpectedByte, 0),
      ("-", .unexpectedEnd, 1), ("-a", .badNumber, 1), ("01", .badNumber, 2),
      ("-01", .badNumber, 3), ("1 1", .trailingBytes, 2), ("{}{}", .trailingBytes, 2),
      ("1/**/", .trailingBytes, 1), ("NaN", .unexpectedByte, 0), ("\u{FEFF}1", .unexpectedByte, 0),
    ] as [(String, JSONFault, Int)])
  func faults(text: String, fault: JSONFault, offset: Int) {
    #expect(throws: WireError.malformed(fault, at: offset)) { try skip(Array(text.utf8)) }
  }

  @Test(
    "a text that was cut off or damaged is no JSON, whatever else is wrong in it",
    arguments: [
      ("{\"a\":", .malformed(.unexpectedEnd, at: 5)),
      ("{\"b\":{\"a\":1", .malformed(.unexpectedEnd, at: 11)),
      ("{\"a\":1} x", .malformed(.trailingBytes, at: 8)),
      ("{\"a\":1}", .unknownField(field: "a")), ("{\"a\":1.5}", .unknownField(field: "a")),
      ("{\"b\":{\"a\":[1,{}]}}", .unknownField(field: "b.a")),
    ] as [(String, WireError)])
  func cutOff(text: String, error: WireError) throws {
    var reader = try JSONReader(Array(text.utf8), max: 100)
    #expect(throws: error) {
      try reader.object { (name, reader) throws(WireError) in
        guard name == "b" else { throw .unknownField(field: "") }
        try reader.object { (_, _) throws(WireError) in throw .unknownField(field: "") }
      }
    }
  }

  @Test(
    "refuses bad strings",
    arguments: [
      ("\"a", .unexpectedEnd), ("\"a\\", .unexpectedEnd), ("\"\\u12", .unexpectedEnd),
      ("\"\\x\"", .badEscape), ("\"\\u12g4\"", .badEscape), ("\"\\U0041\"", .badEscape),
      ("\"\n\"", .controlCharacter), ("\"\\n\u{1F}\"", .controlCharacter),
      ("\"\\ud800\"", .loneSurrogate), ("\"\\udc00\"", .loneSurrogate),
      ("\"\\ud800\\u0041\"", .loneSurrogate), ("\"\\ud800x\"", .loneSurrogate),
      ("\"\\ud800\\ud800\"", .loneSurrogate),
    ] as [(String, JSONFault)])
  func badStrings(text: String, fault: JSONFault) {
    #expect(fault == self.fault(of: Array(text.utf8)))
  }

  @Test(
    "refuses bytes that are not UTF-8",
    arguments: [
      [0x80], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
    ] as [[UInt8]])
  func badUTF8(bytes: [UInt8]) {
    #expect(fault(of: [0x22] + bytes + [0x22]) == .invalidUTF8)
    #expect(fault(of: Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .invalidUTF8)
  }

  @Test(
    "refuses numbers that are not exact integers",
    arguments: [
      ("1.5", .wrongType(field: "")), ("1.0", .wrongType(field: "")),
      ("1e3", .wrongType(field: "")), ("1E-3", .wrongType(field: "")),
      ("-0", .wrongType(field: "")), ("-0.0", .wrongType(field: "")),
      ("9007199254740992", .outOfRange(field: "")), ("-9007199254740992", .outOfRange(field: "")),
      ("18446744073709551616", .outOfRange(field: "")),
      ("99999999999999999999999999", .outOfRange(field: "")),
    ] as [(String, WireError)])
  func badNumbers(text: String, error: WireError) {
    #expect(throws: error) { try skip(Array(text.utf8)) }
  }

  @Test(
    "reads integers to the last that is exact", arguments: [0, 1, -1, 1 << 53 - 1, 1 - 1 << 53])
  func integers(value: Int64) throws {
    var reader = try JSONReader(Array(" \(value) ".utf8), max: 100)
    #expect(try reader.integer(in: Int64.min...Int64.max) == value)
    try reader.finish()
  }

  @Test(
    "resolves escapes",
    arguments: [
      ("\"\"", ""), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"),
      ("\"\\u0041\\u00e9\\u9752\"", "Aé青"), ("\"x\\uD83D\\uDE00y\"", "x😀y"),
      ("\"\\u0000\"", "\u{0}"), ("\"青龙街\"", "青龙街"),
    ])
  func strings(json: String, text: String) throws {
    var reader = try JSONReader(Array(json.utf8), max: 100)
    #expect(try reader.text(0...100) == text)
    try reader.finish()
  }

  @Test("refuses a repeated key, however it is written")
  func repeatedKeys() {
    #expect(fault(of: Array("{\"a\":1,\"a\":1}".utf8)) == .duplicateKey)
    #expect(fault(of: Array("{\"a\":1,\"\\u0061\":1}".utf8)) == .duplicateKey)
    #expect(fault(of: Array("{\"a\":{\"a\":1,\"b\":2},\"b\":1}".utf8)) == nil)
    let keys = (0..<40).map { "\"k\($0)\":{\"k\($0)\":0}" }
    for again in [0, 15, 16, 17, 39] {
      let object = "{" + (keys + [keys[again]]).joined(separator: ",") + "}"
      #expect(fault(of: Array(object.utf8)) == .duplicateKey)
    }
    #expect(fault(of: Array("[{\(keys.joined(separator: ","))},{\(keys[39])}]".utf8)) == nil)
  }

  @Test("nests to the limit and no deeper")
  func depth() {
    let max = WireLimits.depthMax
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func nested(_ depth: Int) -> [UInt8] {
        Array(
          (String(repeating: open, count: depth) + "0"
            + String(repeating: close, count: depth)).utf8)
      }
      #expect(fault(of: nested(max)) == nil)
      #expect(fault(of: nested(max + 1)) == .tooDeep)
      #expect(fault(of: Array(String(repeating: open, count: 100_000).utf8)) == .tooDeep)
    }
  }

  @Test("refuses a text beyond its size")
  func size() {
    #expect(throws: WireError.tooLarge(bytes: 5, max: 4)) {
      _ = try JSONReader([UInt8](repeating: 0x20, count: 5), max: 4)
    }
  }

  @Test("names the path of what is wrong")
  func paths() throws {
    var reader = try JSONReader(Array("{\"ops\":[0,{\"a\":[[true]]}]}".utf8), max: 100)
    #expect(throws: WireError.wrongType(field: "ops[1].a[0][0]")) {
      try reader.object { (_, reader) throws(WireError) in
        try reader.array(max: 9) { (reader) throws(WireError) in
          guard try reader.peek() == .object else { return try reader.skip() }
          try reader.object { (_, reader) throws(WireError) in
            try reader.array(max: 1) { (reader) throws(WireError) in
              try reader.array(max: 1) { (reader) throws(WireError) in _ = try reader.stamp() }
            }
          }
        }
      }
    }
  }

  @Test("reads ids, dates, and digests only in their one form")
  func values() throws {
    func id(_ text: String) throws -> OpID {
      var reader = try JSONReader(Array("\"\(text)\"".utf8), max: 100)
      return try reader.opID()
    }
    #expect(try id("4097-345") == Sample.id("4097-345"))
    #expect(try id("2147483647-4294967295").seq == 4_294_967_295)
    for bad in [
      "", "-", "4097", "4097-", "-1", "4097-0", "0-1", "04097-1", "4097-01", "4097-1-1", "4097 -1",
      "2147483648-1", "4294967297-1", "1-4294967296", "1-18446744073709551617", "1-1x", "+1-1",
    ] {
      #expect(throws: WireError.outOfRange(field: "")) { _ = try id(bad) }
    }
    for bad in ["2026-02-29", "2026-1-13", "2026-01-13 ", "2026/01/13", "1969-12-31", "20260113"] {
      var reader = try JSONReader(Array("\"\(bad)\"".utf8), max: 100)
      #expect(throws: WireError.outOfRange(field: "")) { _ = try reader.date() }
    }
    for bad in [String(repeating: "A", count: 42), String(repeating: "A", count: 43) + "="] {
      var reader = try JSONReader(Array("\"\(bad)\"".utf8), max: 100)
      #expect(throws: WireError.outOfRange(field: "")) { _ = try reader.digest() }
    }
    var upper = try JSONReader(Array("\"AB\"".utf8), max: 100)
    #expect(throws: WireError.outOfRange(field: "")) { _ = try upper.hex(1...1) }
  }

  private func skip(_ bytes: [UInt8]) throws(WireError) {
    var reader = try JSONReader(bytes, max: .max)
    try reader.skip()
    try reader.finish()
  }

  /// The fault for which a text is refused; nil when it is taken.
  private func fault(of bytes: [UInt8]) -> JSONFault? {
    do throws(WireError) {
      try skip(bytes)
      return nil
    } catch {
      guard case .malformed(let fault, _) = error else { return nil }
      return fault
    }
  }
}
