import Community
import Foundation
import OpLog
import Testing
import Wire

/// `Protocol/schemas`: they take what the documents show, and refuse what the program's readers refuse.
@Suite struct SchemaTests {
  private let schemas = JSONSchemas()

  @Test("each message of sync.md fits one schema and no other, and each schema has one there")
  func exchanges() throws {
    var seen: Set<String> = []
    for message in try MessageSamples.fenced(in: "sync.md") {
      let fitting = try MessageSamples.ofSync.filter {
        try schemas.fault(in: message, by: "\($0).json") == nil
      }
      #expect(fitting.count == 1, "\(fitting): \(message.text.prefix(200))")
      seen.formUnion(fitting)
    }
    #expect(seen == Set(MessageSamples.ofSync))
  }

  @Test("golden messages, and those of other documents, fit their schemas")
  func golden() throws {
    var messages: [(String, JSONValue)] = [
      ("card", try JSONValue(MessageSamples.fixture("hub-card.json"))),
      ("enroll-request", try JSONValue(MessageSamples.fixture("enrol-request.json"))),
      ("enroll-reply", try JSONValue(MessageSamples.fixture("enrol-reply.json"))),
      ("problem", try JSONValue(MessageSamples.fixture("problem.json"))),
    ]
    messages += zip(
      ["invitation-request", "invitation-reply", "revocation-request", "retirement-request"],
      try MessageSamples.fenced(in: "conformance.md"))
    messages += try MessageSamples.fenced(in: "checkpoint.md").map { ("checkpoint-card", $0) }
    messages += try MessageSamples.fenced(in: "errors.md").map { ("problem", $0) }
    messages += try MessageSamples.fenced(in: "canonical.md").map { ("ops", $0) }
    let tags = [1: "bundle-header", 2: "sync-request", 3: "bundle-place", 4: "sync-reply"]
    let frames = try MessageSamples.frames()
    #expect(Set(frames.map(\.tag)) == [1, 2, 3, 4])
    messages += frames.map { (tags[$0.tag] ?? "", $0.1) }
    for (name, message) in messages {
      #expect(try schemas.fault(in: message, by: "\(name).json") == nil, "\(name)")
    }
  }

  @Test("golden ops of kinds that nobody knows fit, by numbers")
  func unknownKinds() throws {
    let folder = JSONSchemas.protocolFolder.deletingLastPathComponent()
      .appending(path: "Fixtures/wire")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix("op-") && $0.hasSuffix(".cbor.hex") }
    #expect(names.count >= 14)
    for name in names {
      let text = String(decoding: try MessageSamples.fixture(name), as: UTF8.self)
      let op = try Op(decoding: try #require(Hex.decode(text)))
      var json = JSONWriter()
      OpJSON.byNumbers.write(op, to: &json)
      let fault = try schemas.fault(in: JSONValue(json.bytes), by: "ops.json")
      #expect(fault == nil, "\(name)")
    }
  }

  @Test("a problem of each kind fits, and with another status or retry none does")
  func problems() throws {
    for kind in ProblemKind.allCases {
      let document = try JSONValue(Problem(kind, detail: "测试", field: "ops[3]").encode())
      #expect(try schemas.fault(in: document, by: "problem.json") == nil, "\(kind)")
      var members = document.members
      members["status"] = .integer(418)
      #expect(try schemas.fault(in: .object(members), by: "problem.json") != nil)
      members = document.members
      members["retry"] = .flag(!kind.isWorthRetrying)
      #expect(try schemas.fault(in: .object(members), by: "problem.json") != nil)
    }
  }

  private static let limits: [(String, Int)] = [
    ("values.json#/$defs/replica/maximum", Int(EnvelopeLimits.replicaMax)),
    ("values.json#/$defs/seq/maximum", Int(EnvelopeLimits.seqMax)),
    ("values.json#/$defs/stamp/maximum", Int(EnvelopeLimits.integerMax)),
    ("values.json#/$defs/runIndex/maximum", EnvelopeLimits.receiptRunsMax - 1),
    ("values.json#/$defs/ops/maxItems", WireLimits.opsMax),
    ("values.json#/$defs/entries/maxItems", WireLimits.entriesMax),
    (
      "values.json#/$defs/entries/items/properties/runs/maxItems", EnvelopeLimits.receiptRunsMax
    ),
    ("values.json#/$defs/rowKey/maxItems", WireLimits.rowKeyMax),
    ("values.json#/$defs/code/maxLength", WireLimits.codeBytes.upperBound),
    ("enroll-request.json#/properties/label/maxLength", WireLimits.labelBytes.upperBound),
    (
      "enroll-reply.json#/properties/street_name/maxLength", WireLimits.streetNameBytes.upperBound
    ),
    ("card.json#/properties/name/maxLength", WireLimits.streetNameBytes.upperBound),
    ("sync-request.json#/properties/held/maxItems", WireLimits.headsMax),
    ("sync-request.json#/properties/max_bytes/minimum", Int(WireLimits.chunkBytes.lowerBound)),
    ("sync-request.json#/properties/max_bytes/maximum", Int(WireLimits.chunkBytes.upperBound)),
    ("rollcall-request.json#/properties/incarnations/maxItems", WireLimits.incarnationsMax),
    ("rollcall-request.json#/properties/heads/maxItems", WireLimits.incarnationsMax),
    (
      "rights-reply.json#/oneOf/0/properties/points/maximum",
      Int(WireLimits.rightsPoints.upperBound)
    ),
    ("digests-request.json#/properties/found/maxItems", WireLimits.differencesMax),
    ("digests-reply.json#/properties/partitions/maxItems", WireLimits.partitionsMax),
    ("digests-reply.json#/properties/spans/maxItems", WireLimits.spansMax),
    ("digests-reply.json#/properties/rows/maxItems", WireLimits.spansMax),
    ("problem.json#/properties/detail/maxLength", WireLimits.detailBytes.upperBound),
    ("bundle-header.json#/properties/missing/maxItems", WireLimits.bundleGapsMax),
    ("checkpoint-card.json#/properties/bytes/maximum", CheckpointLimits.bytesMax),
  ]

  @Test("limits are those of the program", arguments: limits.indices)
  func limit(index: Int) throws {
    let (reference, value) = Self.limits[index]
    let parts = reference.split(separator: "#")
    #expect(try schemas.document(String(parts[0])).at(parts[1])?.number == Int64(value))
  }

  @Test("checkpoint.md shows a card with its seal")
  func cardExample() throws {
    let card = try CheckpointCard(
      decoding: try #require(MessageSamples.fenced(in: "checkpoint.md").first).bytes)
    let secrets = try MessageSamples.fenced(in: "sync.md").compactMap { $0["secret"]?.string }
    let secret = try #require(secrets.first.flatMap { Base64URL.decode($0) })
    #expect(card.digest == SHA256.hash(Array("checkpoint".utf8)))
    #expect(card.seal == Seal.ofCheckpoint(secret: secret, card.head, digest: card.digest))
  }

  @Test("bodies.md shows a body with its digest")
  func bodyExample() throws {
    let text = try MessageSamples.text(of: "bodies.md")
    let cells = try ["salt", "content", "digest"].map { name in
      let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("| \(name) |") })
      return String(line.split(separator: "`")[1])
    }
    let salt = try #require(Hex.decode(cells[0]))
    #expect(salt.count == BodyLimits.saltBytes)
    #expect(SHA256.hash(salt + Array(cells[1].utf8)).description == cells[2])
    let content = try JSONValue(Array(cells[1].utf8))
    #expect(try schemas.fault(in: content, by: "body.json") == nil)
    #expect(try schemas.fault(in: content, by: "bodies.json#/$defs/resident.register") == nil)
  }
}
