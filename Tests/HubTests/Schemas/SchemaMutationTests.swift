import Community
import Hub
import OpLog
import Testing
import Wire

/// Messages with one thing changed: schema and reader refuse the same, but for what
/// `schemas/README.md` lists.
@Suite struct SchemaMutationTests {
  private let schemas = JSONSchemas()

  @Test("of messages", arguments: MessageSamples.readers.keys.sorted())
  func messages(name: String) throws {
    let read = try #require(MessageSamples.readers[name])
    let samples = try Self.samples(of: name, schemas)
    for sample in samples.prefix(3) {
      #expect(read(sample.bytes) == nil)
      let mixes = samples.map { other in
        let members = sample.members.merging(other.members) { mine, _ in mine }
        return Mutation(label: "$ with others", message: .object(members), leaf: nil)
      }
      for mutation in Mutation.all(of: sample) + mixes {
        try compare(mutation, by: "\(name).json", read(mutation.message.bytes))
      }
    }
  }

  @Test(
    "of messages to the hub's door",
    arguments: ["invitation-request", "revocation-request", "retirement-request"])
  func door(name: String) throws {
    let hub = try FilteredHub(nil).core
    let path = name.replacing("-request", with: "s")
    for sample in try MessageSamples.fenced(in: "conformance.md")
    where try schemas.fault(in: sample, by: "\(name).json") == nil {
      for mutation in Mutation.all(of: sample) {
        let answer = hub.handle(
          HubCall(
            method: "POST", path: ["v1", "admin", path], contentType: "application/json",
            authorization: "Bearer \(HubBench.token)", body: mutation.message.bytes),
          now: Street.now)
        // Whoever is retired has to be enrolled, which no reader knows.
        let problem = answer.status == 400 ? try Problem(decoding: answer.body) : nil
        let isRefused = problem.map { $0.detail != "the hub retires nobody so" } ?? false
        try compare(mutation, by: "\(name).json", isRefused ? .outOfRange(field: "") : nil)
      }
    }
  }

  @Test("of payloads of each kind", arguments: Catalogue.kinds.map(\.name))
  func payloads(name: String) throws {
    let kind = try #require(Catalogue.kind(named: name))
    let payload = PayloadSample.full(kind.schema.fields)
    #expect(Self.read(payload, of: name) == nil)
    for mutation in Mutation.all(of: payload) {
      try compare(mutation, by: "ops.json#/$defs/\(name)", Self.read(mutation.message, of: name))
    }
  }

  /// What schemas cannot say is listed, each with its reason, and nothing else is.
  @Test("what schemas cannot say is listed")
  func listed() throws {
    let text = try MessageSamples.text(of: "schemas/README.md")
    let ids = text.matches(of: #/\n\| `([a-z0-9]+)` \|/#).map { String($0.1) }
    #expect(ids == Laxness.allCases.map(\.rawValue))
  }

  @Test("a key twice is refused by the reader alone, a known key by number by the schema alone")
  func keysByNumber() throws {
    let name = "activity.publish"
    let schema = try #require(Catalogue.kind(named: name)).schema
    var payload = PayloadSample.full(schema.fields).members
    let first = schema.fields[0].name
    payload["#1"] = payload[first]
    let twice = JSONValue.object(payload)
    payload[first] = nil
    let mixed = JSONValue.object(payload)
    for (payload, isTaken) in [(twice, false), (mixed, true)] {
      let reads = Self.read(payload, of: name) == nil
      let fits = try schemas.fault(in: payload, by: "ops.json#/$defs/\(name)") == nil
      #expect(reads == isTaken && fits != isTaken)
    }
  }

  private func compare(_ mutation: Mutation, by schema: String, _ error: WireError?) throws {
    let fault = try schemas.fault(in: mutation.message, by: schema)
    guard (fault == nil) != (error == nil) else { return }
    guard fault == nil, let error else {
      #expect(Self.isMixed(mutation), "\(mutation.label): only the schema refuses: \(fault ?? "")")
      return
    }
    let reason = Self.laxness(of: mutation, error)
    #expect(reason != nil, "\(mutation.label): only the reader refuses: \(error)")
  }

  /// Why the program's reader refuses a payload; nil where it takes it.
  private static func read(_ payload: JSONValue, of kind: String) -> WireError? {
    let op: JSONValue = .object([
      "id": .text("4097-1"), "stamp": .integer(1), "kind": .text(kind),
      "occurred_on": .text("2026-01-13"), "payload": payload,
    ])
    do throws(WireError) {
      var json = try JSONReader(op.bytes, max: WireLimits.messageBytesMax)
      _ = try MessageSamples.codec.read(from: &json)
      return nil
    } catch {
      // What holds of the envelope is none of the payload's.
      if case .malformedOp(.missing, _) = error { return nil }
      return error
    }
  }

  /// The row of the list under which a reader refuses what its schema takes.
  private static func laxness(of mutation: Mutation, _ error: WireError) -> Laxness? {
    switch (error, mutation.leaf) {
    case (.malformedOp, _): return .op
    case (.outOfRange, .text("2026-02-30")): return .date
    case (.outOfRange, .text(Mutation.highID)), (.outOfRange, .text(Mutation.highKind)): return .id
    case (.outOfRange, .text(Mutation.wideNumber)): return .wide
    case (.outOfRange, .text(let text)) where text.utf8.count >= 3 * 20: return .utf8
    case (.outOfRange, _) where mutation.label.hasSuffix(".runs twice"): return .order
    case (.outOfRange, _) where mutation.label.hasSuffix(" reversed"): return .order
    case (.outOfRange, .integer) where mutation.label.contains(#/\.(first|last) := /#):
      return .order
    default: return nil
    }
  }

  /// A key that the kind has, by number among names, is taken and never written.
  private static func isMixed(_ mutation: Mutation) -> Bool { mutation.label.contains("#") }

  /// The messages of a schema in the documents; the shortest first.
  private static func samples(of name: String, _ schemas: JSONSchemas) throws -> [JSONValue] {
    switch name {
    case "bundle-header": try MessageSamples.frames().filter { $0.tag == 1 }.map(\.1) + [gaps()]
    case "bundle-place": try MessageSamples.frames().filter { $0.tag == 3 }.map(\.1)
    case "checkpoint-card": try MessageSamples.fenced(in: "checkpoint.md")
    case "body": [.object(["name": .text("刘小娥"), "phone": .text("13800001234")])]
    default:
      try MessageSamples.fenced(in: "sync.md").filter {
        try schemas.fault(in: $0, by: "\(name).json") == nil
      }.sorted { $0.text.utf8.count < $1.text.utf8.count }
    }
  }

  /// A receipt file's header with bundles that did not come.
  private static func gaps() throws -> JSONValue {
    var members = try #require(try MessageSamples.frames().first { $0.tag == 1 }).1.members
    members["missing"] = .array([
      .object(["first": .integer(2), "last": .integer(4), "came": .flag(false)])
    ])
    return .object(members)
  }
}

/// A payload in which every field has a value.
private enum PayloadSample {
  static func full(_ fields: [Field]) -> JSONValue {
    .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.name, value(of: $0.type)) }))
  }

  private static func value(of type: FieldType) -> JSONValue {
    switch type {
    case .integer(let range): .integer(min(max(1, range.lowerBound), range.upperBound))
    case .text(let length): .text(String(repeating: "x", count: max(1, length.lowerBound)))
    case .bytes(let length):
      .text(Base64URL.encode([UInt8](repeating: 7, count: max(1, length.lowerBound))))
    case .flag: .flag(true)
    case .choice(let names): .text(names[0])
    case .choices(let names): .array([.text(names[0])])
    case .date: .text("2026-01-13")
    case .replica: .integer(4097)
    case .reference: .text("4097-1")
    case .references(_, let count):
      .array((1...min(2, count.upperBound)).map { .text("4097-\($0)") })
    case .records(let fields, let count):
      .array([JSONValue](repeating: full(fields), count: max(1, count.lowerBound)))
    }
  }
}
