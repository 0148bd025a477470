import OpLog

/// In which community a resident lives, or a household's pool lies, day by day.
///
/// That is the community of the registration until a home says, in giving the account to an office of
/// another one, that they moved there. Only accounts that moved so have rows; the first row is the time
/// before any move.
enum Residence: Derivation {
  /// The days that an account spends in one community, up to the next stay.
  struct Stay {
    /// The give that began it; of the first the registration.
    let op: OpID
    let community: Int64
    /// The first day.
    let from: Int64
  }

  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let account = OpID(packed: key.first),
      let custody = try Custody.settled(account, in: state)
    else { return }
    let stays = try stays(of: account, by: custody, in: state)
    let new: [[Cell]] = stays.enumerated().map { number, stay in
      [
        .id(account), .integer(Int64(number)), .id(stay.op), .integer(stay.community),
        .integer(stay.from),
      ]
    }
    let kept = new.count > 1 ? new : []
    let old = try state.rows(Tables.residence, under: [key.first])
    guard old != kept, let last = stays.last else { return }
    for index in 0..<max(old.count, kept.count) {
      let row = index < kept.count ? kept[index] : nil
      try Facts.set(row, [key.first, Int64(index)], in: Tables.residence, state)
    }
    try move(account, to: last.community, in: state)
  }

  /// The stays that a chain of homes makes; no stay begins before the one that it ends.
  private static func stays<S: FoldState>(
    of account: OpID, by custody: Custody, in state: S
  ) throws(S.Failure) -> [Stay] {
    var stays = [try firstStay(of: account, in: state)]
    for tenure in custody.tenures.dropFirst() {
      guard
        try state.row(Tables.custodyGive, [account.packed, tenure.maker.packed])?[5]
          == .integer(1),
        let community = try state.row(Tables.replica, id: tenure.home)?[2].integer,
        let last = stays.last
      else { continue }
      let day = try day(of: tenure.maker, in: state)
      stays.append(Stay(op: tenure.maker, community: community, from: max(day, last.from)))
    }
    return stays
  }

  private static func firstStay<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> Stay {
    let community = try Standing.community(of: account.replica, in: state)
    return Stay(op: account, community: community ?? 0, from: 0)
  }

  /// The business date of a give, or the day of its receipt where that is earlier: nobody lives
  /// elsewhere from a day on that is still to come.
  private static func day<S: FoldState>(
    of give: OpID, in state: S
  ) throws(S.Failure) -> Int64 {
    let dated = Int64(try state.op(give).occurredOn.day)
    guard let receivedAt = try state.receivedAt(give) else { return dated }
    return min(dated, Int64(BusinessDate(stamp: receivedAt).day))
  }

  /// What follows from another community: whose file it is, what counts of departures, where a member
  /// of a household still belongs, and who reads the bodies.
  private static func move<S: FoldState>(
    _ account: OpID, to community: Int64, in state: S
  ) throws(S.Failure) {
    if let old = try state.row(Tables.resident, id: account.packed) {
      var row = old
      row[2] = .integer(community)
      if row != old { try state.replace(Tables.resident, old, by: row) }
      try DepartureFold.settle(account, in: state)
      try MemberFold.settle(resident: account.packed, adding: nil, in: state)
    } else if let old = try state.row(Tables.household, id: account.packed) {
      var row = old
      row[1] = .integer(community)
      if row != old { try state.replace(Tables.household, old, by: row) }
      let members = try state.scan(Tables.householdMember, where: 3, is: account.packed)
      for resident in Set(members.compactMap(\.[0].integer)).sorted() {
        try MemberFold.settle(resident: resident, adding: nil, in: state)
      }
    }
    for cover in try state.rows(Tables.cover, where: 1, is: account.packed) {
      if let loss = cover[0].integer { state.requeue(Reader(.covers, loss)) }
    }
    try state.moveBodies(of: account.packed)
  }

  /// The stays of an account, at least one, as its rows say them.
  static func stays<S: FoldState>(of account: OpID, in state: S) throws(S.Failure) -> [Stay] {
    let rows = try state.rows(Tables.residence, under: [account.packed])
    guard !rows.isEmpty else { return [try firstStay(of: account, in: state)] }
    return rows.compactMap { row in
      guard let op = row[2].id, let community = row[3].integer, let from = row[4].integer else {
        return nil
      }
      return Stay(op: op, community: community, from: from)
    }
  }

  /// The stay that an account is in now; nil for one that never moved to another community.
  static func present<S: FoldState>(of account: OpID, in state: S) throws(S.Failure) -> Stay? {
    guard let row = try state.rows(Tables.residence, under: [account.packed]).last,
      let op = row[2].id, let community = row[3].integer, let from = row[4].integer
    else { return nil }
    return Stay(op: op, community: community, from: from)
  }

  /// The community on a day.
  static func community(on day: Int64, _ stays: [Stay]) -> Int64? {
    stays.last { $0.from <= day }?.community
  }

  /// The first day on which two accounts lie in two communities that lay in one on a day before; nil
  /// while they stay together, and where they never were.
  static func parting<S: FoldState>(
    of one: OpID, from other: OpID, after day: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    let (own, others) = (try stays(of: one, in: state), try stays(of: other, in: state))
    func isTogether(_ day: Int64) -> Bool {
      community(on: day, own) == community(on: day, others)
    }
    guard own.count + others.count > 2, isTogether(day) else { return nil }
    return (own + others).map(\.from).filter { $0 > day && !isTogether($0) }.min()
  }
}
