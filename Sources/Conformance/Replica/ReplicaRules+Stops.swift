import OpLog
import Wire

/// When a replica stops, and how it meets a hub of another life: sync.md §4.7, §8, and §10.
extension ConformanceRule {
  static let replicaStops: [ConformanceRule] = [
    ConformanceRule(
      replica: "sync.4.7.a", "数据是旧副本: 停止登记",
      "A replica whose data is an old copy stops recording."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let copy = try street.offices.prepared { () throws(RuleFinding) in
        try replica.publish("旧")
        try replica.syncToEnd()
        let copy = try replica.copy()
        try replica.publish("新")
        try replica.syncToEnd()
        return copy
      }
      try street.expectStop(of: copy, "a sync of an old copy")
      try street.expectToFinish(replica, "a sync of an old copy of it")
    },
    ConformanceRule(
      replica: "sync.4.7.b", "数据被复制，两边都登记了: 后同步的停止登记",
      "A replica whose data was copied, and which is the later one to sync, stops recording."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let (first, copy) = try street.offices.prepared { () throws(RuleFinding) in
        let copy = try replica.copy()
        let first = try replica.publish("甲")
        try copy.publish("乙")
        try replica.syncToEnd()
        return (first, copy)
      }
      try street.expectStop(of: copy, "a sync of the second copy")
      try street.expectToFinish(replica, "a sync of its copy", with: [first])
    },
    ConformanceRule(
      replica: "sync.4.7.c", "被停用: 停止登记", "A replica that was revoked stops recording."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      try street.offices.revoke(replica.id)
      try street.expectStop(of: replica, "a sync of a revoked replica")
    },
    ConformanceRule(
      replica: "sync.4.7.d", "被注销: 交出还没送的，然后停止登记",
      "A replica that was retired gives what it had not sent, and stops recording."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let successor = try street.offices.office()
      let id = try replica.publish("注销以前")
      try street.offices.retire(replica.id, for: successor)
      try street.expectStop(of: replica, "a sync of a retired replica")
      try street.expectOnce([id], of: replica, "a sync of a retired replica")
    },
    ConformanceRule(
      replica: "sync.8.5.a", "新的一代封印不对，不跟",
      "A new life of the hub whose seal is wrong is not followed."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaInStep()
      let before = try replica.heads()
      try street.loseHub()
      let codec = street.offices.codec
      street.line.changeAnswers(at: "/v1/rollcall") { answer, _ in
        guard var reply = try? RollCallReply(decoding: answer.body, asker: replica.id, codec)
        else { return }
        reply.seal = SHA256.hash(reply.seal.bytes)
        answer.body = reply.encode(codec)
      }
      street.line.forget()
      let end = try replica.sync()
      let after = try replica.heads()
      try street.expectSent(
        !street.line.exchanges(at: "/v1/rollcall").isEmpty, "a roll-call (sync.md §4.8)")
      try street.expect(
        end == .again && after == before, sent: "a roll-call under a wrong seal",
        "`again` (conformance.md §6.3), and no new head (sync.md §8.5)",
        came:
          "\(end?.rawValue ?? "its end"), \(after.count { before[$0.key] != $0.value }) new heads")
      street.line.way = nil
      try street.expectFollowing(replica, from: before)
    },
    ConformanceRule(
      replica: "sync.8.5.b", "街道丢失数据后，跟上新的一代，交出所有的记录",
      "It follows a hub that lost its database, and gives it all that it holds."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaInStep()
      let before = try replica.heads()
      try replica.publish("丢失以后")
      try street.loseHub()
      try street.expectFollowing(replica, from: before)
    },
    ConformanceRule(
      replica: "sync.8.5.c", "以前那一代的街道又出现，不与它同步",
      "It does not sync with a former life of the hub that comes back."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaInStep()
      let before = try replica.heads()
      let (card, former) = (try street.cardNow(), try street.formerRollCall(of: replica))
      try street.loseHub()
      try street.expectFollowing(replica, from: before)
      let followed = try replica.heads()
      try replica.publish("以后")
      for isSeenOnCard in [true, false] {
        street.line.forget()
        street.line.way = { call, hub in
          switch call.address {
          case "/v1": isSeenOnCard ? .answered(card) : .handedOn(hub(call))
          case "/v1/rollcall": .answered(former)
          default: .answered(.unknownProgress)
          }
        }
        let end = try replica.sync()
        // Who finds a former life on the card need not call it; who does not goes on with a roll-call.
        try street.expectSent(
          isSeenOnCard
            ? !street.line.exchanges.isEmpty
            : !street.line.exchanges(at: "/v1/rollcall").isEmpty,
          "a roll-call (sync.md §4.8), which life 1 answers")
        let lives = try street.syncs().map(\.incarnation.number)
        let after = try replica.heads().filter { $0.key != replica.id }
        try street.expect(
          end == .again && lives.allSatisfy { $0 > 1 }
            && after == followed.filter { $0.key != replica.id },
          sent: "a roll-call that life 1 answers behind life 2",
          "`again` (conformance.md §6.3), no sync with life 1, nothing dropped (sync.md §8.5)",
          came:
            "\(end?.rawValue ?? "its end"), syncs with lives \(lives), \(ReplicaStreet.words(after))"
        )
      }
      street.line.way = nil
      try street.expectSync(of: replica, .done, "a former life, then the present one again")
    },
    ConformanceRule(
      replica: "sync.8.5.d", "交出记录时途中断线，之后接着交",
      "A roll-call that is cut off goes on with the next sync."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaInStep()
      let before = try replica.heads()
      try street.loseHub()
      for place in [AnswerPlace.nothing, .head] {
        street.line.forget()
        street.line.way = { call, hub in
          guard let reply = hub(call) else { return .silence }
          return call.address == "/v1/rollcall" ? .cut(reply, at: place.count) : .answered(reply)
        }
        try street.expectSync(of: replica, .again, "a roll-call whose answer is cut off")
        try street.expectSent(
          !street.line.exchanges(at: "/v1/rollcall").isEmpty,
          "a roll-call, whose answer is cut off at \(place.rawValue)")
      }
      try street.expectFollowing(replica, from: before)
    },
  ]
}

extension ReplicaStreet {
  /// A replica that recorded, synced, and holds ops of others.
  func replicaInStep() throws(RuleFinding) -> TestedReplica {
    let replica = try replicaWithNews()
    try offices.prepared { () throws(RuleFinding) in
      try replica.publish("以前")
      try replica.syncToEnd()
      try expectInStep(replica, "a sync")
    }
    return replica
  }

  /// Wants a sync to end without success, and no record to be taken from then on.
  func expectStop(of replica: TestedReplica, _ sent: String) throws(RuleFinding) {
    try expectSync(of: replica, .stopped, sent, "sync.md §4.7")
    for _ in 0..<2 {
      let came = try replica.record(.activity("停止以后", on: today))
      guard case .refused = came else {
        throw RuleFinding(
          sent: "\(sent), then `record`", expected: "`refused` (sync.md §4.7)",
          came: came.map { "\($0)" } ?? "its end")
      }
      driver.kill()  // What it found out is kept.
    }
  }

  /// Wants a replica to follow the hub's new life, to keep what it held, and the hub to hold it again.
  func expectFollowing(
    _ replica: TestedReplica, from before: [ReplicaID: Head]
  ) throws(RuleFinding) {
    line.way = nil
    var end = try replica.sync()
    for _ in 0..<2 where end != .done { end = try replica.sync() }
    let after = try replica.heads()
    let own = Set(after.keys.filter { $0.isHub && before[$0] == nil })
    let lost = before.filter { $0.key != replica.id && after[$0.key] != $0.value }
    try expect(
      end == .done && own.count == 1 && lost.isEmpty, sent: "a hub that lost its database",
      "`done`, its new log, and all that was held before (sync.md §8.5)",
      came: "\(replica.lastWords), \(own.count) new logs, \(lost.count) logs that differ")
    let held = try heldBehindLoss()
    let missing = before.filter { held[$0.key]?.seq ?? 0 < $0.value.seq }.keys.sorted()
    try expect(
      missing.isEmpty, sent: "a hub that lost its database",
      "all logs given, and taken in by it (sync.md §8.3)", came: "without \(missing)")
    try expect(
      held == after, sent: "a hub that lost its database", "the same heads at both",
      came: "\(after.count { held[$0.key] != $0.value }) that differ")
  }

  /// The hub's card as it is now, for when its life is a former one.
  func cardNow() throws(RuleFinding) -> LineReply {
    try offices.prepared { () throws(RuleFinding) in
      LineReply(try offices.call(.get("/v1")))
    }
  }

  /// The answer of the hub's present life to a roll-call, rightly sealed, for when it is a former one.
  func formerRollCall(of replica: TestedReplica) throws(RuleFinding) -> LineReply {
    guard let first = reader.hubLog.first else {
      throw .unprepared("the first op of the hub's log", "none")
    }
    let start = Chain.start(
      street: reader.identity.street, incarnation: reader.life, replica: reader.life.hub)
    let head = Head(
      replica: reader.life.hub, seq: 1, hash: Chain.next(after: start, first.bytes))
    let successorSeal = SHA256.hash(head.bytes)
    let reply = RollCallReply(
      incarnation: reader.life, first: first,
      seal: Seal.ofHub(secret: replica.issued.secret, head, successorSeal: successorSeal),
      successorSeal: successorSeal,
      have: reader.heads[replica.id] ?? Head(replica: replica.id, seq: 0, hash: .zero), wish: nil,
      mustWait: false)
    return LineReply(
      status: 200, contentType: "application/json",
      body: String(decoding: reply.encode(offices.codec), as: UTF8.self))
  }
}

extension LineReply {
  /// What a hub says that never wrote the head which it is shown.
  fileprivate static let unknownProgress = problem("unknown-progress", 409)
}
