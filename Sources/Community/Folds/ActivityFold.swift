import OpLog

/// `activity.publish`: work that residents can earn points with.
///
/// Its own `award_rule` says how awards of it are valued; one that says nothing is of an older version,
/// and its awards are valued by the rules of whoever records them.
enum ActivityFold: Fold {
  static let schema = PayloadSchema([
    .required("title", .text(1...120)),
    .required("category", .choice(ActivityCategory.names)),
    .required("points", .integer(0...1_000)), .required("held_on", .date),
    .optional("starts", .integer(0...1_440)), .optional("ends", .integer(0...1_440)),
    .optional("place", .text(1...120)), .optional("capacity", .integer(1...100_000)),
    .optional("large", .flag), .optional("award_rule", .choice(Policy.awardModes)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    let organiser = try Standing.community(of: entry.op.id.replica, in: state)
    let row: [Cell] = [
      .id(entry.op.id), .integer(organiser ?? 0), .integer(payload.integer(2) ?? 0),
      .text(payload.text(1) ?? ""), .integer(payload.integer(3) ?? 0),
      .integer(payload.integer(4) ?? 0), .integer(payload.integer(3) ?? 0),
      payload.integer(5).map(Cell.integer) ?? .null, payload.integer(6).map(Cell.integer) ?? .null,
      .text("published"), .null, .null, .null, ActivityRegister.cell(payload, 7),
      ActivityRegister.cell(payload, 8), .integer(payload.integer(9) ?? 0),
      ActivityRegister.cell(payload, 10),
    ]
    try Reference.settle(entry, Tables.activity, row, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let starts = entry.payload.integer(5), let ends = entry.payload.integer(6) else {
      return nil
    }
    return ends < starts ? .endsBeforeStart : nil
  }
}

/// `item.define`: goods, a service, or a course that points buy, and how much of it one person may take
/// from which age.
enum ItemFold: Fold {
  /// The `sort` of things that lie on a shelf.
  static let goods: Int64 = 0

  static let schema = PayloadSchema(
    [
      .required("name", .text(1...60)),
      .required("sort", .choice(["goods", "service", "course", "discount"])),
      .required("points", .integer(1...10_000)), .optional("value_fen", .integer(0...10_000_000)),
    ] + ItemTerms.fields)

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let payload = entry.payload
    let community = try Standing.community(of: entry.op.id.replica, in: state)
    let row: [Cell] = [
      .id(entry.op.id), .integer(community ?? 0), .integer(payload.integer(2) ?? 0),
      .text(payload.text(1) ?? ""), .integer(payload.integer(3) ?? 0),
      payload.integer(4).map(Cell.integer) ?? .null,
    ]
    try Reference.settle(
      entry, Tables.item, row + ItemTerms.cells(payload, from: 5), in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    try ItemPrices.unpayable(entry.payload.integer(3) ?? 0, entry.op, in: state)
  }
}
