import Community
import OpLog
import Wire

/// The hub's card and enrolment: sync.md §1 and §2; tokens: §3.
extension ConformanceRule {
  static let card: [ConformanceRule] = [
    ConformanceRule(
      "sync.1.1.a", "不带凭证可取名片；支持第 1 版协议，街道和代数不变",
      "The card needs no token, names protocol 1, and keeps its street and life.", needs: []
    ) { (run) throws(RuleFinding) in
      let card = try run.card()
      let again = try run.card()
      try run.expect(
        card.protocols.contains(HubCard.protocolVersion), sent: "GET /v1",
        "protocol 1 among the protocols (sync.md §1.1)", came: "\(card.protocols)")
      try run.expect(
        card.street == again.street && card.incarnation == again.incarnation
          && card.limits == again.limits && card.now <= again.now,
        sent: "GET /v1 twice", "the same street, life, and limits, and no earlier clock",
        came: "\(card), then \(again)")
    },
    ConformanceRule(
      "sync.1.1.b", "名片上的上限不小于本协议的上限",
      "The card's limits are no lower than those of limits.md.", needs: []
    ) { (run) throws(RuleFinding) in
      let limits = try run.card().limits
      try run.expect(
        limits.requestBytes >= WireLimits.messageBytesMax
          && limits.replyBytes >= WireLimits.messageBytesMax
          && limits.opsPerRequest >= WireLimits.opsMax
          && limits.bodyBytes >= WireLimits.bodyBytesMax,
        sent: "GET /v1", "limits as in limits.md, or higher", came: "\(limits)")
    },
  ]

  static let enrolment: [ConformanceRule] = [
    ConformanceRule(
      "sync.2.2.1.b", "放弃别的社区的编号来重新入网，被拒绝，码不作废",
      "A PC that gives up an id of another community gets none for the code, which stays unused."
    ) { (run) throws(RuleFinding) in
      let other = try run.office("乙")
      let invited = try run.prepared { () throws(RuleFinding) in try run.invite("甲") }
      let foreign = try run.enrolRequest(invited.code, insteadOf: other.replica)
      try run.expect(
        .codeInvalid, section: "sync.md §2.2.1", run.call(.post("/v1/enroll", foreign.encode())),
        sent: "a code with the id of another community in `former`")
      let own = try run.enrolRequest(invited.code)
      _ = try run.enrolReply(run.call(.post("/v1/enroll", own.encode())))
    },
    ConformanceRule(
      "sync.2.3.a", "入网码换来新的编号，入网记在街道的记录里",
      "A code gets the next id of the hub's life, and the enrolment is in the hub's log."
    ) { (run) throws(RuleFinding) in
      let card = try run.prepared { () throws(RuleFinding) in try run.card() }
      let former = try run.office()
      let invited = try run.prepared { () throws(RuleFinding) in try run.invite("甲") }
      let request = try run.enrolRequest(invited.code)
      let sent = "POST /v1/enroll with a code"
      let identity = try run.enrolReply(run.call(.post("/v1/enroll", request.encode())))
      try run.expect(
        identity.replica > former.replica
          && identity.replica.incarnation == card.incarnation.number && !identity.replica.isHub
          && identity.incarnation == card.incarnation && identity.street == card.street
          && identity.community == former.identity.community,
        sent: sent, "a new id of this life, this street, and the community invited (sync.md §2.3)",
        came: "\(identity.replica) of \(identity.incarnation), \(identity.community)")
      var office = TestOffice(identity, request, staff: invited.staff, life: card.incarnation)
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let enrolments = office.hubLog.filter { $0.kind == 3 }
      try run.expect(
        enrolments.contains {
          $0.references == [identity.community] && names($0, identity.replica)
        },
        sent: sent, "a replica.enroll of \(identity.replica) in the hub's log (sync.md §2.3)",
        came: "\(enrolments.count) of others")
    },
    ConformanceRule(
      "sync.2.3.b", "同一入网码、同样的随机数，得到同样的回答",
      "The same code with the same bits gets the same answer again."
    ) { (run) throws(RuleFinding) in
      let office = try run.enrolled()
      let sent = "the same POST /v1/enroll again"
      let again = try run.enrolReply(run.call(.post("/v1/enroll", office.code.encode())))
      let first = office.identity
      try run.expect(
        again.replica == first.replica && again.token == first.token
          && again.secret == first.secret && again.community == first.community
          && again.incarnation == first.incarnation && again.street == first.street,
        sent: sent, "the answer of the first time (sync.md §2.3)",
        came: "\(again.replica) instead of \(first.replica), or other secrets")
    },
    ConformanceRule(
      "sync.2.3.c", "用过的入网码配别的随机数，被拒绝",
      "A used code with other bits is refused with `code-used`."
    ) { (run) throws(RuleFinding) in
      let office = try run.enrolled()
      let request = try run.enrolRequest(office.code.code)
      let answer = try run.call(.post("/v1/enroll", request.encode()))
      try run.expect(
        .codeUsed, section: "sync.md §2.3", answer, sent: "a used code with other bits")
    },
    ConformanceRule(
      "sync.2.3.d", "没有发出过的入网码被拒绝",
      "A code that nobody handed out is refused with `code-invalid`.", needs: []
    ) { (run) throws(RuleFinding) in
      let request = try run.enrolRequest("0000-0000-0000")
      let answer = try run.call(.post("/v1/enroll", request.encode()))
      try run.expect(
        .codeInvalid, section: "errors.md", answer, sent: "a code that nobody handed out")
    },
  ]

  static let tokens: [ConformanceRule] = [
    ConformanceRule(
      "sync.3.1.a", "没有凭证、凭证错误，都被拒绝",
      "A call without a token, with a wrong one, or with another's id before it is refused with "
        + "`unauthorized`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let other = try run.office()
      var wrong = office.identity.token.bytes
      wrong[31] ^= 1
      let spoilt = Digest(wrong).map { "Bearer \(office.replica).\($0)" }
      let request = office.question().encode(run.codec)
      for token in [
        nil, "Bearer ", "Bearer \(office.replica).", "Basic \(office.token)", spoilt,
        "Bearer \(other.replica).\(office.identity.token)", "Bearer \(office.identity.token)",
      ] {
        for path in ["/v1/sync", "/v1/rollcall", "/v1/rights", "/v1/digests", "/v1/bundles"] {
          var call = LineRequest.post(path, request)
          call.authorization = token
          try run.expect(
            .unauthorized, section: "sync.md §3.1", run.call(call),
            sent: "POST \(path) with Authorization: \(token ?? "nothing")")
        }
      }
    },
    ConformanceRule(
      "sync.3.1.b", "比较凭证的时间不泄露内容", "A hub compares tokens in constant time.",
      untestable: Words(
        "网络上的时间差看不出来，要看程序本身", "no measurement over a line tells it: read the program")),
    ConformanceRule(
      "sync.3.1.c", "停用的站点被拒绝", "A revoked replica is refused with `token-revoked`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let digest = SHA256.hash(run.bytes(16))
      try run.revoke(office.replica)
      try office.publish()
      for request in [
        LineRequest.post("/v1/sync", office.request().encode(run.codec), as: office.token),
        .get("/v1/bodies/\(digest)", as: office.token),
        .put("/v1/bodies/\(digest)", run.bytes(20), as: office.token),
      ] {
        try run.expect(
          .tokenRevoked, section: "sync.md §3.1", run.call(request),
          sent: "\(request.words) of a revoked office")
      }
    },
    ConformanceRule(
      "sync.3.2.a", "站点只能推送自己的记录", "A replica pushes its own log and no other's."
    ) { (run) throws(RuleFinding) in
      let (thief, victim) = (try run.office(), try run.office())
      var office = victim
      try office.publish()
      // Sealed by whoever the log belongs to: only the token is another's.
      let answer = try run.send(office.request(), as: thief.token)
      try run.expect(
        .forbidden, section: "sync.md §3.2", answer,
        sent: "the log of \(victim.replica) with the token of \(thief.replica)")
    },
  ]

  /// Whether a `replica.enroll` is of a replica.
  static func names(_ op: Op, _ replica: ReplicaID) -> Bool {
    var cbor = CBORReader(op.bytes, in: op.payload)
    do throws(CBORError) {
      guard try cbor.map(max: 8) > 0, try cbor.unsigned() == 1 else { return false }
      return try cbor.unsigned() == UInt64(replica.rawValue)
    } catch { return false }
  }
}

extension ConformanceRun {
  /// Has the hub retire an office, with another in its place.
  func retire(_ replica: ReplicaID, for successor: TestOffice) throws(RuleFinding) {
    let approvers = successor.staff.map { "\"\($0)\"" }.joined(separator: ",")
    let body =
      #"{"replica":\#(replica),"successor":\#(successor.replica),"approvers":[\#(approvers)]}"#
    let answer = try callDoor("retirements", Array(body.utf8))
    guard answer.status == 204 else {
      throw RuleFinding(
        sent: "POST /v1/admin/retirements", expected: "204", came: Self.words(of: answer),
        isPreparation: true)
    }
  }

  /// Has the hub revoke an office.
  func revoke(_ replica: ReplicaID) throws(RuleFinding) {
    let body = Array(#"{"replica":\#(replica)}"#.utf8)
    let answer = try callDoor("revocations", body)
    guard answer.status == 204 else {
      throw RuleFinding(
        sent: "POST /v1/admin/revocations", expected: "204", came: Self.words(of: answer),
        isPreparation: true)
    }
  }
}
