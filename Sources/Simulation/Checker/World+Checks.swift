import Community
import Office
import OpLog
import Store

/// What is checked while faults are on, and everything that has to hold once they are over.
extension World {
  /// The hub and the offices that are still there.
  private var replicas: [(name: String, store: Store)] {
    [("the hub", hub.store)]
      + offices.filter(\.isCurrent).map { ("office \($0.replica)", $0.store) }
  }

  /// Checks one replica as it stands, whatever it holds.
  func checkSomeone() throws(Violation) {
    // What a program does not know is in no table of it.
    let isOlder = offices.filter(\.isOlder).map(\.store)
    let able = replicas.filter { replica in !isOlder.contains { $0 === replica.store } }
    guard let someone = random.pick(able) else { return }
    // Its tables are those of another head than its log: they are checked when it has the history.
    guard try must("look for the history", { try someone.store.history() }) == nil else { return }
    try ReplicaCheck(someone.name, someone.store).run(
      &marks, isPlain: isPlain, unchecked: unchecked)
    try sales.look(at: someone.store, of: someone.name)
    try checkBodies()
    let digest = try must("read a digest") { try someone.store.stateDigest() }
    note("\(someone.name) is as it should be: \(digest.value)")
  }

  /// The full checks of a street in which nothing is on its way.
  func checkEverything() throws(Violation) {
    let check = try ReplicaCheck("the hub", hub.store)
    try check.run(&marks, isPlain: isPlain, unchecked: unchecked)
    for replica in replicas { try sales.look(at: replica.store, of: replica.name) }
    try checkHeads()
    try checkHubLogs(check)
    try checkRequests()
    try checkPromises(check)
    try checkRights()
    try checkSpending(check)
    try checkOrder(check)
    try checkBodies()
    try checkBodies(check)
    try checkDecisions()
    try checkMonths()
    try checkTables()
  }

  /// How much of the history an office that began on a checkpoint has; nil once it has it.
  func history(of office: OfficeNode) throws(Violation) -> (held: UInt64, total: UInt64)? {
    try must("look for the history") { try office.store.history() }
  }

  private func tables(of store: Store) throws(Violation) -> Digest {
    try must("read tables") { try store.tablesDigest() }
  }

  /// I10, I13: the same logs everywhere, and every chain is whole.
  private func checkHeads() throws(Violation) {
    let expected = try heads(of: hub.store)
    for replica in replicas {
      let held = try heads(of: replica.store)
      guard held == expected else {
        throw Violation("I13", "\(replica.name) holds \(held), and the hub \(expected)")
      }
      let report = try must("verify \(replica.name)") { try replica.store.verify() }
      guard report.findings.isEmpty else {
        throw Violation("I10", "\(replica.name): \(report.findings[0])")
      }
    }
    for office in offices where office.isCurrent {
      let faults = try must("look for faults") { try office.store.checkpointFaults() }
      // A checkpoint that was made while the hub's own row was wrong is wrong too.
      guard faults.isEmpty || fate.rowChange != nil else {
        throw Violation("I9", "office \(office.replica) began on other rows: \(faults)")
      }
    }
    for office in offices where office.isCurrent && office.lastSync?.isDigestEqual != true {
      throw Violation("I13", "office \(office.replica) did not end with equal digests")
    }
  }

  /// I9: the same tables everywhere, to the byte; and tables made again from the log are the tables
  /// that grew.
  private func checkTables() throws(Violation) {
    let expected = try tables(of: hub.store)
    for replica in replicas.dropFirst() where try tables(of: replica.store) != expected {
      // Says which row it is, unless only what hangs on the rows differs.
      try ReplicaCheck(replica.name, replica.store).run(
        &marks, isPlain: isPlain, unchecked: unchecked)
      throw Violation("I9", "\(replica.name) holds the hub's ops and not its tables")
    }
    note("all are equal: \(expected)")
    if try !surplusFirst(in: hub.store).isEmpty { marks.hit(Look.surplusFirst) }
    try checkRebuilt(replicas)
  }

  /// I9: the tables of one replica made again from its log are the tables that grew.
  func checkRebuilt(_ replicas: [(name: String, store: Store)]) throws(Violation) {
    guard let (name, store) = random.pick(replicas) else { return }
    guard try must("look for the history", { try store.history() }) == nil else { return }
    let grown = try tables(of: store)
    try must("rebuild \(name)") { try store.rebuild() }
    try spoilRebuilt(store)
    guard try tables(of: store) == grown else {
      throw Violation("I9", "\(name) rebuilt from its log is not what it was")
    }
  }

  /// I10: what everybody holds of any hub's log is what that hub wrote.
  private func checkHubLogs(_ union: ReplicaCheck) throws(Violation) {
    try hub.noteOwnLog()
    let forged = union.logs.joined().first {
      $0.op.id.replica.isHub && !hub.wrote.contains($0.hash)
    }
    guard let forged else { return }
    throw Violation("I10", "\(forged.op.id) is in the log of a hub that never wrote it")
  }

  private func heads(of store: Store) throws(Violation) -> [Head] {
    let gone = Set(offices.filter(\.isGone).map(\.replica))
    return try must("read heads") {
      var heads: [Head] = []
      for replica in try store.replicas() {
        let (stored, folded) = (
          try store.storedHead(of: replica), try store.foldedHead(of: replica)
        )
        guard stored == folded || gone.contains(replica) else {
          throw Violation("I13", "\(replica) is held to \(stored.seq) and folded to \(folded.seq)")
        }
        if folded.seq > 0 { heads.append(folded) }
      }
      return heads
    }
  }

  /// I8: one request key, one op; one wish, one op; and no op without a wish.
  func checkRequests() throws(Violation) {
    for office in offices {
      var made: Set<OpID> = []
      // Two copies share the beginning of their logs, and what staff wanted until then.
      for wish in wishes where wish.office == office.index || office.copied != nil {
        var ops: Set<OpID> = []
        for key in wish.keys.compactMap({ RequestKey($0) }) {
          let op = try must("look up a key") { try office.store.madeBefore(key) }
          if let op { ops.insert(op) }
        }
        guard ops.count <= 1 else {
          throw Violation("I8", "one \(wish.request.kind) was recorded as \(ops.sorted())")
        }
        // What a PC wrote under a former id is in another log.
        made.formUnion(ops.filter { $0.replica == office.replica })
      }
      try check(try ownLog(of: office), of: office, madeBy: made.count)
    }
  }

  private func check(
    _ log: [(op: Op, hash: Digest)], of office: OfficeNode, madeBy requests: Int
  ) throws(Violation) {
    let asked = log.filter { !unasked.contains($0.op.was ?? $0.hash) }
    let byProgram = asked.compactMap { Catalogue.kind($0.op.kind) }.filter(\.isByProgram)
    for kind in byProgram { marks.hit(kind: kind.name) }
    guard requests + byProgram.count == asked.count else {
      throw Violation(
        "I8", "\(office.replica) wrote \(log.count) ops for \(requests) requests")
    }
  }

  /// I4: what staff were told is recorded is in every replica.
  private func checkPromises(_ union: ReplicaCheck) throws(Violation) {
    for office in offices { try checkPromises(union, of: office) }
  }

  /// I4: what the staff of one office were told is recorded is there.
  func checkPromises(_ union: ReplicaCheck, of writer: OfficeNode) throws(Violation) {
    let held = Dictionary(uniqueKeysWithValues: union.logs.joined().map { ($0.op.id, $0.hash) })
    for wish in wishes where wish.isPromised && !wish.isLost && wish.office == writer.index {
      let office = offices[wish.office]
      let key = wish.keys.last.flatMap { RequestKey($0) }
      let made = try must("look up a key") {
        try key.map { try office.store.madeBefore($0) } ?? nil
      }
      // Keys of what was erased are forgotten; the op stays.
      let op = made ?? wish.op
      let isThere = op.map { held[$0] != nil && wish.hash ?? held[$0] == held[$0] } ?? false
      if !isThere, let op, try mayBeLost(op, with: office) { continue }
      guard isThere, wish.op ?? op == op else {
        throw Violation(
          "I4", "\(wish.request.kind) at \(office.replica) was acknowledged and is not there")
      }
    }
  }

  /// Whether what an office acknowledged may be lost with it: it is gone for good, and had not heard that
  /// the hub has it, or that hub's disk was lost too.
  ///
  /// What an office on another branch of a former hub's log recorded arrives, unless that branch is where
  /// it enrolled.
  private func mayBeLost(_ op: OpID, with office: OfficeNode) throws(Violation) -> Bool {
    guard office.isGone else { return false }
    if fate.parted.contains(office.replica) { return try !isEnrolled(office) }
    guard !fate.hasHubFailed else { return true }
    return try must("look up receipts") { op.seq > (try office.store.receiptedSeq(of: op.replica)) }
  }

  /// I10: every op has a place after all that it names and all that its writer had seen.
  private func checkOrder(_ union: ReplicaCheck) throws(Violation) {
    var places: [OpID: Place] = [:]
    let held = Dictionary(uniqueKeysWithValues: union.logs.joined().map { ($0.op.id, $0.hash) })
    for (receipt, _) in union.logs.joined() where receipt.id.replica.isHub {
      guard receipt.kind == Receipt.kind, let runs = try? Receipt(receipt).runs else { continue }
      for (index, run) in runs.enumerated() {
        // One of ops that lost their ids says nothing of those that bear them.
        guard let end = OpID(run.upTo.replica, run.upTo.seq), held[end] == run.upTo.hash else {
          continue
        }
        for seq in stride(from: run.upTo.seq, to: 0, by: -1) {
          guard let id = OpID(run.upTo.replica, seq), places[id] == nil else { break }
          places[id] = Place(receipt: receipt.id, run: index, seq: seq)
        }
      }
    }
    for (op, _) in union.logs.joined() where op.id.replica.isHub {
      places[op.id] = Place(receipt: op.id, run: -1, seq: op.id.seq)
    }
    for (op, _) in union.logs.joined() {
      guard let place = places[op.id] else { throw Violation("I10", "\(op.id) has no receipt") }
      // What the hub forgot, and nobody could give it, comes behind what names it.
      let isAhead = namedAhead.contains(op.id) || fate.parted.contains(op.id.replica)
      for named in op.namedOps where !isAhead {
        if let before = places[named], !(before < place) {
          throw Violation("I10", "\(op.id) stands before \(named), which it names")
        }
      }
      if let hubOp = hubOpSeen[op.id], let before = places[hubOp], !(before < place) {
        throw Violation("I10", "\(op.id) stands before \(hubOp), which its writer held")
      }
    }
  }

  /// I6: the hub decides a request once, and ends a year and settles a month once, and once more each
  /// time that it was taken back.
  private func checkDecisions() throws(Violation) {
    let once: [(table: Table, others: Int, op: Int?, reversals: Int?)] = [
      (Tables.decision, 3, nil, nil), (Tables.appeal, 9, nil, nil),
      (Tables.expiryYear, 4, 3, 5), (Tables.expiryOffice, 5, 4, 6), (Tables.settlement, 5, 3, 6),
    ]
    for (table, others, op, reversals) in once {
      let rows = try must("read \(table.name)") { try hub.store.rows(of: table) }
      let twice = rows.first { row in
        let takenBack = reversals.map { OpList.decode(row[$0].text).count } ?? 0
        let counted = op.map { row[$0] == .null ? 0 : 1 } ?? 1
        return OpList.decode(row[others].text).count + counted > takenBack + 1
      }
      guard let twice else { continue }
      throw Violation("I6", "\(table.name): the hub decided twice about \(twice)")
    }
  }

  /// A closed month says for ever what the ops below its basis come to.
  private func checkMonths() throws(Violation) {
    let closed = try must("read months") { try hub.store.rows(of: Tables.period) }
      .filter { $0[3] != .null }
    guard let row = random.pick(closed), let community = row[0].id,
      let month = row[1].integer.flatMap({ BusinessDate(day: $0) })
    else { return }
    marks.hit(Look.closedMonth)
    let totals = row[6...].map { $0.integer ?? 0 }
    try must("fold \(month) again") {
      let basis = try hub.store.basis(ofMonth: month, of: community)
      let again = try MonthWitness(hub.store).month(month, of: community, below: basis)
      let now = try hub.store.month(month, of: community)
      guard again.figures == totals, now.figures == totals else {
        throw Violation(
          "I3",
          "\(month) of \(community) was closed with \(totals), is \(now.figures), "
            + "and below its basis \(again.figures)")
      }
    }
  }

  /// I12: bodies are with the hub and the person's own community, and with a recorder elsewhere only
  /// until the hub has them; an erased one is nowhere.
  private func checkBodies(_ union: ReplicaCheck) throws(Violation) {
    // Bodies are not moved before a roll-call ends, and two approvers may not be there to end it.
    guard try !isRollCallOpen() else { return }
    for (op, _) in union.logs.joined() {
      guard let digest = op.body else { continue }
      let (link, isErased, isAtHub) = try must("look up a body") {
        (
          try hub.store.link(ofBody: digest), try hub.store.isErased(digest),
          try hub.store.body(digest) != nil
        )
      }
      if isErased { marks.hit(Look.erased) }
      guard !isErased || !isAtHub else {
        throw Violation("I12", "the erased body of \(op.id) is at the hub")
      }
      for office in offices where office.isCurrent {
        let held = try must("look up a body") { try office.store.body(digest) != nil }
        let isOwn = link?.community == office.core.community
        // A hub that lost its disk may have been the only one that had it.
        let isWriter = office.replica == op.id.replica && (held || !fate.hasHubFailed)
        let isKept = isErased ? false : isAtHub ? isOwn : isWriter
        guard held == isKept else {
          throw Violation(
            "I12",
            "the body of \(op.id) is \(held ? "" : "not ")at \(office.replica), "
              + "\(isAtHub ? "" : "not ")at the hub, and of community \(link?.community, default: "-")"
          )
        }
      }
    }
  }
}
