import OpLog
import Testing

@testable import Wire

@Suite("JSONWriter gives equal bytes for equal values")
struct JSONWriterTests {
  @Test("puts commas where they belong")
  func structure() {
    var json = JSONWriter()
    json.openObject()
    json.key("a")
    json.openArray()
    json.closeArray()
    json.key("b")
    json.openArray()
    json.integer(1)
    json.openObject()
    json.closeObject()
    json.flag(false)
    json.closeArray()
    json.key("c")
    json.flag(true)
    json.closeObject()
    #expect(json.bytes.text == #"{"a":[],"b":[1,{},false],"c":true}"#)
  }

  @Test(
    "escapes what it must and nothing else",
    arguments: [
      ("plain 青😀é/\u{7F}\u{2028}", "\"plain 青😀é/\u{7F}\u{2028}\""),
      ("\"\\", #""\"\\""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
      ("\u{0}\u{1F}\u{B}", #""\u0000\u001f\u000b""#), ("", "\"\""),
    ])
  func escapes(text: String, json: String) {
    var writer = JSONWriter()
    writer.text(text)
    #expect(writer.bytes.text == json)
  }

  @Test(
    "writes integers to the last that is exact", arguments: [0, -1, 10, 1 << 53 - 1, 1 - 1 << 53])
  func integers(value: Int64) {
    var json = JSONWriter()
    json.integer(value)
    #expect(json.bytes.text == String(value))
  }

  @Test("stops at an integer that JSON readers would round")
  func roundedIntegers() async {
    await #expect(processExitsWith: .failure) {
      var json = JSONWriter()
      json.integer(1 << 53)
    }
  }

  @Test("writes dates, ids, and bytes")
  func values() throws {
    var json = JSONWriter()
    json.openArray()
    json.date(try #require(BusinessDate("1970-01-01")))
    json.date(try #require(BusinessDate("9999-12-31")))
    json.opID(try Sample.id("2147483647-4294967295"))
    json.base64URL([0xFB, 0xFF])
    json.closeArray()
    #expect(
      json.bytes.text == #"["1970-01-01","9999-12-31","2147483647-4294967295","-_8"]"#)
  }

  @Test("goes back to a mark as if nothing had been written since")
  func marks() {
    var json = JSONWriter()
    json.openObject()
    json.key("a")
    let mark = json.mark
    json.openArray()
    json.integer(1)
    json.rewind(to: mark)
    json.integer(2)
    json.closeObject()
    #expect(json.bytes.text == #"{"a":2}"#)
  }
}
