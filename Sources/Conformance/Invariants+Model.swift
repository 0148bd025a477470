import Community
import OpLog

/// What the tables say, against a naive reading of the rules.
///
/// The two share no fold, no row, and no choice between records; what they do share, so that a fault in it
/// is not seen here, is the reading of ops, receipts, and dates (`Protocol/guarantees.md` §6).
extension Invariants {
  /// What a replica's tables say otherwise than the rules make of the ops that it has folded.
  package static func findings(
    in view: any ReplicaView, against model: NaiveModel
  ) throws -> [String] {
    var accounts: [[Int64]: [Int64]] = [:]
    var expired: [[Int64]: [Int64]] = [:]
    for (id, account) in model.accounts {
      let sums = [account.balance, account.earned, account.spent, account.uncovered]
      accounts[[id.packed]] = sums.contains { $0 != 0 } ? sums : nil
      for (end, points) in account.ended { expired[[id.packed, end.packed]] = [points] }
    }
    let shelves = model.onHand.map { ([Int64($0.office.rawValue), $0.item.packed], $1) }
    let offices = model.uncovered.map { ([Int64($0.rawValue)], $1) }
    let rights = model.rights.map { ([Int64($0.holder.rawValue), $0.account.packed], $1) }
    var findings = try differences(in: view, Tables.account, accounts)
    // DOMAIN's formula: what ended is what was earned by then and not spent by then, never less than before.
    findings += try differences(in: view, Tables.expiry, expired)
    findings += try differences(in: view, Tables.shelfItem, first(shelves))
    findings += try differences(in: view, Tables.office, first(offices))
    findings += try differences(in: view, Tables.heldRight, first(rights))
    let over = try view.rows(of: Tables.itemTake).filter { $0[9] == .integer(1) }.compactMap {
      row in
      row[3].id.flatMap { id in
        row[4].integer.map { NaiveModel.TakenLine(id, $0) }
      }
    }
    if Set(over) != model.linesOverLimit() {
      findings.append("\(over) are over their limit, by the rules \(model.linesOverLimit())")
    }
    let counted = try view.rows(of: Tables.award).count { $0[5] == .text("posted") }
    if counted != model.countedAwards {
      findings.append("\(counted) awards count, by the rules \(model.countedAwards)")
    }
    return findings + (try attendance(in: view, against: model))
  }

  /// The months of a community together have each person-time once, with its hours.
  package static func attendance(
    in view: any ReplicaView, against model: NaiveModel
  ) throws -> [String] {
    let found = try view.attendance()
    return Set(found.keys).union(model.attendance.keys).sorted().compactMap { community in
      let said = found[community] ?? Attendance()
      let wanted = model.attendance[community] ?? Attendance()
      guard said != wanted else { return nil }
      return "\(community) has \(said.personTimes) person-times of \(said.minutes) minutes, by the "
        + "rules \(wanted.personTimes) of \(wanted.minutes)"
    }
  }

  private static func first(_ numbers: [([Int64], Int64)]) -> [[Int64]: [Int64]] {
    Dictionary(uniqueKeysWithValues: numbers.filter { $0.1 != 0 }.map { ($0.0, [$0.1]) })
  }

  /// Compares as many columns of each row as the rules give; a row that they do not give has 0 in the
  /// first.
  private static func differences(
    in view: any ReplicaView, _ table: Table, _ expected: [[Int64]: [Int64]]
  ) throws -> [String] {
    var left = expected
    var findings: [String] = []
    for row in try view.rows(of: table) {
      let key = table.key(of: row)
      let wanted = left.removeValue(forKey: key) ?? [0]
      let found = row[table.keyCount...].prefix(wanted.count).map { $0.integer ?? 0 }
      if found != wanted {
        findings.append("\(table.name) \(key) is \(found), by the rules \(wanted)")
      }
    }
    return findings + left.map { "\(table.name) lacks \($0.key), by the rules \($0.value)" }
  }
}
