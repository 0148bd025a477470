import Community
import OpLog
import Wire

/// A sync in segments: sync.md §4.13.
///
/// A hub need not write them. One that does not is asked for JSON all the same, and the rest is not tested.
extension ConformanceRule {
  static let segments: [ConformanceRule] = [
    ConformanceRule(
      "sync.4.13.a", "没有说读得懂分段格式的，得到 JSON",
      "Whoever does not name segments in `Accept` gets JSON."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let request = office.question()
      for accept in [nil, "application/json", "*/*", "application/*", "text/html, */*;q=0.1"] {
        let sent = "a sync with Accept: \(accept ?? "nothing")"
        var call = LineRequest.post("/v1/sync", request.encode(run.codec), as: office.token)
        call.accept = accept
        try run.expectJSON(run.call(call), to: office, sent: sent)
      }
      guard try run.readsSegments(office) else { return }
      let inSegment = try run.inSegment(request, of: office)
      let answer = try run.call(
        .post("/v1/sync", inSegment, of: MediaType.segment, as: office.token))
      try run.expectJSON(answer, to: office, sent: "a request in a segment without Accept")
    },
    ConformanceRule(
      "sync.4.13.b", "分段格式的回答与 JSON 的说的一样",
      "A reply in a segment says what the same reply says in JSON."
    ) { (run) throws(RuleFinding) in
      var (writer, office) = (try run.office(), try run.office("乙"))
      try run.needsSegments(of: office)
      for count in [1, 4] {
        for _ in 1...count { try writer.publish() }
        try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      }
      try office.publish()
      let request = office.request()
      let first = try run.segmentReply(run.sendSegment(request, of: office), to: office)
      // The same request once more: what it pushed is held, and its receipt comes as well.
      let second = try run.segmentReply(run.sendSegment(request, of: office), to: office)
      let inJSON = try run.reply(run.send(request, as: office.token), to: office)
      let sent = "one request with segments, and in JSON"
      for (part, holds) in [
        ("entries", second.entries == inJSON.entries && !first.entries.isEmpty),
        ("have", second.have == inJSON.have && first.have == inJSON.have),
        ("head", second.head == inJSON.head), ("seal", second.seal == inJSON.seal),
        ("successor_seal", second.successorSeal == inJSON.successorSeal),
        ("more", second.hasMore == inJSON.hasMore), ("digest", second.digest == inJSON.digest),
      ] {
        try run.expect(holds, sent: sent, "the same `\(part)` (segment.md §7)", came: "another")
      }
    },
    ConformanceRule(
      "sync.4.13.c", "用分段格式推送的记录，别的站点得到同样的字节",
      "A push in a segment is taken, and comes to another office bit for bit."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office("乙"))
      try run.needsSegments(of: office)
      let first = try office.publish()
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      // One that names an op which the hub holds, one that names the op before it in the segment.
      try office.publishes(naming: first.id)
      let second = try office.publish("浇花")
      try office.publishes(naming: second.id)
      try office.register(run.bytes(40))
      let request = office.request()
      let sent = "a push of 4 ops in a segment"
      let reply = try run.segmentReply(
        run.sendSegment(request, of: office), to: office, sent: sent)
      try run.expect(
        reply.have == office.head, sent: sent, "all of them taken (sync.md §4.13)",
        came: "\(reply.have)")
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      try run.expect(
        reader.others[office.replica] == office.log, sent: sent,
        "the same bytes at another office (segment.md §6.2)",
        came: "\(reader.others[office.replica]?.count ?? 0) ops, or other ones")
    },
    ConformanceRule(
      "sync.4.13.d", "拒绝总是 JSON", "A problem is JSON, whatever is accepted."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      try run.needsSegments(of: office)
      var request = office.question()
      request.seal = .zero
      let answer = try run.sendSegment(request, of: office, accept: MediaType.segment)
      let sent = "a wrong seal with Accept: \(MediaType.segment)"
      try run.expect(.sealMismatch, section: "sync.md §4.2", answer, sent: sent)
      try run.expect(
        answer.mediaType == MediaType.problem, sent: sent,
        "\(MediaType.problem) (sync.md §4.13)", came: answer.mediaType)
    },
    ConformanceRule(
      "sync.4.13.e", "新站点用分段格式拉取全部，与用 JSON 的一样",
      "A new office that pulls all in segments holds what one holds that pulls it in JSON."
    ) { (run) throws(RuleFinding) in
      var writer = try run.office()
      for _ in 1...40 { try writer.publish() }
      try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      var (office, inJSON) = (try run.enrolled(), try run.office())
      try run.needsSegments(of: office)
      let pulled = try run.pullInSegments(&office)
      let sent = "a pull in \(pulled) segments of 16 KiB"
      try run.expect(
        pulled > 0 && office.disorder.isEmpty, sent: sent, "entries, each once (sync.md §4.5)",
        came: office.disorder.first ?? "no segment that can be read")
      try run.prepared { () throws(RuleFinding) in try run.sync(&inJSON) }
      try run.expect(
        office.others[writer.replica] == writer.log && office.hubLog == inJSON.hubLog, sent: sent,
        "what a pull in JSON brings (segment.md §7)",
        came: "\(office.hubLog.count) entries of \(inJSON.hubLog.count), or other ones")
    },
    ConformanceRule(
      "canonical.2.1.a", "只有一种编码被接受", "Any encoding but the shortest is refused."
    ) { (run) throws(RuleFinding) in
      // In JSON the receiver writes the bytes itself: only a message with a segment is CBOR on the line.
      let office = try run.office()
      try run.needsSegments(of: office)
      let sound = office.question().encode(segment: nil)
      let longer: [(String, [UInt8])] = [
        ("a longer head of the map", [0xB8, sound[0] & 0x1F] + Array(sound.dropFirst())),
        ("a longer key", [sound[0], 0x18, 0x01] + Array(sound.dropFirst(2))),
        ("a map of no stated length", [0xBF] + Array(sound.dropFirst()) + [0xFF]),
        ("bytes behind the message", sound + [0]), ("no message", []),
        ("a message that ends early", Array(sound.dropLast())),
        ("keys in another order", run.swapped(sound)),
      ]
      for (sent, bytes) in longer {
        let answer = try run.call(
          .post("/v1/sync", bytes, of: MediaType.segment, as: office.token))
        try run.expect(
          .outOfRange, .wrongType, .missingField, .unknownField, section: "canonical.md §2.1",
          answer, sent: sent)
      }
    },
  ]
}

extension TestOffice {
  /// Records an op of a kind that nobody knows, which names another.
  @discardableResult
  mutating func publishes(naming id: OpID) throws(RuleFinding) -> Op {
    try record(
      made(kind: 60_002) { cbor in
        cbor.map(count: 2)
        cbor.unsigned(1)
        cbor.reference(id)
        cbor.unsigned(2)
        cbor.text("雪")
      })
  }
}

extension ConformanceRun {
  /// A request whose ops are a segment.
  func inSegment(_ request: SyncRequest, of office: TestOffice) throws(RuleFinding) -> [UInt8] {
    do throws(SegmentError) {
      return try request.encodeWithSegment { office.held($0, $1) }
    } catch {
      throw RuleFinding(
        sent: "nothing", expected: "a segment", came: "\(error)", isPreparation: true)
    }
  }

  /// Sends a request with its ops as a segment.
  func sendSegment(
    _ request: SyncRequest, of office: TestOffice, accept: String = MediaType.segmentOrJSON
  ) throws(RuleFinding) -> LineAnswer {
    try call(
      .post(
        "/v1/sync", inSegment(request, of: office), of: MediaType.segment, accept: accept,
        as: office.token))
  }

  /// Reads a reply in the form in which it came.
  func segmentReply(
    _ answer: LineAnswer, to office: TestOffice, sent: String = "POST /v1/sync with a segment"
  ) throws(RuleFinding) -> SyncReply {
    guard answer.mediaType == MediaType.segment else {
      return try reply(answer, to: office, sent: sent)
    }
    return try decoded("a reply (segment.md §7)", sent, answer, status: 200) {
      (bytes) throws(WireError) in
      try SyncReply(decodingSegment: bytes, asker: office.replica) { office.held($0, $1) }
    }
  }

  /// Whether the hub answers in segments, as it does to whoever names them.
  func readsSegments(_ office: TestOffice) throws(RuleFinding) -> Bool {
    var request = LineRequest.post(
      "/v1/sync", office.question().encode(codec), as: office.token)
    request.accept = MediaType.segmentOrJSON
    return try call(request).mediaType == MediaType.segment
  }

  /// Leaves a rule untested at a hub that does not answer in segments: it need not.
  func needsSegments(of office: TestOffice) throws(RuleFinding) {
    guard try readsSegments(office) else {
      throw RuleFinding(
        absent: Words(
          "服务器只用 JSON 回答，这是允许的", "the hub answers in JSON only, which it may (sync.md §4.13)"))
    }
  }

  /// Wants a reply in JSON.
  func expectJSON(
    _ answer: LineAnswer, to office: TestOffice, sent: String
  ) throws(RuleFinding) {
    try expect(
      answer.mediaType == MediaType.json, sent: sent, "application/json (sync.md §4.13)",
      came: Self.words(of: answer))
    _ = try reply(answer, to: office, sent: sent)
  }

  /// Pulls all in segments.
  ///
  /// What cannot be filled in here is asked for in JSON, as an office does (sync.md §4.14).
  ///
  /// - Returns: How many segments came.
  func pullInSegments(_ office: inout TestOffice) throws(RuleFinding) -> Int {
    var count = 0
    for _ in 1...2_000 {
      let request = office.question(maxBytes: 16 << 10)
      let answer = try sendSegment(request, of: office)
      let before = office.progress
      let reply: SyncReply
      do throws(RuleFinding) {
        reply = try segmentReply(answer, to: office)
        count += 1
      } catch {
        guard error.came.contains("unknownNames") else { throw error }
        reply = try self.reply(send(request, as: office.token), to: office)
      }
      office.take(reply)
      if !reply.hasMore || office.progress == before { break }
    }
    return count
  }

  /// The message with its first two members in the other order: `catalogue`, then `replica`.
  func swapped(_ message: [UInt8]) -> [UInt8] {
    var reader = CBORReader(message)
    var ends: [Int] = []
    do throws(CBORError) {
      _ = try reader.map(max: 32)
      for _ in 1...2 {
        _ = try reader.unsigned()
        _ = try reader.integer()
        ends.append(reader.offset)
      }
    } catch { return [] }
    return [message[0]] + message[ends[0]..<ends[1]] + message[1..<ends[0]] + message[ends[1]...]
  }
}
