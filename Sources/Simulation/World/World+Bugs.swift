import Community
import Office
import OpLog
import Store

/// Planted bugs: each spoils what a real core did, as the bug would have.
extension World {
  /// The registers before an answer was taken, for a bug that forgets to fold them again.
  func stateBeforeSpoiling(of office: OfficeNode) throws(Violation) -> [[Cell]] {
    guard let table = forgottenTable else { return [] }
    return try must("read \(table.name)") { try office.store.rows(of: table) }
  }

  /// The table whose rows a bug leaves as they were.
  private var forgottenTable: Table? {
    switch options.bug {
    case .refoldSkipped: Tables.field
    case .staleSum, .rightsByStaleSum: Tables.account
    default: nil
    }
  }

  /// Tables as the bug leaves them once ops of others are folded.
  func spoilTables(of store: Store, _ before: [[Cell]] = []) throws(Violation) {
    try must("plant a bug") {
      switch options.bug {
      case .duplicateAwardCounted: try countDuplicates(in: store)
      case .wallClockDecides: try preferEarlierStamps(in: store)
      case .refoldSkipped, .staleSum: try undoLateUpdates(in: store, before)
      default: break
      }
    }
  }

  /// The goods of a redemption back on the shelf, behind a crash.
  func spoilAfterCrash(behind id: OpID, at office: OfficeNode) throws(Violation) {
    guard options.bug == .stockLegLost else { return }
    try must("plant a bug") {
      let store = office.store
      for row in try store.rows(of: Tables.redemptionLine) where row[0] == .id(id) {
        let key = [row[2].integer ?? 0, row[3].integer ?? 0]
        guard let shelf = try store.row(Tables.shelfItem, key) else { continue }
        var full = shelf
        full[2] = .integer((shelf[2].integer ?? 0) + (row[4].integer ?? 0))
        try replace(Tables.shelfItem, shelf, by: full, in: store)
      }
    }
  }

  /// Progress that runs ahead of the ops, behind a crash before their commit.
  func spoilProgress(_ call: Call, at office: OfficeNode) throws(Violation) {
    guard options.bug == .headAdvancedBeforeCommit, case .sync = call.purpose else { return }
    try must("plant a bug") {
      let seq = try hub.store.storedHead(of: hub.replica).seq
      try office.store.write { () throws(StoreError) in
        try office.store.set(.wholeSeq, Int64(seq))
      }
    }
  }

  /// What a new op did at the counter, as a bug would have it.
  func spoilRecorded(_ id: OpID, _ kind: String, at office: OfficeNode) throws(Violation) {
    try must("plant a bug") {
      let store = office.store
      switch (options.bug, kind) {
      case (.checkOutsideTransaction, "redemption.record"):
        try writeUnchecked(try store.op(id), at: store)
      case (.sentAndKept, "stock.send"):
        guard let row = try store.row(Tables.stockTransfer, id: id.packed),
          row[1] != .text("pending")
        else { return }
        let key = [row[2].integer ?? 0, row[4].integer ?? 0]
        try add(row[5].integer ?? 0, to: [2, 3], of: Tables.shelfItem, key, in: store)
      case (.restockedTwice, "redemption.void"):
        for row in try store.rows(of: Tables.returnedLine) where row[1] == .id(id) {
          let key = [row[3].integer ?? 0, row[4].integer ?? 0]
          try add(row[6].integer ?? 0, to: [2, 3], of: Tables.shelfItem, key, in: store)
        }
      case (.bodyInLog, "resident.register"): try copyBody(of: id, at: office)
      case (.voidedTwice, "redemption.void"):
        try write(try store.op(id), at: store)
        let again = try store.storedHead(of: store.identity.replica)
        unasked.insert(again.hash)
        // What a step comes to follows from all of them, so the second one's row is changed.
        for row in try store.rows(of: Tables.redemptionStep)
        where row[1] == .id(OpID(again.replica, again.seq)) {
          var counted = row
          counted[3] = .text("posted")
          if counted != row { try replace(Tables.redemptionStep, row, by: counted, in: store) }
        }
      case (.giftNotTaken, "points.transfer"):
        guard let row = try store.row(Tables.pointsTransfer, id: id.packed),
          row[1] == .text("posted")
        else { return }
        let key = [row[2].integer ?? 0]
        try add(row[4].integer ?? 0, to: [1], of: Tables.account, key, in: store)
      case (.coverWithoutStanding, "redemption.record"):
        guard let row = try store.row(Tables.redemption, id: id.packed),
          let points = row[6].integer, points > 0, row[1] == .text("posted")
        else { return }
        try add(-points, to: [4], of: Tables.account, [row[2].integer ?? 0], in: store)
        try add(
          -points, to: [1], of: Tables.office, [Int64(office.replica.rawValue)], in: store)
        // No op covers what another office gave; a fold that let it would leave these rows.
        try write("standin.cover", [.reference(id)], at: store)
      case (.selfGrantMints, "rights.request"):
        guard let request = try store.rightsRequest(id), let account = request[0].integer else {
          return
        }
        let row: [Cell] = [
          .integer(Int64(office.replica.rawValue)), .integer(account), .integer(3), .null,
        ]
        // A right is the sum of its grants by the home, so what is minted has to be a row.
        try write("rights.grant", [.reference(id), .integer(3)], at: store)
        try store.write { () throws(StoreError) in
          _ = try store.insertIfAbsent(Tables.heldRight, row)
        }
      case (.overdraftUnchecked, "redemption.record"):
        let op = try store.op(id)
        guard PlainOp(op, hash: .zero).integer(3) == 0 else { return }
        for _ in 0..<3 { try writeUnchecked(op, at: store) }
      case (.coinLost, "coin.adjust"):
        for row in try store.rows(of: Tables.coinMove) where row[0] == .id(id) {
          let key = [row[4].integer ?? 0, row[1].integer ?? 0]
          try add(-1, to: [2], of: Tables.coinBox, key, in: store)
        }
      default: break
      }
    }
  }

  /// What somebody writes whose check was made before another wrote.
  private func writeUnchecked(_ op: Op, at store: Store) throws {
    try write(op, at: store)
    unasked.insert(try store.storedHead(of: store.identity.replica).hash)
  }

  /// An op of a kind of its own with the salt of somebody's body.
  private func copyBody(of id: OpID, at office: OfficeNode) throws {
    let store = office.store
    let next = try store.storedHead(of: office.replica).seq + 1
    guard let digest = try store.op(id).body, let body = try store.body(digest),
      let copy = OpID(office.replica, next)
    else { return }
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(1)
    payload.byteString(body.salt)
    let op = try Op(
      OpFields(
        id: copy, stamp: time, kind: 9_999, occurredOn: BusinessDate(stamp: time),
        payload: payload.bytes))
    try store.write { () throws(StoreError) in try store.take([op]) }
    unasked.insert(try store.storedHead(of: office.replica).hash)
  }

  /// An op that an office's program writes by itself, at the wrong time.
  private func write(_ name: String, _ values: [PayloadValue?], at store: Store) throws {
    guard let kind = Catalogue.kind(named: name) else { return }
    try write(
      Draft(kind: kind, payload: Payload(values: values), occurredOn: BusinessDate(stamp: time)),
      at: store)
  }

  /// An op that nobody asked for.
  func write(_ draft: Draft, at store: Store) throws {
    try store.write { () throws(StoreError) in _ = try store.append(draft, stamp: time) }
    unasked.insert(try store.storedHead(of: store.identity.replica).hash)
  }

  /// The same op once more.
  func write(_ op: Op, at store: Store) throws {
    guard let kind = Catalogue.kind(op.kind),
      case .payload(let payload) = try kind.schema.decode(op)
    else { return }
    var draft = Draft(kind: kind, payload: payload, occurredOn: op.occurredOn)
    draft.actor = op.actor
    draft.policy = op.policy
    try store.write { () throws(StoreError) in _ = try store.append(draft, stamp: op.stamp) }
  }

  /// What a closed month says, once the hub has closed it.
  func spoilMonths() throws(Violation) {
    guard options.bug == .closedMonthChanged else { return }
    try must("plant a bug") {
      for row in try hub.store.rows(of: Tables.period) where row[3] != .null {
        try add(
          1, to: [6], of: Tables.period, [row[0], row[1]].map { $0.integer ?? 0 }, in: hub.store)
      }
    }
  }

  func add(
    _ amount: Int64, to columns: [Int], of table: Table, _ key: [Int64], in store: Store
  ) throws {
    guard let row = try store.row(table, key) else { return }
    var spoiled = row
    for column in columns { spoiled[column] = .integer((row[column].integer ?? 0) + amount) }
    try replace(table, row, by: spoiled, in: store)
  }

  private func countDuplicates(in store: Store) throws {
    for award in try store.rows(of: Tables.award) where award[5] == .text("posted") {
      let key = [award[1].integer ?? 0]
      guard award[8] != .null, let account = try store.row(Tables.account, key),
        try earned(by: key[0], in: store) == account[2].integer
      else { continue }
      var rich = account
      for column in [1, 2] {
        rich[column] = .integer((account[column].integer ?? 0) + (award[7].integer ?? 0))
      }
      try replace(Tables.account, account, by: rich, in: store)
    }
  }

  private func preferEarlierStamps(in store: Store) throws {
    for award in try store.rows(of: Tables.award) where award[5] == .text("posted") {
      let others = award[8].text.split(separator: " ").compactMap { OpID($0) }
      guard let counted = award[6].id else { continue }
      let stamp = try store.op(counted).stamp
      for other in try others.map({ try store.op($0) }) where other.stamp < stamp {
        var early = award
        early[6] = .id(other.id)
        early[7] = .integer(PlainOp(other, hash: .zero).integer(3) ?? 0)
        try replace(Tables.award, award, by: early, in: store)
        break
      }
    }
  }

  /// What a person's counted awards come to.
  private func earned(by resident: Int64, in store: Store) throws -> Int64 {
    let direct = try store.rows(of: Tables.award).reduce(0) { sum, row in
      row[1] == .integer(resident) && row[5] == .text("posted") && row[13] == .integer(0)
        ? sum + (row[7].integer ?? 0) : sum
    }
    return try store.rows(of: Tables.awardMonth).reduce(direct) { sum, row in
      row[0] == .integer(resident) ? sum + (row[4].integer ?? 0) : sum
    }
  }

  private func undoLateUpdates(in store: Store, _ before: [[Cell]]) throws {
    guard let table = forgottenTable else { return }
    for old in before {
      guard let new = try store.row(table, table.key(of: old)), new != old else { continue }
      try replace(table, new, by: old, in: store)
    }
  }

  func replace(
    _ table: Table, _ old: [Cell], by new: [Cell], in store: Store
  ) throws {
    try store.write { () throws(StoreError) in try store.replace(table, old, by: new) }
  }
}
