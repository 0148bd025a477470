import Community
import OpLog
import Wire

/// What a new office begins on: checkpoint.md. A hub that gives no checkpoint is held to nothing here.
extension ConformanceRule {
  static let checkpoint: [ConformanceRule] = [
    ConformanceRule(
      "checkpoint.2.1.a", "没有凭证的，不给", "Nobody gets a checkpoint without a token: `unauthorized`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let card = try run.checkpointCard(for: office)
      for path in ["/v1/checkpoint", "/v1/checkpoint/\(card.digest)"] {
        try run.expect(
          .unauthorized, section: "checkpoint.md §2.1", run.call(.get(path)),
          sent: "GET \(path) without a token")
      }
    },
    ConformanceRule(
      "checkpoint.2.2.a", "签章是给提问的站点的，涵盖头部和文件的摘要",
      "The card's seal is the asker's, over the head and the file's digest."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let card = try run.checkpointCard(for: office)
      try run.expect(
        card.seal
          == Seal.ofCheckpoint(
            secret: office.identity.secret, card.head, digest: card.digest),
        sent: "GET /v1/checkpoint", "the asker's seal (checkpoint.md §2.2)", came: "another")
    },
    ConformanceRule(
      "checkpoint.2.3.a", "文件与名称相符，提问的站点在其中",
      "The file has the card's digest, size, head, and catalogue, and the asker is in it."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let card = try run.checkpointCard(for: office)
      let answer = try run.call(.get("/v1/checkpoint/\(card.digest)", as: office.token))
      let set = try? CheckpointFile.decode(answer.body)
      try run.expect(
        answer.status == 200 && SHA256.hash(answer.body) == card.digest
          && answer.body.count == card.byteCount && set?.head == card.head
          && set?.catalogue == card.catalogue && set?.opCount == card.opCount
          && answer.fields["etag"] == "\"\(card.digest)\"",
        sent: "GET /v1/checkpoint/\(card.digest)",
        "the file that the card names (checkpoint.md §2.3)",
        came: "\(answer.status), \(answer.body.count) bytes")
      let replicas = set?.tables.first { $0.number == Tables.replica.number }?.columns.first
      let id = Int64(office.replica.rawValue)
      guard case .integers(let ids)? = replicas, ids.contains(id) else {
        throw RuleFinding(
          sent: "GET /v1/checkpoint", expected: "the asker's enrolment (checkpoint.md §2.5)",
          came: "a working set without it")
      }
    },
    ConformanceRule(
      "checkpoint.2.4.a", "按 Range 和 If-Range 接着给，一个字节不差",
      "A range is answered with these bytes and `Content-Range`; one behind the end with 416; with another "
        + "tag, and for what is no single range, with the whole."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let card = try run.checkpointCard(for: office)
      var request = LineRequest.get("/v1/checkpoint/\(card.digest)", as: office.token)
      let whole = try run.prepared { () throws(RuleFinding) in try run.call(request) }
      guard whole.status == 200, whole.body.count == card.byteCount, card.byteCount >= 100 else {
        throw .unprepared(
          "the file that the card names, of \(card.byteCount) bytes (checkpoint.md §2.3)",
          "\(whole.status), \(whole.body.count) bytes")
      }
      let middle = card.byteCount / 2
      for (first, last, tag) in [
        (0, 99, nil), (middle, card.byteCount - 1, "\"\(card.digest)\""), (middle, middle, nil),
      ] {
        (request.range, request.ifRange) = ("bytes=\(first)-\(last)", tag)
        let part = try run.call(request)
        try run.expect(
          part.status == 206 && part.body == Array(whole.body[first...last])
            && part.fields["content-range"] == "bytes \(first)-\(last)/\(card.byteCount)",
          sent: "Range: bytes=\(first)-\(last)", "206 with these bytes (checkpoint.md §2.4)",
          came: "\(part.status), \(part.body.count) bytes")
      }
      (request.range, request.ifRange) = ("bytes=\(card.byteCount)-", nil)
      let behind = try run.call(request)
      try run.expect(
        behind.status == 416, sent: "a range behind the end", "416 (checkpoint.md §2.4)",
        came: ConformanceRun.words(of: behind))
      for (range, tag) in [
        ("bytes=1-2", "\"\(Digest.zero)\""), ("bytes=1-2,4-5", nil), ("lines=1-2", nil),
        ("bytes=0-99999999999999999999999", nil),
      ] {
        (request.range, request.ifRange) = (range, tag)
        let other = try run.call(request)
        try run.expect(
          other.status == 200 && other.body == whole.body,
          sent: "Range: \(range), If-Range: \(tag ?? "none")",
          "200 with the whole file (checkpoint.md §2.4)", came: "\(other.status)")
      }
    },
  ]

  /// The same of a hub that was rebuilt.
  static let checkpointInRollCall: [ConformanceRule] = [
    ConformanceRule(
      "checkpoint.2.6.a", "点名期间不给", "In a roll-call nobody gets a checkpoint: `roll-call`.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let answer = try run.call(.get("/v1/checkpoint", as: found.giver.token))
      // One that gave any gives none now, and says why.
      if !run.hasGivenCheckpoint { try run.needsCheckpoints(answer) }
      try run.expect(
        .rollCall, section: "checkpoint.md §2.6", answer, sent: "GET /v1/checkpoint in a roll-call")
    }
  ]
}

extension ConformanceRun {
  /// What the hub says of the checkpoint that it gives.
  func checkpointCard(for office: TestOffice) throws(RuleFinding) -> CheckpointCard {
    let answer = try call(.get("/v1/checkpoint", as: office.token))
    try needsCheckpoints(answer)
    let card = try decoded(
      "a card (checkpoint.md §2.2)", "GET /v1/checkpoint", answer, status: 200
    ) { (bytes) throws(WireError) in try CheckpointCard(decoding: bytes) }
    rememberCheckpoint()
    return card
  }

  /// Leaves a rule untested at a hub that answered that it knows no such call: it need not.
  func needsCheckpoints(_ answer: LineAnswer) throws(RuleFinding) {
    guard answer.status == 404, (try? Problem(decoding: answer.body))?.kind == .notFound
    else { return }
    throw RuleFinding(
      absent: Words(
        "服务器不给工作集，这是允许的", "the hub gives no checkpoint, which it may (checkpoint.md §1.2)"))
  }
}
