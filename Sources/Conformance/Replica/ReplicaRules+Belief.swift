import OpLog
import Wire

/// What a replica must not believe, and what must not stop it: sync.md §0, §4.6, §4.10, and §4.11.
extension ConformanceRule {
  static let replicaBelief: [ConformanceRule] = [
    ConformanceRule(
      replica: "sync.0.k", "回答里有协议没有的成员，不信",
      "A reply with a member that the protocol does not have is not believed."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaWithNews()
      street.line.changeAnswers(at: "/v1/sync") { answer, _ in
        answer.body = Array(#"{"surplus":1,"#.utf8) + answer.body.dropFirst()
      }
      try street.expectDisbelief(of: replica, "a reply with a member `surplus`")
    },
    disbelieves(
      "sync.4.6.a", "记录不接着本机所有的，不信",
      "A reply whose entries do not continue the hub's log is not believed.",
      "a reply without its first entry"
    ) { reply in
      guard reply.entries.count > 1 else { return false }
      reply.entries.removeFirst()
      return true
    },
    disbelieves(
      "sync.4.6.b", "记录的链不以 head 结束，不信",
      "A reply whose chain does not end in its sealed `head` is not believed.",
      "a reply with another head, rightly sealed"
    ) { reply in
      guard !reply.entries.isEmpty else { return false }
      reply.head = Head(
        replica: reply.head.replica, seq: reply.head.seq, hash: SHA256.hash([1]))
      return true
    },
    disbelieves(
      "sync.4.6.c", "封印不对，不信", "A reply with a wrong seal is not believed.",
      "a reply with another seal", sealing: false
    ) { reply in
      reply.seal = SHA256.hash(reply.seal.bytes)
      return true
    },
    disbelieves(
      "sync.4.6.d", "给后继者的封印被改，不信",
      "A reply whose successor seal was changed is not believed.",
      "a reply with another successor seal", sealing: false
    ) { reply in
      reply.successorSeal = SHA256.hash(reply.successorSeal.bytes)
      return true
    },
    disbelieves(
      "sync.4.6.e", "别站记录与回执的哈希不符，不信",
      "Ops of another office that do not end in their receipt's hash are not believed.",
      "a reply in which one byte of another office's op differs"
    ) { reply in reply.damageFirstOp() },
    disbelieves(
      "sync.4.6.f", "回执所指的记录没有到齐，却说没有了，不信",
      "A reply that ends before all that its receipts cover is not believed.",
      "a last reply that lacks the last op of a run"
    ) { reply in
      guard let entry = reply.entries.lastIndex(where: { !$0.runs.isEmpty }) else { return false }
      let run = reply.entries[entry].runs.count - 1
      reply.entries[entry].runs[run].ops.removeLast()
      if reply.entries[entry].runs[run].ops.isEmpty { reply.entries[entry].runs.removeLast() }
      return true
    },
    ConformanceRule(
      replica: "sync.4.6.g", "收到一半的记录有错，丢掉，从头要这一条",
      "What is held in part and does not fit is dropped, and asked for from its start."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfChunks()
      var isDamaged = false
      let codec = street.offices.codec
      street.line.giveChunks { answer in
        guard !isDamaged, answer.status == 200,
          var reply = try? SyncReply(decoding: answer.body, asker: replica.id, codec),
          reply.damageFirstOp()
        else { return .answered(answer) }
        isDamaged = true
        var changed = answer
        changed.body = reply.encode(codec)
        return .answered(changed)
      }
      var end = try replica.sync()
      for _ in 0..<2 where end != .done { end = try replica.sync() }
      try street.expect(
        isDamaged && end == .done, sent: "one damaged chunk of several, then good ones",
        "`done` within three syncs (sync.md §4.6)", came: replica.lastWords)
      try street.expectInStep(replica, "one damaged chunk of several, then good ones")
    },
    ConformanceRule(
      replica: "sync.4.6.h", "收到回答后程序立即被杀: 进度和记录一起留下，或都没有",
      "When the program is killed behind a reply, it holds all of it with its progress, or nothing."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfChunks()
      for moment in KillMoment.all {
        try street.news("丁\(moment)")
        let before = try replica.heads()
        street.line.forget()
        street.killBehindReply(at: moment)
        _ = try replica.sync()
        street.line.afterAnswer = nil
        try street.expectAllOrNothing(replica, before, "a reply, the program killed \(moment)")
      }
      try street.expectToFinish(replica, "replies, behind which the program is killed")
    },
    ConformanceRule(
      replica: "sync.4.10.a", "街道忙、出错、或中间的代理拒绝: 以后再试，照常登记",
      "A hub that is busy or has failed, or a proxy's refusal, stops nothing: later the sync succeeds."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      var ids: [OpID] = []
      for refusal in LineReply.passing {
        ids.append(try replica.publish("扫雪\(refusal.status)"))
        street.line.forget()
        street.line.way = { _, _ in .answered(refusal) }
        try street.expectSync(
          of: replica, .again, "\(refusal.status) \(refusal.fields.mediaType)",
          "errors.md §1.2, §1.3")
        try street.expectSent(
          !street.line.exchanges.isEmpty, "a call, to be refused with \(refusal.status)")
      }
      try street.expectToFinish(replica, "answers that may pass", with: ids)
    },
    ConformanceRule(
      replica: "sync.4.11.a", "过时的回答不改变进度",
      "An answer that comes behind a newer one changes nothing."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      try street.offices.prepared { () throws(RuleFinding) in try replica.syncToEnd() }
      let old = street.line.exchanges(at: "/v1/sync").last?.reply
      try street.offices.prepared { () throws(RuleFinding) in
        try replica.publish()
        try replica.syncToEnd()
      }
      let before = try street.syncs().last
      street.line.forget()
      var isFirst = true
      street.line.way = { call, hub in
        guard call.address == "/v1/sync", isFirst, let old else {
          return .handedOn(hub(call))
        }
        isFirst = false
        return .answered(old)
      }
      try replica.sync()
      street.line.way = nil
      try replica.sync()
      try street.expectSent(!isFirst, "a sync to which an old answer can come")
      let requests = try street.syncs()
      try street.expectSent(requests.count > 1, "a request behind the old answer")
      for request in requests {
        try street.expect(
          request.ops.isEmpty && request.hub.seq >= before?.hub.seq ?? 0,
          sent: "an answer of before the last push",
          "requests as if it had not come (sync.md §4.11)",
          came: "\(request.ops.count) ops behind hub seq \(request.hub.seq)")
      }
      try street.expectToFinish(replica, "an answer of before the last push")
    },
    ConformanceRule(
      replica: "canonical.1.3.b", "街道的时钟差得再多，照样登记和同步",
      "However wrong the hub's clock is, the replica records and syncs."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      var ids: [OpID] = []
      for now in [0, 4_102_444_800_000] as [Int64] {
        street.line.forget()
        street.changeReplies(to: replica, sealing: false) { reply, _ in
          reply.now = now
          return true
        }
        try street.expectSync(of: replica, .done, "replies whose `now` is \(now)")
        ids.append(try replica.publish("扫雪\(now)"))
        try street.expectSync(of: replica, .done, "replies whose `now` is \(now)")
        try street.expectSent(
          !street.line.exchanges(at: "/v1/sync").isEmpty, "a sync, whose reply has a wrong `now`")
      }
      try street.expectToFinish(replica, "replies whose `now` is 1970 and 2100", with: ids)
    },
  ]

  /// A rule about a reply that is changed, and must not be believed.
  ///
  /// `change` says whether the reply was one that can be changed so.
  private static func disbelieves(
    _ id: String, _ chinese: String, _ english: String, _ sent: String, sealing: Bool = true,
    _ change: @escaping @Sendable (inout SyncReply) -> Bool
  ) -> ConformanceRule {
    ConformanceRule(replica: id, chinese, english) { (street) throws(RuleFinding) in
      let replica = try street.replicaWithNews()
      street.changeReplies(to: replica, sealing: sealing) { reply, _ in change(&reply) }
      try street.expectDisbelief(of: replica, sent)
    }
  }
}

extension ReplicaStreet {
  /// A replica in step, behind which other offices recorded and pushed twice.
  func replicaWithNews() throws(RuleFinding) -> TestedReplica {
    let replica = try replica()
    try offices.prepared { () throws(RuleFinding) in
      for name in ["甲", "乙"] {
        var other = try offices.office(name)
        for number in 1...3 { try other.publish("\(name)\(number)") }
        try offices.sync(&other)
      }
    }
    return replica
  }

  /// Wants a replica to hold after a sync what it held before, and all once the line is good again.
  func expectDisbelief(of replica: TestedReplica, _ sent: String) throws(RuleFinding) {
    let before = try replica.heads()
    let end = try replica.sync()
    let after = try replica.heads()
    try expectSent(
      !line.exchanges(at: "/v1/sync").isEmpty, "a sync, whose reply is not to be believed")
    try expect(
      end != .done && after == before, sent: sent, "another end than `done`, and no new head",
      came: "\(end?.rawValue ?? "its end"), \(after.count { before[$0.key] != $0.value }) new heads"
    )
    try expectToFinish(replica, sent)
  }
}

extension SyncReply {
  /// Changes the stamp of the first op of another office; false where there is none.
  mutating func damageFirstOp() -> Bool {
    for entry in entries.indices {
      for run in entries[entry].runs.indices where !entries[entry].runs[run].ops.isEmpty {
        var fields = entries[entry].runs[run].ops[0].fields
        fields.stamp ^= 1
        guard let damaged = try? Op(fields) else { return false }
        entries[entry].runs[run].ops[0] = damaged
        return true
      }
    }
    return false
  }
}
