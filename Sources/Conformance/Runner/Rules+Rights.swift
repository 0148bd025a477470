import OpLog
import Wire

/// What became of a request for rights: sync.md §7.
extension ConformanceRule {
  static let rights: [ConformanceRule] = [
    ConformanceRule(
      "sync.7.2.a", "只有写申请的站点能问", "Only the writer of a request may ask about it."
    ) { (run) throws(RuleFinding) in
      let (visitor, request) = try run.visitorWithRequest()
      let stranger = try run.office("甲")
      try run.expect(
        .forbidden, section: "sync.md §7.2", run.ask(request, by: stranger),
        sent: "a question about the request of \(visitor.replica)")
    },
    ConformanceRule(
      "sync.7.2.b", "没有的申请，回答 not-found",
      "A request that the hub does not hold, or that names no account, is `not-found`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      guard let missing = OpID(office.replica, 1_000) else { return }
      try run.expect(
        .notFound, section: "sync.md §7.2", run.ask(missing, by: office),
        sent: "a question about \(missing)")
      let activity = try office.publish().id
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      try run.expect(
        .notFound, section: "sync.md §7.2", run.ask(activity, by: office),
        sent: "a question about an activity")
    },
    ConformanceRule(
      "sync.7.3.a", "原居住地刚同步过而没有回答，是 waiting",
      "A request is `waiting` where the home has just synced and not answered."
    ) { (run) throws(RuleFinding) in
      let (visitor, request) = try run.visitorWithRequest()
      let answer = try run.ask(request, by: visitor)
      let state = try run.decoded(
        "a state (sync.md §7.2)", "a question about a request", answer, status: 200
      ) { (bytes) throws(WireError) in try RightsAnswer(decoding: bytes) }
      try run.expect(
        state == .waiting, sent: "a question right behind the home's sync",
        "waiting (sync.md §7.3)", came: "\(state)")
    },
    ConformanceRule(
      "sync.7.3.b", "街道不作决定: 回答只来自原居住地的记录",
      "The hub decides nothing: `granted` and `refused` follow from an op of the home."
    ) { (run) throws(RuleFinding) in
      let (visitor, request) = try run.visitorWithRequest()
      for _ in 1...3 {
        let answer = try run.ask(request, by: visitor)
        let state = try run.decoded(
          "a state (sync.md §7.2)", "a question about a request", answer, status: 200
        ) { (bytes) throws(WireError) in try RightsAnswer(decoding: bytes) }
        try run.expect(
          state == .waiting || state == .homeOffline,
          sent: "a question that no home has answered", "waiting or home-offline (sync.md §7.3)",
          came: "\(state)")
      }
    },
  ]
}

extension ConformanceRun {
  /// An office away from a resident's home that has asked for points, and what it asked with; the home
  /// synced last.
  func visitorWithRequest() throws(RuleFinding) -> (TestOffice, OpID) {
    var home = try office("甲")
    let resident = try home.register(bytes(16) + Array(#"{"name":"户"}"#.utf8)).id
    try prepared { () throws(RuleFinding) in try sync(&home) }
    var visitor = try office("乙")
    let request = try visitor.record(
      visitor.made(kind: 10) { cbor in
        cbor.map(count: 2)
        cbor.unsigned(1)
        cbor.reference(resident)
        cbor.unsigned(2)
        cbor.unsigned(9)
      })
    try prepared { () throws(RuleFinding) in
      try sync(&visitor)
      try sync(&home)
    }
    return (visitor, request.id)
  }

  /// Asks what became of a request.
  func ask(_ request: OpID, by office: TestOffice) throws(RuleFinding) -> LineAnswer {
    try call(.post("/v1/rights", RightsQuestion(request: request).encode(), as: office.token))
  }
}
