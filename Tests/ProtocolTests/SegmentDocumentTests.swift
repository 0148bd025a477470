import Community
import Foundation
import OpLog
import Testing
import Wire

@Suite struct SegmentDocumentTests {
  private static let codec = OpJSON(SchemaTable(Edition.present.schemas))

  /// `LINLI_RECORD=1 swift test --filter SegmentDocumentTests` writes the example anew.
  @Test("Protocol/segment.md shows a segment as it is")
  func exampleIsGenerated() throws {
    let file = Repository.root.appending(path: "Protocol/segment.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- example begins -->\n"))
    let end = try #require(text.range(of: "<!-- example ends -->"))
    let example = try Self.example()
    if ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1" {
      let new = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: example)
      try new.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[begin.upperBound..<end.lowerBound]) == example)
    }
  }

  @Test("ops of each kind go through a segment, alone and together, and as JSON")
  func eachKind() throws {
    var all: [Op] = []
    for kind in Catalogue.kinds {
      for isFull in [false, true] {
        let values = kind.schema.fields.map { field in
          isFull || field.isRequired ? Self.value(field.type, isFull: isFull) : nil
        }
        let op = try Self.op(
          "4097-\(all.count + 1)", kind.number,
          try kind.schema.encode(Payload(values: values)), isNamed: false)
        #expect(try Segment.decode(try Segment.encode([op])) == [op], "\(kind.name)")
        var json = JSONWriter()
        Self.codec.write(op, to: &json)
        var reader = try JSONReader(json.bytes, max: WireLimits.opBytesMax)
        #expect(try Self.codec.read(from: &reader) == op, "\(kind.name)")
        all.append(op)
      }
    }
    #expect(try Segment.decode(try Segment.encode(all)) == all)
  }

  /// The least or the most that a field may hold, lists of one or two.
  private static func value(_ type: FieldType, isFull: Bool) -> PayloadValue {
    let other = OpID(packed: 4099 << 32 | (isFull ? 0xFFFF_FFFF : 1))
    let last = OpID(packed: Int64(EnvelopeLimits.replicaMax) << 32 | 0xFFFF_FFFF)
    let ids = [other, last].compactMap { $0 }
    func count(_ range: ClosedRange<Int>) -> Int {
      max(range.lowerBound, min(range.upperBound, isFull ? 2 : 0))
    }
    switch type {
    case .integer(let range): return .integer(isFull ? range.upperBound : range.lowerBound)
    case .text(let range):
      let length = isFull ? range.upperBound : range.lowerBound
      return .text(
        String(repeating: "盐", count: length / 3) + String(repeating: "a", count: length % 3))
    case .bytes(let range):
      return .bytes(Array(repeating: 0xFF, count: isFull ? range.upperBound : range.lowerBound))
    case .flag: return .integer(isFull ? 1 : 0)
    case .choice(let names): return .integer(isFull ? Int64(names.count) - 1 : 0)
    case .choices(let names): return .integer(isFull ? 1 << Int64(names.count) - 1 : 1)
    case .date: return .integer(isFull ? BusinessDate.range.upperBound : 0)
    case .replica: return .integer(isFull ? Int64(EnvelopeLimits.replicaMax) : 1)
    case .reference: return .reference(ids[isFull ? 1 : 0])
    case .references(_, let range): return .references(Array(ids.prefix(count(range))))
    case .records(let fields, let range):
      let record = fields.map { field in
        isFull || field.isRequired ? value(field.type, isFull: isFull) : nil
      }
      return .records(Array(repeating: record, count: count(range)))
    }
  }

  // MARK: The example

  private static func example() throws -> String {
    let ops = [
      try op(
        "4097-12", 19,
        try encode(
          "award.grant",
          [
            "activity": .reference(try id("4097-1")), "resident": .reference(try id("4098-7")),
            "points": .integer(3), "minutes": .integer(90),
          ])),
      try op(
        "4097-13", 23,
        try encode(
          "redemption.record",
          [
            "resident": .reference(try id("4097-2")),
            "lines": .records([[.reference(try id("4097-9")), .integer(2), .integer(4)]]),
            "basis": .integer(0),
          ])),
    ]
    let (bytes, parts) = try Segment.encodeInParts(ops, held: chainHash)
    #expect(try Segment.decode(bytes, held: chainHash) == ops)
    var lines = ["```"] + ops.map { Hex.encode($0.bytes) } + ["```", ""]
    lines.append("As a segment, \(bytes.count) bytes:")
    lines += ["", "| part | bytes |", "|---|---|"]
    var offset = 0
    for part in parts where part.byteCount > 0 {
      let hex = Hex.encode(Array(bytes[offset..<(offset + part.byteCount)]))
      offset += part.byteCount
      let keys = part.path.map(String.init).joined(separator: ".")
      let name = part.kind.map { "kind \($0), key \(keys)" } ?? part.name
      lines.append("| \(name) | `\(hex)` |")
    }
    #expect(offset == bytes.count)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func encode(
    _ name: String, _ values: [String: PayloadValue]
  ) throws -> [UInt8] {
    let kind = try #require(Catalogue.kinds.first { $0.name == name })
    return try kind.schema.encode(Payload(values: kind.schema.fields.map { values[$0.name] }))
  }

  private static func op(
    _ name: String, _ kind: KindNumber, _ payload: [UInt8], isNamed: Bool = true
  ) throws -> Op {
    let id = try id(name)
    var fields = OpFields(
      id: id, stamp: 1_768_270_000_000 + 30_500 * Int64(id.seq), kind: kind,
      occurredOn: try #require(BusinessDate("2026-01-13")), payload: payload)
    fields.actor = try self.id("4096-4")
    fields.policy = try self.id("4096-3")
    if isNamed {
      let hashes = try Op(fields).namedOps.map { try #require(chainHash($0.replica, $0.seq)) }
      fields.names = Chain.names(of: hashes)
    }
    return try Op(fields)
  }

  private static func id(_ text: String) throws -> OpID { try #require(OpID(text)) }

  /// What both sides of the example hold: nothing of 4097 from its twelfth op on.
  private static func chainHash(_ replica: ReplicaID, _ seq: UInt64) -> Digest? {
    if replica.rawValue == 4097, seq > 11 { return nil }
    return SHA256.hash(Array("\(replica)-\(seq)".utf8))
  }
}
