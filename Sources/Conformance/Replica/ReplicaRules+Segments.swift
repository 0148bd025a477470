import Community
import OpLog
import Wire

/// Exchanges in segments, where a replica reads them: sync.md §4.13 and §4.14, segment.md §1.
extension ConformanceRule {
  static let replicaSegments: [ConformanceRule] = [
    ConformanceRule(
      replica: "sync.4.13.g", "街道会用段格式时，收发的还是同样的记录",
      "Where the hub reads segments, what is exchanged is the same."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfSegments()
      try street.expectToFinish(replica, "answers in segments")
      _ = try street.log(of: replica, 2)
    },
    ConformanceRule(
      replica: "sync.4.14.a", "段格式的请求被拒绝时，先用 JSON 重复一次再信",
      "A refusal of ops in a segment is believed only when JSON is refused, too; then JSON it stays."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replicaOfSegments()
      var sendsSegments = false
      for (name, status) in [("malformed-op", 400), ("fork", 409), ("seal-mismatch", 422)] {
        let id = try replica.publish("拒绝\(status)")
        street.line.forget()
        street.line.way = { call, hub in
          guard call.mediaType == MediaType.segment else {
            return .handedOn(hub(call))
          }
          return .answered(.problem(name, status))
        }
        try street.expectSync(
          of: replica, .done, "`\(name)` to a request in a segment, and sound answers in JSON",
          "sync.md §4.14")
        try street.expectSegmentsOnlyBehindOne()
        sendsSegments =
          sendsSegments
          || street.line.exchanges.contains { $0.call.mediaType == MediaType.segment }
        street.line.way = nil
        let last = try street.log(of: replica.id).last?.id
        try street.expect(
          last == id, sent: "`\(name)` to a request in a segment", "\(id) at the hub",
          came: "\(last.map { "\($0)" } ?? "nothing")")
        // An answer in a segment, behind which requests may be in one.
        try street.offices.prepared { () throws(RuleFinding) in try replica.syncToEnd() }
      }
      guard sendsSegments else {
        throw RuleFinding(absent: Words("它不用段格式发送", "it sends no segments"))
      }
      try street.expectToFinish(replica, "refusals of requests in segments")
    },
    ConformanceRule(
      replica: "segment.1.2.b", "写得不对的段，不信，用 JSON 再问",
      "A segment in which a byte differs, or that was cut off, is not believed; JSON is asked for."
    ) { (street) throws(RuleFinding) in
      // Behind the ops stands the digest, which no seal and no check covers. Each place has a replica of its
      // own: behind a spoilt segment one may stay with JSON.
      for place in [0, 1, 2] {
        let replica = try street.replicaOfSegments()
        try street.news("丙\(place)")
        var isSpoilt = false
        street.line.changeAnswers(at: "/v1/sync") { answer, _ in
          guard answer.fields.mediaType == MediaType.segment, !isSpoilt, !answer.body.isEmpty
          else { return }
          isSpoilt = true
          let last = answer.body.count - 1
          if place == 2 { answer.body.removeLast() } else { answer.body[last * place / 2] ^= 1 }
        }
        let sent = "a spoilt segment, and sound answers in JSON"
        try street.expectSync(of: replica, .done, sent, "sync.md §4.14")
        try street.expectSent(isSpoilt, "a call that is answered in a segment")
        street.line.way = nil
        try street.expectInStep(replica, sent)
      }
    },
  ]
}

extension ReplicaStreet {
  /// A replica that has exchanged ops in segments; not tested where it reads none.
  fileprivate func replicaOfSegments() throws(RuleFinding) -> TestedReplica {
    let replica = try replica()
    line.letsSegmentsPass = true
    try offices.prepared { () throws(RuleFinding) in
      try news("乙")
      for number in 1...2 {
        try replica.publish("甲\(number)")
        try replica.syncToEnd()
      }
    }
    guard
      line.exchanges.contains(where: { $0.reply?.fields.mediaType == MediaType.segment })
    else { throw RuleFinding(absent: Words("它不读段格式", "it reads no segments")) }
    return replica
  }

  /// Another office records and pushes.
  func news(_ title: String) throws(RuleFinding) {
    try offices.prepared { () throws(RuleFinding) in
      var other = try offices.office()
      for number in 1...3 { try other.publish("\(title)\(number)") }
      try offices.sync(&other)
    }
  }

  /// Wants requests behind a refused segment to be in JSON, until an answer in a segment has come.
  fileprivate func expectSegmentsOnlyBehindOne() throws(RuleFinding) {
    var isRefused = false
    for (call, reply) in line.exchanges(at: "/v1/sync") {
      try expect(
        !isRefused || call.mediaType != MediaType.segment, sent: "a refusal of a segment",
        "requests in JSON until the hub answers in a segment (sync.md §4.14)",
        came: call.mediaType)
      if call.mediaType == MediaType.segment, reply?.status != 200 { isRefused = true }
      if reply?.fields.mediaType == MediaType.segment { isRefused = false }
    }
  }
}
