import Community
import OpLog
import Wire

/// The limits of messages and ops: limits.md; and what JSON may hold, canonical.md §2.
extension ConformanceRule {
  static let limits: [ConformanceRule] = [
    ConformanceRule(
      "limits.0.a", "超过 2 MiB 的请求被拒绝", "A message of more than 2 MiB is refused with `too-large`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let body = [UInt8](repeating: 0x20, count: WireLimits.messageBytesMax + 1)
      try run.expect(
        .tooLarge, section: "limits.md", run.call(.post("/v1/sync", body, as: office.token)),
        sent: "\(body.count) bytes")
    },
    ConformanceRule(
      "limits.0.b", "正好 2 MiB 的请求照收", "A message of 2 MiB is taken."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      let body = office.request().encode(run.codec)
      // White space around a message means nothing.
      let padding = [UInt8](repeating: 0x20, count: WireLimits.messageBytesMax - body.count)
      let sent = "a push in exactly \(WireLimits.messageBytesMax) bytes"
      let answer = try run.call(.post("/v1/sync", padding + body, as: office.token))
      let reply = try run.reply(answer, to: office, sent: sent)
      try run.expect(
        reply.have == office.head, sent: sent, "it taken (limits.md)", came: "\(reply.have)")
    },
    ConformanceRule(
      "limits.0.c", "一次超过 4096 条被拒绝", "More than 4,096 ops in a message are refused."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let op = OpText.of("1-1")
      let ops = Array(repeating: op, count: WireLimits.opsMax + 1).joined(separator: ",")
      try run.spoilt(
        office, #""ops":[]"#, with: #""ops":[\#(ops)]"#, .outOfRange, sent: "4,097 ops")
    },
    ConformanceRule(
      "limits.0.d", "一次几百条照收", "A push of many ops is taken, and comes to another office whole."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      for _ in 1...600 { try office.publish() }
      try run.travels(&office, to: &reader, "600 ops in one push")
    },
    ConformanceRule(
      "limits.0.e", "过大的一条记录被拒绝", "An op of more than 32 KiB is refused."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let text = String(repeating: "a", count: EnvelopeLimits.opBytesMax)
      let op = OpText.of("\(office.replica)-1", payload: ##"{"#1":"\##(text)"}"##)
      try run.spoilt(
        office, #""ops":[]"#, with: #""ops":[\#(op)]"#, .malformedOp, .outOfRange,
        sent: "an op of more than 32 KiB")
    },
    ConformanceRule(
      "limits.0.f", "过大的个人信息被拒绝", "A body of more than 16,400 bytes is refused with `too-large`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let text = String(repeating: "a", count: BodyLimits.contentBytesMax)
      let body = run.bytes(16) + Array(#"{"note":"\#(text)"}"#.utf8)
      try office.register(body)
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      try run.expect(
        .tooLarge, section: "limits.md", run.bring(body, by: office),
        sent: "a body of \(body.count) bytes")
    },
    ConformanceRule(
      "limits.0.g", "嵌套过深的 JSON 被拒绝", "JSON nested deeper than 32 is refused."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
      try run.spoilt(
        office, #""ops":[]"#, with: #""ops":\#(deep)"#, .malformedJSON, .wrongType,
        sent: "arrays 40 deep")
    },
    ConformanceRule(
      "limits.0.h", "超过 1024 个头部被拒绝", "More than 1,024 heads in a message are refused."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let head = #"{"replica":1,"seq":0,"hash":"\#(Digest.zero)"}"#
      let heads = Array(repeating: head, count: WireLimits.headsMax + 1).joined(separator: ",")
      try run.spoilt(
        office, #""ops":[]"#, with: #""ops":[],"held":[\#(heads)]"#, .outOfRange,
        sent: "1,025 heads")
    },
  ]

  static let encoding: [ConformanceRule] = [
    ConformanceRule(
      "versioning.4.5.a", "升级后先重新计算，再回答",
      "A hub of another catalogue than its tables folds its logs anew before it answers.",
      untestable: Words(
        "要在同一数据库上换一个版本的程序", "it takes a program of another version at the same database")),
    ConformanceRule(
      "canonical.2.2.a", "小数、null、别的键，都被拒绝",
      "Floats, `null`, and keys that are no numbers are refused in a payload."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      for payload in [
        ##"{"#1":1.5}"##, ##"{"#1":null}"##, ##"{"#1":1e3}"##, ##"{"x":1}"##, ##"{"#1":1,"#1":2}"##,
        ##"{"#-1":1}"##, ##"{"#1":{"y":1}}"##, "[]",
      ] {
        let op = OpText.of("\(office.replica)-1", kind: 60_000, payload: payload)
        try run.spoilt(
          office, #""ops":[]"#, with: #""ops":[\#(op)]"#, .wrongType, .unknownField, .malformedJSON,
          .malformedOp, .outOfRange, sent: "a payload \(payload)")
      }
    },
  ]
}

extension ConformanceRun {
  /// Sends a sync request of an office with a text in it replaced, and wants a refusal.
  func spoilt(
    _ office: TestOffice, _ text: String, with other: String, _ kinds: ProblemKind...,
    sent: String
  ) throws(RuleFinding) {
    let whole = String(decoding: office.question().encode(codec), as: UTF8.self)
    let body = whole.replacing(text, with: other, maxReplacements: 1)
    let answer = try call(.post("/v1/sync", Array(body.utf8), as: office.token))
    let problem = try? Problem(decoding: answer.body)
    try expect(
      answer.status >= 400 && kinds.contains { $0 == problem?.kind }, sent: sent,
      kinds.map(\.rawValue).joined(separator: " or ") + " (limits.md)",
      came: Self.words(of: answer))
  }
}
