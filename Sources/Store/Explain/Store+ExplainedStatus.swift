import Community
import OpLog

/// What merges, freezes, and departures make of a resident, and who is home of an account: what no op of its
/// own wrote.
extension Store {
  /// The home of an account, with the op that made it home, and those that were home before it.
  func custodyAspects(of account: OpID) throws(StoreError) -> [Aspect] {
    let homes = try RecordRule.homes(of: account, in: self)
    guard let present = homes.last else { return [] }
    let parts = try homes.reversed().map { (home, maker) throws(StoreError) in
      let isHere = try foldedHead(of: maker.replica).seq >= maker.seq
      return ExplainedPart(
        table: nil, facts: [Fact("home", .number(home))],
        ops: isHere ? [try trace(try op(maker), as: "op")] : [])
    }
    return [
      Aspect(name: Tables.custody.name, facts: [Fact("home", .number(present.home))], parts: parts)
    ]
  }

  /// The derived columns of a resident's row, each with the requests, decisions, and departures behind
  /// it, those without effect too.
  func statusAspects(of resident: Op) throws(StoreError) -> [Aspect] {
    guard let row = try row(Tables.resident, id: resident.id.packed) else { return [] }
    let requests = try rows(Tables.residentRequest, under: [resident.id.packed])
    func asked(_ kind: String) throws(StoreError) -> [ExplainedPart] {
      let number = Catalogue.kind(named: kind).map { Int64($0.number) }
      var parts: [ExplainedPart] = []
      for request in requests where request[2].integer == number {
        if let id = request[1].id { parts += try part(ofRequest: id, about: resident) }
      }
      return parts
    }
    let departures = try rows(Tables.departure, under: [resident.id.packed]).map {
      (row) throws(StoreError) in try part(row, of: Tables.departure, entity: resident)
    }
    let derived: [(column: Int, rule: ExplainRule, parts: [ExplainedPart])] = [
      (4, .lowestFile, try asked("resident.merge")), (5, .firstDeparture, departures),
      (6, .lastFreeze, try asked("account.freeze")),
    ]
    return derived.compactMap { column, rule, parts -> Aspect? in
      guard !parts.isEmpty else { return nil }
      let name = Tables.resident.columns[column].name
      let facts = RowReading(Tables.resident, row).facts(besides: resident.id, schema: nil)
      return Aspect(name: name, facts: facts.filter { $0.name == name }, rule: rule, parts: parts)
    }
  }

  /// A request with the decision that the street took on it, and what asked to undo it.
  private func part(
    ofRequest id: OpID, about resident: Op
  ) throws(StoreError) -> [ExplainedPart] {
    guard let row = try row(Tables.request, id: id.packed) else { return [] }
    let request = try part(row, of: Tables.request, entity: resident)
    guard let decision = try self.row(Tables.decision, id: id.packed)?[1].id else {
      return [request]
    }
    let decided = try trace(try op(decision), as: "decision")
    return [
      ExplainedPart(table: request.table, facts: request.facts, ops: request.ops + [decided])
    ]
  }
}
