import OpLog
import Wire

/// What was recorded is neither lost nor there twice, wherever the line is cut or the program ends: sync.md,
/// its §2.4 and §4.5.
extension ConformanceRule {
  static let replicaCuts: [ConformanceRule] = [
    ConformanceRule(
      replica: "sync.0.h", "登记成功后程序立即被杀，记录还在",
      "What was recorded is there when the program was killed behind the answer."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      var ids: [OpID] = []
      for title in ["扫雪", "清扫"] {
        ids.append(try replica.publish(title))
        street.driver.kill()
        let held = try replica.heads()[replica.id]?.seq ?? 0
        try street.expect(
          held == UInt64(ids.count), sent: "a record, the program killed behind the answer",
          "\(ids.count) own ops", came: "\(held)")
      }
      try street.expectToFinish(replica, "two records, the program killed behind each", with: ids)
    },
    ConformanceRule(
      replica: "sync.0.i", "推送在途中断开，之后重发，只记一次",
      "A push that is cut off on its way is sent again, and counts once."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let id = try replica.publish()
      street.line.way = { call, hub in call.isPush ? .silence : .handedOn(hub(call)) }
      try street.expectSync(of: replica, .again, "a push without an answer")
      // What it asks before it pushes comes through.
      let calls = street.line.exchanges.map(\.call).filter(\.brings)
      guard let before = calls.firstIndex(where: \.isPush) else {
        try street.nothingSent("a push")
      }
      let (call, head) = (calls[before], calls[before].headBytes)
      let all = head + call.body.count
      for cut in [0, 1, head - 1, head, all - 1] {
        street.line.forget()
        street.line.requestCut = ReplicaLine.RequestCut(bytes: cut, passing: before)
        try street.expectSync(
          of: replica, .again, "the first \(cut) of \(all) bytes of a push come through")
        // A push that comes sooner than before is met by silence.
        try street.expectSent(
          street.line.begun > before || street.line.exchanges.contains { $0.call.isPush },
          "a push, to be cut off behind \(cut) bytes")
      }
      street.line.requestCut = nil
      try street.expectToFinish(replica, "a push that was cut off at 5 places", with: [id])
    },
    ConformanceRule(
      replica: "sync.0.j", "推送的回答断开，之后重发，只记一次",
      "A push whose answer is cut off is sent again, and counts once."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      var ids: [OpID] = []
      for place in AnswerPlace.allCases {
        ids.append(try replica.publish("扫雪\(place)"))
        street.line.forget()
        street.line.cutAnswersToPushes(at: place)
        try street.expectSync(
          of: replica, .again, "the answer to a push, cut off at \(place.rawValue)")
        try street.expectSent(
          street.line.exchanges.contains { $0.call.isPush },
          "a push, whose answer is cut off at \(place.rawValue)")
      }
      try street.expectToFinish(
        replica, "pushes whose answers were cut off at 5 places", with: ids)
    },
    ConformanceRule(
      replica: "sync.0.l", "同步途中程序被杀，之后重来，不丢不重",
      "When the program is killed in a sync, the next one goes on, and nothing is lost or there twice."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      var ids: [OpID] = []
      for hears in [false, true] {
        ids.append(try replica.publish("扫雪\(hears)"))
        street.line.forget()
        street.line.way = { call, hub in
          guard call.isPush else { return .handedOn(hub(call)) }
          let reply = hears ? hub(call) : nil
          street.driver.kill()
          return .handedOn(reply)
        }
        let end = try replica.sync()
        try street.expectSent(
          street.line.exchanges.contains { $0.call.isPush }, "a push, in which it is killed")
        try street.expect(
          end == nil, sent: "a sync in which the program is killed", "its end",
          came: replica.lastWords)
      }
      try street.expectToFinish(replica, "pushes in which the program was killed", with: ids)
    },
    ConformanceRule(
      replica: "sync.2.4.a", "入网的回答丢失、程序被杀，重来时随机位不变",
      "An enrolment whose answer was lost, and the program killed, is asked again with the same bits."
    ) { (street) throws(RuleFinding) in
      let replica = try street.invited()
      street.line.way = { call, hub in
        let reply = hub(call)
        guard call.address == "/v1/enroll" else { return .handedOn(reply) }
        street.driver.kill()
        return .silence
      }
      for _ in 0..<2 { _ = try replica.tryToEnrol() }
      street.line.way = nil
      try replica.enrol()
      let calls = street.line.exchanges(at: "/v1/enroll")
      try street.expectSent(
        calls.count > 2, "an enrolment each time that it is asked for one",
        asked: "`enrol`, three times")
      var nonces: Set<[UInt8]> = []
      for (call, _) in calls {
        nonces.insert((try? EnrolRequest(decoding: call.body))?.nonce ?? call.body)
      }
      try street.expect(
        nonces.count == 1, sent: "an enrolment, asked three times", "one nonce (sync.md §2.4)",
        came: "\(nonces.count)")
      try street.expectToFinish(replica, "an enrolment that was asked three times")
    },
    ConformanceRule(
      replica: "sync.2.4.b", "没有收到街道记录以前，不登记",
      "Nothing is recorded before the hub's log was pulled once."
    ) { (street) throws(RuleFinding) in
      let replica = try street.invited()
      street.line.way = { call, hub in
        call.address == "/v1/sync" ? .silence : .handedOn(hub(call))
      }
      // One whose enrolment pulls too may say that it failed: it is enrolled all the same.
      _ = try replica.tryToEnrol()
      let came = try replica.record(.activity("扫雪", on: street.today))
      guard case .refused = came else {
        throw RuleFinding(
          sent: "`record` behind the enrolment, nothing being pulled",
          expected: "`refused` (sync.md §2.4)", came: came.map { "\($0)" } ?? "its end")
      }
      try street.expectToFinish(replica, "a sync that failed")
      try replica.publish()
    },
    ConformanceRule(
      replica: "sync.4.5.b", "回答停在一条记录的中途，下一次从那里接着要",
      "Where an answer ends inside an entry, the next request goes on there."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfChunks()
      street.line.giveChunks()
      try street.expectSync(of: replica, .done, "replies of 4 KiB")
      try street.expectGoingOn(replica, chunks: 3)
      try street.expectInStep(replica, "replies of 4 KiB")
    },
    ConformanceRule(
      replica: "sync.4.5.c", "收到一半时断线或程序被杀，下一次接着要，不从头来",
      "Behind a cut line or a killed program a pull goes on where it was."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfChunks()
      var count = 0
      street.line.giveChunks { reply in
        count += 1
        switch count {
        case 2: return .cut(reply, at: { $1 / 2 })
        case 4:
          street.driver.kill()
          return .silence
        default: return .answered(reply)
        }
      }
      for _ in 0..<3 { try replica.sync() }
      try street.expect(
        count >= 5, sent: "replies of 4 KiB, cut twice", "syncs that go on", came: "\(count) calls")
      try street.expectGoingOn(replica, chunks: 3)
      try street.expectToFinish(replica, "replies of 4 KiB, cut twice")
    },
  ]
}

/// Where an answer is cut off.
enum AnswerPlace: String, CaseIterable {
  case nothing = "0 bytes"
  case first = "1 byte"
  case beforeHead = "its head less a byte"
  case head = "its head"
  case beforeLast = "all bytes but the last"

  /// How many bytes come.
  func count(_ head: Int, _ all: Int) -> Int {
    switch self {
    case .nothing: 0
    case .first: 1
    case .beforeHead: head - 1
    case .head: head
    case .beforeLast: all - 1
    }
  }
}

extension ReplicaLine {
  /// The least that a chunk may hold, so that every pull takes several.
  static let chunkBytes = 4 << 10

  /// Cuts the answers to pushes off from now on.
  func cutAnswersToPushes(at place: AnswerPlace) {
    way = { call, hub in
      guard let reply = hub(call) else { return .silence }
      return call.isPush ? .cut(reply, at: place.count) : .answered(reply)
    }
  }

  /// Lets replies to syncs be so large, whatever is asked for.
  func giveChunks(
    of bytes: Int = chunkBytes, _ fate: @escaping (LineReply) -> Fate = { .answered($0) }
  ) {
    let codec = ConformanceRun.allNames
    way = { call, hub in
      guard call.address == "/v1/sync", var request = try? SyncRequest(decoding: call.body, codec)
      else { return .handedOn(hub(call)) }
      request.maxBytes = bytes
      var smaller = call
      smaller.body = request.encode(codec)
      return hub(smaller).map(fate) ?? .silence
    }
  }
}

extension ReplicaStreet {
  /// A replica that is enrolled and has pulled nothing, with much to pull in one entry.
  func replicaOfChunks() throws(RuleFinding) -> TestedReplica {
    try offices.prepared { () throws(RuleFinding) in
      var other = try offices.office()
      for number in 0..<60 { try other.publish("扫雪\(number)") }
      try offices.sync(&other)
      let replica = try invited()
      try replica.enrol()
      return replica
    }
  }

  /// Wants each sync to ask for what stands behind all that came before, told by the answers that came whole.
  func expectGoingOn(_ replica: TestedReplica, chunks: Int) throws(RuleFinding) {
    let identity = replica.issued
    let code = try offices.enrolRequest(replica.code)
    var shadow = TestOffice(identity, code, staff: replica.staff, life: identity.incarnation)
    var inside = 0
    for (request, reply) in zip(try syncs(), line.exchanges(at: "/v1/sync").map(\.reply)) {
      if request.hub.run > 0 || request.hub.upTo > 0 { inside += 1 }
      try expect(
        request.hub == shadow.progress, sent: "replies that end inside an entry",
        "a request behind \(shadow.progress) (sync.md §4.5)", came: "\(request.hub)")
      guard let reply,
        let taken = try? SyncReply(decoding: reply.body, asker: replica.id, offices.codec)
      else { continue }
      shadow.take(taken)
    }
    try expect(
      inside >= chunks, sent: "replies that end inside an entry",
      "\(chunks) requests inside it", came: "\(inside)")
  }
}
