import Community
import OpLog
import SQLite

/// Making the derived tables again, and checking what is stored.
extension Store {
  /// Drops every table but the durable ones and folds the log again, in canonical order.
  ///
  /// - Parameter progress: Called with the number of ops folded, now and then.
  /// - Throws: ``StoreError``; the tables are then as they were.
  package func rebuild(
    progress: (Int) -> Void = { _ in }
  ) throws(StoreError) {
    try write { () throws(StoreError) in try refoldAll(progress) }
  }

  /// Rebuilds, and compares the tables before and after inside the same transaction, so that what
  /// another process records meanwhile makes no difference.
  ///
  /// - Parameter progress: Called with the number of ops folded, now and then.
  /// - Returns: The digests of the tables and the number of ops.
  /// - Throws: ``StoreError``; the tables are then as they were.
  package func rebuildAndCompare(
    progress: (Int) -> Void = { _ in }
  ) throws(StoreError) -> RebuildReport {
    try write { () throws(StoreError) in
      let before = try digestOfTables()
      try refoldAll(progress)
      try flush()
      var ops: UInt64 = 0
      for replica in try replicas() { ops += try foldedHead(of: replica).seq }
      return RebuildReport(before: before, after: try digestOfTables(), ops: Int(ops))
    }
  }

  /// Folds the log again, from nothing but the log: what the tables said does not matter.
  ///
  /// - Parameter progress: Called with the number of ops folded, now and then.
  /// - Throws: ``StoreError``.
  func refoldAll(_ progress: (Int) -> Void) throws(StoreError) {
    let begun = try forgetBootstrap()
    removeLeftCopy()
    try foldAnew(begun, knowing: Rerecordings(), progress)
    if mustRefold {
      // A record counts that stands behind another one of the same thing. Now it is known from the start.
      try flush()
      try foldAnew(nil, knowing: try rerecordings().settled, progress)
    }
    try StoreError.wrap { () throws(SQLiteFailure) in
      try meta.set("catalogue", Int64(edition.version))
    }
    try noteRefolded()
    try flush()
  }

  /// Empties the derived tables and folds every log once, with what is known to have been recorded again.
  private func foldAnew(
    _ begun: Bootstrap?, knowing rerecordings: Rerecordings, _ progress: (Int) -> Void
  ) throws(StoreError) {
    // Kept statements would keep the old tables: the derived ones are emptied, not dropped.
    try StoreError.wrap { () throws(SQLiteFailure) in
      for name in Schema.rebuilt {
        try connection.execute("DELETE FROM \(name)")
      }
      try connection.execute("DELETE FROM difference")
      try Schema.fillKinds(connection, edition)
    }
    forget()
    rerecordingsCache = rerecordings
    var count = 0
    let folded = try unfold()
    try findBounds(in: folded)
    for hub in folded where hub.replica.isHub {
      try refold(hub, folded, begun, &count, progress)
    }
    for head in folded where !head.replica.isHub {
      try fold(upTo: head)
    }
  }

  /// A SHA-256 over every row of every derived table that is not local, on one snapshot: equal states
  /// are equal to the byte.
  package func tablesDigest() throws(StoreError) -> Digest {
    try read { () throws(StoreError) in try digestOfTables() }
  }

  private func digestOfTables() throws(StoreError) -> Digest {
    var sha = SHA256()
    try StoreError.wrap { () throws(SQLiteFailure) in
      for name in Schema.derived.map(\.name) + Tables.all.map(\.name) {
        sha.update(Array("\(name)\n".utf8))
        let columns = try connection.prepare(text: "SELECT name FROM pragma_table_info('\(name)')")
        var list: [String] = []
        while try columns.step() { list.append("quote(\(columns.text(0)))") }
        let joined = list.joined(separator: " || ',' || ")
        let order = list.indices.map { String($0 + 1) }.joined(separator: ",")
        let text = list.map { $0 }.joined(separator: ", ")
        let rows = try connection.prepare(
          text: "SELECT \(joined), \(text) FROM \(name) ORDER BY \(order)")
        while try rows.step() { sha.update(Array((rows.text(0) + "\n").utf8)) }
      }
    }
    return sha.finish()
  }

  /// Folds one hub log, and after each receipt the runs that it covers.
  private func refold(
    _ hub: Head, _ folded: [Head], _ begun: Bootstrap?, _ count: inout Int,
    _ progress: (Int) -> Void
  ) throws(StoreError) {
    var seq: UInt64 = 1
    while seq <= hub.seq {
      let batch = try ops(of: hub.replica, in: seq...hub.seq, limit: 512)
      for op in batch {
        guard let upTo = try head(of: hub.replica, at: op.id.seq) else { continue }
        try fold(upTo: upTo, staged: [op])
        count += 1
        defer { progress(count) }
        let runs = op.kind == Receipt.kind ? (try? Receipt(op))?.runs ?? [] : []
        for run in runs {
          guard let end = folded.first(where: { $0.replica == run.upTo.replica }),
            run.upTo.seq <= end.seq, run.upTo.replica != hub.replica,
            try !isOtherBranch(run.upTo)
          else { continue }
          try fold(upTo: run.upTo)
          count += 1
        }
        if let begun, begun.head == upTo { try compare(begun) }
      }
      guard !batch.isEmpty else { throw .gap(replica: hub.replica, held: seq - 1) }
      seq += UInt64(batch.count)
    }
  }

  /// Sets every log's folded head back to its start and returns what they were, ascending.
  private func unfold() throws(StoreError) -> [Head] {
    var folded: [Head] = []
    for replica in try replicas() {
      var head = try head(of: replica)
      folded.append(head.folded)
      head.folded = try start(of: replica)
      set(head)
    }
    return folded
  }
}

/// What ``Store/rebuildAndCompare(progress:)`` came to.
package struct RebuildReport: Sendable {
  /// The digest of the tables as they were.
  package let before: Digest
  /// The digest of the tables as the log makes them.
  package let after: Digest
  /// Ops folded.
  package let ops: Int
}

/// What ``Store/verify(progress:)`` found.
package struct VerifyReport: Sendable {
  /// Ops walked.
  package var ops = 0
  /// The first op whose bytes, hash, or columns are not what was written.
  package var firstBadOp: OpID?
  /// How many ops of a log are held that no seal and no receipt vouches for yet.
  package var unproved: [(replica: ReplicaID, count: UInt64)] = []
  /// How many ops of a log were put away, because others bear their ids.
  package var putAway: [(replica: ReplicaID, count: Int64)] = []
  /// What is wrong, a sentence each; empty when all is well.
  package var findings: [String] = []
}

extension Store {
  /// Walks every chain from its start, compares heads, receipts, and columns, and asks SQLite, all on
  /// one snapshot.
  ///
  /// - Parameter progress: Called with the number of ops walked, now and then.
  /// - Returns: What was found; the walk of a log ends at its first bad op.
  /// - Throws: ``StoreError/database(_:)`` when the file cannot be read.
  package func verify(progress: (Int) -> Void = { _ in }) throws(StoreError) -> VerifyReport {
    try read { () throws(StoreError) in
      var report = VerifyReport()
      let replicas = try replicas()
      for replica in replicas { try walk(replica, &report, progress) }
      report.unproved = try unprovedOps()
      report.putAway = try putAwayCounts()
      // After the walks: a receipt also fails where a hash before its run's end was changed.
      for replica in replicas { try checkReceipts(of: replica, &report) }
      try checkPutAway(&report)
      try checkBodies(&report)
      let findings = try StoreError.wrap { () throws(SQLiteFailure) in
        try connection.integrityCheck()
      }
      report.findings += findings.map { "integrity_check: \($0)" }
      return report
    }
  }

  private func walk(
    _ replica: ReplicaID, _ report: inout VerifyReport, _ progress: (Int) -> Void
  ) throws(StoreError) {
    let end = try head(of: replica)
    var hash = try start(of: replica).hash
    var seq: UInt64 = 1
    let rows = try StoreError.wrap { () throws(SQLiteFailure) in
      try connection.prepare(
        "SELECT seq, kind, occurred_on, hash, op FROM log WHERE replica = ?1 ORDER BY seq")
    }
    rows.bind(1, Int64(replica.rawValue))
    defer { rows.reset() }
    while try StoreError.wrap({ () throws(SQLiteFailure) in try rows.step() }) {
      guard let id = OpID(replica, seq) else { break }
      hash = Chain.next(after: hash, rows.bytes(4))
      let op = try? Op(decoding: rows.bytes(4))
      guard let op, op.id == id, rows.integer(0) == Int64(seq), Digest(rows.bytes(3)) == hash,
        rows.integer(1) == Int64(op.kind), rows.integer(2) == Int64(op.occurredOn.day)
      else {
        report.note("the log of \(replica) breaks at \(id)", at: id)
        return
      }
      if seq == end.folded.seq, hash != end.folded.hash {
        report.note("the head of \(replica) is not its log's hash at \(id)", at: id)
      }
      report.ops += 1
      if report.ops % 10_000 == 0 { progress(report.ops) }
      seq += 1
    }
    if seq - 1 != end.stored.seq || hash != end.stored.hash {
      report.note("the log of \(replica) ends at \(seq - 1), its head says \(end.stored.seq)")
    }
  }

  /// Compares each body with the digest that its ops name.
  private func checkBodies(_ report: inout VerifyReport) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let rows = try connection.prepare("SELECT digest, salt, content, op FROM body ORDER BY op")
      while try rows.step() {
        guard SHA256.hash(rows.bytes(1) + rows.bytes(2)).bytes != rows.bytes(0) else { continue }
        let id = rows.optionalInteger(3).flatMap(OpID.init(packed:))
        let what = id.map { "the details of \($0)" } ?? "details that no op names"
        report.note("\(what) are not what was recorded", at: id)
      }
    }
  }

  private func checkReceipts(
    of replica: ReplicaID, _ report: inout VerifyReport
  ) throws(StoreError) {
    guard replica.isHub else { return }
    let end = try head(of: replica).folded.seq
    // Of the hub that it follows an office holds all that the entries cover; a former one may have had more.
    var whole: UInt64 = 0
    if !identity.replica.isHub, bootstrap == nil, try hub == replica {
      whole = try entryProgress().whole
    }
    var seq: UInt64 = 1
    while seq <= end {
      let batch = try ops(of: replica, in: seq...end, limit: 512)
      guard !batch.isEmpty else { return }
      for op in batch {
        guard op.kind == Receipt.kind, let receipt = try? Receipt(op) else { continue }
        for run in receipt.runs where try knowsLife(of: run.upTo.replica) {
          guard let id = OpID(run.upTo.replica, run.upTo.seq), try !isPutAway(run.upTo) else {
            continue
          }
          guard let held = try head(of: run.upTo.replica, at: run.upTo.seq) else {
            guard op.id.seq <= whole, run.upTo.replica != identity.replica else { continue }
            report.note("receipt \(op.id) vouches for \(id), which is not here", at: id)
            continue
          }
          guard held != run.upTo else { continue }
          report.note("receipt \(op.id) vouches for another \(id)", at: id)
        }
      }
      seq += UInt64(batch.count)
    }
  }
}

extension VerifyReport {
  /// Adds a finding, and remembers the first op that one names.
  package mutating func note(_ finding: String, at id: OpID? = nil) {
    findings.append(finding)
    if firstBadOp == nil { firstBadOp = id }
  }
}
