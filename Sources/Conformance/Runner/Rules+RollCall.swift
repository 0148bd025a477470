import Community
import OpLog
import Wire

/// A roll-call, as far as a hub shows it that was not rebuilt: sync.md §8; and renewals, §11.
extension ConformanceRule {
  static let rollCall: [ConformanceRule] = [
    ConformanceRule(
      "sync.8.3.a", "站点说有更晚的代，街道不信", "A hub does not believe the lives that an office names."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      guard
        let later = Incarnation(number: office.life.number + 7, randomBits: 0x0102_0304_0506_0708)
      else { return }
      let request = RollCallRequest(incarnations: [office.life, later], heads: [])
      let answer = try run.rollCall(request, by: office)
      let card = try run.card()
      try run.expect(
        card.incarnation == office.life, sent: "a roll-call that names life \(later.number)",
        "life \(office.life.number) as before (sync.md §8.3)",
        came: "life \(card.incarnation.number), status \(answer.status)")
    },
    ConformanceRule(
      "sync.8.4.a", "点名的回答证明这一代: 首条记录、链和签章相符",
      "The reply's `first` follows hash(0) of the life, and `seal` is over the head there."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try office.publish()
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let request = RollCallRequest(incarnations: [office.life], heads: [])
      let reply = try run.rollCallReply(run.rollCall(request, by: office), to: office)
      try run.expect(
        run.proves(reply, to: office), sent: "a roll-call",
        "the first op of the hub's log under the office's seal (sync.md §8.4, §8.5)",
        came: "\(reply.first.id) and a seal that does not fit")
      try run.expect(
        reply.incarnation == office.life && reply.have == office.head, sent: "a roll-call",
        "the present life, and `have` at 1 (sync.md §8.4)",
        came: "\(reply.incarnation.number), \(reply.have.seq)")
      try run.expect(
        reply.wish == nil, sent: "a roll-call that shows nothing", "nothing wanted (sync.md §8.4)",
        came: "a wish")
    },
    ConformanceRule(
      "sync.8.6.a", "接替签章不对，被拒绝",
      "A head whose successor seal is wrong is refused with `seal-mismatch`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let reply = try run.prepared { () throws(RuleFinding) in
        try run.reply(run.send(office.question(), as: office.token), to: office)
      }
      let beyond = Head(replica: reply.head.replica, seq: reply.head.seq + 5, hash: .zero)
      for (head, seal) in [(reply.head, reply.seal), (beyond, reply.successorSeal)] {
        let request = RollCallRequest(
          incarnations: [office.life], heads: [SuccessorHead(head: head, seal: seal)])
        try run.expect(
          .sealMismatch, section: "sync.md §8.6", run.rollCall(request, by: office),
          sent: "a head with a wrong successor seal")
      }
      let card = try run.card()
      try run.expect(
        card.incarnation == office.life, sent: "a forged head beyond the hub's log",
        "the same life (sync.md §8.7)", came: "life \(card.incarnation.number)")
    },
    ConformanceRule(
      "sync.8.6.b", "没有出示头部的一页，被拒绝",
      "A page of a log without a head is refused with `seal-mismatch`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let page = RollCallPage(
        hub: office.life.hub,
        entries: office.hubLog.prefix(1).map { HubEntry(op: $0, runs: []) }, hasMore: false)
      let request = RollCallRequest(incarnations: [office.life], heads: [], page: page)
      try run.expect(
        .sealMismatch, section: "sync.md §8.6", run.rollCall(request, by: office),
        sent: "a page without a head")
    },
  ]

  static let renewal: [ConformanceRule] = [
    ConformanceRule(
      "sync.11.3.a", "没有发出过的换钥码，被拒绝",
      "A renewal code that was not handed out for this replica is refused with `code-invalid`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      for code in ["0000-0000-0000", office.code.code] {
        let body = Array(
          (#"{"code":"\#(code)","nonce":"\#(Base64URL.encode(run.bytes(16)))","#
            + #""replica":\#(office.replica)}"#).utf8)
        try run.expect(
          .codeInvalid, section: "sync.md §11.3", run.call(.post("/v1/renew", body)),
          sent: "a renewal with a code that was not handed out for it")
      }
    },
    ConformanceRule(
      "sync.11.3.b", "用过的换钥码配别的随机数，被拒绝", "A used renewal code with other bits is refused.",
      untestable: Words(
        "换钥码只在丢失主密钥之后才发出", "a hub hands out such codes only behind the loss of its master key")),
    ConformanceRule(
      "sync.11.6.a", "认领的头部由两个入网的站点出示", "`hub.adopt` names two offices that are enrolled.",
      untestable: Words(
        "只在丢失主密钥之后、由两人在街道电脑上做",
        "two persons do it at the hub, behind the loss of its master key")),
  ]
}

extension ConformanceRun {
  /// Sends a roll-call.
  func rollCall(
    _ request: RollCallRequest, by office: TestOffice
  ) throws(RuleFinding) -> LineAnswer {
    try call(.post("/v1/rollcall", request.encode(.byNumbers), as: office.token))
  }

  /// Reads the reply to a roll-call.
  func rollCallReply(
    _ answer: LineAnswer, to office: TestOffice, sent: String = "POST /v1/rollcall"
  ) throws(RuleFinding) -> RollCallReply {
    try decoded("a reply (sync.md §8.4)", sent, answer, status: 200) {
      (bytes) throws(WireError) in
      try RollCallReply(decoding: bytes, asker: office.replica, self.codec)
    }
  }

  /// Whether a reply proves its life to an office (§8.5).
  func proves(_ reply: RollCallReply, to office: TestOffice) -> Bool {
    let hub = reply.incarnation.hub
    let start = Chain.start(
      street: office.identity.street, incarnation: reply.incarnation, replica: hub)
    let head = Head(replica: hub, seq: 1, hash: Chain.next(after: start, reply.first.bytes))
    let seal = Seal.ofHub(
      secret: office.identity.secret, head, successorSeal: reply.successorSeal)
    return reply.first.id == OpID(hub, 1) && reply.seal == seal
  }
}
