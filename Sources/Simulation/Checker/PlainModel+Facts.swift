import Community
import OpLog

/// Registers, redemptions, and stock by the rules of the design.
extension PlainModel {
  /// The values of a register that stand are those that no counted update replaces.
  func registers() {
    struct Register: Hashable, Comparable {
      let resident: OpID
      let field: Int64
      static func < (left: Register, right: Register) -> Bool {
        (left.resident, left.field) < (right.resident, right.field)
      }
    }
    var values: [Register: Set<OpID>] = [:]
    var replaced: [Register: Set<OpID>] = [:]
    for op in ops(17) {
      guard let resident = op.reference(1), exists(resident, 16) else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      if let problem = problem(op) {
        settle(op, "pending", [problem])
        continue
      }
      let fields = (0..<6).filter { !op.references($0 + 2).isEmpty }
      let isSound = fields.allSatisfy { field in
        op.references(field + 2).allSatisfy {
          $0 == resident || isUpdate($0, of: resident, field: field)
        }
      }
      guard isSound else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      settle(op, "posted", sayAge(op, of: resident))
      for field in fields {
        let register = Register(resident: resident, field: Int64(field))
        values[register, default: [resident]].insert(op.id)
        replaced[register, default: []].formUnion(op.references(field + 2))
      }
    }
    for (register, values) in values.sorted(by: { $0.key < $1.key }) {
      let live = values.subtracting(replaced[register] ?? []).sorted()
      put(
        "field",
        [
          .id(register.resident), .integer(register.field),
          .id(shown(live, first: register.resident)),
          .text(live.map(\.description).joined(separator: " ")),
        ])
      if live.count > 1 { stand("fork", register.resident.packed, detail: register.field) }
    }
  }

  /// What an update says of somebody's age, from its date on, or from the day of the receipt where that
  /// is ahead; returns what a person should look at.
  private func sayAge(_ op: PlainOp, of resident: OpID) -> [String] {
    guard !op.references(7).isEmpty else { return op.integer(8) == nil ? [] : ["wrong-reference"] }
    var from = Int64(op.op.occurredOn.day)
    var reasons: [String] = []
    if isInFuture(op), let received = receivedAt[op.id] {
      from = (received + 28_800_000) / 86_400_000
      reasons = ["future-date"]
    } else if isBackdated(op) {
      reasons = ["backdated"]
    }
    var replaced: Set<OpID> = []
    var open = op.references(7)
    while let id = open.popLast() {
      guard replaced.insert(id).inserted, let update = admitted[id], update.kind == 17,
        problem(update) == nil
      else { continue }
      open += update.references(7)
    }
    put(
      "age_band",
      [.id(resident), .id(op.id), cell(op, 8), .integer(from), .list(replaced.sorted())])
    return reasons
  }

  private func isUpdate(_ id: OpID, of resident: OpID, field: UInt64) -> Bool {
    guard let op = admitted[id], op.kind == 17 else { return false }
    return op.reference(1) == resident && !op.references(field + 2).isEmpty
  }

  /// The value with the larger min(stamp, received_at), the larger id where these are equal; the
  /// first value gives way to any update.
  private func shown(_ live: [OpID], first: OpID) -> OpID? {
    live.filter { $0 != first }.max { (time($0), $0) < (time($1), $1) } ?? live.first
  }

  private func time(_ id: OpID) -> Int64 {
    min(admitted[id]?.op.stamp ?? 0, receivedAt[id] ?? .max)
  }

  /// Debits that the home of their account took over; of several covers the lowest id counts.
  private func takenOver() -> Set<OpID> {
    var covers: [OpID: [OpID]] = [:]
    for op in ops(13) {
      guard let debit = op.reference(1), let sale = admitted[debit], sale.kind == 23,
        let resident = sale.reference(1), exists(resident, 16), let file = admitted[resident]
      else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      guard home(of: file) == Int64(op.id.replica.rawValue) else {
        settle(op, "void", ["actor-not-entitled"])
        continue
      }
      settle(op, covers[debit] == nil ? "posted" : "duplicate")
      covers[debit, default: []].append(op.id)
    }
    for (debit, ids) in covers {
      put("stand_in_cover", [.id(debit), .id(ids[0]), .list(Array(ids.dropFirst()))])
    }
    return Set(covers.keys)
  }

  /// What an account's community says of a debit on trust that found it empty; of several the lowest id
  /// counts, and whoever took goods so on an earlier day, within a year, is on the desk.
  func owed() {
    var notes: [OpID: [OpID]] = [:]
    for op in ops(81) {
      guard let debit = op.reference(1), let sale = admitted[debit], sale.kind == 23,
        sale.integer(3) == 2, let resident = sale.reference(1), exists(resident, 16),
        let file = admitted[resident]
      else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      let opened = home(of: file).flatMap { ReplicaID(rawValue: UInt32(clamping: $0)) }
      guard op.id.replica != debit.replica, let opened,
        communities[op.id.replica] == communities[opened]
      else {
        settle(op, "void", ["actor-not-entitled"])
        continue
      }
      settle(op, notes[debit] == nil ? "posted" : "duplicate")
      notes[debit, default: []].append(op.id)
    }
    var days: [OpID: Set<Int64>] = [:]
    for debit in notes.keys {
      guard let sale = admitted[debit], let person = sale.reference(1) else { continue }
      days[person, default: []].insert(Int64(sale.op.occurredOn.day))
    }
    for (debit, ids) in notes {
      guard let sale = admitted[debit], let person = sale.reference(1) else { continue }
      let day = Int64(sale.op.occurredOn.day)
      let isRepeat = days[person]?.contains { $0 < day && day - $0 <= 365 } ?? false
      put(
        "stand_in_debt",
        [
          .id(person), .integer(day), .id(debit), .id(ids[0]), .list(Array(ids.dropFirst())),
          .integer(isRepeat ? 1 : 0),
        ])
      if isRepeat { stand("overdrawn-again", debit.packed) }
    }
  }

  /// Goods that left the shelf stay gone, with or without a right.
  func redemptions() {
    let takenOver = takenOver()
    for op in ops(23) {
      guard let resident = op.reference(1), exists(resident, 16), let file = admitted[resident],
        op.lines.allSatisfy({ exists($0.item, 21) })
      else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      let office = Int64(op.id.replica.rawValue)
      let isAtHome = home(of: file) == office
      let isPending = isInFuture(op)
      let basis = op.integer(3) ?? 0
      let points = op.lines.reduce(0) { $0 + $1.quantity * $1.price }
      var reasons = isPending ? ["future-date"] : []
      if let problem = problem(op) { reasons.append(problem) }
      switch (basis, isAtHome) {
      case (0, true): break
      case (2, true): reasons.append("stand-in-at-home")
      case (2, false): if !takenOver.contains(op.id) { reasons.append("stand-in") }
      default:
        reasons.append("debit-without-standing")
        if !isPending { debit(points, withoutStandingFrom: resident) }
      }
      settle(op, isPending ? "pending" : "posted", reasons)
      put(
        "redemption",
        [
          .id(op.id), .text(isPending ? "pending" : "posted"), .id(resident), .integer(office),
          .integer(basis), .integer(points),
          .integer(basis == 2 && !isAtHome && !takenOver.contains(op.id) ? points : 0),
          .integer(Int64(op.op.occurredOn.day)), .integer(0), .null, .null,
          .integer(max(1, Int64(op.op.occurredOn.day))),
        ])
      if basis == 2, !isAtHome, !isPending, !takenOver.contains(op.id), let home = home(of: file) {
        put("open_debit", [.id(op.id), .integer(home), .id(resident)])
      }
      for (index, line) in op.lines.enumerated() {
        put(
          "redemption_line",
          [
            .id(op.id), .integer(Int64(index + 1)), .integer(office), .id(line.item),
            .integer(line.quantity), .integer(line.price),
            .integer(!isPending && isGoods(line.item) ? 1 : 0),
          ])
        if line.price != admitted[line.item]?.integer(3) {
          put(
            "other_price",
            [
              .id(line.item), .id(op.id), .integer(Int64(index + 1)), .integer(line.price),
              .integer(Int64(op.op.occurredOn.day)), .integer(0),
            ])
          stand("price-differs", op.id.packed, detail: Int64(index + 1))
        }
      }
    }
    takes()
  }

  /// What people took in a month under rules that limit it; of too many the later ids are over.
  private func takes() {
    struct Month: Hashable {
      let resident: OpID
      let month: Int64
      let item: OpID
    }
    var taken: [Month: Int64] = [:]
    for op in ops(23) {
      guard let rules = rules(of: op), let resident = op.reference(1), exists(resident, 16),
        op.lines.allSatisfy({ exists($0.item, 21) })
      else { continue }
      let limit = rules.integer(UInt64(Policy.Name.itemLimit.rawValue + 2))
      let (year, month, _) = op.op.occurredOn.civil
      for (index, line) in op.lines.enumerated() {
        let key = Month(
          resident: resident, month: Int64(year * 12 + month - 1), item: line.item)
        let quantity = isInFuture(op) ? 0 : line.quantity
        taken[key, default: 0] += quantity
        let isOver = quantity > 0 && taken[key, default: 0] > limit ?? .max
        put(
          "resident_take",
          [
            .id(resident), .integer(key.month), .id(op.id), .integer(Int64(index + 1)),
            .id(line.item), .integer(quantity), .integer(line.price),
            .integer(Int64(op.op.occurredOn.day)), limit.map(Cell.integer) ?? .null,
            .integer(isOver ? 1 : 0),
          ])
        if isOver { stand("item-limit", op.id.packed, detail: Int64(index + 1)) }
      }
    }
  }

  /// The rules that an op names, if they are its community's and limit what people take.
  private func rules(of op: PlainOp) -> PlainOp? {
    guard let id = op.op.policy, exists(id, 7), let rules = admitted[id],
      rules.reference(1) == communities[op.id.replica],
      rules.integer(UInt64(Policy.Name.itemLimit.rawValue + 2)) != nil
        || rules.integer(UInt64(Policy.Name.minorPerDay.rawValue + 2)) != nil
    else { return nil }
    return rules
  }

  /// Services and courses lie on no shelf.
  private func isGoods(_ item: OpID) -> Bool { admitted[item]?.integer(2) == 0 }

  /// Goods put on a shelf.
  func stock() {
    for op in ops(22) {
      guard let item = op.reference(1), exists(item, 21), isGoods(item) else {
        settle(op, "void", ["wrong-reference"])
        continue
      }
      let problem = problem(op) ?? (isInFuture(op) ? "future-date" : nil)
      settle(op, problem == nil ? "posted" : "pending", problem.map { [$0] } ?? [])
      put(
        "stock_receipt",
        [
          .id(op.id), .text(problem == nil ? "posted" : "pending"),
          .integer(Int64(op.id.replica.rawValue)), .id(item), cell(op, 2), cell(op, 3),
          cell(op, 4), .integer(Int64(op.op.occurredOn.day)), .text(op.text(5)),
          cell(op, 6),
        ])
    }
  }
}
