import OpLog

/// What the rules for replicas want, each with what came in its place.
extension ReplicaStreet {
  /// Wants something to hold.
  func expect(
    _ holds: Bool, sent: String, _ expected: String, came: @autoclosure () -> String
  ) throws(RuleFinding) {
    try offices.expect(holds, sent: sent, expected, came: came())
  }

  /// Wants a replica to have sent something that the rule looks at: a rule that saw nothing of the kind
  /// would find nothing wrong in it.
  ///
  /// `asked` is what the replica was asked for; most that send nothing wait by themselves.
  func expectSent(
    _ isSent: Bool, _ what: String,
    asked: String = "`sync` (conformance.md §6.4: each calls the hub)"
  ) throws(RuleFinding) {
    try expect(isSent, sent: asked, what, came: "nothing that this rule looks at")
  }

  /// A replica has sent nothing that the rule looks at.
  func nothingSent(_ what: String) throws(RuleFinding) -> Never {
    try expectSent(false, what)
    preconditionFailure("what does not hold is thrown")
  }

  /// Wants a sync to end in some way; `section` is where that is written.
  func expectSync(
    of replica: TestedReplica, _ expected: DriverAnswer.End, _ sent: String,
    _ section: String = "conformance.md §6.3"
  ) throws(RuleFinding) {
    let end = try replica.sync()
    try expect(
      end == expected, sent: sent, "`\(expected.rawValue)` (\(section))", came: replica.lastWords)
  }

  /// Wants a replica to sync to the end over a good line, and to hold then what the hub holds.
  ///
  /// With `ids`, they are at the hub then, each once, with no other activities of that replica.
  func expectToFinish(
    _ replica: TestedReplica, _ sent: String, with ids: [OpID]? = nil
  ) throws(RuleFinding) {
    line.way = nil
    try expectSync(of: replica, .done, "\(sent), then `sync` over a good line")
    try expectInStep(replica, sent)
    if let ids { try expectOnce(ids, of: replica, sent) }
  }

  /// Wants activities to be at the hub, each once, with no others of their replica.
  func expectOnce(
    _ ids: [OpID], of replica: TestedReplica, _ sent: String
  ) throws(RuleFinding) {
    let log = try log(of: replica.id).filter { $0.kind == 18 }
    try expect(
      log.map(\.id) == ids, sent: sent, "\(ids) at the hub, each once", came: "\(log.map(\.id))")
  }

  /// Wants a replica to hold what the hub holds, op by op: the chain hash at a head is over all of its log.
  func expectInStep(_ replica: TestedReplica, _ sent: String) throws(RuleFinding) {
    let (theirs, ours) = (try replica.heads(), try held())
    guard theirs != ours else { return }
    let differing = Set(theirs.keys).union(ours.keys).filter { theirs[$0] != ours[$0] }.sorted()
    func words(_ heads: [ReplicaID: Head]) -> String {
      differing.map { replica in
        heads[replica].map { "\(replica)-\($0.seq) \($0.hash)" } ?? "nothing of \(replica)"
      }.joined(separator: ", ")
    }
    throw RuleFinding(sent: sent, expected: words(ours), came: words(theirs))
  }
}
