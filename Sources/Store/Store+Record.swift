import Community
import OpLog
import SQLite

/// What became of a wish to record something.
package enum Recorded: Sendable {
  /// It is written and durable.
  case written(Op, Verdict)
  /// The same request was written before.
  case before(OpID)
  /// A rule is against it; nothing is written.
  case refused(Refusal)
}

/// Recording at the counter: request key, rights, op, and fold in one transaction.
extension Store {
  /// Records a draft, or says why not.
  ///
  /// - Parameters:
  ///   - draft: What to record.
  ///   - key: The request's name; nil when nobody will retry.
  ///   - stamp: The wall clock in ms since 1970-01-01 UTC.
  /// - Returns: ``Recorded/written(_:_:)`` once it is durable.
  /// - Throws: ``StoreError`` as for ``append(_:stamp:)``.
  package func record(
    _ draft: Draft, key: RequestKey?, stamp: Int64
  ) throws(StoreError) -> Recorded {
    do throws(StoreError) {
      return try write { () throws(StoreError) in
        if let key, let made = try madeBefore(key) { return .before(made) }
        // What counts by the month is not whole before that day.
        if let bootstrap, draft.occurredOn.day < bootstrap.since { throw .notYet(nil) }
        let op = try append(draft, stamp: stamp)
        try flush()
        let verdict = try verdict(of: op.id)
        let entry = try reading(
          Entry(op: op, payload: draft.payload, kind: draft.kind, isFirst: true))
        let parked = try RecordRule.account(chargedBy: entry).flatMap { (id) throws(StoreError) in
          try parkedOp(touching: id)
        }
        if let refusal = try RecordRule.refusal(of: entry, verdict, in: self, parkedOp: parked) {
          throw .refused(refusal)
        }
        if let key { try keep(key, for: op.id) }
        return .written(op, verdict)
      }
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      return .refused(refusal)
    }
  }

  /// The lowest op touching an entity that only a newer version of this program can fold, or nil.
  package func parkedOp(touching id: OpID) throws(StoreError) -> OpID? {
    try StoreError.wrap { () throws(SQLiteFailure) in try waiting.parked(touching: id) }
  }

  /// What became of an op.
  package func verdict(of id: OpID) throws(StoreError) -> Verdict {
    try StoreError.wrap { () throws(SQLiteFailure) in try model.verdict(of: id) }
  }

  /// The op that a request key made, or nil.
  package func madeBefore(_ key: RequestKey) throws(StoreError) -> OpID? {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let select = try connection.prepare("SELECT op FROM request WHERE key = ?1")
      select.bind(1, key.description)
      return try select.step() ? OpID(packed: select.integer(0)) : nil
    }
  }

  private func keep(_ key: RequestKey, for id: OpID) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      let insert = try connection.prepare("INSERT INTO request VALUES(?1, ?2)")
      insert.bind(1, key.description)
      insert.bind(2, id.packed)
      try insert.run()
    }
  }
}
