import OpLog

/// `redemption.void`: the whole redemption is taken back, once.
enum VoidFold: Fold {
  static let schema = PayloadSchema([
    .required("redemption", .reference([23])), .required("goods_returned", .flag),
    .required("reason", .choice(["wrong_item", "wrong_person", "changed_mind", "test"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try RedemptionSteps.fold(entry, in: state)
  }

  /// What came back is not handed back twice: a redemption with a return is returned, not voided.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let redemption = entry.payload.reference(1) else { return nil }
    for row in try state.rows(Tables.redemptionStep, under: [redemption.packed])
    where row[2] == .text("return") && row[3] == .text("void") {
      guard let id = row[1].id, let step = try Entry.again(id, 33, in: state),
        try Steps.problem(step, in: state) == nil
      else { continue }
      return .alreadyReturned
    }
    return nil
  }
}

/// `redemption.return`: some pieces come back.
enum ReturnFold: Fold {
  static let schema = PayloadSchema([
    .required("redemption", .reference([23])),
    .required(
      "lines",
      .records(
        [.required("line", .integer(1...20)), .required("quantity", .integer(1...99))], 1...20)),
    .required("condition", .choice(["good", "damaged"])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try RedemptionSteps.fold(entry, in: state)
  }
}

/// A redemption after its voids and returns: a pure function of them all.
///
/// A void wins over every return. Of several voids the first in canonical order counts; returns count
/// in that order, as long as no line gives back more than it took. Both are for the community that
/// handed the goods out. The redemption's own postings stay, and what comes back is posted beside them: points where they came from, goods and coins at
/// the office that took them back.
enum RedemptionSteps: Derivation {
  /// What one step does.
  struct Effect {
    let step: Entry
    var verdict: Verdict
    /// Pieces that came back, by line.
    var pieces: [Int64: Int64] = [:]
    var points: Int64 = 0
    /// What of the points is new to the account, because coins had paid for it.
    var credit: Int64 = 0
    var uncovered: Int64 = 0

    var isVoid: Bool { step.op.kind == 32 }
    var counts: Bool { verdict.outcome == .posted }
  }

  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard try !state.rows(Tables.redemptionStep, under: [key.first]).isEmpty,
      let row = try state.row(Tables.redemption, id: key.first)
    else { return }
    try settle(row, adding: nil, in: state)
  }

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let redemption = entry.payload.reference(1),
      let row = try state.row(Tables.redemption, id: redemption.packed)
    else {
      return try state.settle(
        entry.op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(
        entry.op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    try settle(row, adding: entry.isFirst ? entry : nil, in: state)
  }

  /// Settles a redemption and its steps again.
  static func settle<S: FoldState>(
    _ row: [Cell], adding step: Entry?, in state: S
  ) throws(S.Failure) {
    guard let id = row[0].id, let original = try Entry.again(id, 23, in: state),
      let sale = try Sale(original, in: state)
    else { return }
    var steps: [Entry] = []
    for old in try state.rows(Tables.redemptionStep, under: [id.packed]) {
      guard let stepID = old[1].id else { continue }
      let kind: KindNumber = old[2] == .text("void") ? 32 : 33
      if let step = try Entry.again(stepID, kind, in: state) { steps.append(step) }
    }
    if let step {
      let (kept, dropped) = Steps.adding(step.op.id, to: steps.map(\.op.id))
      steps = (steps + [step]).filter { kept.contains($0.op.id) }
      if let dropped {
        try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == step.op.id)
        guard dropped != step.op.id else { return }
        try remove(dropped, of: id, in: state)
      }
    }
    let effects = try effects(of: Steps.ordered(steps, in: state), on: sale, in: state)
    for effect in effects {
      try put(effect, on: sale, in: state)
      try state.settle(
        effect.step.op.id, effect.verdict, isFirst: effect.step.op.id == step?.op.id)
    }
    let isVoid = effects.contains { $0.isVoid && $0.counts }
    let back = sale.lines.indices.map { index in
      effects.reduce(0) { $0 + $1.pieces[Int64(index + 1), default: 0] }
    }
    // The goods of a sale that waits for its date are gone all the same: its void books both ways.
    if sale.isPending { try RedemptionFold.hand(over: sale, original, counts: isVoid, in: state) }
    var settled = sale.row
    if isVoid {
      settled[1] = .text("void")
    } else if zip(sale.lines, back).allSatisfy({ $0.quantity == $1 }) {
      settled[1] = .text("returned")
    } else if back.contains(where: { $0 > 0 }) {
      settled[1] = .text("partly_returned")
    }
    if settled != row { try state.replace(Tables.redemption, row, by: settled) }
    // Coins that were handed back are out again, as if they had not come.
    try CoinSerials.note(
      sale.numbered, isOut: false, counts: !isVoid && !sale.isPending, original.op, in: state)
    try ItemLimit.take(back, from: sale, in: state)
    try OwnLimit.note(sale, back, isFirst: false, in: state)
    try TakeLimits.take(back, from: sale, in: state)
    let policy = try Standing.policy(of: original.op, in: state)
    let verdict =
      isVoid ? Verdict(.void) : try RedemptionFold.verdict(of: original, sale, policy, in: state)
    try state.settle(id, verdict, isFirst: false)
  }

  /// Takes away what a step did that has no place among the first.
  private static func remove<S: FoldState>(
    _ step: OpID, of sale: OpID, in state: S
  ) throws(S.Failure) {
    for row in try state.rows(Tables.returnedLine, under: [sale.packed, step.packed]) {
      try state.remove(Tables.returnedLine, row)
    }
    for row in try state.rows(Tables.coinMove, under: [step.packed]) {
      try state.remove(Tables.coinMove, row)
    }
    try Facts.set(nil, [sale.packed, step.packed], in: Tables.redemptionStep, state)
  }

  /// What each step does, in canonical order.
  private static func effects<S: FoldState>(
    of steps: [Entry], on sale: Sale, in state: S
  ) throws(S.Failure) -> [Effect] {
    var effects: [Effect] = []
    for step in steps {
      effects.append(Effect(step: step, verdict: try verdict(of: step, on: sale, in: state)))
    }
    var charged = try charged(by: sale, in: state)
    if let first = effects.firstIndex(where: { $0.isVoid && $0.counts }) {
      for index in effects.indices where index != first && effects[index].counts {
        effects[index].verdict =
          effects[index].isVoid
          ? repeated(effects[index].step, of: effects[first].step, on: sale)
          : Verdict(.void, [.returnOfVoided])
      }
      effects[first].points = sale.points
      effects[first].credit = sale.points - max(0, min(charged, sale.points))
      effects[first].uncovered = sale.row[6].integer ?? 0
      for (index, line) in sale.lines.enumerated() {
        effects[first].pieces[Int64(index + 1)] = line.quantity
      }
      return effects
    }
    var left = sale.lines.map(\.quantity)
    var uncovered = sale.row[6].integer ?? 0
    for index in effects.indices where effects[index].counts {
      var pieces: [Int64: Int64] = [:]
      for line in effects[index].step.payload.records(2) {
        pieces[line.integer(1) ?? 0, default: 0] += line.integer(2) ?? 0
      }
      guard pieces.allSatisfy({ sale.lines.indices.contains(Int($0.key) - 1) }) else {
        effects[index].verdict = Verdict(.void, [.wrongReference])
        continue
      }
      guard pieces.allSatisfy({ $0.value <= left[Int($0.key) - 1] }) else {
        effects[index].verdict = Verdict(.void, [.returnAboveOriginal])
        continue
      }
      for (line, quantity) in pieces {
        left[Int(line) - 1] -= quantity
        effects[index].points += quantity * sale.lines[Int(line) - 1].price
      }
      effects[index].pieces = pieces
      effects[index].credit = max(0, effects[index].points - charged)
      charged -= effects[index].points - effects[index].credit
      effects[index].uncovered = min(uncovered, effects[index].points)
      uncovered -= effects[index].uncovered
    }
    return effects
  }

  /// A void beside the one that counts; what came back with it alone is on no shelf.
  private static func repeated(_ void: Entry, of counted: Entry, on sale: Sale) -> Verdict {
    let isBooked =
      bringsGoods(counted) && counted.op.id.replica == void.op.id.replica
    guard bringsGoods(void), !isBooked, sale.lines.contains(where: \.isGoods) else {
      return Verdict(.duplicate)
    }
    return Verdict(.duplicate, [.goodsUnbooked])
  }

  private static func bringsGoods(_ void: Entry) -> Bool { void.payload.integer(2) == 1 }

  /// What a redemption took from the account and coins handed in later did not pay.
  private static func charged<S: FoldState>(
    by sale: Sale, in state: S
  ) throws(S.Failure) -> Int64 {
    var charged = max(0, sale.points)
    for row in try state.rows(Tables.coinPoints, under: [sale.id.packed])
    where row[2] == .text("posted") {
      charged -= (row[4].integer ?? 0) - (row[6].integer ?? 0)
    }
    return charged
  }

  /// The day of a step, for the days in which it may be; a step that the hub took in together with
  /// its redemption was offline with it, and is believed.
  private static func day<S: FoldState>(
    of step: Entry, on sale: Sale, in state: S
  ) throws(S.Failure) -> Int64 {
    guard let sold = try state.receivedAt(sale.id), let came = try state.receivedAt(step.op.id),
      BusinessDate(stamp: sold) < BusinessDate(stamp: came)
    else { return Int64(step.op.occurredOn.day) }
    return try Standing.windowDay(step.op, in: state)
  }

  /// What a step is worth on its own.
  private static func verdict<S: FoldState>(
    of step: Entry, on sale: Sale, in state: S
  ) throws(S.Failure) -> Verdict {
    if sale.isPending, step.op.kind != 32 { return Verdict(.pending) }
    if let problem = try Steps.problem(step, in: state) { return Verdict(.pending, [problem]) }
    let seller = try Standing.community(of: sale.id.replica, in: state)
    guard try Standing.isOf(seller, step.op, in: state) else {
      return Verdict(.pending, [.actorNotEntitled])
    }
    guard step.op.kind == 32 else { return .plain }
    let days = try day(of: step, on: sale, in: state) - sale.knownDay
    if step.op.id.replica == sale.id.replica, days == 0 { return .plain }
    guard try Standing.holds(.approver, step.op, in: state) else {
      return Verdict(.pending, [.actorNotEntitled])
    }
    let limit = try Standing.policy(of: step.op, in: state)?[.voidDays] ?? 0
    return days <= limit ? .plain : Verdict(.void, [.voidTooLate])
  }

  private static func put<S: FoldState>(
    _ effect: Effect, on sale: Sale, in state: S
  ) throws(S.Failure) {
    let step = effect.step
    let isFirst = try state.row(Tables.redemptionStep, [sale.id.packed, step.op.id.packed]) == nil
    let office = Int64(step.op.id.replica.rawValue)
    let row: [Cell] = [
      .id(sale.id), .id(step.op.id), .text(effect.isVoid ? "void" : "return"),
      .text(effect.verdict.outcome.rawValue), .id(sale.pool ?? sale.resident),
      .integer(Int64(sale.id.replica.rawValue)), .integer(effect.points),
      .integer(effect.uncovered), .integer(Int64(step.op.occurredOn.day)),
      .integer(effect.credit), .integer(sale.bucket(undoneBy: step.op)),
      .integer(try earned(by: effect, on: sale, in: state)),
    ]
    try Facts.put(row, in: Tables.redemptionStep, isFirst: isFirst, state)
    let isGood = step.payload.integer(effect.isVoid ? 2 : 3) == (effect.isVoid ? 1 : 0)
    for (index, line) in sale.lines.enumerated() {
      let number = Int64(index + 1)
      let pieces = effect.pieces[number, default: 0]
      let named = effect.isVoid || step.payload.records(2).contains { $0.integer(1) == number }
      guard named else { continue }
      let lineRow: [Cell] = [
        .id(sale.id), .id(step.op.id), .integer(number), .integer(office), .id(line.item),
        .integer(pieces), .integer(isGood && line.isGoods ? pieces : 0),
      ]
      try Facts.put(lineRow, in: Tables.returnedLine, isFirst: isFirst, state)
    }
    guard effect.isVoid, !sale.coins.isEmpty else { return }
    let entry = Entry(op: step.op, payload: step.payload, kind: step.kind, isFirst: isFirst)
    try Coins.move(
      sale.booked, .payback, counts: effect.counts, resident: nil, entry, in: state)
  }

  /// The last day of the points that a step brings new to the account; change that was
  /// credited goes from where it was.
  ///
  /// A step that names no rules goes by those of its redemption.
  private static func earned<S: FoldState>(
    by effect: Effect, on sale: Sale, in state: S
  ) throws(S.Failure) -> Int64 {
    if sale.pool != nil { return 0 }
    if effect.credit < 0 { return sale.bucket }
    let step = effect.step.op
    if let policy = try Standing.policy(of: step, in: state) {
      return YearBucket.end(of: step.occurredOn, policy)
    }
    let policy = try Standing.policy(of: try state.op(sale.id), in: state)
    return YearBucket.end(of: step.occurredOn, policy)
  }

  /// What a step gives back to the account and takes off the office's uncovered sum.
  static let postings: @Sendable ([Cell]) -> [Posting] = { row in
    guard row[3] == .text("posted"), let payer = row[4].integer, let office = row[5].integer,
      let points = row[6].integer, let uncovered = row[7].integer
    else { return [] }
    var postings = [Posting(.account, payer, amounts: [points, 0, -points, -uncovered])]
    if uncovered != 0 { postings.append(Posting(.office, office, amounts: [-uncovered])) }
    return postings
      + YearBucket.posting(
        payer, spent: row[10].integer, earned: row[11].integer, points: points,
        credit: row[9].integer ?? 0)
  }

  /// What a step puts back on the shelf of the office that took it.
  static let linePostings: @Sendable ([Cell]) -> [Posting] = { row in
    guard let office = row[3].integer, let item = row[4].integer, let pieces = row[6].integer,
      pieces > 0
    else { return [] }
    return [Posting(.shelfItem, office, item, amounts: [pieces, 0, -pieces, 0])]
  }
}
