import Community
import OpLog
import Wire

/// Finding a row that differs: sync.md §9.
extension ConformanceRule {
  static let digests: [ConformanceRule] = [
    ConformanceRule(
      "sync.9.3.a", "分区的和依次列出，不重不漏",
      "Partitions come ascending, each once, and go on behind the one that is named."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let all = try run.partitions(after: nil, head, office)
      try run.expect(
        !all.isEmpty && zip(all, all.dropFirst()).allSatisfy { $0.partition < $1.partition }
          && all.allSatisfy { $0.rows > 0 },
        sent: "a question for all partitions", "partitions with rows, ascending (sync.md §9.2)",
        came: "\(all.count) of them")
      let middle = all[all.count / 2]
      let rest = try run.partitions(after: middle.partition, head, office)
      try run.expect(
        rest.first?.partition == all.first { $0.partition > middle.partition }?.partition,
        sent: "a question behind \(middle.partition)", "the next one (sync.md §9.2)",
        came: rest.first.map { "\($0.partition)" } ?? "none")
    },
    ConformanceRule(
      "sync.9.3.b", "一个范围里各段或各行的和，就是分区的和",
      "The spans or rows of a partition come to its rows and sum, in order."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let all = try run.prepared { () throws(RuleFinding) in
        try run.partitions(after: nil, head, office)
      }
      for part in [all.first, all.max { $0.rows < $1.rows }].compactMap({ $0 }) {
        let reply = try run.digests(.range(RowRange(part.partition)), head, office)
        var sum = LaneSum()
        var rows: UInt64 = 0
        switch reply.answer {
        case .spans(let spans):
          try run.expect(
            part.rows > 64 && spans.count <= 64, sent: "a range of \(part.rows) rows",
            "spans for more than 64 rows (sync.md §9.3)", came: "\(spans.count) spans")
          for span in spans {
            sum.add(span.sum)
            rows += span.rows
          }
        case .rows(let found):
          for row in found { sum.add(row.sum) }
          rows = UInt64(found.count)
          try run.expect(
            zip(found, found.dropFirst()).allSatisfy {
              $0.key.lexicographicallyPrecedes($1.key)
            }, sent: "a range", "rows by their keys (sync.md §9.2)", came: "another order")
        default: break
        }
        try run.expect(
          sum == part.sum && rows == part.rows, sent: "the range of \(part.partition)",
          "\(part.rows) rows with the partition's sum (sync.md §9.3)",
          came: "\(rows) rows, \(sum == part.sum ? "its sum" : "another sum")")
      }
    },
    ConformanceRule(
      "sync.9.3.c", "头部或目录不同时，不给和",
      "Where the hub's log or catalogue is another than the request names, the reply has neither."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let former = Head(replica: head.replica, seq: head.seq - 1, hash: head.hash)
      let old = try run.digests(.partitions(after: nil), former, office)
      let card = try run.card()
      let other = DigestsRequest(
        catalogue: card.catalogue + 40, head: head, question: .partitions(after: nil))
      let foreign = try run.digests(other, office)
      try run.expect(
        old.answer == nil && foreign.answer == nil,
        sent: "a question about another head, and one by another catalogue",
        "a reply with `head` alone (sync.md §9.3)", came: "sums")
    },
    ConformanceRule(
      "sync.9.4.a", "没有入网的，不回答", "Only an enrolled replica is answered: `unauthorized`."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let request = DigestsRequest(
        catalogue: ConformanceRun.catalogue, head: head, question: .partitions(after: nil))
      for token in [nil, "\(office.replica.rawValue + 900).\(office.identity.token)"] {
        try run.expect(
          .unauthorized, section: "sync.md §9.4",
          run.call(.post("/v1/digests", request.encode(), as: token)),
          sent: "a question about the digest without a right token")
      }
    },
    ConformanceRule(
      "sync.9.4.b", "注销的站点，不回答", "A retired replica is answered with `retired`."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      try run.retire(office.replica, for: try run.office())
      let request = DigestsRequest(
        catalogue: ConformanceRun.catalogue, head: head, question: .partitions(after: nil))
      try run.expect(
        .retired, section: "sync.md §9.4",
        run.call(.post("/v1/digests", request.encode(), as: office.token)),
        sent: "a question of a retired office")
    },
    ConformanceRule(
      "sync.9.4.c", "表里不可能有的键，被拒绝",
      "A key that no row of the table can have is refused with `out-of-range`."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let partition = Partition(table: 1, replica: office.life.hub.rawValue)
      let wide = RowRange(partition, after: [1, 2, 3, 4, 5, 6, 7, 8])
      let nowhere = RowRange(Partition(table: 60_000, replica: 1), after: [1])
      let found = RowDifference(partition, key: [1, 2, 3, 4, 5, 6, 7, 8], office: nil, hub: nil)
      for question in [DigestsQuestion.range(wide), .range(nowhere), .found([found])] {
        let request = DigestsRequest(
          catalogue: ConformanceRun.catalogue, head: head, question: question)
        try run.expect(
          .outOfRange, section: "sync.md §9.4",
          run.call(.post("/v1/digests", request.encode(), as: office.token)),
          sent: "a key of eight columns, or of a table that there is not")
      }
    },
    ConformanceRule(
      "sync.9.5.a", "报告不同之处，街道收下", "A report of rows that differ is taken, and taken back."
    ) { (run) throws(RuleFinding) in
      let (office, head) = try run.officeInStep()
      let row = RowDifference(
        Partition(table: 1, replica: office.life.hub.rawValue), key: [], office: LaneSum(),
        hub: nil)
      for rows in [[row], []] {
        let reply = try run.digests(.found(rows), head, office)
        try run.expect(
          reply.answer == nil, sent: "`found` of \(rows.count) rows",
          "a reply without sums (sync.md §9.3)", came: "some")
      }
    },
  ]
}

extension ConformanceRun {
  /// An office that holds all of the hub's log, and the hub's head.
  func officeInStep() throws(RuleFinding) -> (TestOffice, Head) {
    let office = try office()
    let head = Head(
      replica: office.life.hub, seq: office.progress.seq, hash: office.progress.hash)
    return (office, head)
  }

  /// Asks about the digest by the runner's catalogue.
  func digests(
    _ question: DigestsQuestion, _ head: Head, _ office: TestOffice
  ) throws(RuleFinding) -> DigestsReply {
    let catalogue = try prepared { () throws(RuleFinding) in try card().catalogue }
    return try digests(
      DigestsRequest(catalogue: catalogue, head: head, question: question), office)
  }

  /// Asks about the digest.
  func digests(
    _ request: DigestsRequest, _ office: TestOffice
  ) throws(RuleFinding) -> DigestsReply {
    let answer = try call(.post("/v1/digests", request.encode(), as: office.token))
    return try decoded("a reply (sync.md §9.3)", "POST /v1/digests", answer, status: 200) {
      (bytes) throws(WireError) in try DigestsReply(decoding: bytes)
    }
  }

  /// The sums of partitions behind one.
  func partitions(
    after: Partition?, _ head: Head, _ office: TestOffice
  ) throws(RuleFinding) -> [PartitionSum] {
    let reply = try digests(.partitions(after: after), head, office)
    guard case .partitions(let sums, _) = reply.answer else {
      throw RuleFinding(
        sent: "a question for partitions at the hub's own head",
        expected: "partitions (sync.md §9.3)", came: "a reply without them")
    }
    return sums
  }
}
