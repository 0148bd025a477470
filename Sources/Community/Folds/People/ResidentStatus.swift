import OpLog

/// What merges, freezes, erasures, and departures make of a resident: the derived columns of the row.
enum ResidentStatus: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let members = try merged(with: key.first, in: state)
    let representative = members.count > 1 ? members[0] : nil
    for member in members {
      guard let old = try state.row(Tables.resident, id: member) else { continue }
      var row = old
      row[4] = representative.map(Cell.integer) ?? .null
      if member == key.first {
        let departures = try OpID(packed: member).map { (id) throws(S.Failure) in
          try DepartureFold.standing(of: id, in: state)
        }
        row[5] = integer(departures?.compactMap { $0[3].integer }.min())
        row[6] = integer(
          try Requests.effective(FreezeFold.kind, of: member, in: state)
            .compactMap { $0[5].integer }.max())
        row[7] = integer(
          try Requests.effective(EraseFold.kind, of: member, in: state).first?[1].integer)
      }
      if row != old { try state.replace(Tables.resident, old, by: row) }
    }
  }

  /// The files of one person, ascending: those that approved merges, not undone, connect.
  static func merged<S: FoldState>(
    with resident: Int64, in state: S
  ) throws(S.Failure) -> [Int64] {
    var found: Set<Int64> = [resident]
    var pending = [resident]
    while let next = pending.popLast() {
      for row in try Requests.effective(MergeFold.kind, of: next, in: state) {
        guard let other = row[4].integer, found.insert(other).inserted else { continue }
        pending.append(other)
      }
    }
    return found.sorted()
  }

  /// What reads a resident's row: the awards of one who left, the bodies of one who was erased.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard row[5] != .null || row[7] != .null, let resident = row[0].integer else { return [] }
    var readers: [Reader] = []
    if row[5] != .null { readers.append(Reader(.awardsOfResident, resident)) }
    if row[7] != .null { readers.append(Reader(.erasure, resident)) }
    return readers
  }

  /// What reads a request's row under a resident.
  static let requestReaders: @Sendable ([Cell]) -> [Reader] = { row in
    guard let resident = row[0].integer else { return [] }
    let status = Reader(.residentStatus, resident)
    guard row[2] == .integer(Int64(MergeFold.kind)) else { return [status] }
    return [
      status, Reader(.agedSales, resident), Reader(.consents, resident),
      Reader(.personTakes, resident), Reader(.mergedAwards, resident),
    ]
  }

  private static func integer(_ value: Int64?) -> Cell { value.map(Cell.integer) ?? .null }
}

/// The bodies of a resident who was erased.
enum Erasure: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    try state.eraseBodies(of: key.first)
  }
}

/// The awards of a resident who left, settled again when the day of leaving becomes known.
enum AwardsOfResident: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.award, where: 1, is: key.first) {
      let awardKey = Tables.award.key(of: row)
      try AwardFold.settle(awardKey, row, in: state)
    }
  }
}

/// What the counter asks of a resident's row.
package enum ResidentRule {
  /// Days in which heirs, or those who moved, may still use an account.
  static let daysAfterLeaving: Int64 = 90

  /// Why no points may be taken for a person, from whichever account, on an op's date.
  static func refusal<S: FoldState>(of entry: Entry, in state: S) throws(S.Failure) -> Refusal? {
    guard let resident = Payer.person(of: entry) else { return nil }
    return try refusal(of: resident, on: Int64(entry.op.occurredOn.day), in: state)
  }

  /// Why nobody may use a person's points on a day; nil for an account that is no person's.
  package static func refusal<S: FoldState>(
    of resident: OpID, on today: Int64, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let row = try state.row(Tables.resident, id: resident.packed) else { return nil }
    if let until = row[6].integer, today <= until, let day = BusinessDate(day: until) {
      return .accountFrozen(until: day)
    }
    if let left = row[5].integer, today > left + daysAfterLeaving,
      let day = BusinessDate(day: left)
    {
      return .residentLeft(on: day)
    }
    return nil
  }

  /// Whether a resident's personal data was erased.
  static func isErased<S: FoldState>(_ resident: OpID, in state: S) throws(S.Failure) -> Bool {
    guard let row = try state.row(Tables.resident, id: resident.packed) else { return false }
    return row[7] != .null
  }
}
