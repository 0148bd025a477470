import OpLog
import Wire

/// What a reply to a sync says: sync.md §4.4.
extension ConformanceRule {
  static let replies: [ConformanceRule] = [
    ConformanceRule(
      "sync.4.4.a", "回答说出街道手上的本站记录", "`have` is the office's log as the hub holds it."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let sent = "a sync with nothing to push"
      let empty = try run.reply(run.send(office.question(), as: office.token), to: office)
      try run.expect(
        empty.have == office.head(after: 0), sent: sent, "`have` at 0 (sync.md §4.4)",
        came: "\(empty.have)")
      try office.publish()
      let pushed = try run.reply(run.send(office.request(), as: office.token), to: office)
      try run.expect(
        pushed.have == office.head, sent: "a push of one op", "`have` at 1 (sync.md §4.4)",
        came: "\(pushed.have)")
    },
    ConformanceRule(
      "sync.4.4.b", "街道的记录依次接上，链尾就是所给的头部",
      "`entries` follow the progress that was asked from, and their chain ends in `head`."
    ) { (run) throws(RuleFinding) in
      var writer = try run.office()
      for _ in 1...3 {
        try writer.publish()
        try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      }
      let reader = try run.enrolled()
      for whole in [UInt64(0), 2] {
        var office = reader
        if whole > 0 {
          try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
          office = office.backTo(whole)
        }
        let sent = "a pull from entry \(whole)"
        let reply = try run.reply(run.send(office.question(), as: office.token), to: office)
        let first = reply.entries.first?.op.id
        try run.expect(
          first == OpID(office.life.hub, whole + 1), sent: sent,
          "entries from \(office.life.hub)-\(whole + 1) (sync.md §4.4)",
          came: first.map { "\($0)" } ?? "none")
        var hash = office.progress.hash
        for (index, entry) in reply.entries.enumerated() {
          hash = Chain.next(after: hash, entry.op.bytes)
          try run.expect(
            entry.op.id == OpID(office.life.hub, whole + 1 + UInt64(index)), sent: sent,
            "dense entries of the hub's log (sync.md §4.4)", came: "\(entry.op.id)")
        }
        let end = Head(
          replica: office.life.hub, seq: whole + UInt64(reply.entries.count), hash: hash)
        try run.expect(
          reply.head == end, sent: sent, "the chain of the entries in `head` (canonical.md §4.2)",
          came: "\(reply.head) instead of \(end)")
      }
    },
    ConformanceRule(
      "sync.4.4.c", "每条回执带着它所含的别站记录，完整而且依次",
      "With each receipt come the ops that it covers, whole and in order, those of the asker left out."
    ) { (run) throws(RuleFinding) in
      var (writer, reader) = (try run.office(), try run.office("乙"))
      for count in [1, 4] {
        for _ in 1...count { try writer.publish() }
        try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      }
      try reader.publish()
      let sent = "a pull behind another office's pushes"
      let reply = try run.reply(run.send(reader.request(), as: reader.token), to: reader)
      for entry in reply.entries {
        let runs = (try? Receipt(entry.op))?.runs ?? []
        for part in entry.runs {
          try run.expect(
            part.index < runs.count && !part.ops.isEmpty
              && part.ops.allSatisfy { $0.id.replica == runs[part.index].upTo.replica },
            sent: sent, "ops under the run that covers them (sync.md §4.4)",
            came: "run \(part.index) of \(entry.op.id)")
        }
        let own = entry.runs.contains { $0.ops.contains { $0.id.replica == reader.replica } }
        try run.expect(
          !own, sent: sent, "no ops of the asker (sync.md §4.4)", came: "some in \(entry.op.id)")
      }
      reader.take(reply)
      try run.expect(
        reader.disorder.isEmpty, sent: sent, "the ops of each run dense (sync.md §4.4)",
        came: reader.disorder.joined(separator: ", "))
      for covered in reader.receipts(of: writer.replica).map(\.upTo) {
        let hash = OpID(writer.replica, covered.seq).flatMap { reader.hash($0) }
        try run.expect(
          hash == covered.hash, sent: sent,
          "the ops up to \(covered.seq), with the chain hash of the receipt (canonical.md §6.1)",
          came: hash == nil ? "not all of them" : "other ones")
      }
      try run.expect(
        reader.others[writer.replica]?.count == 5, sent: sent, "5 ops of \(writer.replica)",
        came: "\(reader.others[writer.replica]?.count ?? 0)")
    },
    ConformanceRule(
      "sync.4.4.d", "回答的头部由街道签章，接替用的签章也在其内",
      "`seal` is over `head` and `successor_seal`, by the office's secret."
    ) { (run) throws(RuleFinding) in
      let (office, other) = (try run.office(), try run.office())
      var seals: [Digest] = []
      for asker in [office, other] {
        var question = asker.question()
        // Both ask from the same place, which gives the same head.
        question.hub = other.progress
        let reply = try run.reply(run.send(question, as: asker.token), to: asker)
        let seal = Seal.ofHub(
          secret: asker.identity.secret, reply.head, successorSeal: reply.successorSeal)
        try run.expect(
          reply.seal == seal, sent: "a sync", "the head sealed for the asker (canonical.md §5.3)",
          came: "another seal")
        seals.append(reply.successorSeal)
      }
      try run.expect(
        seals[0] == seals[1], sent: "a sync of two offices at one head",
        "one seal for successors (canonical.md §5.3)", came: "two")
    },
    ConformanceRule(
      "sync.4.4.e", "`more` 只在还有的时候为真，拉取总有尽头",
      "`more` says whether something is left: a pull goes on and comes to an end."
    ) { (run) throws(RuleFinding) in
      let writers = [try run.office(), try run.office()]
      for var writer in writers {
        for _ in 1...12 { try writer.publish(String(repeating: "雪", count: 30)) }
        try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      }
      let last = try run.office()
      var office = try run.enrolled()
      for trip in 1...2_000 {
        let sent = "trip \(trip) of a pull in chunks of 4 KiB"
        let before = office.progress
        let request = office.question(maxBytes: 4 << 10)
        let reply = try run.reply(run.send(request, as: office.token), to: office)
        office.take(reply)
        if !reply.hasMore {
          try run.expect(
            office.progress.seq >= last.progress.seq, sent: sent,
            "`more` while something is left (sync.md §4.4)",
            came: "an end at entry \(office.progress.seq) of at least \(last.progress.seq)")
          return
        }
        try run.expect(
          office.progress != before && office.disorder.isEmpty, sent: sent,
          "something new where `more` is true (sync.md §4.4)",
          came: office.disorder.first ?? "nothing new")
      }
      throw RuleFinding(
        sent: "2,000 trips of a pull", expected: "an end", came: "`more` each time")
    },
    ConformanceRule(
      "sync.4.4.f", "没有剩余时才有摘要；两站在同一头部，摘要相同",
      "The digest is there when nothing is left and then only, and two offices at one head get the same."
    ) { (run) throws(RuleFinding) in
      var (office, other) = (try run.office(), try run.office("乙"))
      try run.prepared { () throws(RuleFinding) in
        try run.sync(&office)
        try run.sync(&other)
      }
      var digests: [StateDigestMessage?] = []
      for asker in [office, other] {
        let reply = try run.reply(run.send(asker.question(), as: asker.token), to: asker)
        try run.expect(
          (reply.digest != nil) == !reply.hasMore, sent: "a sync with nothing left",
          "a digest (sync.md §4.4)", came: reply.digest == nil ? "none" : "one, and `more`")
        digests.append(reply.digest)
      }
      let catalogue = try run.card().catalogue
      try run.expect(
        digests[0] == digests[1] && digests[0]?.catalogue == catalogue,
        sent: "syncs of two offices at one head",
        "one digest, by the catalogue of the card (sync.md §4.4)", came: "\(digests)")
      let fresh = try run.enrolled()
      let first = try run.reply(
        run.send(fresh.question(maxBytes: 4 << 10), as: fresh.token), to: fresh)
      try run.expect(
        first.digest == nil || !first.hasMore, sent: "a chunk with more behind it",
        "no digest (sync.md §4.4)", came: "one")
    },
    ConformanceRule(
      "sync.4.4.g", "回答里的时间就是街道的时钟", "`now` in a reply is the clock of the card."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let before = try run.card().now
      let reply = try run.reply(run.send(office.question(), as: office.token), to: office)
      let after = try run.card().now
      try run.expect(
        (before - 1_000...max(before, after) + 1_000).contains(reply.now), sent: "a sync",
        "a clock between \(before) and \(after) (sync.md §4.4)", came: "\(reply.now)")
    },
  ]

  static let pull: [ConformanceRule] = [
    ConformanceRule(
      "sync.4.5.a", "大回执分几次拉完，一条不少，一条不重",
      "A chunk may end inside an entry: the next goes on there, without a hole or a repeat."
    ) { (run) throws(RuleFinding) in
      var (writer, reader) = (try run.office(), try run.office())
      for _ in 1...60 { try writer.publish(String(repeating: "雪", count: 40)) }
      try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      var inside = 0
      for _ in 1...500 {
        let request = reader.question(maxBytes: 4 << 10)
        let reply = try run.reply(run.send(request, as: reader.token), to: reader)
        reader.take(reply)
        if reader.progress.upTo > 0 { inside += 1 }
        guard reply.hasMore else { break }
        try run.expect(
          reader.disorder.isEmpty, sent: "a chunk of 4 KiB from \(request.hub)",
          "the ops behind that place (sync.md §4.5)",
          came: reader.disorder.joined(separator: ", "))
      }
      let pulled = reader.others[writer.replica] ?? []
      try run.expect(
        pulled == writer.log && reader.disorder.isEmpty, sent: "chunks of 4 KiB",
        "60 ops, each once and as they are (sync.md §4.5)",
        came: "\(pulled.count) ops, \(reader.disorder.count) out of order, \(inside) chunks inside")
    },
    ConformanceRule(
      "sync.4.1.a", "回答大致不超过所要的大小", "A reply is about as large as `max_bytes` allows."
    ) { (run) throws(RuleFinding) in
      var writer = try run.office()
      for _ in 1...60 { try writer.publish(String(repeating: "雪", count: 40)) }
      try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      let office = try run.enrolled()
      let answer = try run.send(office.question(maxBytes: 4 << 10), as: office.token)
      // The chunk, one op that passes it, and heads and seals.
      let most = 4 << 10 + WireLimits.opBytesMax + 4 << 10
      try run.expect(
        answer.body.count <= min(most, 24 << 10), sent: "max_bytes of 4 KiB",
        "a reply of about that size (sync.md §4.1)", came: "\(answer.body.count) bytes")
    },
    ConformanceRule(
      "sync.4.8.a", "站点跟着的代或头部不是街道写的，被拒绝",
      "Another life, or a head of the hub that it never wrote, is answered with `unknown-progress`."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      let sound = office.question()
      var request = sound
      request.hub = HubProgress(seq: sound.hub.seq, hash: SHA256.hash(Array("x".utf8)))
      try run.refuses(request, .unknownProgress, by: &office, "a head with another hash")
      request.hub = HubProgress(seq: sound.hub.seq + 1_000_000, hash: sound.hub.hash)
      try run.refuses(request, .unknownProgress, by: &office, "a head beyond the hub's log")
      for (number, bits) in [
        (office.life.number, office.life.randomBits ^ 1),
        (office.life.number + 1, office.life.randomBits),
      ] {
        request = sound
        guard let life = Incarnation(number: number, randomBits: bits) else { continue }
        request.incarnation = life
        try run.refuses(request, .unknownProgress, by: &office, "life \(number) with other bits")
      }
    },
    ConformanceRule(
      "sync.4.12.a", "目录版本不同时，回答用编号写",
      "To an office of another catalogue the reply's ops are written by numbers."
    ) { (run) throws(RuleFinding) in
      var writer = try run.office()
      try writer.publish()
      try run.prepared { () throws(RuleFinding) in try run.sync(&writer) }
      let office = try run.enrolled()
      var question = office.question()
      question.catalogue = try run.card().catalogue + 40
      let answer = try run.send(question, as: office.token)
      let reply = try run.reply(answer, to: office)
      try run.expect(
        reply.encode(.byNumbers) == answer.body
          || !String(decoding: answer.body, as: UTF8.self).contains(#""kind":"receipt""#),
        sent: "catalogue \(question.catalogue)", "kinds and keys by number (sync.md §4.12)",
        came: "kinds by name")
    },
    ConformanceRule(
      "canonical.7.4.a", "按编号写的种类和字段也读得懂",
      "Kinds and keys that the hub knows are taken by number too."
    ) { (run) throws(RuleFinding) in
      var (office, reader) = (try run.office(), try run.office())
      try office.publish()
      let body = office.request().encode(.byNumbers)
      let sent = "an activity.publish by numbers"
      let reply = try run.reply(
        run.call(.post("/v1/sync", body, as: office.token)), to: office, sent: sent)
      try run.expect(reply.have == office.head, sent: sent, "it taken", came: "\(reply.have)")
      try run.prepared { () throws(RuleFinding) in try run.sync(&reader) }
      try run.expect(
        reader.others[office.replica] == office.log, sent: sent,
        "the same bytes at another office (canonical.md §7.4)", came: "others")
    },
    ConformanceRule(
      "canonical.3.3.a", "街道自己写的记录，校验值都对",
      "`names` of every op in the hub's log is over the chain hashes of what it names."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      var count = 0
      for op in office.hubLog {
        let hashes = op.namedOps.map { office.hash($0) }
        guard !hashes.contains(nil) else { continue }
        count += hashes.isEmpty ? 0 : 1
        try run.expect(
          op.names == Chain.names(of: hashes.compactMap { $0 }), sent: "a pull",
          "the check value of \(op.id) (canonical.md §3.3)",
          came: op.names.map { "\($0)" } ?? "none")
      }
      guard count > 0 else { throw .unprepared("an op of the hub that names others", "none") }
    },
  ]
}

extension TestOffice {
  /// The office as it was when it held so many whole entries of the hub's log, and nothing of others.
  func backTo(_ seq: UInt64) -> TestOffice {
    guard let hashes = known[life.hub], seq < UInt64(hashes.count) else { return self }
    var former = self
    former.progress = HubProgress(seq: seq, hash: hashes[Int(seq)])
    return former
  }
}
