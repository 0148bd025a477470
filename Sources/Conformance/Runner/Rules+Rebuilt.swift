import Community
import OpLog
import Wire

/// A hub that lost its database and not its key: sync.md §8.
extension ConformanceRule {
  static let rebuilt: [ConformanceRule] = [
    ConformanceRule(
      "sync.8.1.a", "丢失数据后开始新的一代，首条记录写明以前各代",
      "A hub that lost its database begins a later life, whose first op names the lives before.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let card = try run.card()
      let former = found.before.incarnation
      try run.expect(
        card.incarnation.number > former.number && card.street == found.before.street,
        sent: "GET /v1 behind the loss",
        "a life above \(former.number) of this street (sync.md §8.1)",
        came: "life \(card.incarnation.number)")
      let request = RollCallRequest(incarnations: [former], heads: [])
      let reply = try run.rollCallReply(
        run.rollCall(request, by: found.giver), to: found.giver)
      try run.expect(
        reply.first.kind == 70 && run.proves(reply, to: found.giver), sent: "a roll-call",
        "hub.begin as the first op, under a right seal (sync.md §8.1, §8.5)",
        came: "kind \(reply.first.kind)")
    },
    ConformanceRule(
      "sync.4.8.b", "跟着以前那一代的站点，被告知有了新的一代",
      "An office that follows a former life is answered with `new-incarnation`.", needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let answer = try run.send(found.giver.question(), as: found.giver.token)
      try run.expect(
        .newIncarnation, section: "sync.md §4.8", answer, sent: "a sync in a former life")
    },
    ConformanceRule(
      "sync.8.2.a", "点名期间不办入网", "In a roll-call an enrolment is answered with `roll-call`.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      try run.expect(
        .rollCall, section: "sync.md §8.2",
        run.call(.post("/v1/enroll", found.code.encode())), sent: "an enrolment in a roll-call")
    },
    ConformanceRule(
      "sync.8.2.b", "点名期间不收发个人信息",
      "In a roll-call calls about bodies are answered with `roll-call`.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let path = "/v1/bodies/\(SHA256.hash(found.body))"
      for call in [
        LineRequest.put(path, found.body, as: found.giver.token),
        .get(path, as: found.giver.token),
      ] {
        try run.expect(
          .rollCall, section: "sync.md §8.2", run.call(call), sent: "\(call.words) in a roll-call")
      }
    },
    ConformanceRule(
      "errors.1.2.b", "可以重试的拒绝带 Retry-After",
      "A refusal that may pass says so, with `Retry-After`.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let answer = try run.prepared { () throws(RuleFinding) in
        try run.call(.post("/v1/enroll", found.code.encode()))
      }
      guard answer.status == 503 else {
        throw .unprepared("a refusal that may pass of an enrolment in a roll-call", answer.status)
      }
      let members = ProblemMembers(answer.body)
      try run.expect(
        members?.retry == true && answer.fields["retry-after"].flatMap { Int($0) } != nil,
        sent: "an enrolment in a roll-call", "`retry` true and Retry-After (errors.md §1.2)",
        came: "retry \(members?.retry ?? false), \(answer.fields["retry-after"] ?? "no field")")
    },
    ConformanceRule(
      "sync.8.6.c", "回执之外的记录，被拒绝",
      "A page with ops behind the end of their run is refused with `chain-broken`.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      try run.expectWanted(found)
      var page = found.giver.pages()[0]
      guard
        let entry = page.entries.lastIndex(where: { $0.runs.last?.ops.last != nil }),
        let last = page.entries[entry].runs.last?.ops.last,
        let id = OpID(last.id.replica, last.id.seq + 1)
      else { throw .unprepared("a page with a run", "none") }
      var fields = last.fields
      fields.id = id
      guard let more = try? Op(fields) else { throw .unprepared("an op behind a run", "none") }
      page.entries[entry].runs[page.entries[entry].runs.count - 1].ops.append(more)
      page.entries.removeSubrange((entry + 1)...)
      page.hasMore = true
      try run.expect(
        .chainBroken, section: "sync.md §8.6", run.give(page, found),
        sent: "a page with an op behind its run")
    },
    ConformanceRule(
      "sync.8.4.b", "街道要出示的那一代的记录，从头要起",
      "A hub that is shown a sealed head of a log that it lacks wants that log.", needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.lostHub()
      let reply = try run.rollCallReply(run.give(nil, found), to: found.giver)
      try run.expect(
        reply.wish?.hub == found.sealed.head.replica || reply.mustWait,
        sent: "a sealed head of \(found.sealed.head.replica)",
        "that log in `wanted` (sync.md §8.4)",
        came: reply.wish.map { "the log of \($0.hub)" } ?? "nothing wanted")
    },
    ConformanceRule(
      "sync.8.6.d", "交回的记录，回到街道和各站点",
      "A log that is given up to its sealed head is here again, with all that it covers.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      var found = try run.lostHub()
      let reply = try run.giveAll(found)
      let sent = "the log of \(found.sealed.head.replica), whole"
      try run.expect(
        reply.wish == nil && reply.have == found.giver.head, sent: sent,
        "nothing wanted any more, and `have` at \(found.giver.log.count) (sync.md §8.6)",
        came: "`have` at \(reply.have.seq), "
          + (reply.wish.map { "still wanted behind \($0.progress.seq)" } ?? "nothing wanted"))
      found.other.follow(reply)
      // Nothing is pushed: it comes from what the other one gave.
      let question = found.other.fromStart
      let answer = try run.reply(
        run.send(question, as: found.other.token), to: found.other, sent: sent)
      try run.expect(
        answer.have == found.other.head, sent: sent,
        "the log of \(found.other.replica) up to \(found.other.log.count) (sync.md §8.6)",
        came: "\(answer.have.seq)")
    },
    ConformanceRule(
      "sync.8.2.c", "点名期间照收记录", "In a roll-call the hub takes ops.", needs: .control
    ) { (run) throws(RuleFinding) in
      var found = try run.lostHub()
      let request = RollCallRequest(incarnations: [found.before.incarnation], heads: [])
      let reply = try run.prepared { () throws(RuleFinding) in
        try run.rollCallReply(run.rollCall(request, by: found.giver), to: found.giver)
      }
      var office = found.giver
      office.follow(reply)
      try office.publish("点名")
      let push = office.request(pushing: office.log)
      let taken = try run.reply(
        run.send(push, as: office.token), to: office, sent: "a push in a roll-call")
      try run.expect(
        taken.have == office.head, sent: "a push in a roll-call", "it taken (sync.md §8.2)",
        came: "\(taken.have.seq) of \(office.head.seq)")
      found.giver.append(office.log[office.log.count - 1])
      run.keep(found)
    },
    ConformanceRule(
      "sync.8.7.a", "数据被换成旧的，开始新的一代",
      "A hub that is shown a sealed head of its own log that it lacks begins a later life.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.hubSetBack()
      try run.expect(
        found.reply.incarnation.number > found.office.life.number,
        sent: "a sealed head that the hub lacks",
        "a life above \(found.office.life.number) (sync.md §8.7)",
        came: "life \(found.reply.incarnation.number)")
    },
    ConformanceRule(
      "sync.8.10.a", "另一分支上的站点，记录照收", "The hub takes the ops of an office on another branch.",
      needs: .control
    ) { (run) throws(RuleFinding) in
      let found = try run.prepared { () throws(RuleFinding) in try run.hubSetBack() }
      guard found.reply.incarnation.number > found.office.life.number else {
        throw .unprepared("a later life (sync.md §8.7)", found.reply.incarnation.number)
      }
      // It shows what it holds of the former log, and does not give it: the hub holds the other branch.
      var office = found.office
      office.follow(found.reply)
      try office.publish("另一分支")
      var request = office.request(maxBytes: Int(WireLimits.chunkBytes.lowerBound))
      request.held = [found.sealed.head]
      let sent = "a push of an office on another branch"
      let reply = try run.reply(run.send(request, as: office.token), to: office, sent: sent)
      try run.expect(
        reply.have == office.head, sent: sent, "its ops taken (sync.md §8.10)",
        came: "\(reply.have.seq) of \(office.head.seq)")
    },
    ConformanceRule(
      "sync.8.6.e", "不可证实的记录有上限", "A hub holds no more than 8,000,000 ops that nothing proves.",
      untestable: Words("要送八百万条", "it takes 8,000,000 ops to see it")),
    ConformanceRule(
      "sync.8.11.a", "入网记录丢了的站点，点名后只收它最初的一次",
      "Of an office whose enrolment was lost no more than one request is taken behind the roll-call.",
      untestable: Words("点名要两个人在街道结束", "two persons end the roll-call at the hub")),
  ]
}

extension TestOffice {
  /// A sync that asks from the start of the hub's log and pushes nothing.
  var fromStart: SyncRequest {
    var request = question()
    request.head = head(after: pushed)
    request.seal = seal(request.head)
    return request
  }
}

extension ConformanceRun {
  /// Shows the sealed head, with a page or without.
  func give(_ page: RollCallPage?, _ found: Aftermath) throws(RuleFinding) -> LineAnswer {
    let request = RollCallRequest(
      incarnations: [found.before.incarnation], heads: [found.sealed], page: page)
    return try rollCall(request, by: found.giver)
  }

  /// Wants the hub to ask for the log that the giver has; without that no page can be given.
  func expectWanted(_ found: Aftermath) throws(RuleFinding) {
    let reply = try prepared { () throws(RuleFinding) in
      try rollCallReply(give(nil, found), to: found.giver)
    }
    guard reply.wish?.hub != found.sealed.head.replica else { return }
    throw RuleFinding(
      sent: "a sealed head of \(found.sealed.head.replica)", expected: "that log in `wanted`",
      came: "nothing wanted", isPreparation: true)
  }

  /// Gives the former log whole.
  func giveAll(_ found: Aftermath) throws(RuleFinding) -> RollCallReply {
    for page in found.giver.pages() {
      _ = try rollCallReply(
        give(page, found), to: found.giver, sent: "a page of \(page.entries.count) entries")
    }
    return try rollCallReply(give(nil, found), to: found.giver)
  }
}
