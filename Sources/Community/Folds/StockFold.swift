import OpLog

/// `stock.receive`: goods put on the writer's own shelf; services and courses lie on none.
///
/// `donor` is a shop or an organisation: a person who gives is not named in what is kept for ever.
enum StockFold: Fold {
  static let schema = PayloadSchema([
    .required("item", .reference([21])), .required("quantity", .integer(1...100_000)),
    .required("source", .choice(["purchase", "donation"])),
    .optional("unit_cost_fen", .integer(0...10_000_000)), .optional("donor", .text(1...60)),
    .optional("expires_on", .date),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let item = entry.payload.reference(1),
      try state.row(Tables.item, id: item.packed)?[2].integer == ItemFold.goods
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    var problem = try Standing.problem(entry, in: state)
    if problem == nil, try Standing.isInFuture(op, in: state) { problem = .futureDate }
    let row: [Cell] = [
      .id(op.id), .text(problem == nil ? "posted" : "pending"),
      .integer(Int64(op.id.replica.rawValue)), .id(item),
      .integer(entry.payload.integer(2) ?? 0), .integer(entry.payload.integer(3) ?? 0),
      entry.payload.integer(4).map(Cell.integer) ?? .null, .integer(Int64(op.occurredOn.day)),
      .text(entry.payload.text(5) ?? ""),
      entry.payload.integer(6).map(Cell.integer) ?? .null,
    ]
    try Facts.put(row, in: Tables.stockReceipt, isFirst: entry.isFirst, state)
    let verdict = problem.map { Verdict(.pending, [$0]) } ?? .plain
    try state.settle(op.id, verdict, isFirst: entry.isFirst)
  }

  /// What a receipt of goods adds to the shelf.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] == .text("posted"), let office = row[2].integer, let item = row[3].integer,
      let quantity = row[4].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [quantity, quantity, 0, 0])]
  }
}
