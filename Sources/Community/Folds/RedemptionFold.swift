import OpLog

/// `redemption.record`: goods handed out for points.
///
/// Goods that left the shelf stay gone, so a record without the right to spend still counts; it is
/// on the desk, and the account may go below zero (欠分).
enum RedemptionFold: Fold {
  /// By what right the points were taken.
  enum Basis: Int64, CaseIterable {
    /// The writer is the account's home and saw enough points.
    case home
    /// The home granted the amount beforehand.
    case grant
    /// Nobody could be asked: on trust, within the street's limits.
    case standIn
  }

  /// Lines of one redemption: a fair's table holds fewer kinds of goods.
  static let lines: [Field] = [
    .required("item", .reference([21])), .required("quantity", .integer(1...99)),
    .required("price", .integer(0...10_000)),
  ]

  static let schema = PayloadSchema([
    .required("resident", .reference([16])), .required("lines", .records(lines, 1...20)),
    .required("basis", .choice(["home", "grant", "stand_in"])),
    .optional("grant", .reference([9])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    let lines = entry.payload.records(2)
    guard let resident = entry.payload.reference(1),
      let account = try state.row(Tables.resident, id: resident.packed),
      let takesStock = try takesStock(lines, in: state)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let isPending = try Standing.isInFuture(op, in: state)
    let office = Int64(op.id.replica.rawValue)
    let basis = Basis(rawValue: entry.payload.integer(3) ?? 0) ?? .home
    let isAtHome = account[1].integer == office
    let points = lines.reduce(0) { $0 + ($1.integer(2) ?? 0) * ($1.integer(3) ?? 0) }
    let row: [Cell] = [
      .id(op.id), .text(isPending ? "pending" : "posted"), .id(resident), .integer(office),
      .integer(basis.rawValue), .integer(points),
      .integer(basis == .standIn && !isAtHome ? points : 0), .integer(Int64(op.occurredOn.day)),
      .integer(try bucket(of: op, resident: account, in: state)),
    ]
    try Facts.put(row, in: Tables.redemption, isFirst: entry.isFirst, state)
    for (index, line) in lines.enumerated() {
      let lineRow: [Cell] = [
        .id(op.id), .integer(Int64(index + 1)), .integer(office), .id(line.reference(1)),
        .integer(line.integer(2) ?? 0), .integer(line.integer(3) ?? 0),
        .integer(!isPending && takesStock[index] ? 1 : 0),
      ]
      try Facts.put(lineRow, in: Tables.redemptionLine, isFirst: entry.isFirst, state)
    }
    var reasons: [DeskReason] = []
    if isPending { reasons.append(.futureDate) }
    if let problem = try Standing.problem(entry, in: state) { reasons.append(problem) }
    if let reason = reason(basis, isAtHome: isAtHome) { reasons.append(reason) }
    let verdict = Verdict(isPending ? .pending : .posted, reasons)
    try state.settle(op.id, verdict, isFirst: entry.isFirst)
  }

  /// What a redemption takes from the account, and what it adds to the office's uncovered sum.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[1] == .text("posted"), let resident = row[2].integer, let office = row[3].integer,
      let points = row[5].integer, let uncovered = row[6].integer
    else { return [] }
    var postings = [Posting(.account, resident, amounts: [-points, 0, points, uncovered])]
    if uncovered != 0 { postings.append(Posting(.office, office, amounts: [uncovered])) }
    if let bucket = row[8].integer, bucket != 0 {
      postings.append(Posting(.yearSheet, resident, bucket, amounts: [0, points]))
    }
    return postings
  }

  /// The stretch of the year in which a redemption saves points from ending; 0 where its rules let
  /// none end.
  ///
  /// A visitor's always counts: the rules of the place say nothing of the visitor's points.
  private static func bucket<S: FoldState>(
    of op: Op, resident: [Cell], in state: S
  ) throws(S.Failure) -> Int64 {
    let community = try Standing.community(of: op.id.replica, in: state)
    if resident[2].integer == community {
      guard let id = op.policy, let policy = try state.row(Tables.policy, id: id.packed),
        Policy(row: policy).expiry != .never
      else { return 0 }
    }
    return YearBucket(op.occurredOn).number
  }

  /// What a line takes from the shelf.
  static let linePostings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[6] == .integer(1), let office = row[2].integer, let item = row[3].integer,
      let quantity = row[4].integer
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [-quantity, 0, quantity, 0])]
  }

  /// What a person should look at: a debit that had no right behind it, or one on trust.
  private static func reason(_ basis: Basis, isAtHome: Bool) -> DeskReason? {
    switch basis {
    case .home: isAtHome ? nil : .debitWithoutStanding
    case .grant: .debitWithoutStanding
    case .standIn: isAtHome ? .standInAtHome : .standIn
    }
  }

  /// Whether each line takes goods from the shelf, as services and courses do not; nil when a line
  /// names no item.
  private static func takesStock<S: FoldState>(
    _ lines: [Payload], in state: S
  ) throws(S.Failure) -> [Bool]? {
    var answers: [Bool] = []
    for line in lines {
      guard let id = line.reference(1), let item = try state.row(Tables.item, id: id.packed) else {
        return nil
      }
      answers.append(item[2].integer == ItemFold.goods)
    }
    return answers
  }
}
