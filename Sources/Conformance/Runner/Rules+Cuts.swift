import OpLog
import Wire

/// Everything may be sent again, and nothing happens twice: sync.md, and its §2.3 and §4.2 and bodies.md
/// §3.1 under cuts.
extension ConformanceRule {
  static let cuts: [ConformanceRule] = [
    ConformanceRule(
      "sync.0.a", "推送在任何一处断开，什么也不留；重发后只记一次",
      "A push cut off at any byte leaves nothing behind, and sent again it counts once."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let request = LineRequest.post(
        "/v1/sync", office.request().encode(run.codec), as: office.token)
      let head = request.head(for: run.place)
      for cut in run.places(head: head.count, all: head.count + request.body.count) {
        let line = try run.line()
        line.send((head + request.body).prefix(cut))
        line.endSending()
        // The end of the connection says that the hub has dealt with it.
        let answer = LineAnswer(line.receive())
        guard cut < head.count + request.body.count else { break }
        let have = try run.have(office)
        let sent = "the first \(cut) of \(head.count + request.body.count) bytes of a push"
        try run.expect(
          have.seq == 0 && (answer?.status ?? 400) >= 400, sent: sent,
          "nothing stored, and no success", came: "\(have.seq) ops, status \(answer?.status ?? 0)")
      }
      try run.countsOnce(&office, "a push cut off at 23 places, then whole")
    },
    ConformanceRule(
      "sync.0.b", "回答在任何一处断开，重发后得到同样的结果",
      "A push whose answer is cut off at any byte, sent again, counts once."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let bytes = try run.bytes(of: office.request(), as: office.token)
      let whole = try run.prepared { () throws(RuleFinding) in
        try run.call(run.bytes(of: office.question(), as: office.token), "a sync")
      }
      for cut in run.places(head: whole.headBytes, all: whole.headBytes + whole.body.count) {
        let line = try run.line()
        line.send(bytes)
        _ = cut == 0 ? [] : line.receive(atMost: cut)
      }
      try run.countsOnce(&office, "a push whose answer was cut off at 23 places, then again")
    },
    ConformanceRule(
      "sync.0.c", "入网请求或回答断开，重发后还是同一个编号",
      "An enrolment cut off at any byte, asked again, issues one id."
    ) { (run) throws(RuleFinding) in
      let invited = try run.prepared { () throws(RuleFinding) in try run.invite("甲") }
      let former = try run.office()
      let request = try run.enrolRequest(invited.code)
      let message = LineRequest.post("/v1/enroll", request.encode())
      let head = message.head(for: run.place)
      for cut in run.places(head: head.count, all: head.count + message.body.count) {
        let line = try run.line()
        line.send((head + message.body).prefix(cut))
        line.endSending()
        _ = line.receive()
      }
      // Answers of about this size.
      for cut in run.places(head: 150, all: 550) {
        let line = try run.line()
        line.send(head + message.body)
        _ = cut == 0 ? [] : line.receive(atMost: cut)
      }
      let identity = try run.enrolReply(run.call(message))
      let next = try run.office()
      try run.expect(
        identity.replica.rawValue == former.replica.rawValue + 1
          && next.replica.rawValue == identity.replica.rawValue + 1,
        sent: "an enrolment cut off at 46 places, then whole", "one id issued (sync.md §2.3)",
        came: "\(identity.replica) behind \(former.replica), then \(next.replica)")
    },
    ConformanceRule(
      "sync.0.d", "个人信息在任何一处断开，不留半份；重发后读到原样",
      "A body cut off at any byte is not kept, and sent again it is there as it was."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let body = run.bytes(16) + Array(#"{"name":"断线"}"#.utf8)
      let digest = SHA256.hash(body)
      try office.register(body)
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let request = LineRequest.put("/v1/bodies/\(digest)", body, as: office.token)
      let head = request.head(for: run.place)
      let all = head.count + body.count
      for cut in run.places(head: head.count, all: all) where cut < all {
        let line = try run.line()
        line.send((head + body).prefix(cut))
        line.endSending()
        _ = line.receive()
        let found = try run.call(.get("/v1/bodies/\(digest)", as: office.token))
        try run.expect(
          found.status >= 400, sent: "the first \(cut) of \(all) bytes of a PUT",
          "no body yet (bodies.md §5.1)", came: ConformanceRun.words(of: found))
      }
      let answer = try run.call(request)
      let found = try run.call(.get("/v1/bodies/\(digest)", as: office.token))
      try run.expect(
        answer.status == 204 && found.body == body, sent: "the PUT, whole",
        "204, and the same bytes back (bodies.md §3.1)", came: ConformanceRun.words(of: found))
    },
    ConformanceRule(
      "sync.0.e", "同一推送同时到八次，只记一次", "The same push on eight connections at once counts once."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let request = LineRequest.post(
        "/v1/sync", office.request().encode(run.codec), as: office.token)
      let sent = "one push on eight connections at once"
      for answer in try run.callAtOnce(Array(repeating: request, count: 8))
      where answer.status != 503 {
        let reply = try run.reply(answer, to: office, sent: sent)
        try run.expect(
          reply.have == office.head, sent: sent, "`have` at 1", came: "\(reply.have)")
      }
      try run.countsOnce(&office, sent)
    },
    ConformanceRule(
      "sync.0.f", "几个站点同时推送，谁的也不少",
      "Pushes of several offices at once are all taken, each once."
    ) { (run) throws(RuleFinding) in
      var offices: [TestOffice] = []
      for index in 0..<6 {
        var office = try run.office(index.isMultiple(of: 2) ? "甲" : "乙")
        for _ in 0...index { try office.publish() }
        offices.append(office)
      }
      let requests = offices.map { office in
        LineRequest.post("/v1/sync", office.request().encode(run.codec), as: office.token)
      }
      for answer in try run.callAtOnce(requests) where answer.status != 503 {
        try run.expect(
          answer.status == 200, sent: "six pushes at once", "200",
          came: ConformanceRun.words(of: answer))
      }
      for index in offices.indices {
        try run.countsOnce(&offices[index], "six pushes of six offices at once")
      }
      var reader = try run.office()
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      for office in offices {
        try run.expect(
          reader.others[office.replica] == office.log, sent: "six pushes at once",
          "all of \(office.replica) at another office", came: "other ops, or fewer")
      }
    },
    ConformanceRule(
      "sync.0.g", "字节一个一个地来，也是同一个请求",
      "A request whose bytes come in pieces is the same request."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let bytes = try run.bytes(of: office.request(), as: office.token)
      let line = try run.line()
      for start in stride(from: 0, to: bytes.count, by: 7) {
        line.send(bytes[start..<min(start + 7, bytes.count)])
      }
      let answer = LineAnswer(line.receive())
      try run.expect(
        answer?.status == 200, sent: "a push in pieces of 7 bytes", "200",
        came: answer.map(ConformanceRun.words) ?? "no answer")
      try run.countsOnce(&office, "a push in pieces of 7 bytes")
    },
  ]
}

extension ConformanceRun {
  /// Where a message is cut: behind 0, 1, head − 1, head, body − 1, and all bytes, and at 16 seeded
  /// places.
  func places(head: Int, all: Int) -> [Int] {
    let seeded = (0..<16).map { _ in chance(below: all) }
    return Set([0, 1, head - 1, head, head + 1, all - 1, all] + seeded).sorted()
  }

  /// All bytes of a sync request.
  func bytes(of request: SyncRequest, as token: String) throws(RuleFinding) -> [UInt8] {
    let call = LineRequest.post("/v1/sync", request.encode(codec), as: token)
    return call.head(for: place) + call.body
  }

  /// Wants a log to be here once after it was pushed again: whole, with dense receipts and no two of one
  /// op.
  func countsOnce(_ office: inout TestOffice, _ sent: String) throws(RuleFinding) {
    var again = office.request()
    again.ops = office.log
    let reply = try reply(self.send(again, as: office.token), to: office, sent: sent)
    try expect(
      reply.have == office.head, sent: sent, "all \(office.log.count) ops held",
      came: "\(reply.have)")
    office.take(reply)
    try prepared { () throws(RuleFinding) in try sync(&office) }
    let ends = office.receipts(of: office.replica).map(\.upTo)
    try expect(
      ends.last == office.head && Set(ends.map(\.seq)).count == ends.count
        && ends.map(\.seq) == ends.map(\.seq).sorted(),
      sent: sent, "receipts for each op once", came: "receipts up to \(ends.map(\.seq))")
  }
}
