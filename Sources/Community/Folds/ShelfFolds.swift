import OpLog

/// `stock.count`: pieces counted on the writer's shelf, against what its books said at `as_of`.
///
/// Every move of a shelf is in the log of its office, so a count is as of a seq of that log: the
/// difference is posted, and later moves come on top of it.
enum CountFold: Fold {
  static let schema = PayloadSchema([
    .required("item", .reference([21])), .required("counted", .integer(0...1_000_000)),
    .required("booked", .integer(-1_000_000...1_000_000)),
    .required("as_of", .integer(0...Int64(EnvelopeLimits.seqMax))),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let item = entry.payload.reference(1), try state.has(Tables.item, id: item.packed),
      let asOf = entry.payload.integer(4), asOf < Int64(op.id.seq)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try Steps.problem(entry, in: state)
    let row: [Cell] = [
      .id(op.id), .text(problem == nil ? "posted" : "pending"),
      .integer(Int64(op.id.replica.rawValue)), .id(item),
      .integer(entry.payload.integer(2) ?? 0), .integer(entry.payload.integer(3) ?? 0),
      .integer(asOf), .integer(Int64(op.occurredOn.day)),
    ]
    try Facts.put(row, in: Tables.stockCount, isFirst: entry.isFirst, state)
    try state.settle(
      op.id, problem.map { Verdict(.pending, [$0]) } ?? .plain, isFirst: entry.isFirst)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let item = entry.payload.reference(1), let asOf = entry.payload.integer(4) else {
      return nil
    }
    let booked = try ShelfBook.booked(
      item, at: entry.op.id.replica, asOf: UInt64(asOf), head: entry.op.id.seq, in: state)
    return booked == entry.payload.integer(3) ? nil : .bookedDiffers(item: item, booked: booked)
  }

  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] == .text("posted"), let office = row[2].integer, let item = row[3].integer,
      let counted = row[4].integer, let booked = row[5].integer, counted != booked
    else { return [] }
    let difference = counted - booked
    return [Posting(.shelfItem, office, item, amounts: [difference, 0, 0, difference])]
  }
}

/// `stock.write_off`: goods that are gone, from the writer's shelf, or on their way to another: there
/// both ends sign (``TransferTally``).
enum WriteOffFold: Fold {
  /// The reason of goods that the office took itself.
  private static let used: Int64 = 3

  static let schema = PayloadSchema([
    .required("quantity", .integer(1...100_000)),
    .required("reason", .choice(["damaged", "expired", "lost", "used"])),
    .required("witness", .reference([6])), .optional("item", .reference([21])),
    .optional("transfer", .reference([43])), .optional("by_both", .flag),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let transfer = entry.payload.reference(5)
    if let transfer, entry.payload.reference(4) == nil,
      let row = try state.row(Tables.stockTransfer, id: transfer.packed)
    {
      if let lack = try Steps.lack(of: entry, in: state) {
        return try state.settle(op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
      }
      return try SendFold.settle(row, adding: entry.isFirst ? entry : nil, in: state)
    }
    guard let item = entry.payload.reference(4), transfer == nil,
      try state.has(Tables.item, id: item.packed)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try problem(entry, in: state)
    let row: [Cell] = [
      .id(op.id), .text(problem == nil ? "posted" : "pending"),
      .integer(Int64(op.id.replica.rawValue)), .id(item),
      .integer(entry.payload.integer(1) ?? 0), .integer(entry.payload.integer(2) ?? 0),
      .integer(Int64(op.occurredOn.day)),
    ]
    try Facts.put(row, in: Tables.stockWriteOff, isFirst: entry.isFirst, state)
    try state.settle(
      op.id, problem.map { Verdict(.pending, [$0]) } ?? .plain, isFirst: entry.isFirst)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let item = entry.payload.reference(4) else { return nil }
    let wanted = entry.payload.integer(1) ?? 0
    if let short = try ShelfBook.shortage(of: item, wanted: wanted, entry.op, in: state) {
      return short
    }
    // What is broken is gone, whoever it was kept for; to use something up is a choice.
    guard entry.payload.integer(2) == used else { return nil }
    return try ReservationFold.shortage(of: item, entry.op, collecting: nil, in: state)
  }

  /// Why a write-off has no effect; two people stand for it.
  static func problem<S: FoldState>(
    _ entry: Entry, in state: S
  ) throws(S.Failure) -> DeskReason? {
    if let problem = try Steps.problem(entry, in: state) { return problem }
    guard let witness = entry.payload.reference(3),
      try state.has(Tables.staff, id: witness.packed),
      try !Standing.isSamePerson(witness, entry.op.actor, in: state)
    else { return .witnessNeeded }
    return nil
  }

  /// What leaves the shelf.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] == .text("posted"), let office = row[2].integer, let item = row[3].integer,
      let quantity = row[4].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [-quantity, 0, 0, -quantity])]
  }
}

/// What an office's books say of one item on its shelf.
package enum ShelfBook {
  /// What lay on a shelf after an op of its office, by its books; O(ops after it).
  ///
  /// - Parameters:
  ///   - item: What lies there.
  ///   - office: Whose shelf.
  ///   - asOf: A place in the office's log.
  ///   - head: The last folded place in that log, not before `asOf`.
  ///   - state: The tables, with the account sums written.
  /// - Returns: Pieces; below 0 where more was given out than came in.
  /// - Throws: What reading the state throws.
  package static func booked<S: FoldState>(
    _ item: OpID, at office: ReplicaID, asOf: UInt64, head: UInt64, in state: S
  ) throws(S.Failure) -> Int64 {
    let shelf = AccountKey(first: Int64(office.rawValue), second: item.packed)
    var booked = try state.row(Tables.shelfItem, [shelf.first, shelf.second])?[2].integer ?? 0
    for seq in stride(from: asOf + 1, through: head, by: 1) {
      guard let id = OpID(office, seq) else { continue }
      for (table, row) in try rows(of: id, in: state) {
        for posting in table.postings?(row) ?? []
        where posting.table == .shelfItem && posting.key == shelf {
          booked -= posting.amounts[0]
        }
      }
    }
    return booked
  }

  /// Why the shelf has too little after an op took some.
  static func shortage<S: FoldState>(
    of item: OpID, wanted: Int64, _ op: Op, in state: S
  ) throws(S.Failure) -> Refusal? {
    let shelf = [Int64(op.id.replica.rawValue), item.packed]
    let onHand = try state.row(Tables.shelfItem, shelf)?[2].integer ?? 0
    return onHand < 0 ? .notEnoughStock(item: item, onHand: onHand + wanted) : nil
  }

  /// The rows by which an op moves goods on a shelf.
  private static func rows<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> [(Table, [Cell])] {
    let op = try state.op(id)
    switch op.kind {
    case 23:
      return try state.rows(Tables.redemptionLine, under: [id.packed]).map {
        (Tables.redemptionLine, $0)
      }
    case 32, 33, 44:
      let table = op.kind == 44 ? Tables.transferStep : Tables.returnedLine
      guard let entity = try Entry.again(id, op.kind, in: state)?.payload.reference(1) else {
        return []
      }
      return try state.rows(table, under: [entity.packed, id.packed]).map { (table, $0) }
    default:
      let table: Table? =
        switch op.kind {
        case 22: Tables.stockReceipt
        case 43: Tables.stockTransfer
        case 45: Tables.stockCount
        case 46: Tables.stockWriteOff
        default: nil
        }
      guard let table, let row = try state.row(table, [id.packed]) else { return [] }
      return [(table, row)]
    }
  }
}
