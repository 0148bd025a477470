import OpLog
import Testing

@testable import Wire

@Suite("Op JSON")
struct OpJSONTests {
  @Test("is byte for byte what the fixtures hold, both ways", arguments: Sample.opNames)
  func fixtures(name: String) throws {
    let json = try Fixture.bytes("op-\(name).json")
    let cbor = try Fixture.hex("op-\(name).cbor.hex")
    let op = try Sample.op(name)
    #expect(op.bytes == cbor)
    #expect(write(op).text == json.text)
    #expect(try read(json.text).bytes == cbor)
  }

  @Test("has its members in any order, the kind behind the payload too")
  func order() throws {
    let text = """
      { "payload" : {"other":5, "value":-9} , "was":"\(Sample.digest("was"))",
        "occurred_on":"2026-01-13","kind":"sample.integer","stamp":7,"id":"4097-1" }
      """
    let op = try read(text)
    #expect(
      write(op).text == """
        {"id":"4097-1","stamp":7,"kind":"sample.integer","occurred_on":"2026-01-13",\
        "payload":{"value":-9,"other":5},"was":"\(Sample.digest("was"))"}
        """)
    #expect(throws: WireError.outOfRange(field: "payload.other.#int")) {
      _ = try read(
        text.replacing("\"other\":5", with: "\"other\":{\"#int\":\"5\"}"))
    }
  }

  @Test("takes a known kind and its keys by number too, for the same bytes")
  func numbers() throws {
    let named = try read(envelope(kind: "sample.integer", ##"{"value":1,"other":2}"##))
    #expect(try read(envelope(kind: "#101", ##"{"#2":2,"#1":1}"##)) == named)
    #expect(try read(envelope(kind: "#101", ##"{"#2":2,"value":1}"##)) == named)
  }

  @Test("shows all keys by number when one value does not fit or a required one is not there")
  func misfits() throws {
    let schema = PayloadSchema([
      .required("few", .integer(0...9)),
      .optional("lines", .records([.required("qty", .integer(1...9))], 1...2)),
    ])
    let codec = OpJSON(SchemaTable([(7, "sample.few", schema)]))
    let misfits: [([(UInt64, (inout CBORWriter) -> Void)], String)] = [
      ([(1, { $0.integer(10) })], ##"{"#1":10}"##), ([], "{}"),
      ([(9, { $0.flag(true) })], ##"{"#9":true}"##),
      ([(1, { $0.integer(1) }), (2, { $0.array(count: 0) })], ##"{"#1":1,"#2":[]}"##),
      (
        [
          (1, { $0.integer(1) }),
          (
            2,
            {
              $0.array(count: 1)
              $0.map(count: 0)
            }
          ),
        ], ##"{"#1":1,"#2":[{}]}"##
      ),
    ]
    for (entries, payload) in misfits {
      var random = RandomOps(seed: 1)
      let op = try random.op(kind: 7, payload: Sample.map(entries))
      var json = JSONWriter()
      codec.write(op, to: &json)
      #expect(json.bytes.text.contains("\"payload\":\(payload)"))
      var reader = try JSONReader(json.bytes, max: 10_000)
      #expect(try codec.read(from: &reader) == op)
    }
  }

  @Test("shows keys that a newer version put into a record")
  func newerRecords() throws {
    let schema = PayloadSchema([
      .required("lines", .records([.required("qty", .integer(1...9))], 1...2))
    ])
    let codec = OpJSON(SchemaTable([(7, "sample.lines", schema)]))
    var random = RandomOps(seed: 1)
    let payload = Sample.map([
      (
        1,
        {
          $0.array(count: 1)
          $0.raw(Sample.map([(1, { $0.integer(3) }), (4, { $0.text("new") })]))
        }
      )
    ])
    let op = try random.op(kind: 7, payload: payload)
    var json = JSONWriter()
    codec.write(op, to: &json)
    #expect(json.bytes.text.contains(##""payload":{"lines":[{"qty":3,"#4":"new"}]}"##))
    var reader = try JSONReader(json.bytes, max: 10_000)
    #expect(try codec.read(from: &reader) == op)
  }

  @Test(
    "refuses envelopes",
    arguments: [
      (##""id":"4097-1","##, "", .missing(field: "id")),
      (##""stamp":7,"##, "", .missing(field: "stamp")),
      (##""kind":"sample.integer","##, "", .missing(field: "kind")),
      (##""occurred_on":"2026-01-13","##, "", .missing(field: "occurred_on")),
      (#","payload":{"value":1}"#, "", .missing(field: "payload")),
      ("\"stamp\"", "\"Stamp\"", .unknownField(field: "Stamp")),
      ("\"4097-1\"", "4097", .wrongType(field: "id")),
      ("\"4097-1\"", "\"4097-0\"", .outOfRange(field: "id")),
      (":7", ":\"7\"", .wrongType(field: "stamp")),
      (":7", ":-7", .outOfRange(field: "stamp")),
      ("sample.integer", "sample.nothing", .outOfRange(field: "kind")),
      ("sample.integer", "#0", .outOfRange(field: "kind")),
      ("sample.integer", "#65536", .outOfRange(field: "kind")),
      ("sample.integer", "#046", .outOfRange(field: "kind")),
      ("2026-01-13", "2026-02-30", .outOfRange(field: "occurred_on")),
      ("{\"value\":1}", "[]", .wrongType(field: "payload")),
      ("{\"value\":1}", "null", .wrongType(field: "payload")),
      ("\"stamp\":7", "\"stamp\":7,\"names\":\"AAAA\"", .outOfRange(field: "names")),
      ("\"stamp\":7", "\"stamp\":7,\"body\":null", .wrongType(field: "body")),
      ("\"stamp\":7", "\"stamp\":7,\"was\":\"AAAA\"", .outOfRange(field: "was")),
      ("\"stamp\":7", "\"stamp\":7,\"actor\":\"1\"", .outOfRange(field: "actor")),
      ("\"stamp\":7", "\"stamp\":7,\"policy\":true", .wrongType(field: "policy")),
    ] as [(String, String, WireError)])
  func envelopes(part: String, other: String, error: WireError) throws {
    let text = envelope(kind: "sample.integer", ##"{"value":1}"##)
    try #require(text.contains(part))
    #expect(throws: error) { _ = try read(text.replacing(part, with: other, maxReplacements: 1)) }
  }

  @Test(
    "refuses payloads",
    arguments: [
      ("integer", ##"{"other":1}"##, .missing(field: "payload.value")),
      ("integer", ##"{"value":1,"valeu":1}"##, .unknownField(field: "payload.valeu")),
      ("integer", ##"{"value":1,"#01":1}"##, .unknownField(field: "payload.#01")),
      ("integer", ##"{"value":"1"}"##, .wrongType(field: "payload.value")),
      ("integer", ##"{"value":{"#ref":"1-1"}}"##, .wrongType(field: "payload.value.#ref")),
      ("text", ##"{"value":"a\nb"}"##, .outOfRange(field: "payload.value")),
      ("text", ##"{"value":1}"##, .wrongType(field: "payload.value")),
      ("bytes", ##"{"value":"A"}"##, .outOfRange(field: "payload.value")),
      ("bytes", ##"{"value":"AA=="}"##, .outOfRange(field: "payload.value")),
      ("flag", ##"{"value":1}"##, .wrongType(field: "payload.value")),
      ("choice", ##"{"value":"Home"}"##, .outOfRange(field: "payload.value")),
      ("choice", ##"{"value":0}"##, .wrongType(field: "payload.value")),
      ("choices", ##"{"value":[]}"##, .outOfRange(field: "payload.value")),
      ("choices", ##"{"value":["grid","grid"]}"##, .outOfRange(field: "payload.value[1]")),
      ("choices", ##"{"value":["cook"]}"##, .outOfRange(field: "payload.value[0]")),
      ("date", ##"{"value":"2026-13-01"}"##, .outOfRange(field: "payload.value")),
      ("replica", ##"{"value":0}"##, .outOfRange(field: "payload.value")),
      ("reference", ##"{"value":{"#ref":"1-1"}}"##, .wrongType(field: "payload.value")),
      ("references", ##"{"value":["1-2","1-1"]}"##, .outOfRange(field: "payload.value")),
      ("references", ##"{"value":["1-1","1-1"]}"##, .outOfRange(field: "payload.value")),
      (
        "references", ##"{"value":["1-1","1-2","1-3","1-4","1-5"]}"##,
        .outOfRange(field: "payload.value")
      ),
      ("records", ##"{"value":[{"qty":1}]}"##, .missing(field: "payload.value[0].item")),
      (
        "records", ##"{"value":[{"item":"1-1","qty":1},{"item":"1-1","qty":0}]}"##,
        .outOfRange(field: "payload.value[1].qty")
      ),
      ("records", ##"{"value":[1]}"##, .wrongType(field: "payload.value[0]")),
      (
        "records", ##"{"value":[{"item":"1-1","qty":1,"x":1}]}"##,
        .unknownField(field: "payload.value[0].x")
      ),
    ] as [(String, String, WireError)])
  func payloads(type: String, payload: String, error: WireError) {
    #expect(throws: error) { _ = try read(envelope(kind: "sample.\(type)", payload)) }
  }

  @Test(
    "refuses generic values",
    arguments: [
      (##"{"value":1}"##, .unknownField(field: "payload.value")),
      (##"{"#1":null}"##, .wrongType(field: "payload.#1")),
      (##"{"#1":9007199254740992}"##, .outOfRange(field: "payload.#1")),
      (##"{"#1":{"#int":"1"}}"##, .outOfRange(field: "payload.#1.#int")),
      (##"{"#1":{"#int":"+9007199254740992"}}"##, .outOfRange(field: "payload.#1.#int")),
      (##"{"#1":{"#int":"9223372036854775808"}}"##, .outOfRange(field: "payload.#1.#int")),
      (##"{"#1":{"#bytes":"AA","#2":1}}"##, .unknownField(field: "payload.#1.#2")),
      (##"{"#1":{"#2":1,"#bytes":"AA"}}"##, .unknownField(field: "payload.#1.#bytes")),
      (##"{"#1":{"#date":"2026-01-13"}}"##, .unknownField(field: "payload.#1.#date")),
      (##"{"#18446744073709551616":1}"##, .unknownField(field: "payload.#18446744073709551616")),
      (##"{"#1":{"#ref":"1"}}"##, .outOfRange(field: "payload.#1.#ref")),
      (##"{"#1":[[[[[[[1]]]]]]]}"##, .malformedOp(.malformed(.tooDeep), field: "")),
    ] as [(String, WireError)])
  func genericValues(payload: String, error: WireError) {
    #expect(throws: error) { _ = try read(envelope(kind: "#46", payload)) }
  }

  @Test("refuses one key under its name and its number")
  func repeatedKeys() {
    for payload in [##"{"value":1,"#1":1}"##, ##"{"#1":1,"value":1}"##] {
      #expect {
        _ = try read(envelope(kind: "sample.integer", payload))
      } throws: { error in
        if case WireError.malformed(.duplicateKey, _) = error { true } else { false }
      }
    }
  }

  @Test("refuses more bytes and references than an op may have")
  func limits() {
    let long = String(repeating: "x", count: EnvelopeLimits.opBytesMax)
    #expect {
      _ = try read(envelope(kind: "#46", "{\"#1\":\"\(long)\"}"))
    } throws: { error in
      if case WireError.malformedOp(.tooLarge, "") = error { true } else { false }
    }
    let references = (1...65).map { "{\"#ref\":\"1-\($0)\"}" }.joined(separator: ",")
    #expect(throws: WireError.malformedOp(.malformed(.tooManyReferences), field: "")) {
      _ = try read(envelope(kind: "#46", "{\"#1\":[\(references)]}"))
    }
  }

  @Test("the largest op of any kind stays below the limit of its JSON")
  func worstCase() throws {
    // An array of empty byte strings: 14 characters for each byte.
    let count = EnvelopeLimits.opBytesMax - 64
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(1)
    payload.array(count: count)
    for _ in 0..<count { payload.byteString([]) }
    let date = try #require(BusinessDate(day: 0))
    let op = try Op(
      OpFields(
        id: try Sample.id("1-1"), stamp: 0, kind: 46, occurredOn: date, payload: payload.bytes))
    #expect(write(op).count <= WireLimits.opBytesMax)
  }

  @Test("a payload that a person filled in has no numbers for keys")
  func payloadsByName() throws {
    let schema = try #require(Sample.codec.schemas["sample.integer"]).schema
    func read(_ text: String) throws -> Payload {
      var reader = try JSONReader(Array(text.utf8), max: 1_000)
      return try OpJSON.readPayload(schema, from: &reader)
    }
    #expect(try read(##"{"other":2,"value":1}"##).values == [.integer(1), .integer(2)])
    #expect(throws: WireError.unknownField(field: "#1")) { _ = try read(##"{"#1":1}"##) }
    #expect(throws: WireError.missing(field: "value")) { _ = try read("{}") }
  }

  private func envelope(kind: String, _ payload: String) -> String {
    """
    {"id":"4097-1","stamp":7,"kind":"\(kind)","occurred_on":"2026-01-13","payload":\(payload)}
    """
  }

  private func write(_ op: Op) -> [UInt8] {
    var json = JSONWriter()
    Sample.codec.write(op, to: &json)
    return json.bytes
  }

  private func read(_ text: String) throws -> Op {
    var reader = try JSONReader(Array(text.utf8), max: WireLimits.opBytesMax)
    let op = try Sample.codec.read(from: &reader)
    try reader.finish()
    return op
  }
}
