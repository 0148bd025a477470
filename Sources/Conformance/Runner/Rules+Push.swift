import Community
import OpLog
import Wire

/// What a hub refuses of a push, and in which order: sync.md §4.2.
extension ConformanceRule {
  static let push: [ConformanceRule] = [
    ConformanceRule(
      "sync.4.2.a", "推送里有别的记录本的条目，被拒绝",
      "A push that holds an op of another log is refused with `forbidden`."
    ) { (run) throws(RuleFinding) in
      var (office, other) = (try run.office(), try run.office())
      try office.publish()
      let foreign = try other.publish()
      try run.refuses(
        office.request(pushing: [foreign]), .forbidden, by: &office, "an op of another log")
    },
    ConformanceRule(
      "sync.4.2.b", "推送中间缺记录，被拒绝",
      "A push with a hole between two ops is refused with `gap`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      for _ in 1...4 { try office.publish() }
      var request = office.request()
      request.ops.remove(at: 1)
      try run.refuses(request, .gap, by: &office, "ops 1, 3, 4 of 4")
      try office.reorder(&request)
      try run.refuses(request, .gap, by: &office, "ops 2, 1, 3, 4 of 4")
    },
    ConformanceRule(
      "sync.4.2.c", "条目比头部所说的多，被拒绝",
      "A push of more ops than its head says is refused with `out-of-range`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      for _ in 1...3 { try office.publish() }
      var request = office.request()
      request.head = office.head(after: 1)
      request.seal = office.seal(request.head)
      try run.refuses(request, .outOfRange, by: &office, "3 ops and a head of 1")
    },
    ConformanceRule(
      "sync.4.2.d", "签章不对的推送被拒绝", "A push with a wrong seal is refused with `seal-mismatch`."
    ) { (run) throws(RuleFinding) in
      var (office, other) = (try run.office(), try run.office())
      try office.publish()
      var request = office.request()
      request.seal = other.seal(request.head)
      try run.refuses(request, .sealMismatch, by: &office, "a head sealed with another's secret")
      request.seal = office.seal(office.head(after: 0))
      try run.refuses(request, .sealMismatch, by: &office, "the seal of another head")
      request = office.question()
      request.seal = .zero
      try run.refuses(request, .sealMismatch, by: &office, "a question with a seal of zeros")
    },
    ConformanceRule(
      "sync.4.2.e", "接不上已有记录的推送被拒绝，并说明已有多少",
      "Ops behind a hole are refused with `gap`, and the answer names the seq that the hub holds."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      for _ in 1...3 { try office.publish() }
      let request = office.request(pushing: Array(office.log[2...]))
      let answer = try run.refuses(request, .gap, by: &office, "ops 3 and 4 where the hub holds 1")
      let detail = (try? Problem(decoding: answer.body).detail) ?? ""
      try run.expect(
        detail.split { !$0.isNumber }.contains("1"), sent: "ops 3 and 4 where the hub holds 1",
        "the seq that it holds, 1, in `detail` (sync.md §4.2)", came: detail)
    },
    ConformanceRule(
      "sync.4.2.f", "同一编号的另一条记录被拒绝",
      "Another op under an id that is held is refused with `fork`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      var copy = office
      try office.publish("扫雪")
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      try copy.publish("浇花")
      try run.refuses(copy.request(), .fork, by: &office, "another op under a held id")
      try copy.publish("浇花")
      try run.refuses(copy.request(), .fork, by: &office, "the same with an op behind it")
    },
    ConformanceRule(
      "sync.4.2.g", "链尾与头部不符的推送被拒绝",
      "A push whose chain does not end in `head` is refused with `chain-broken`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      try office.publish()
      var request = office.request()
      request.head = Head(
        replica: office.replica, seq: 2, hash: SHA256.hash(Array("another".utf8)))
      request.seal = office.seal(request.head)
      try run.refuses(request, .chainBroken, by: &office, "a sealed head with another hash")
    },
    ConformanceRule(
      "sync.4.2.h", "先查形状，再查签章，再查代数与进度，最后查是否衔接",
      "The checks come in their order: shape, seal, progress, then whether the ops continue the log."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      for _ in 1...4 { try office.publish() }
      var request = office.request(pushing: Array(office.log[2...]))
      request.hub = HubProgress(seq: office.progress.seq, hash: .zero)
      request.seal = .zero
      request.ops.swapAt(0, 1)
      try run.refuses(request, .gap, by: &office, "a hole, a wrong seal, a wrong progress")
      request.ops.swapAt(0, 1)
      try run.refuses(request, .sealMismatch, by: &office, "a wrong seal, a wrong progress, a gap")
      request.seal = office.seal(request.head)
      try run.refuses(request, .unknownProgress, by: &office, "a wrong progress, a gap")
    },
    ConformanceRule(
      "sync.4.2.i", "已有的记录再推一次，不再记", "Ops that the hub holds already are passed over."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      try office.publish()
      let sent = "ops 1–3 where 1–2 are held"
      let first = office.request()
      try run.prepared { () throws(RuleFinding) in
        office.take(try run.reply(run.send(first, as: office.token), to: office))
      }
      // The same request once more: the answer was lost.
      let again = try run.reply(run.send(first, as: office.token), to: office, sent: "it again")
      try run.expect(
        again.have == office.head(after: 2), sent: "a push again", "`have` at 2 (sync.md §4.2)",
        came: "\(again.have)")
      try office.publish()
      let request = office.request(pushing: office.log)
      let reply = try run.reply(run.send(request, as: office.token), to: office, sent: sent)
      try run.expect(
        reply.have == office.head, sent: sent, "all three taken (sync.md §4.2)",
        came: "\(reply.have)")
      office.take(reply)
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let ends = office.receipts(of: office.replica).map(\.upTo.seq)
      try run.expect(
        ends == [2, 3], sent: sent, "one receipt up to 2 and one up to 3 (sync.md §4.3)",
        came: "receipts up to \(ends)")
    },
    ConformanceRule(
      "sync.4.2.j", "被拒绝的推送，一条也不留", "The hub stores nothing of a push that it refuses."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      for _ in 1...3 { try office.publish() }
      var broken = office.request()
      broken.head = Head(replica: office.replica, seq: 3, hash: .zero)
      broken.seal = office.seal(broken.head)
      var unsealed = office.request()
      unsealed.seal = .zero
      var unknown = office.request()
      unknown.hub = HubProgress(seq: office.progress.seq, hash: .zero)
      let late = office.request(pushing: Array(office.log[1...]))
      for request in [broken, unsealed, unknown, late] {
        let answer = try run.prepared { () throws(RuleFinding) in
          try run.send(request, as: office.token)
        }
        // Whether it is refused is asked by the rules before.
        guard answer.status >= 400 else { continue }
        let have = try run.have(office)
        try run.expect(
          have == office.head(after: 0), sent: "a push that was refused with \(answer.status)",
          "nothing of it stored (sync.md §4.2)", came: "a log up to \(have.seq)")
      }
    },
    ConformanceRule(
      "sync.4.2.k", "没有入网的编号不能同步", "An office that the hub did not enrol is refused.",
      untestable: Words(
        "只有街道的密钥能造出没有入网过的凭证",
        "only the street's own key makes a token of an id that was never issued")),
    ConformanceRule(
      "sync.4.3.a", "收下的记录，街道记录里有回执，别的站点拉得到",
      "What was answered is stored: a receipt covers it, and another office pulls both at once."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office("乙"))
      for _ in 1...3 { try office.publish() }
      let sent = "a push of 3 ops"
      let reply = try run.prepared { () throws(RuleFinding) in
        try run.reply(run.send(office.request(), as: office.token), to: office)
      }
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      let receipts = reader.receipts(of: office.replica)
      try run.expect(
        receipts == [ReceiptRun(upTo: office.head)], sent: sent,
        "one receipt up to \(office.head.seq) with its hash (sync.md §4.3)",
        came: "\(receipts.map(\.upTo.seq))")
      let pulled = reader.others[office.replica] ?? []
      try run.expect(
        pulled == office.log, sent: sent, "the 3 ops at another office (sync.md §4.3)",
        came: "\(pulled.count) of them")
      try run.expect(
        reply.have.seq >= 3, sent: sent, "`have` behind them (sync.md §4.4)", came: "\(reply.have)")
    },
    ConformanceRule(
      "sync.4.3.b", "回答过的记录，杀掉进程再启动还在",
      "What was answered is there when the hub's process was killed behind the answer.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      for _ in 1...3 { try office.publish() }
      _ = try run.prepared { () throws(RuleFinding) in
        try run.reply(run.send(office.request(), as: office.token), to: office)
      }
      try run.perform(.restart)
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      let pulled = reader.others[office.replica] ?? []
      try run.expect(
        pulled == office.log, sent: "a push, then the end of the hub's process",
        "all 3 ops behind it (sync.md §4.3)", came: "\(pulled.count) of them")
    },
    ConformanceRule(
      "canonical.1.3.a", "时钟再错也照收", "Any stamp of 0 … 2^53 − 1 is taken: clocks decide nothing."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      for stamp in [0, EnvelopeLimits.integerMax, 1, 4_102_444_800_000] {
        try office.record(office.made(kind: 18, stamp: stamp) { $0.map(count: 0) })
      }
      try run.travels(&office, to: &reader, "ops with stamps from 0 to 2^53 − 1")
    },
    ConformanceRule(
      "canonical.3.2.b", "没有规则引用，或引用别的，也照收",
      "An op without `policy`, or with another op there, is taken and relayed."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      var without = office.made(kind: 18) { $0.map(count: 0) }
      without.policy = nil
      try office.record(without)
      var other = office.made(kind: 18) { $0.map(count: 0) }
      other.policy = office.staff.last
      try office.record(other)
      try run.travels(&office, to: &reader, "an op without policy, and one with a person there")
    },
    ConformanceRule(
      "canonical.3.3.b", "校验值不符的记录也照收",
      "An op whose `names` differ is taken and relayed: it is pending, not refused."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      var fields = office.made(kind: 18) { $0.map(count: 0) }
      fields.names = 0x1234_5678
      try office.record(fields, names: false)
      try run.travels(&office, to: &reader, "an op with another check value")
    },
    ConformanceRule(
      "ops.1.2.a", "内容不合格式的记录照收照转", "An op whose payload does not fit is kept and relayed."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      try office.record(
        office.made(kind: 18) { cbor in
          cbor.map(count: 2)
          cbor.unsigned(1)
          cbor.integer(-7)
          cbor.unsigned(3)
          cbor.text("三")
        })
      try run.travels(&office, to: &reader, "an activity.publish with a number for its title")
    },
    ConformanceRule(
      "ops.1.3.a", "未知种类、未知字段的记录照收照转",
      "Ops of unknown kinds and with unknown keys are stored and relayed."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      let known = office.staff.first
      try office.record(
        office.made(kind: 60_000) { cbor in
          cbor.map(count: 3)
          cbor.unsigned(1)
          cbor.array(count: 2)
          cbor.flag(true)
          cbor.integer(.min)
          cbor.unsigned(2)
          if let known { cbor.reference(known) } else { cbor.flag(false) }
          cbor.unsigned(900)
          cbor.byteString([0, 255])
        })
      try office.record(
        office.made(kind: 18) { cbor in
          cbor.map(count: 1)
          cbor.unsigned(77)
          cbor.text("新")
        })
      try run.travels(&office, to: &reader, "an op of kind 60000 and one with key 77")
    },
  ]
}

extension TestOffice {
  /// The runs of the receipts in the hub's log that are of a replica.
  func receipts(of replica: ReplicaID) -> [ReceiptRun] {
    hubLog.compactMap { try? Receipt($0) }.flatMap(\.runs).filter { $0.upTo.replica == replica }
  }

  /// The whole log in a request, the first two ops in the wrong order.
  func reorder(_ request: inout SyncRequest) throws(RuleFinding) {
    request.ops = log
    request.ops.swapAt(0, 1)
  }
}

extension ConformanceRun {
  /// Wants a push to be refused.
  @discardableResult
  func refuses(
    _ request: SyncRequest, _ kind: ProblemKind, by office: inout TestOffice, _ sent: String
  ) throws(RuleFinding) -> LineAnswer {
    let answer = try send(request, as: office.token)
    try expect(kind, section: "sync.md §4.2", answer, sent: sent)
    return answer
  }

  /// Wants ops to be taken and to come to another office as they are.
  func travels(
    _ office: inout TestOffice, to reader: inout TestOffice, _ sent: String
  ) throws(RuleFinding) {
    let pushed = try send(office.request(), as: office.token)
    let reply = try reply(pushed, to: office, sent: sent)
    try expect(
      reply.have == office.head, sent: sent, "all of them taken", came: "\(reply.have)")
    do throws(RuleFinding) {
      try sync(&reader)
    } catch {
      throw RuleFinding(
        sent: "a pull of \(sent)", expected: error.expected, came: error.came,
        isPreparation: true)
    }
    let pulled = reader.others[office.replica] ?? []
    try expect(
      pulled == office.log, sent: sent, "the same bytes at another office",
      came: "\(pulled.count) ops of \(office.log.count), or other ones")
  }
}
