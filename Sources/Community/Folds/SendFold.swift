import OpLog

/// `stock.send`: goods leave the writer's shelf for another office's.
///
/// What was sent is received, written off, or still in transit: nothing gets lost between shelves.
enum SendFold: Fold {
  static let schema = PayloadSchema([
    .required("item", .reference([21])), .required("quantity", .integer(1...100_000)),
    .required("to", .reference([3])), .optional("lot", .reference([22])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let from = Int64(op.id.replica.rawValue)
    guard let item = entry.payload.reference(1), try state.has(Tables.item, id: item.packed),
      let to = try EnrollFold.office(of: entry.payload.reference(3), in: state), to != from
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try Steps.problem(entry, in: state)
    try state.settle(
      op.id, problem.map { Verdict(.pending, [$0]) } ?? .plain, isFirst: entry.isFirst)
    let row: [Cell] = [
      .id(op.id), .text(problem == nil ? "sent" : "pending"), .integer(from), .integer(to),
      .id(item), .integer(entry.payload.integer(2) ?? 0), .id(entry.payload.reference(4)),
      .integer(0), .integer(0), .integer(Int64(op.occurredOn.day)),
    ]
    guard !entry.isFirst, let old = try state.row(Tables.stockTransfer, id: op.id.packed) else {
      return try state.insert(Tables.stockTransfer, row)
    }
    try settle(old, adding: nil, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let item = entry.payload.reference(1) else { return nil }
    if let to = try EnrollFold.office(of: entry.payload.reference(3), in: state),
      try RevokeFold.isGone(to, in: state)
    {
      return .officeGone
    }
    let wanted = entry.payload.integer(2) ?? 0
    if let short = try ShelfBook.shortage(of: item, wanted: wanted, entry.op, in: state) {
      return short
    }
    return try ReservationFold.shortage(of: item, entry.op, collecting: nil, in: state)
  }

  /// Settles a transfer again from what was received and written off.
  ///
  /// What arrived is there, so receipts come before write-offs; each in canonical order, as long as it
  /// is not more than what is still in transit.
  static func settle<S: FoldState>(
    _ row: [Cell], adding step: Entry?, in state: S
  ) throws(S.Failure) {
    guard let id = row[0].id, let sent = try Entry.again(id, 43, in: state), let item = row[4].id
    else { return }
    var steps: [Entry] = []
    for old in try state.rows(Tables.transferStep, under: [id.packed]) {
      let kind: KindNumber = old[2] == .text("accept") ? 44 : 46
      guard let stepID = old[1].id else { continue }
      if let entry = try Entry.again(stepID, kind, in: state) { steps.append(entry) }
    }
    if let step {
      let (kept, dropped) = Steps.adding(step.op.id, to: steps.map(\.op.id))
      steps = (steps + [step]).filter { kept.contains($0.op.id) }
      if let dropped {
        try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == step.op.id)
        guard dropped != step.op.id else { return }
        try Facts.set(nil, [id.packed, dropped.packed], in: Tables.transferStep, state)
      }
    }
    let isPending = try Steps.problem(sent, in: state) != nil
    var tally = TransferTally(quantity: row[5].integer ?? 0)
    let ends = try Ends(row, in: state)
    steps = try Steps.ordered(steps, in: state)
    for entry in steps.filter({ $0.op.kind == 44 }) + steps.filter({ $0.op.kind == 46 }) {
      let verdict = try verdict(of: entry, at: ends, isPending: isPending, in: state)
      try tally.add(entry, verdict, from: ends.sides(of: entry), in: state)
    }
    tally.endWaiting()
    for part in tally.parts {
      let op = part.step.op
      let isFirst = op.id == step?.op.id
      let stepRow: [Cell] = [
        .id(id), .id(op.id), .text(part.name), .text(part.verdict.outcome.rawValue),
        .integer(Int64(op.id.replica.rawValue)), .id(item), .integer(part.pieces),
        .integer(Int64(op.occurredOn.day)),
      ]
      try Facts.put(stepRow, in: Tables.transferStep, isFirst: isFirst, state)
      try state.settle(op.id, part.verdict, isFirst: isFirst)
    }
    var settled = row
    settled[1] = .text(isPending ? "pending" : tally.state)
    settled[7] = .integer(tally.received)
    settled[8] = .integer(tally.writtenOff)
    if settled != row { try state.replace(Tables.stockTransfer, row, by: settled) }
  }

  /// Settles again what is on its way from an office or to it, when another takes its place; a scan.
  static func settle<S: FoldState>(
    sentFromOrTo office: Int64, in state: S
  ) throws(S.Failure) {
    let sent =
      try state.scan(Tables.stockTransfer, where: 2, is: office)
      + state.scan(Tables.stockTransfer, where: 3, is: office)
    for row in sent { try settle(row, adding: nil, in: state) }
  }

  /// The offices at both ends of a transfer, each with those that took its place.
  private struct Ends {
    let from: [Int64]
    let to: [Int64]

    init<S: FoldState>(_ row: [Cell], in state: S) throws(S.Failure) {
      from = try RetireFold.line(of: row[2].integer ?? 0, in: state)
      to = try RetireFold.line(of: row[3].integer ?? 0, in: state)
    }

    /// For which ends a step's writer stands: for both where it took the place of one.
    func sides(of step: Entry) -> Set<TransferTally.Side> {
      let writer = Int64(step.op.id.replica.rawValue)
      var sides: Set<TransferTally.Side> = []
      if from.contains(writer) { sides.insert(.sender) }
      if to.contains(writer) { sides.insert(.receiver) }
      return sides
    }
  }

  /// What a step is worth on its own.
  private static func verdict<S: FoldState>(
    of step: Entry, at ends: Ends, isPending: Bool, in state: S
  ) throws(S.Failure) -> Verdict {
    if isPending { return Verdict(.pending) }
    let isAccept = step.op.kind == 44
    let sides = ends.sides(of: step)
    guard sides.contains(.receiver) || !isAccept && !sides.isEmpty else {
      return Verdict(.void, [.wrongReference])
    }
    let problem =
      isAccept ? try Steps.problem(step, in: state) : try WriteOffFold.problem(step, in: state)
    return problem.map { Verdict(.pending, [$0]) } ?? .plain
  }

  /// What leaves the sender's shelf.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] != .text("pending"), let office = row[2].integer, let item = row[4].integer,
      let quantity = row[5].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [-quantity, 0, 0, -quantity])]
  }

  /// What reaches the other shelf; what is written off in transit lay on none.
  static let stepPostings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[2] == .text("accept"), row[3] == .text("posted"), let office = row[4].integer,
      let item = row[5].integer, let quantity = row[6].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [quantity, 0, 0, quantity])]
  }

  /// Goods that were sent and did not arrive.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[1] == .text("short_received"), let id = row[0].integer else { return [] }
    return [DeskEntry(.shortReceipt, subject: id)]
  }
}

/// `stock.accept`: what the other end found in a transfer.
enum AcceptFold: Fold {
  static let schema = PayloadSchema([
    .required("transfer", .reference([43])), .required("quantity", .integer(1...100_000)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let transfer = entry.payload.reference(1),
      let row = try state.row(Tables.stockTransfer, id: transfer.packed)
    else {
      return try state.settle(
        entry.op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(
        entry.op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    try SendFold.settle(row, adding: entry.isFirst ? entry : nil, in: state)
  }
}
