import OpLog

/// An account whose chain of homes changed: which gives count, and what was decided by its home.
enum MovedAccount: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let account = OpID(packed: key.first),
      let custody = try Custody.settled(account, in: state)
    else { return }
    let counted = custody.tenures.compactMap(\.end)
    for row in try state.rows(Tables.custodyGive, under: [key.first]) {
      guard let give = row[1].id, row[4] == .integer(1) else { continue }
      let verdict =
        counted.contains(give)
        ? try verdict(of: give, on: account, custody, state) : Verdict(.void, [.notHome])
      try state.settle(give, verdict, isFirst: false)
    }
    let old = try state.row(Tables.custody, id: key.first)
    let new: [Cell]? =
      counted.isEmpty
      ? nil
      : [
        .id(account), .integer(custody.home),
        .text(OpList.encode(custody.tenures.map(\.maker))),
      ]
    guard old != new else { return }
    try Facts.set(new, [key.first], in: Tables.custody, state)
    try RightsGrantFold.settle(answersOf: key.first, in: state)
    // Where an account lay when a year ended says until when its points could be spent.
    state.requeue(Reader(.residentExpiry, key.first))
    try Debits.settle(try Debits.of(account: key.first, in: state), in: state)
  }

  /// What became of a give that counts: nobody works for an account that lies at a revoked office, until
  /// the hub retires that; and where people moved to another community, that one is told.
  private static func verdict<S: FoldState>(
    of give: OpID, on account: OpID, _ custody: Custody, _ state: S
  ) throws(S.Failure) -> Verdict {
    var reasons: [DeskReason] = []
    if give == custody.maker, try RevokeFold.isGone(custody.home, in: state) {
      reasons.append(.officeRevoked)
    }
    if try Residence.present(of: account, in: state)?.op == give { reasons.append(.movedHere) }
    return Verdict(.posted, reasons)
  }
}

/// A replica that was revoked: nobody works for the accounts that were given to it.
enum RevokedReplica: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for row in try state.rows(Tables.custodyGive, under: [])
    where row[2].integer == key.first {
      if let account = row[0].integer { state.requeue(Reader(.movedAccount, account)) }
    }
  }

  /// What reads a replica's row: only one that was revoked changes anything.
  static let readers: @Sendable ([Cell]) -> [Reader] = { row in
    guard row[4] != .null, let replica = row[0].integer else { return [] }
    return [Reader(.revoked, replica)]
  }
}

/// A replica that was retired: its homes and its shelf are its successor's, and the rights that it held
/// on accounts of others fall back.
enum RetiredReplica: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    var accounts: Set<Int64> = []
    for row in try state.rows(Tables.custodyGive, under: []) {
      if let account = row[0].integer { accounts.insert(account) }
    }
    for account in accounts.sorted() { state.requeue(Reader(.movedAccount, account)) }
    try OpenDebits.requeueAll(in: state)
    let followed = try RetireFold.followed(by: key.first, in: state)
    try ShelfMoves.move(followed, in: state)
    try VaultMoves.move(followed, in: state)
    for office in followed {
      try ReservationFold.settle(keptAt: office, in: state)
      try SendFold.settle(sentFromOrTo: office, in: state)
    }
    for row in try state.rows(Tables.heldRight, under: [key.first]) {
      if let account = row[1].integer { state.requeue(Reader(.rightUses, account, key.first)) }
    }
    let asked = Set(try state.rows(Tables.rightsRequest, under: []).compactMap { $0[0].integer })
    for account in asked.sorted() {
      try RightsGrantFold.settle(answersOf: account, in: state)
    }
    // What a successor wrote may have come before the retirement that gave it the right, or before
    // one with a lower id that took it away again.
    var seen: Set<Int64> = [key.first]
    var offices = [key.first]
    while let office = offices.popLast() {
      for successor in try successors(of: office, in: state)
      where seen.insert(successor).inserted {
        try StandInCoverFold.settle(coversBy: successor, in: state)
        try Debits.settle(try Debits.of(office: successor, in: state), in: state)
        offices.append(successor)
      }
    }
  }

  /// Whom any retirement of a replica puts in its place.
  private static func successors<S: FoldState>(
    of replica: Int64, in state: S
  ) throws(S.Failure) -> [Int64] {
    guard let row = try state.row(Tables.retirement, id: replica) else { return [] }
    var successors: [Int64] = []
    for id in (row[1].id.map { [$0] } ?? []) + OpList.decode(row[4].text) {
      let terms = try RetireFold.terms(of: try state.op(id)) { (id) throws(S.Failure) in
        try state.op(id)
      }
      if let terms { successors.append(Int64(terms.successor.rawValue)) }
    }
    return successors
  }
}

/// The ops that take points from an account, to be judged again.
private enum Debits {
  /// Those that an account pays; a scan.
  static func of<S: FoldState>(account: Int64, in state: S) throws(S.Failure) -> [OpID] {
    let sales =
      try state.scan(Tables.redemption, where: 2, is: account)
      + state.scan(Tables.redemption, where: 9, is: account)
    let uses = try state.scan(Tables.offerUse, where: 1, is: account)
    let gifts = try state.scan(Tables.pointsTransfer, where: 2, is: account)
    let coins = try state.scan(Tables.coinPoints, where: 3, is: account)
    return (sales + gifts).compactMap(\.[0].id) + uses.compactMap(\.[2].id)
      + coins.compactMap(\.[1].id)
  }

  /// Those that an office wrote; a scan.
  static func of<S: FoldState>(office: Int64, in state: S) throws(S.Failure) -> [OpID] {
    let sales = try state.scan(Tables.redemption, where: 3, is: office)
    let uses = try state.scan(Tables.offerUse, where: 4, is: office)
    let gifts = try state.rows(Tables.pointsTransfer, under: [])
    let coins = try state.rows(Tables.coinPoints, under: [])
    let others = gifts.compactMap(\.[0].id) + coins.compactMap(\.[1].id)
    return sales.compactMap(\.[0].id) + uses.compactMap(\.[2].id)
      + others.filter { Int64($0.replica.rawValue) == office }
  }

  /// Folds them again, each with the covers that name it.
  static func settle<S: FoldState>(_ debits: [OpID], in state: S) throws(S.Failure) {
    for id in Set(debits).sorted() {
      try StandInCoverFold.settle(coversOf: id, in: state)
      state.requeue(Reader(.covers, id.packed))
      state.requeue(Reader(.openDebits, id.packed))
      for kind in Payer.debits {
        try Entry.again(id, kind, in: state)?.fold(in: state)
      }
    }
  }
}
