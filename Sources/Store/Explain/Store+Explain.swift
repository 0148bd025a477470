import Community
import OpLog
import SQLite

/// Explaining an entity: which ops are behind its values, and which rule chose between them.
extension Store {
  /// Everything that can be told about an entity, or about an op.
  ///
  /// A question of a person, not of a sync: it looks through whole tables, O(rows and log).
  ///
  /// - Throws: ``StoreError/unknownReference(_:)`` when the op is not here.
  package func explanation(of id: OpID) throws(StoreError) -> Explanation {
    try read { () throws(StoreError) -> Explanation in
      guard try foldedHead(of: id.replica).seq >= id.seq else { throw .unknownReference(id) }
      let op = try self.op(id)
      var aspects = try registers(of: op)
      aspects += try accounts(of: id)
      aspects += try custodyAspects(of: id)
      aspects += op.kind == 16 ? try statusAspects(of: op) : []
      aspects += op.kind == Self.communityKind ? try communityAspects(id) : []
      aspects += try rowAspects(of: op)
      aspects += try namingAspect(of: op)
      return Explanation(op: try trace(op, as: "record"), aspects: aspects)
    }
  }

  /// Where people, work, and goods are kept: nearly every op names one of these kinds.
  static let directoryKinds: Set<KindNumber> = [2, 3, 6, 7, 16, 18, 21]

  private static let communityKind: KindNumber = 2

  /// The tables with rows about an entity, each an aspect.
  private func rowAspects(of op: Op) throws(StoreError) -> [Aspect] {
    var aspects: [Aspect] = []
    for table in Tables.all
    where table.layer != .accounts && table !== Tables.custody
      && !(op.kind == 16 && table === Tables.field)
    {
      guard op.kind != Self.communityKind || table === Tables.community else { continue }
      var parts = try rows(of: table, about: op.id).map { (row) throws(StoreError) in
        try part(row, of: table, entity: op)
      }
      // Where somebody was registered; who is home now is told beside it.
      if table === Tables.resident, op.kind == 16 {
        for index in parts.indices { parts[index].facts.removeAll { $0.name == "home" } }
      }
      if !parts.isEmpty { aspects.append(Aspect(name: table.name, parts: parts)) }
    }
    return aspects
  }

  /// One row of a table: what it says, and the ops in it.
  func part(
    _ row: [Cell], of table: Table, entity: Op
  ) throws(StoreError) -> ExplainedPart {
    let reading = RowReading(table, row)
    let counted = reading.counted ?? entity.id
    let schema = Catalogue.kind(try op(counted).kind)?.schema
    var traces: [OpTrace] = []
    for (role, id) in reading.ops where !traces.contains(where: { $0.op.id == id }) {
      guard try foldedHead(of: id.replica).seq >= id.seq else { continue }
      var traced = try trace(try op(id), as: role)
      if role == "others", table === Tables.award, let winner = reading.counted {
        traced.rule = try AwardChoice.between(winner, id, in: self).map(ExplainRule.init)
      }
      traces.append(traced)
    }
    return ExplainedPart(
      table: table.name, facts: reading.facts(besides: entity.id, schema: schema), ops: traces)
  }

  /// The ops that name an op, where that says more than the tables do.
  private func namingAspect(of op: Op) throws(StoreError) -> [Aspect] {
    guard !Self.directoryKinds.contains(op.kind) else { return [] }
    let traces = try referring(to: op.id).map { (named) throws(StoreError) in
      try trace(named, as: "named_by")
    }
    guard !traces.isEmpty else { return [] }
    let parts = traces.map { ExplainedPart(table: nil, facts: [], ops: [$0]) }
    return [Aspect(name: "named_by", parts: parts)]
  }

  /// A community's months, each under its name, and the versions of its rules.
  private func communityAspects(_ id: OpID) throws(StoreError) -> [Aspect] {
    var aspects: [Aspect] = []
    let community = try op(id)
    for row in try rows(Tables.period, under: [id.packed]) {
      guard let month = row[1].integer.flatMap({ BusinessDate(day: $0) }) else { continue }
      let part = try part(row, of: Tables.period, entity: community)
      aspects.append(Aspect(name: String(month.description.prefix(7)), parts: [part]))
    }
    var versions = Aspect(name: Tables.policy.name)
    var standing = [Cell](repeating: .null, count: Policy.keys.count)
    for row in try rows(of: Tables.policy) where row[1].id == id {
      guard let version = row[0].id else { continue }
      var facts: [Fact] = []
      for (index, key) in Policy.keys.enumerated() where row[index + 2] != standing[index] {
        facts.append(Fact(key.name, RowReading.value(of: row[index + 2], key.type)))
      }
      standing = Array(row[2...])
      let traced = try trace(try op(version), as: "op")
      versions.parts.append(ExplainedPart(table: nil, facts: facts, ops: [traced]))
    }
    return aspects + [versions]
  }
}

extension ExplainRule {
  /// The rule of an award's records.
  init(_ choice: AwardChoice) {
    switch choice {
    case .organiser: self = .organiser
    case .lowerValue: self = .lowerValue
    case .lowerID: self = .lowerID
    }
  }
}
