import OpLog

/// Who was home of an account, in turn: a chain, each link of which names the one before it.
///
/// A function of the set of ops. The home gives an account away by naming the op that made it home;
/// of several such gives the lowest id counts. What a retired home did not give away in time falls to
/// its successor.
struct Custody {
  /// One home's time.
  struct Tenure {
    let home: Int64
    /// The registration, give, or retirement that made it home.
    let maker: OpID
    /// The give that ended it; nil while it lasts, and where the home was retired.
    var end: OpID?
  }

  /// A give as its row says it.
  struct Give {
    let op: OpID
    let to: Int64
    let after: OpID
  }

  private(set) var tenures: [Tenure]

  /// The present home.
  var home: Int64 { tenures[tenures.count - 1].home }
  /// The op that made it home.
  var maker: OpID { tenures[tenures.count - 1].maker }
  /// The home at which the account was opened.
  private var first: Tenure { tenures[0] }

  /// Whether an op's writer held the account when it wrote, by the order of its own log: it was home
  /// at some time, and had not given the account away before.
  ///
  /// An office that gave the account away, and got it back, holds it again from its own word on: a give
  /// to itself that names how it became home. Without one nothing in its log tells what it wrote by
  /// its new right from what it took after it had none. Whether the op is late is for the caller. No
  /// order says when an office that was never home learned that it is; what it wrote before then had no
  /// right behind it, and its program refuses that.
  func holds(_ op: OpID) -> Bool {
    stays(of: op.replica).contains { stay in
      stay.begin.map { $0 < op } ?? true && stay.end.map { op < $0 } ?? true
    }
  }

  /// Whether the present home holds the account with what it writes next.
  var isHeld: Bool {
    guard let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: home)) else { return false }
    return stays(of: replica).contains { $0.end == nil }
  }

  /// The stretches of a log in which its writer held the account: from after one op, or its first op
  /// on, to before another.
  private func stays(of writer: ReplicaID) -> [(begin: OpID?, end: OpID?)] {
    var stays: [(begin: OpID?, end: OpID?)] = []
    var gaveAway = false
    for tenure in tenures where tenure.home == Int64(writer.rawValue) {
      let isOwnWord = tenure.maker.replica == writer
      if isOwnWord || !gaveAway {
        stays.append((isOwnWord ? tenure.maker : nil, tenure.end))
      }
      if tenure.end != nil { gaveAway = true }
    }
    return stays
  }

  /// Whether an op was written where the account was opened, before it was given away there, and in
  /// time.
  func isOfFirstHome<S: FoldState>(_ op: OpID, in state: S) throws(S.Failure) -> Bool {
    guard isOfFirstHome(op) else { return false }
    return try !state.isLate(op)
  }

  /// The same whether it is late or not.
  ///
  /// Only of such an op it is certain that its writer was home and knew it.
  func isOfFirstHome(_ op: OpID) -> Bool {
    Int64(op.replica.rawValue) == first.home && first.end.map { op < $0 } ?? true
  }

  /// The chain of an account; nil when there is no such account.
  ///
  /// One look into a table that is nearly always empty, for an account that no give moved.
  static func of<S: FoldState>(_ account: OpID, in state: S) throws(S.Failure) -> Custody? {
    guard let home = try openedAt(account, in: state) else { return nil }
    guard try state.has(Tables.custody, id: account.packed) else {
      return try Custody(account, openedAt: home, [], in: state)
    }
    return try Custody(account, openedAt: home, gives(of: account, in: state), in: state)
  }

  /// The chain by all gives, whether the table `custody` knows of them or not.
  static func settled<S: FoldState>(_ account: OpID, in state: S) throws(S.Failure) -> Custody? {
    guard let home = try openedAt(account, in: state) else { return nil }
    return try Custody(account, openedAt: home, gives(of: account, in: state), in: state)
  }

  private init<S: FoldState>(
    _ account: OpID, openedAt first: Int64, _ gives: [Give], in state: S
  ) throws(S.Failure) {
    tenures = [Tenure(home: first, maker: account)]
    // Each op makes a home once, so the chain ends.
    var makers: Set<OpID> = [account]
    while true {
      let (home, maker) = (self.home, self.maker)
      let give = gives.first { $0.after == maker && Int64($0.op.replica.rawValue) == home }
      if let give {
        guard makers.insert(give.op).inserted else { return }
        tenures[tenures.count - 1].end = give.op
        tenures.append(Tenure(home: give.to, maker: give.op))
      } else if let row = try state.row(Tables.retirement, id: home), let op = row[1].id,
        let successor = row[3].integer, makers.insert(op).inserted
      {
        tenures.append(Tenure(home: successor, maker: op))
      } else {
        return
      }
    }
  }

  /// The home that the op which opened an account named; a pool's is the office that opened the
  /// household's file.
  private static func openedAt<S: FoldState>(
    _ account: OpID, in state: S
  ) throws(S.Failure) -> Int64? {
    if let resident = try state.row(Tables.resident, id: account.packed) {
      return resident[1].integer
    }
    guard try state.has(Tables.household, id: account.packed) else { return nil }
    return Int64(account.replica.rawValue)
  }

  /// The gives of an account that an approver was entitled to, ascending.
  private static func gives<S: FoldState>(
    of account: OpID, in state: S
  ) throws(S.Failure) -> [Give] {
    try state.rows(Tables.custodyGive, under: [account.packed]).compactMap { row in
      guard row[4] == .integer(1), let op = row[1].id, let to = row[2].integer,
        let after = row[3].id
      else { return nil }
      return Give(op: op, to: to, after: after)
    }
  }
}
