import OpLog

/// What a replica brings beside ops: bodies.md §1 and §3.
extension ConformanceRule {
  static let replicaBodies: [ConformanceRule] = [
    ConformanceRule(
      replica: "bodies.1.1.b", "两份一样的资料，盐不同；内容与摘要相符",
      "The salts of two equal bodies differ, and each body is what its op's digest says."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let ids = try street.registered(twiceBy: replica)
      try street.expectToFinish(replica, "two residents of one name")
      let log = try street.log(of: replica.id).filter { ids.contains($0.id) }
      let digests = log.compactMap(\.body)
      var brought: Set<Digest> = []
      for (call, _) in street.line.exchanges where call.method == "PUT" {
        let digest = SHA256.hash(call.body)
        try street.expect(
          call.address == "/v1/bodies/\(digest)", sent: "two residents of one name",
          "a body under its SHA-256 (bodies.md §1.1)", came: call.address)
        brought.insert(digest)
      }
      try street.expect(
        digests.count == 2 && Set(digests).count == 2 && brought == Set(digests),
        sent: "two residents of one name", "two ops and bodies with two digests (bodies.md §1.1)",
        came: "\(Set(digests).count) digests, \(brought.count) bodies")
    },
    ConformanceRule(
      replica: "bodies.3.1.b", "资料在途中断开，之后再送",
      "A body that was cut off on its way is brought again."
    ) { (street) throws(RuleFinding) in
      let replica = try street.replica()
      let ids = try street.registered(twiceBy: replica)
      for reaches in [false, true] {
        street.line.forget()
        street.line.way = { call, hub in
          guard call.method == "PUT", !reaches else {
            guard let reply = hub(call) else { return .silence }
            return call.method == "PUT"
              ? .cut(reply, at: { head, _ in head / 2 }) : .answered(reply)
          }
          return .silence
        }
        try replica.sync()
        try street.expectSent(
          street.line.exchanges.contains { $0.call.method == "PUT" }, "a body, to be cut off")
      }
      try street.expectToFinish(replica, "bodies that were cut off twice")
      let digests = try street.log(of: replica.id).filter { ids.contains($0.id) }.compactMap(\.body)
      try street.expectSent(digests.count == 2, "two ops with bodies (bodies.md §1.1)")
      var office = try street.offices.office()
      try street.offices.sync(&office)
      for digest in digests {
        let answer = try street.offices.call(.get("/v1/bodies/\(digest)", as: office.token))
        try street.expect(
          answer.status == 200 && SHA256.hash(answer.body) == digest,
          sent: "bodies that were cut off twice", "them at the hub (bodies.md §3.1)",
          came: ConformanceRun.words(of: answer))
      }
    },
  ]
}

extension ReplicaStreet {
  /// Two residents of one name, whom a replica registers.
  fileprivate func registered(twiceBy replica: TestedReplica) throws(RuleFinding) -> [OpID] {
    let draft = Draft("resident.register", [("name", .text("王芳"))])
    return [try replica.mustRecord(draft), try replica.mustRecord(draft)]
  }
}
