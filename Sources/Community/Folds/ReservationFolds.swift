import OpLog

/// `reservation.place`: goods on the writer's own shelf are kept for a resident until a day.
enum ReservationFold: Fold {
  static let schema = PayloadSchema([
    .required("item", .reference([21])), .required("resident", .reference([16])),
    .required("quantity", .integer(1...99)), .required("expires_on", .date),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard let item = entry.payload.reference(1), let resident = entry.payload.reference(2),
      try state.has(Tables.item, id: item.packed),
      try state.has(Tables.resident, id: resident.packed)
    else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    let problem = try Steps.problem(entry, in: state)
    let row: [Cell] = [
      .integer(Int64(op.id.replica.rawValue)), .id(item), .id(op.id),
      .text(problem == nil ? "open" : "pending"), .id(resident),
      .integer(entry.payload.integer(3) ?? 0), .integer(entry.payload.integer(4) ?? 0), .null,
      .null,
    ]
    let verdict = problem.map { Verdict(.pending, [$0]) } ?? .plain
    try state.settle(op.id, verdict, isFirst: entry.isFirst)
    guard let old = try state.row(Tables.reservation, Tables.reservation.key(of: row)) else {
      try state.insert(Tables.reservation, row)
      return try keep(row, in: state)
    }
    try settle(old, asPlaced: row, adding: nil, in: state)
  }

  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let item = entry.payload.reference(1) else { return nil }
    if let day = entry.payload.integer(4).flatMap({ BusinessDate(day: $0) }),
      day < entry.op.occurredOn
    {
      return .keptUntilPast(day: day)
    }
    guard
      case .reserved(_, let kept)? = try shortage(of: item, entry.op, collecting: nil, in: state)
    else { return nil }
    // Folded, the reservation keeps its own pieces too: it is told of those kept for others.
    let others = kept - (entry.payload.integer(3) ?? 0)
    guard others <= 0 else { return .reserved(item: item, kept: others) }
    let office = Int64(entry.op.id.replica.rawValue)
    let onHand = try state.row(Tables.shelfItem, [office, item.packed])?[2].integer ?? 0
    return .notEnoughStock(item: item, onHand: onHand)
  }

  /// A redemption that names a reservation collects it: no other record of it is needed.
  ///
  /// One of somebody else, or of another item, leaves it open; and so does one at another office, unless
  /// that takes the place of the one that keeps the goods, as may be known only later.
  static func collect<S: FoldState>(with sale: Entry, in state: S) throws(S.Failure) {
    guard let reservation = sale.payload.reference(8),
      let key = try key(of: reservation, in: state),
      let row = try state.row(Tables.reservation, key),
      isGoods(of: row, in: sale)
    else { return }
    try settle(
      row, asPlaced: try placed(row, reservation, in: state), adding: sale.op.id, in: state)
  }

  /// Why a redemption names a reservation that it does not collect: it is somebody else's, of another
  /// item, at another office, or was collected before.
  static func problem<S: FoldState>(
    collectedBy sale: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    guard let reservation = sale.payload.reference(8) else { return nil }
    let row = try key(of: reservation, in: state).flatMap { (key) throws(S.Failure) in
      try state.row(Tables.reservation, key)
    }
    return row?[7].id == sale.op.id ? nil : .otherReservation(reservation)
  }

  /// A step of a reservation: somebody released it, or it was collected.
  static func step<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard let reservation = entry.payload.reference(1),
      let key = try key(of: reservation, in: state),
      let row = try state.row(Tables.reservation, key)
    else {
      return try state.settle(
        entry.op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    if let lack = try Steps.lack(of: entry, in: state) {
      return try state.settle(
        entry.op.id, Verdict(.pending, [lack]), isFirst: entry.isFirst)
    }
    try settle(
      row, asPlaced: try placed(row, reservation, in: state),
      adding: entry.isFirst ? entry.op.id : nil, in: state)
  }

  /// A reservation's row before any step.
  private static func placed<S: FoldState>(
    _ row: [Cell], _ reservation: OpID, in state: S
  ) throws(S.Failure) -> [Cell] {
    let problem = try Entry.again(reservation, 35, in: state).flatMap {
      (placed) throws(S.Failure) in
      try Steps.problem(placed, in: state)
    }
    var placed = row
    placed[3] = .text(problem == nil ? "open" : "pending")
    placed[7] = .null
    placed[8] = .null
    return placed
  }

  /// Whether a redemption hands the reserved goods to the one for whom they are kept.
  private static func isGoods(of row: [Cell], in sale: Entry) -> Bool {
    sale.payload.reference(1)?.packed == row[4].integer
      && sale.payload.records(2).contains { $0.reference(1)?.packed == row[1].integer }
  }

  /// Settles what an office keeps again, when another takes its place.
  static func settle<S: FoldState>(keptAt office: Int64, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.reservation, under: [office]) where row[8] != .null {
      guard let id = row[2].id else { continue }
      try settle(row, asPlaced: try placed(row, id, in: state), adding: nil, in: state)
    }
  }

  /// Settles a reservation again: a redemption that names it wins, else a collection, else the first
  /// release counts.
  private static func settle<S: FoldState>(
    _ row: [Cell], asPlaced placed: [Cell], adding step: OpID?, in state: S
  ) throws(S.Failure) {
    let (ids, dropped) = Steps.adding(step, to: OpList.decode(row[8].text))
    if let dropped {
      if try state.op(dropped).kind != 23 {
        try state.settle(dropped, Verdict(.duplicate), isFirst: dropped == step)
      }
      guard dropped != step else { return }
    }
    let keepers = try RetireFold.line(of: placed[0].integer ?? 0, in: state)
    var steps: [Entry] = []
    var sale: OpID?
    for id in ids {
      if sale == nil, keepers.contains(Int64(id.replica.rawValue)), try state.op(id).kind == 23 {
        sale = id
      }
      let release = try Entry.again(id, 36, in: state)
      let collect = try Entry.again(id, 37, in: state)
      if let entry = release ?? collect { steps.append(entry) }
    }
    steps = try Steps.ordered(steps, in: state)
    var verdicts: [Verdict] = []
    for step in steps {
      verdicts.append(
        placed[3] == .text("pending")
          ? Verdict(.pending) : try verdict(of: step, on: placed, by: keepers, in: state))
    }
    let effective = steps.indices.filter { verdicts[$0].outcome == .posted }
    let collected = effective.first {
      steps[$0].op.kind == 37 && (sale == nil || steps[$0].payload.reference(2) == sale)
    }
    let winner = sale == nil ? collected ?? effective.first : collected
    for index in effective where index != winner {
      let isBeaten = (sale != nil || collected != nil) && steps[index].op.kind == 36
      verdicts[index] = isBeaten ? Verdict(.void, [.reservationCollected]) : Verdict(.duplicate)
    }
    var settled = placed
    settled[8] = .list(ids)
    if let sale {
      settled[3] = .text("collected")
      settled[7] = .id(sale)
    } else if let winner {
      if steps[winner].op.kind == 37 {
        settled[3] = .text("collected")
        settled[7] = .id(steps[winner].payload.reference(2))
      } else {
        settled[3] = .text(steps[winner].payload.integer(2) == 1 ? "expired" : "released")
      }
    }
    if settled != row {
      try state.replace(Tables.reservation, row, by: settled)
      try keep(settled, in: state)
    }
    for (entry, verdict) in zip(steps, verdicts) {
      try state.settle(entry.op.id, verdict, isFirst: entry.op.id == step)
    }
  }

  /// Keeps open reservations apart, so that a sale does not read those that ended.
  private static func keep<S: FoldState>(_ row: [Cell], in state: S) throws(S.Failure) {
    let new = row[3] == .text("open") ? Array(row[..<3]) + [row[5], row[6]] : nil
    try Facts.set(new, Tables.reservation.key(of: row), in: Tables.keptGoods, state)
  }

  /// What a step is worth on its own; it is for the office on whose shelf the goods are kept, for those
  /// that took its place, or for the hub.
  private static func verdict<S: FoldState>(
    of step: Entry, on row: [Cell], by keepers: [Int64], in state: S
  ) throws(S.Failure) -> Verdict {
    let writer = step.op.id.replica
    guard writer.isHub || keepers.contains(Int64(writer.rawValue)) else {
      return Verdict(.void, [.wrongReference])
    }
    if step.op.kind == 37 {
      guard let id = step.payload.reference(2), let sale = try Entry.again(id, 23, in: state),
        sale.payload.reference(1)?.packed == row[4].integer,
        sale.payload.records(2).contains(where: { $0.reference(1)?.packed == row[1].integer })
      else { return Verdict(.void, [.wrongReference]) }
    }
    return try Steps.problem(step, in: state).map { Verdict(.pending, [$0]) } ?? .plain
  }

  private static func key<S: FoldState>(
    of reservation: OpID, in state: S
  ) throws(S.Failure) -> [Int64]? {
    guard let placed = try Entry.again(reservation, 35, in: state),
      let item = placed.payload.reference(1)
    else { return nil }
    return [Int64(reservation.replica.rawValue), item.packed, reservation.packed]
  }

  /// Why a shelf has too little of an item that is not kept for somebody else.
  ///
  /// What a lost PC kept lies on the shelf of the office in its place, for the same people.
  static func shortage<S: FoldState>(
    of item: OpID, _ op: Op, collecting: OpID?, in state: S
  ) throws(S.Failure) -> Refusal? {
    let office = Int64(op.id.replica.rawValue)
    var kept: Int64 = 0
    for shelf in try RetireFold.followed(by: office, in: state) {
      let isHere = try RetireFold.line(of: shelf, in: state).last == office
      for row in try state.rows(Tables.keptGoods, under: [shelf, item.packed])
      where isHere && row[2].id != collecting {
        if row[4].integer ?? 0 >= Int64(op.occurredOn.day) { kept += row[3].integer ?? 0 }
      }
    }
    guard kept > 0 else { return nil }
    let onHand = try state.row(Tables.shelfItem, [office, item.packed])?[2].integer ?? 0
    return onHand < kept ? .reserved(item: item, kept: kept) : nil
  }
}

/// `reservation.release`: goods are no longer kept.
enum ReleaseFold: Fold {
  static let schema = PayloadSchema([
    .required("reservation", .reference([35])),
    .required("reason", .choice(ReleaseReason.names)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ReservationFold.step(entry, in: state)
  }
}

/// `reservation.collect`: the resident took the goods with a redemption.
enum CollectFold: Fold {
  static let schema = PayloadSchema([
    .required("reservation", .reference([35])), .required("redemption", .reference([23])),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    try ReservationFold.step(entry, in: state)
  }
}

/// Why goods are kept no longer.
package enum ReleaseReason: Int64, Sendable {
  /// Somebody wanted it so.
  case released
  /// Nobody came up to the last day.
  case expired

  static let names = ["released", "expired"]
}
