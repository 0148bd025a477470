import Community
import OpLog
import SQLite

/// Folding: from an op in the log to the tables.
extension Store: FoldState {
  /// The row under a key, or nil.
  package func row(_ table: Table, _ key: [Int64]) throws(StoreError) -> [Cell]? {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.row(table, key) }
  }

  /// The row of an entity, or nil.
  package func row(_ table: Table, id: Int64) throws(StoreError) -> [Cell]? {
    if let row = model.reference(table, id) { return row }
    return try row(table, [id])
  }

  /// Whether there is a row under a key of one column.
  package func has(_ table: Table, id: Int64) throws(StoreError) -> Bool {
    if model.holdsReference(table, id) { return true }
    return try row(table, [id]) != nil
  }

  /// Adds a row whose key is not there yet, with its postings.
  package func insert(_ table: Table, _ row: [Cell]) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.insert(table, row) }
  }

  /// Adds a row unless its key is there, and returns the row that is there; nil when added.
  package func insertIfAbsent(_ table: Table, _ row: [Cell]) throws(StoreError) -> [Cell]? {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.insertIfAbsent(table, row) }
  }

  /// Replaces a row and posts the difference.
  package func replace(_ table: Table, _ old: [Cell], by new: [Cell]) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.replace(table, old, by: new) }
  }

  /// Removes a row and what it posted.
  package func remove(_ table: Table, _ row: [Cell]) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.remove(table, row) }
  }

  /// Whether something is on the desk, resolved or not.
  package func isOnDesk(_ entry: DeskEntry) throws(StoreError) -> Bool {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.isOnDesk(entry) }
  }

  /// The rows whose keys begin with these numbers, in key order.
  package func rows(_ table: Table, under prefix: [Int64]) throws(StoreError) -> [[Cell]] {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.rows(table, under: prefix) }
  }

  /// The rows whose indexed column holds a number, in key order.
  package func rows(
    _ table: Table, where column: Int, is value: Int64
  ) throws(StoreError) -> [[Cell]] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try model.rows(table, where: column, is: value)
    }
  }

  /// The same for a column without an index.
  package func scan(
    _ table: Table, where column: Int, is value: Int64
  ) throws(StoreError) -> [[Cell]] {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try model.scan(table, where: column, is: value)
    }
  }

  /// An actor's admitted ops that end with the appointment, dated after a day; by a scan of the log.
  package func datedOps(by actor: OpID, after day: Int64) throws(StoreError) -> [Op] {
    let stored = try StoreError.wrap { () throws(SQLiteFailure) -> [[UInt8]] in
      let select = try connection.prepare(
        "SELECT op FROM log WHERE occurred_on > ?1 ORDER BY replica, seq")
      select.bind(1, day)
      var stored: [[UInt8]] = []
      while try select.step() { stored.append(select.bytes(0)) }
      return stored
    }
    let rerecordings = try rerecordings()
    var ops: [Op] = []
    for bytes in stored {
      guard let op = try? Op(decoding: bytes), op.actor == actor,
        Catalogue.kind(op.kind)?.endsWithAppointment ?? false,
        try admittedHash(op.id) != nil, rerecordings.counting(op.id) == op.id
      else { continue }
      ops.append(rerecordings.reading(op))
    }
    return ops
  }

  /// Has a derived row settled before the transaction ends.
  package func requeue(_ reader: Reader) { model.requeue(reader) }

  /// Says what became of an op.
  package func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      try model.settle(id, verdict, isFirst: isFirst)
    }
  }

  /// An op from the log; throws ``StoreError/damaged(op:)`` when it is not there or not readable.
  ///
  /// As folds read it: what it names are the records that count.
  package func op(_ id: OpID) throws(StoreError) -> Op {
    let op = try storedOp(id)
    return mayBeRerecorded ? try rerecordings().reading(op) : op
  }

  /// The same as it was written.
  func storedOp(_ id: OpID) throws(StoreError) -> Op {
    if bootstrap != nil, id.replica != identity.replica {
      // However much of the history is held: what is not in the working set is not known yet.
      let came = try StoreError.wrap { () throws(SQLiteFailure) in try ahead.op(id) }
      guard let came else { throw .notYet(id) }
      guard let op = try? Op(decoding: came.bytes) else { throw .damaged(op: id) }
      return op
    }
    let stored = try StoreError.wrap { () throws(SQLiteFailure) in try log.op(id) }
    guard let stored, let op = try? Op(decoding: stored.bytes) else { throw .damaged(op: id) }
    return op
  }

  /// When the hub took an op in, in ms since 1970-01-01 UTC; nil before its receipt.
  package func receivedAt(_ id: OpID) throws(StoreError) -> Int64? {
    if let run = latestRun, run.replica == id.replica, run.seqs.contains(id.seq) {
      return run.receivedAt
    }
    let run = try StoreError.wrap { () throws(SQLiteFailure) in try receipts.run(covering: id) }
    if let run { latestRun = run }
    return run?.receivedAt
  }

  /// The stamp of the newest receipt held, in ms since 1970-01-01 UTC; nil before the first.
  ///
  /// The last one in the hubs' order: after a hub's clock was put back its stamp may be lower than those of
  /// receipts before it. O(logs).
  package func newestReceipt() throws(StoreError) -> Int64? {
    if let bootstrap { return bootstrap.receivedAt > 0 ? bootstrap.receivedAt : nil }
    var newest: (receipt: Int64, receivedAt: Int64)?
    for replica in try replicas() {
      let last = try StoreError.wrap { () throws(SQLiteFailure) in try receipts.last(of: replica) }
      if let last, last.receipt > newest?.receipt ?? .min { newest = last }
    }
    return newest?.receivedAt
  }

  /// The chain hash after an admitted op, or nil.
  package func hash(of id: OpID) throws(StoreError) -> Digest? { try admittedHash(id) }

  /// Where an op stands in the canonical order.
  package func place(of id: OpID) throws(StoreError) -> Place {
    if id.replica.isHub { return Place(receipt: id, run: -1, seq: id.seq) }
    let run = try StoreError.wrap { () throws(SQLiteFailure) in try receipts.run(covering: id) }
    return Place(receipt: run?.receipt, run: run?.index ?? 0, seq: id.seq)
  }

  /// Folds an op that somebody vouched for, and every op that waited for it.
  func fold(_ op: Op) throws(StoreError) {
    guard let entry = try admit(op, isRequeued: false) else { return }
    try apply(entry)
    if hasWaiting { try foldWaiting(for: entry) }
  }

  /// Folds what waited for an op, and then what waited for that.
  private func foldWaiting(for first: Entry) throws(StoreError) {
    var settled = [first]
    while let entry = settled.popLast() {
      for cause in causes(settledBy: entry) {
        let ids = try StoreError.wrap { () throws(SQLiteFailure) in
          try waiting.take(waitingFor: cause)
        }
        for id in ids {
          guard let next = try admit(try storedOp(id), isRequeued: true) else { continue }
          try apply(next)
          settled.append(next)
        }
      }
    }
  }

  /// Folds ops again whose receipt came after they were folded: own ops, when the hub took them in.
  ///
  /// Where an earlier receipt replaces another, what that one's day said is taken back too.
  func foldAgain(
    _ run: CoveredRun, through seq: UInt64, isReplaced: Bool
  ) throws(StoreError) {
    let day = BusinessDate(stamp: run.receivedAt)
    let rerecordings = try rerecordings()
    var next = run.seqs.lowerBound
    while next <= seq {
      let batch = try StoreError.wrap { () throws(SQLiteFailure) in
        try log.ops(of: run.replica, in: next...seq, limit: 512)
      }
      guard !batch.isEmpty else { return }
      for bytes in batch {
        guard let stored = try? Op(decoding: bytes) else { continue }
        let op = rerecordings.reading(stored)
        guard let kind = edition.kind(op.kind), rerecordings.counting(op.id) == op.id,
          kind.isOrdered
            || (kind.isDated
              && (isReplaced || !(day...day.adding(days: 1)).contains(op.occurredOn))),
          try !isWaiting(op.id), let payload = kind.schema.payload(of: op)
        else { continue }
        let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
        try entry.fold(in: self)
      }
      next += UInt64(batch.count)
    }
  }

  /// The chain hash of an op that is admitted, or nil.
  func admittedHash(_ id: OpID) throws(StoreError) -> Digest? {
    if let hash = hashes[id.packed] { return hash }
    if bootstrap != nil, id.replica != identity.replica {
      let hash = try StoreError.wrap { () throws(SQLiteFailure) in try ahead.op(id)?.hash }
      hashes[id.packed] = hash
      return hash
    }
    guard try isFolded(id), try !isWaiting(id) else { return nil }
    let hash = try StoreError.wrap { () throws(SQLiteFailure) in try log.hash(id) }
    if hashes.count >= Self.hashesMax { hashes.removeAll(keepingCapacity: true) }
    hashes[id.packed] = hash
    return hash
  }

  /// Whether an op was vouched for and its turn to be folded came.
  private func isFolded(_ id: OpID) throws(StoreError) -> Bool {
    if let folding, folding.replica == id.replica { return id <= folding }
    guard try knowsLife(of: id.replica) else { return false }
    return try head(of: id.replica).folded.seq >= id.seq
  }

  private func isWaiting(_ id: OpID) throws(StoreError) -> Bool {
    guard hasWaiting else { return false }
    return try StoreError.wrap { () throws(SQLiteFailure) in try waiting.contains(id) }
  }

  /// What ops may have waited for: this op, and its replica's enrolment.
  private func causes(settledBy entry: Entry) -> [Int64] {
    guard entry.op.kind == EnrollFold.kind, let replica = entry.payload.integer(1) else {
      return [entry.op.id.packed]
    }
    return [entry.op.id.packed, replica << 32]
  }

  /// Checks that an op can be folded: its kind is known, its writer enrolled, and all that it names
  /// is admitted and is what its writer saw.
  ///
  /// Otherwise it waits, on the desk.
  private func admit(_ op: Op, isRequeued: Bool) throws(StoreError) -> Entry? {
    var hold: (reason: DeskReason, cause: Int64?)?
    var entry: Entry?
    if let kind = edition.kind(op.kind) {
      do throws(PayloadError) {
        switch try kind.schema.decode(op) {
        case .payload(let payload):
          entry = Entry(op: op, payload: payload, kind: kind, isFirst: true)
        case .newer: hold = (.unknownKind, nil)
        }
      } catch { hold = (.malformedPayload, nil) }
    } else {
      hold = (.unknownKind, nil)
    }
    if hold == nil { hold = try missingCause(of: op) }
    guard let entry, hold == nil else {
      guard let hold else { return nil }
      let touched = hold.reason == .unknownKind ? try touched(by: op) : []
      try StoreError.wrap { () throws(SQLiteFailure) in
        try waiting.add(op.id, waitingFor: hold.cause)
        try waiting.park(op.id, touching: touched)
        try model.settle(op.id, Verdict(.pending, [hold.reason]), isFirst: !isRequeued)
      }
      hasWaiting = true
      return nil
    }
    if isRequeued {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try waiting.remove(op.id)
        try model.settle(op.id, .plain, isFirst: false)
      }
    }
    return entry
  }

  /// What an op may change that cannot be read: what it names, what that names, and so once more.
  ///
  /// A reversal names an award, which names a resident; an answer to an appeal names the appeal.
  private func touched(by op: Op) throws(StoreError) -> [OpID] {
    var touched = Set(op.references)
    var edge = touched
    for _ in 0..<2 {
      var next: Set<OpID> = []
      for id in edge.sorted() where touched.count + next.count < Self.touchedMax {
        let stored = try StoreError.wrap { () throws(SQLiteFailure) in try log.op(id) }
        guard let stored, let named = try? Op(decoding: stored.bytes) else { continue }
        next.formUnion(named.references.filter { !touched.contains($0) })
      }
      edge = next
      touched.formUnion(edge)
    }
    return touched.sorted()
  }

  /// From so many on nothing more is followed.
  ///
  /// Anybody may write such an op, and each that it touches costs a row; no kind touches so much.
  private static let touchedMax = 256

  private func missingCause(of op: Op) throws(StoreError) -> (DeskReason, Int64?)? {
    let writer = op.id.replica
    if !writer.isHub, try row(Tables.replica, id: Int64(writer.rawValue)) == nil {
      return (.waitingForOp, Int64(writer.rawValue) << 32)
    }
    let ids = op.namedOps
    var named: [Digest] = []
    named.reserveCapacity(ids.count)
    for (index, id) in ids.enumerated() {
      if index < lastNamed.ids.count, lastNamed.ids[index] == id {
        named.append(lastNamed.hashes[index])
      } else {
        guard let hash = try admittedHash(id) else { return (.waitingForOp, id.packed) }
        named.append(hash)
      }
    }
    lastNamed = (ids, named)
    if let counting = try missingRecord(of: ids) { return (.waitingForOp, counting.packed) }
    return checkValues.value(of: named) == op.names ? nil : (.namesMismatch, nil)
  }

  private func apply(_ admitted: Entry) throws(StoreError) {
    try learnRecords(of: admitted.op)
    if try isBounded(at: admitted.op.id) {
      requeue(Reader(.endOfLog, Int64(admitted.op.id.replica.rawValue)))
    }
    let entry = try reading(admitted)
    if mayBeRerecorded, try rerecordings().counting(entry.op.id) != entry.op.id {
      try settle(entry.op.id, Verdict(.duplicate), isFirst: true)
    } else if entry.op.kind == Receipt.kind {
      try cover(entry.op)
    } else {
      if LogBounds.kinds.contains(entry.op.kind) { try bound(by: entry.op) }
      if try EnrollFold.moves(entry, in: self) { mustRefold = true }
      for incarnation in HubBeginFold.incarnations(in: entry.op) { try note(incarnation) }
      try entry.fold(in: self)
    }
    guard let digest = entry.op.body,
      let community = try BodyScope.community(of: entry, in: self)
    else { return }
    let resident = try BodyScope.resident(of: entry, in: self)
    try StoreError.wrap { () throws(SQLiteFailure) in
      try bodies.link(
        entry.op.id, digest, community: community, resident: resident?.packed,
        household: BodyScope.household(of: entry)?.packed)
    }
    if let resident, try row(Tables.resident, id: resident.packed)?[7].integer != nil {
      try eraseBody(digest, of: resident.packed)
    }
  }

  /// Keeps what a hub's receipt covers, and folds again what was folded before its receipt.
  private func cover(_ op: Op) throws(StoreError) {
    guard op.id.replica.isHub, let receipt = try? Receipt(op) else {
      return try settle(op.id, Verdict(.void, [.onlyHub]), isFirst: true)
    }
    for (index, run) in receipt.runs.enumerated() {
      let replica = run.upTo.replica
      guard try !isOtherBranch(run.upTo) else {
        try noteUndecided(run.upTo)
        continue
      }
      if op.id.replica.incarnation > 1 {
        try StoreError.wrap { () throws(SQLiteFailure) in
          try hubRuns.add(run.upTo, by: op.id.replica)
        }
      }
      let (covered, isLate) = try StoreError.wrap { () throws(SQLiteFailure) in
        try receipts.covered(replica, before: op.id)
      }
      guard run.upTo.seq > covered else { continue }
      let stored = CoveredRun(
        replica: replica, seqs: (covered + 1)...run.upTo.seq, receipt: op.id, index: index,
        receivedAt: op.stamp)
      try StoreError.wrap { () throws(SQLiteFailure) in
        if isLate { try receipts.makeRoom(for: stored) }
        try receipts.add(stored)
      }
      latestRun = stored
      // Of a life that nobody has named yet nothing can be folded.
      guard try knowsLife(of: replica) else { continue }
      let folded = try head(of: replica).folded.seq
      guard folded > covered else { continue }
      try foldAgain(stored, through: min(folded, run.upTo.seq), isReplaced: isLate)
    }
  }
}
