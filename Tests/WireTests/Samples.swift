import OpLog
import Testing

@testable import Wire

/// The ops and messages of `Fixtures/wire`.
enum Sample {
  // MARK: Kinds

  /// One kind for each type of field, by the name of its files.
  static let kinds: [(number: KindNumber, name: String, schema: PayloadSchema)] = [
    (101, "sample.integer", schema(.integer(Int64.min...Int64.max))),
    (102, "sample.text", schema(.text(0...60))),
    (103, "sample.bytes", schema(.bytes(0...60))),
    (104, "sample.flag", schema(.flag)),
    (105, "sample.choice", schema(.choice(["home", "grant", "stand_in"]))),
    (106, "sample.choices", schema(.choices(["clerk", "grid", "approver"]))),
    (107, "sample.date", schema(.date)),
    (108, "sample.replica", schema(.replica)),
    (109, "sample.reference", schema(.reference([101]))),
    (110, "sample.references", schema(.references([101], 0...4))),
    (111, "sample.records", schema(.records(line, 0...4))),
  ]

  static let codec = OpJSON(SchemaTable(kinds))

  private static let line: [Field] = [
    .required("item", .reference([101])), .required("qty", .integer(1...99)),
    .optional("note", .text(0...60)),
  ]

  /// A required value, and an optional one of the same type.
  private static func schema(_ type: FieldType) -> PayloadSchema {
    PayloadSchema([.required("value", type), .optional("other", type)])
  }

  // MARK: Parts

  static func id(_ text: String) throws -> OpID { try #require(OpID(text)) }

  static func replica(_ number: UInt32) throws -> ReplicaID {
    try #require(ReplicaID(rawValue: number))
  }

  static func street() throws -> StreetID { try #require(StreetID((0x20..<0x30).map { $0 })) }

  static func incarnation() throws -> Incarnation {
    try #require(Incarnation(number: 1, randomBits: 0x0123_4567_89AB_CDEF))
  }

  /// A digest that is easy to tell from others.
  static func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

  static func payload(_ name: String, _ value: PayloadValue, _ other: PayloadValue?) throws
    -> (kind: KindNumber, payload: [UInt8])
  {
    let row = try #require(kinds.first { $0.name == "sample.\(name)" })
    return (row.number, try row.schema.encode(Payload(values: [value, other])))
  }

  // MARK: Ops

  /// The op in `op-NAME.json` and `op-NAME.cbor.hex`.
  static func op(_ name: String) throws -> Op {
    let (kind, payload) = try content(name)
    var fields = OpFields(
      id: try id("4097-12"), stamp: 1_760_000_000_000, kind: kind,
      occurredOn: try #require(BusinessDate("2026-01-13")), payload: payload)
    fields.actor = try id("4096-3")
    if name == "records" {
      fields.policy = try id("4096-5")
      fields.names = 0x0102_0304_0506_0708
      fields.body = digest("body")
      fields.was = digest("was")
    }
    return try Op(fields)
  }

  /// The names of all ops with files.
  static let opNames =
    kinds.map { String($0.name.dropFirst("sample.".count)) } + ["unknown", "newer", "misfit"]

  private static func content(_ name: String) throws -> (kind: KindNumber, payload: [UInt8]) {
    switch name {
    case "integer": try payload(name, .integer(-9), .integer(.min))
    case "text": try payload(name, .text("青龙街 \"A\\B\""), .text(""))
    case "bytes": try payload(name, .bytes([0, 1, 2, 0xFF]), .bytes([]))
    case "flag": try payload(name, .integer(1), .integer(0))
    case "choice": try payload(name, .integer(2), .integer(0))
    case "choices": try payload(name, .integer(0b101), .integer(0b010))
    case "date": try payload(name, .integer(0), .integer(2_932_896))
    case "replica": try payload(name, .integer(4097), .integer(0x7FFF_FFFF))
    case "reference": try payload(name, .reference(try id("4097-1")), nil)
    case "references":
      try payload(name, .references([try id("4097-1"), try id("4098-2")]), .references([]))
    case "records":
      try payload(
        name,
        .records([
          [.reference(try id("4097-1")), .integer(2), nil],
          [.reference(try id("4097-9")), .integer(99), .text("盐")],
        ]), nil)
    case "unknown": (46, try unknownPayload())
    case "newer": (101, map([(1, { $0.integer(7) }), (9, { $0.text("new") })]))
    default: (101, map([(1, { $0.text("not an integer") })]))
    }
  }

  /// One item of each type that CBOR has here.
  private static func unknownPayload() throws -> [UInt8] {
    let target = try id("4097-3")
    return map([
      (0, { $0.integer(-12_345_678_901_234_567) }), (1, { $0.integer(-1) }),
      (2, { $0.text("tab\tend\u{1F}") }), (3, { $0.byteString([0xFB, 0xFF]) }),
      (4, { $0.reference(target) }), (5, { $0.flag(true) }),
      (
        6,
        {
          $0.array(count: 2)
          $0.map(count: 0)
          $0.flag(false)
        }
      ),
      (
        18_446_744_073_709_551_615,
        {
          $0.map(count: 1)
          $0.unsigned(1)
          $0.integer(1 << 53 - 1)
        }
      ),
    ])
  }

  /// A canonical map; its keys ascend.
  static func map(_ entries: [(UInt64, (inout CBORWriter) -> Void)]) -> [UInt8] {
    var writer = CBORWriter()
    writer.map(count: entries.count)
    for (key, write) in entries {
      writer.unsigned(key)
      write(&writer)
    }
    return writer.bytes
  }

  // MARK: Messages

  static func syncRequest() throws -> SyncRequest {
    SyncRequest(
      catalogue: 1, head: Head(replica: try replica(4097), seq: 12, hash: digest("head")),
      seal: digest("seal"), ops: [try op("flag"), try op("records")],
      hub: HubProgress(seq: 30, hash: digest("hub"), run: 1, upTo: 7),
      incarnation: try incarnation(),
      held: [Head(replica: try replica(4098), seq: 5, hash: digest("held"))], maxBytes: 65_536)
  }

  static func syncReply() throws -> SyncReply {
    SyncReply(
      now: 1_760_000_000_123, have: Head(replica: try replica(4097), seq: 12, hash: digest("head")),
      entries: [
        HubEntry(
          op: try op("unknown"),
          runs: [
            EntryRun(index: 0, ops: [try op("integer"), try op("text")]),
            EntryRun(index: 3, ops: []),
          ]),
        HubEntry(op: try op("date"), runs: []),
      ],
      head: Head(replica: try replica(4096), seq: 33, hash: digest("hub head")),
      seal: digest("seal"), successorSeal: digest("successor"), hasMore: false,
      digest: StateDigestMessage(catalogue: 1, value: digest("state")))
  }

  static func enrolRequest() throws -> EnrolRequest {
    try EnrolRequest(code: "K7QM-2X9P", nonce: Array(0..<16), label: "青龙街社区 一号机")
  }

  static func enrolReply() throws -> EnrolReply {
    EnrolReply(
      street: try street(), streetName: "青龙街街道", incarnation: try incarnation(),
      replica: try replica(4097), community: try id("4096-2"), token: digest("token"),
      secret: digest("secret").bytes, now: 1_760_000_000_000)
  }

  static func hubCard() throws -> HubCard {
    HubCard(
      street: try street(), name: "青龙街街道", incarnation: try incarnation(),
      now: 1_760_000_000_000, catalogue: 1)
  }

  static func problem() -> Problem {
    Problem(
      .outOfRange, detail: "value refused: ops[3].payload.points", field: "ops[3].payload.points")
  }
}
