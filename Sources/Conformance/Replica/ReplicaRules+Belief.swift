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
    disbelievesEntry(
      "sync.4.6.e", "别站记录与回执的哈希不符，不信",
      "Ops of another office that do not end in their receipt's hash are not believed.",
      "a reply in which one byte of another office's op differs"
    ) { reply in reply.damageFirstOp() },
    disbelievesEntry(
      "sync.4.6.f", "回执所指的记录没有到齐，却说没有了，不信",
      "A reply that ends before all that its receipts cover is not believed.",
      "a last reply that lacks the last op of a run"
    ) { reply in
      guard let entry = reply.entries.lastIndex(where: { !$0.runs.isEmpty }) else { return nil }
      let run = reply.entries[entry].runs.count - 1
      reply.entries[entry].runs[run].ops.removeLast()
      if reply.entries[entry].runs[run].ops.isEmpty { reply.entries[entry].runs.removeLast() }
      return reply.entries[entry].op.id.seq
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
          reply.damageFirstOp() != nil
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
      // The first pull, in chunks, is the one with the most calls.
      _ = try street.killBehindReply(to: replica, at: .atNextCall)
      try street.expectToFinish(replica, "a pull in chunks, in which the program is killed")
      try street.news("丙")
      let time = try street.timeBehindReply(to: replica)
      var isPending = false
      for (number, moment) in KillMoment.spread(over: time).enumerated() {
        if !isPending { try street.news("丁\(number)") }
        let (hasAnswered, isKept) = try street.killBehindReply(to: replica, at: moment)
        // What it did not keep comes again, and takes as long as before.
        isPending = !isKept
        if hasAnswered { break }
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
        street.line.way = { call, hub in
          call.address == "/v1/sync" ? .answered(refusal) : .handedOn(hub(call))
        }
        try street.expectSync(
          of: replica, .again, "\(refusal.status) \(refusal.fields.mediaType)",
          "errors.md §1.2, §1.3")
        try street.expectSent(
          !street.line.exchanges(at: "/v1/sync").isEmpty,
          "a sync, to be refused with \(refusal.status)")
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
      guard let last = street.line.exchanges(at: "/v1/sync").last?.reply,
        let newest = try? SyncReply(
          decoding: last.body, asker: replica.id, street.offices.codec)
      else { throw .unprepared("an answer to the last push", "none") }
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
          request.ops.isEmpty && request.hub.seq >= newest.head.seq,
          sent: "an answer of before the last push",
          "requests as if it had not come, behind hub seq \(newest.head.seq) (sync.md §4.11)",
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

  /// A rule about an entry that is changed, and must not be believed; whole entries before it may.
  ///
  /// `change` says which entry it changed, nil where there was none to change.
  private static func disbelievesEntry(
    _ id: String, _ chinese: String, _ english: String, _ sent: String,
    _ change: @escaping @Sendable (inout SyncReply) -> UInt64?
  ) -> ConformanceRule {
    ConformanceRule(replica: id, chinese, english) { (street) throws(RuleFinding) in
      let replica = try street.replicaWithNews()
      var changed: UInt64?
      street.changeReplies(to: replica) { reply, _ in
        guard let seq = change(&reply) else { return false }
        changed = min(changed ?? seq, seq)
        return true
      }
      try street.expectDisbelief(of: replica, sent) { changed }
    }
  }

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
  ///
  /// `changed` says which entry is not to be believed, where those before it may be: nothing of it counts,
  /// but it itself may, since its hash is under the seal.
  func expectDisbelief(
    of replica: TestedReplica, _ sent: String, changed: () -> UInt64? = { nil }
  ) throws(RuleFinding) {
    let before = try replica.heads()
    let end = try replica.sync()
    let after = try replica.heads()
    try expectSent(
      !line.exchanges(at: "/v1/sync").isEmpty, "a sync, whose reply is not to be believed")
    var allowed = [before]
    if let changed = changed() {
      _ = try held()
      let first = before[reader.life.hub]?.seq ?? 0
      for end in stride(from: first + 1, to: changed, by: 1) {
        allowed.append(logs(of: end, covering: end))
      }
      allowed.append(logs(of: changed, covering: changed - 1))
    }
    try expect(
      end == .again && allowed.contains(after), sent: sent,
      "`again` (conformance.md §6.3), and the heads "
        + allowed.map(Self.words).joined(separator: "; or "),
      came: "\(end?.rawValue ?? "its end"), \(Self.words(after))")
    try expectToFinish(replica, sent)
  }
}

extension SyncReply {
  /// Changes the stamp of the first op of another office.
  ///
  /// - Returns: The seq of the entry that covers it; nil where there is none.
  mutating func damageFirstOp() -> UInt64? {
    for entry in entries.indices {
      for run in entries[entry].runs.indices where !entries[entry].runs[run].ops.isEmpty {
        var fields = entries[entry].runs[run].ops[0].fields
        fields.stamp ^= 1
        guard let damaged = try? Op(fields) else { return nil }
        entries[entry].runs[run].ops[0] = damaged
        return entries[entry].op.id.seq
      }
    }
    return nil
  }
}
