import OpLog
import Testing

@testable import Wire

@Suite("Messages")
struct MessageTests {
  @Test("a sync request is what the fixture holds, both ways")
  func syncRequest() throws {
    let request = try Sample.syncRequest()
    let bytes = try Fixture.bytes("sync-request.json")
    #expect(request.encode(Sample.codec).text == bytes.text)
    #expect(try SyncRequest(decoding: bytes, Sample.codec) == request)
  }

  @Test("a sync reply is what the fixture holds, both ways")
  func syncReply() throws {
    let reply = try Sample.syncReply()
    let bytes = try Fixture.bytes("sync-reply.json")
    #expect(reply.encode(Sample.codec).text == bytes.text)
    #expect(try decodeReply(bytes) == reply)
  }

  @Test("a sync reply in the middle of a pull has no digest")
  func replyWithoutDigest() throws {
    var reply = try Sample.syncReply()
    reply.digest = nil
    reply.hasMore = true
    let bytes = reply.encode(Sample.codec)
    #expect(!bytes.text.contains("digest"))
    #expect(try decodeReply(bytes) == reply)
  }

  @Test("both sides of an enrolment are what the fixtures hold, both ways")
  func enrolment() throws {
    let request = try Sample.enrolRequest()
    let requestBytes = try Fixture.bytes("enrol-request.json")
    #expect(request.encode().text == requestBytes.text)
    #expect(try EnrolRequest(decoding: requestBytes) == request)
    let former = try EnrolRequest(
      code: request.code, nonce: request.nonce, label: request.label,
      former: ReplicaID(rawValue: 4_097))
    #expect(former.encode().text.hasSuffix(#","former":4097}"#))
    #expect(try EnrolRequest(decoding: former.encode()) == former)
    let reply = try Sample.enrolReply()
    let replyBytes = try Fixture.bytes("enrol-reply.json")
    #expect(reply.encode().text == replyBytes.text)
    #expect(try EnrolReply(decoding: replyBytes) == reply)
  }

  @Test("a hub card is what the fixture holds, both ways")
  func hubCard() throws {
    let card = try Sample.hubCard()
    let bytes = try Fixture.bytes("hub-card.json")
    #expect(card.encode().text == bytes.text)
    #expect(try HubCard(decoding: bytes) == card)
  }

  @Test("a hub card of a later version is read, whatever it adds")
  func laterHubCard() throws {
    let text = try Sample.hubCard().encode().text
      .replacing("\"limits\":{", with: "\"new\":[{\"a\":null}],\"limits\":{\"new\":true,")
    #expect(try HubCard(decoding: Array(text.utf8)) == Sample.hubCard())
  }

  @Test(
    "a sync request is refused by the member that is wrong",
    arguments: [
      ("\"catalogue\":1,", "", .missing(field: "catalogue")),
      ("\"replica\":4097,", "", .missing(field: "replica")),
      ("\"max_bytes\":65536", "\"seal2\":1", .unknownField(field: "seal2")),
      (",\"max_bytes\":65536", "", .missing(field: "max_bytes")),
      ("\"max_bytes\":65536", "\"max_bytes\":4095", .outOfRange(field: "max_bytes")),
      ("\"max_bytes\":65536", "\"max_bytes\":1048577", .outOfRange(field: "max_bytes")),
      ("\"catalogue\":1", "\"catalogue\":0", .outOfRange(field: "catalogue")),
      ("\"replica\":4097", "\"replica\":\"4097\"", .wrongType(field: "replica")),
      ("\"seq\":12", "\"seq\":-1", .outOfRange(field: "head.seq")),
      ("\"seq\":12,", "", .missing(field: "head.seq")),
      ("\"seq\":30", "\"seq\":4294967296", .outOfRange(field: "hub.seq")),
      ("\"run\":1", "\"run\":256", .outOfRange(field: "hub.run")),
      ("\"upto\":7", "\"upto\":null", .wrongType(field: "hub.upto")),
      (",\"upto\":7", "", .missing(field: "hub.upto")),
      ("\"value\":true", "\"value\":1", .wrongType(field: "ops[0].payload.value")),
      ("\"qty\":99", "\"qty\":100", .outOfRange(field: "ops[1].payload.value[1].qty")),
    ] as [(String, String, WireError)])
  func refusedRequests(part: String, other: String, error: WireError) throws {
    let text = try Sample.syncRequest().encode(Sample.codec).text
    try #require(text.contains(part))
    let bytes = Array(text.replacing(part, with: other, maxReplacements: 1).utf8)
    #expect(throws: error) { _ = try SyncRequest(decoding: bytes, Sample.codec) }
  }

  @Test(
    "a sync reply is refused by the member that is wrong",
    arguments: [
      ("\"now\":1760000000123,", "", .missing(field: "now")),
      ("\"more\":false", "\"more\":0", .wrongType(field: "more")),
      ("\"seq\":33", "\"seq\":\"33\"", .wrongType(field: "head.seq")),
      ("\"replica\":4096,", "", .missing(field: "head.replica")),
      ("\"index\":3", "\"index\":0", .outOfRange(field: "entries[0].runs[1].index")),
      ("\"index\":3,", "", .missing(field: "entries[0].runs[1].index")),
      (",\"runs\":[]", "", .missing(field: "entries[1].runs")),
      ("\"runs\":[]", "\"run\":[]", .unknownField(field: "entries[1].run")),
      (
        "\"value\":-9", "\"value\":[]", .wrongType(field: "entries[0].runs[0].ops[0].payload.value")
      ),
      ("\"value\":\"4ba6", "\"value\":\"4BA6", .outOfRange(field: "digest.value")),
    ] as [(String, String, WireError)])
  func refusedReplies(part: String, other: String, error: WireError) throws {
    let text = try Sample.syncReply().encode(Sample.codec).text
    try #require(text.contains(part))
    let bytes = Array(text.replacing(part, with: other, maxReplacements: 1).utf8)
    #expect(throws: error) { _ = try decodeReply(bytes) }
  }

  @Test("messages beyond their limits are refused before they are read")
  func sizes() {
    let large = [UInt8](repeating: 0x20, count: WireLimits.messageBytesMax + 1)
    let tooLarge = WireError.tooLarge(bytes: large.count, max: WireLimits.messageBytesMax)
    #expect(throws: tooLarge) { _ = try SyncRequest(decoding: large, Sample.codec) }
    #expect(throws: tooLarge) { _ = try decodeReply(large) }
    let medium = [UInt8](repeating: 0x20, count: WireLimits.smallMessageBytesMax + 1)
    let alsoTooLarge = WireError.tooLarge(bytes: medium.count, max: medium.count - 1)
    #expect(throws: alsoTooLarge) { _ = try EnrolRequest(decoding: medium) }
    #expect(throws: alsoTooLarge) { _ = try EnrolReply(decoding: medium) }
    #expect(throws: alsoTooLarge) { _ = try HubCard(decoding: medium) }
    #expect(throws: alsoTooLarge) { _ = try Problem(decoding: medium) }
  }

  @Test("no message has more ops than the limit")
  func opCounts() async throws {
    let op = try Sample.op("flag")
    var request = try Sample.syncRequest()
    request.ops = [Op](repeating: op, count: WireLimits.opsMax)
    let text = request.encode(Sample.codec).text
    var one = JSONWriter()
    Sample.codec.write(op, to: &one)
    let more = text.replacing("\"ops\":[", with: "\"ops\":[\(one.bytes.text),", maxReplacements: 1)
    #expect(throws: WireError.outOfRange(field: "ops")) {
      _ = try SyncRequest(decoding: Array(more.utf8), Sample.codec)
    }
    await #expect(processExitsWith: .failure) {
      var request = try Sample.syncRequest()
      request.ops = [Op](repeating: try Sample.op("flag"), count: WireLimits.opsMax + 1)
      _ = request.encode(Sample.codec)
    }
  }

  @Test("an enrolment takes only what its limits allow")
  func enrolmentLimits() {
    let nonce = [UInt8](repeating: 0, count: 16)
    #expect(throws: WireError.outOfRange(field: "code")) {
      _ = try EnrolRequest(code: "", nonce: nonce, label: "a")
    }
    #expect(throws: WireError.outOfRange(field: "nonce")) {
      _ = try EnrolRequest(code: "a", nonce: [0], label: "a")
    }
    #expect(throws: WireError.outOfRange(field: "label")) {
      _ = try EnrolRequest(code: "a", nonce: nonce, label: String(repeating: "街", count: 41))
    }
    #expect(throws: WireError.outOfRange(field: "nonce")) {
      _ = try EnrolRequest(decoding: Array(#"{"code":"a","nonce":"AA","label":"a"}"#.utf8))
    }
    #expect(throws: WireError.missing(field: "label")) {
      _ = try EnrolRequest(
        decoding: Array(#"{"code":"a","nonce":"AAECAwQFBgcICQoLDA0ODw"}"#.utf8))
    }
  }

  private func decodeReply(_ bytes: [UInt8]) throws -> SyncReply {
    try SyncReply(decoding: bytes, asker: try Sample.replica(4097), Sample.codec)
  }
}
