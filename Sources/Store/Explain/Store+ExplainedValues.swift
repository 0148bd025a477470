import Community
import OpLog

/// The two kinds of values that many ops make: fields of a resident's file, and sums of accounts.
extension Store {
  /// The fields of a resident's file: the records that stand, then those that were replaced.
  func registers(of entity: Op) throws(StoreError) -> [Aspect] {
    guard entity.kind == 16, let update = Catalogue.kind(17) else { return [] }
    let updates = try referring(to: entity.id).filter { $0.kind == update.number }
    return try Self.registers.indices.map { (index) throws(StoreError) in
      var history: [(op: Op, replaced: [OpID])] = [(entity, [])]
      for op in updates {
        guard let payload = update.schema.payload(of: op) else { continue }
        let replaced = payload.references(index + 2)
        if !replaced.isEmpty { history.append((op, replaced)) }
      }
      return try register(Self.registers[index], of: entity.id, history)
    }
  }

  private func register(
    _ name: String, of resident: OpID, _ history: [(op: Op, replaced: [OpID])]
  ) throws(StoreError) -> Aspect {
    let live = try liveValues(of: resident, field: name)
    let index = Self.registers.firstIndex(of: name) ?? 0
    let row = try row(Tables.field, [resident.packed, Int64(index)])
    let shown = row?[2].id ?? resident
    var traces: [OpTrace] = []
    for (op, _) in history {
      let isLive = live.contains(op.id)
      var traced = try trace(op, as: op.id == shown ? "shown" : isLive ? "live" : "replaced")
      if !isLive { traced.replacedBy = history.first { $0.replaced.contains(op.id) }?.op.id }
      // A record that was never admitted to the register has a verdict that says why.
      if isLive || traced.replacedBy != nil || traced.verdict.outcome != .posted {
        traces.append(traced)
      }
    }
    let order = ["shown", "live", "replaced"]
    let ranked = order.flatMap { role in traces.filter { $0.role == role } }
    return Aspect(
      name: name, rule: rule(of: ranked, liveCount: live.count),
      parts: ranked.map { ExplainedPart(table: nil, facts: [], ops: [$0]) })
  }

  private func rule(of traces: [OpTrace], liveCount: Int) -> ExplainRule {
    guard liveCount > 1 else { return traces.count > 1 ? .replaced : .onlyValue }
    let times = traces.filter { $0.role != "replaced" }.map(\.comparedTime)
    return times.dropFirst().contains(times.first ?? 0) ? .largerID : .laterTime
  }

  /// The accounts of an entity with their postings: a balance, what lies on each shelf.
  func accounts(of id: OpID) throws(StoreError) -> [Aspect] {
    var aspects: [Aspect] = []
    for account in AccountTable.allCases {
      for row in try rows(of: account.table, about: id) {
        let reading = RowReading(account.table, row)
        let parts = try postings(account, row, mentioning: id)
        aspects.append(
          Aspect(
            name: account.table.name, facts: reading.facts(besides: id, schema: nil), parts: parts))
      }
    }
    return aspects
  }

  /// The rows that post to an account, and those that would if their ops counted.
  private func postings(
    _ account: AccountTable, _ sums: [Cell], mentioning id: OpID
  ) throws(StoreError) -> [ExplainedPart] {
    let table = account.table
    let key = table.key(of: sums)
    let accountKey = AccountKey(first: key[0], second: key.count > 1 ? key[1] : 0)
    let columns = table.columns[table.keyCount...].map(\.name)
    let entity = try op(id)
    var parts: [ExplainedPart] = []
    for source in Tables.all {
      guard let postings = source.postings else { continue }
      for row in try rows(of: source, mentioning: id) {
        var amounts = columns.map { _ in Int64(0) }
        for posting in postings(row) where posting.table == account && posting.key == accountKey {
          for (index, amount) in posting.amounts.enumerated() { amounts[index] += amount }
        }
        var ops = try part(row, of: source, entity: entity).ops
        ops += try claims(behind: row, of: source)
        let isPosting = amounts.contains { $0 != 0 }
        // What would post here if its op counted is told too; what posts elsewhere is not.
        let isHeld = ops.first.map { $0.verdict.outcome != .posted } ?? false
        guard isPosting || (isHeld && key.allSatisfy({ row.contains(.integer($0)) })) else {
          continue
        }
        let facts = zip(columns, amounts).filter { $0.1 != 0 }.map { Fact($0.0, .number($0.1)) }
        parts.append(ExplainedPart(table: source.name, facts: facts, ops: ops))
      }
    }
    return parts
  }

  /// The awards that a month or a year adds up.
  private func claims(
    behind row: [Cell], of source: Table
  ) throws(StoreError) -> [OpTrace] {
    guard source === Tables.awardMonth || source === Tables.tierYear else { return [] }
    let lists = RowReading(source, row).ops.map(\.id)
    let claims = try rows(Tables.awardClaim, under: source.key(of: row))
    let ids = claims.compactMap { RowReading(Tables.awardClaim, $0).counted }
    return try ids.filter { !lists.contains($0) }.map { (id) throws(StoreError) in
      try trace(try op(id), as: "op")
    }
  }
}
