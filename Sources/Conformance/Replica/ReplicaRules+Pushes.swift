import OpLog
import Wire

/// What a replica says and pushes: sync.md §3, §4.1, and §4.12, canonical.md §3.
extension ConformanceRule {
  static let replicaPushes: [ConformanceRule] = [
    ConformanceRule(
      replica: "sync.3.1.d", "除名片和入网外，每次呼叫都带凭证",
      "Every call but for the card and the enrolment bears the token."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed(forgetting: false)
      let identity = replica.issued
      let free = ["/v1", "/v1/enroll", "/v1/renew"]
      let calls = street.line.exchanges.map(\.call).filter { !free.contains($0.address) }
      try street.expectSent(!calls.isEmpty, "a call that bears the token (sync.md §3.1)")
      for call in calls {
        try street.expect(
          call.fields["authorization"] == "Bearer \(identity.replica).\(identity.token)",
          sent: "nothing", "the token on \(call.method) \(call.path) (sync.md §3.1)",
          came: call.fields["authorization"] ?? "no such field")
      }
    },
    ConformanceRule(
      replica: "sync.4.1.b", "推送接着街道所有的，连续，到 head 为止",
      "A push follows what the hub has without a hole, and its chain ends in `head`."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      let identity = replica.issued
      var hashes = [
        Chain.start(
          street: identity.street, incarnation: identity.incarnation, replica: replica.id)
      ]
      for request in try street.syncs() {
        for op in request.ops {
          try street.expect(
            op.id.replica == replica.id && op.id.seq <= UInt64(hashes.count), sent: "nothing",
            "own ops without a hole (sync.md §4.1)", came: "\(op.id)")
          guard op.id.seq == UInt64(hashes.count) else { continue }
          hashes.append(Chain.next(after: hashes[hashes.count - 1], op.bytes))
        }
        let (head, last) = (request.head, request.ops.last?.id.seq)
        try street.expect(
          head.replica == replica.id && head.seq < UInt64(hashes.count)
            && head.hash == hashes[Int(head.seq)] && (last ?? head.seq) == head.seq,
          sent: "nothing", "`head` as the chain has it behind `ops` (sync.md §4.1)",
          came: "\(head.replica)-\(head.seq) \(head.hash)")
      }
      try street.expect(
        hashes.count > 3, sent: "three records and a sync", "all pushed",
        came: "\(hashes.count - 1)")
    },
    ConformanceRule(
      replica: "sync.4.1.c", "head 用自己的密钥封印", "`head` is sealed with the replica's secret."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      let secret = replica.issued.secret
      let requests = try street.syncs()
      try street.expectSent(
        requests.contains { !$0.ops.isEmpty }, "a push under a sealed `head` (sync.md §4.1)")
      for request in requests {
        let seal = Seal.ofOffice(secret: secret, request.head)
        try street.expect(
          request.seal == seal, sent: "nothing", "the seal \(seal) (canonical.md §5.3)",
          came: "\(request.seal)")
      }
    },
    ConformanceRule(
      replica: "sync.4.1.d", "推送的记录，街道收下，别的站点原样收到",
      "What was pushed is at the hub, and comes to others as it was."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      try street.expectToFinish(replica, "three records and a sync")
      _ = try street.log(of: replica, 3)
    },
    ConformanceRule(
      replica: "sync.4.12.b", "街道的目录是别的版本时，推送只用编号",
      "To a hub of another catalogue ops are pushed by numbers."
    ) { (street) throws(RuleFinding) in
      let replica = try street.invited()
      try replica.enrol()
      let codec = street.offices.codec
      street.line.way = { call, hub in
        guard call.address == "/v1/sync", var request = try? SyncRequest(decoding: call.body, codec)
        else { return .handedOn(hub(call)) }
        request.catalogue = 9_999
        var other = call
        other.body = request.encode(codec)
        guard var answer = hub(other) else { return .silence }
        guard answer.status == 200,
          var reply = try? SyncReply(decoding: answer.body, asker: request.head.replica, codec)
        else { return .answered(answer) }
        reply.digest = reply.digest.map { StateDigestMessage(catalogue: 9_999, value: $0.value) }
        answer.body = reply.encode(.byNumbers)
        return .answered(answer)
      }
      try street.offices.prepared { () throws(RuleFinding) in
        try replica.syncToEnd()
        try replica.publish()
        street.line.forget()
        try replica.syncToEnd()
      }
      for (call, _) in street.line.exchanges(at: "/v1/sync") {
        try street.expect(
          (try? SyncRequest(decoding: call.body, .byNumbers)) != nil,
          sent: "replies of a hub of catalogue 9999",
          "pushes with kinds and keys by numbers (sync.md §4.12)",
          came: String(decoding: call.body.prefix(600), as: UTF8.self))
      }
      try street.expectInStep(replica, "replies of a hub of catalogue 9999")
    },
    ConformanceRule(
      replica: "sync.4.13.f", "街道没有用段格式回答过，就不用它发送",
      "No request is in a segment before the hub has answered in one."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      try street.expectSent(
        street.line.exchanges.contains { $0.call.method == "POST" }, "a push (sync.md §4.13)")
      for (call, _) in street.line.exchanges where call.method == "POST" {
        try street.expect(
          call.mediaType == "application/json", sent: "answers in JSON only",
          "requests in JSON (sync.md §4.13)", came: call.mediaType)
      }
      try street.expectToFinish(replica, "answers in JSON only")
    },
    ConformanceRule(
      replica: "canonical.3.2.c", "每条记录写明本社区最新的规则",
      "Each op names the rules of its community with the highest id that is held."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      let log = try street.log(of: replica, 3)
      let policy = street.policy(of: replica.issued.community)
      for op in log {
        try street.expect(
          op.policy == policy && policy != nil, sent: "records of staff",
          "the rules \(policy?.description ?? "none") (canonical.md §3.2)",
          came: op.policy?.description ?? "none")
      }
    },
    ConformanceRule(
      replica: "canonical.3.3.c", "names 按所指记录的链哈希算出",
      "`names` of each op is over the chain hashes of what it names."
    ) { (street) throws(RuleFinding) in
      let replica = try street.pushed()
      let log = try street.log(of: replica, 3)
      try street.expectSent(
        log.contains { !$0.namedOps.isEmpty }, "an op that names others (canonical.md §3.3)")
      for op in log {
        let hashes = op.namedOps.compactMap { street.hash(of: $0) }
        let names = hashes.count == op.namedOps.count ? Chain.names(of: hashes) : nil
        try street.expect(
          op.names == names && names != nil, sent: "a record that names \(op.namedOps)",
          "names over their chain hashes (canonical.md §3.3)", came: "another value")
      }
    },
  ]
}

extension ReplicaStreet {
  /// What the hub holds of a replica's log, which has to be so many ops.
  func log(of replica: TestedReplica, _ count: Int) throws(RuleFinding) -> [Op] {
    let log = try log(of: replica.id)
    try expect(
      log.count == count, sent: "\(count) records and a sync", "\(count) ops at the hub",
      came: "\(log.count)")
    return log
  }

  /// A replica that recorded three ops and synced, whatever came of that.
  func pushed(forgetting: Bool = true) throws(RuleFinding) -> TestedReplica {
    let replica = try invited()
    try offices.prepared { () throws(RuleFinding) in
      try replica.enrol()
      try replica.sync()
    }
    if forgetting { line.forget() }
    for number in 1...3 { try replica.publish("扫雪\(number)") }
    _ = try offices.prepared { () throws(RuleFinding) in try replica.sync() }
    return replica
  }
}
