import OpLog

/// `replica.retire`: a lost or broken PC binds only up to the head that the hub had of it, and another
/// office of its community takes its place.
///
/// What its log holds behind that head is late (``LogBounds``). The hub and two persons decide it; of
/// several the lowest id counts.
package enum RetireFold: Fold {
  /// The number in the catalogue.
  package static let kind: KindNumber = 69

  /// Why a PC is retired, in the order of the field's numbers.
  package static let reasons = ["lost", "broken", "copied", "closed"]

  static let schema = PayloadSchema([
    .required("enrolment", .reference([3])),
    .required("seq", .integer(0...Int64(EnvelopeLimits.seqMax))),
    .required("hash", .bytes(32...32)), .required("successor", .reference([3])),
    .required("approvers", .references([6], 2...2)),
    .required("reason", .choice(reasons)),
  ])

  /// What a retirement says.
  struct Terms {
    let replica: ReplicaID
    /// How far its log binds.
    let seq: UInt64
    let successor: ReplicaID
  }

  /// Folds one.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let op = entry.op
    guard op.id.replica.isHub else {
      return try state.settle(op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    let terms = try terms(of: op) { (id) throws(S.Failure) in try state.op(id) }
    guard let terms else {
      return try state.settle(op.id, Verdict(.void, [.wrongReference]), isFirst: entry.isFirst)
    }
    guard entry.isFirst else { return }
    guard try isSigned(op, reading: { (id) throws(S.Failure) in try state.op(id) }) else {
      return try state.settle(op.id, Verdict(.pending, [.actorNotEntitled]), isFirst: true)
    }
    func row(_ others: [OpID]) -> [Cell] {
      [
        .integer(Int64(terms.replica.rawValue)), .id(op.id), .integer(Int64(terms.seq)),
        .integer(Int64(terms.successor.rawValue)), .list(others),
      ]
    }
    for give in try state.rows(Tables.custodyGive, under: []) {
      if let account = give[0].integer { state.requeue(Reader(.residence, account)) }
    }
    guard let old = try state.row(Tables.retirement, id: Int64(terms.replica.rawValue)),
      let counted = old[1].id
    else {
      try state.insert(Tables.retirement, row([]))
      return try state.settle(op.id, .plain, isFirst: true)
    }
    let others = (OpList.decode(old[4].text) + [max(counted, op.id)]).sorted()
    var new = op.id < counted ? row(others) : old
    new[4] = .list(others)
    try state.replace(Tables.retirement, old, by: new)
    if op.id < counted { try state.settle(counted, Verdict(.duplicate), isFirst: false) }
    try state.settle(op.id, op.id < counted ? .plain : Verdict(.duplicate), isFirst: true)
  }

  /// Whether two approvers stand with a retirement.
  static func isSigned<E: Error>(
    _ op: Op, reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Bool {
    guard let payload = schema.payload(of: op) else { return false }
    return try TwoApprovers.signed(op, payload.references(5), reading: read)
  }

  /// What a retirement says; nil where it names no two offices of one community.
  ///
  /// - Throws: What reading an op throws, such as the enrolments that it names.
  static func terms<E: Error>(
    of op: Op, reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Terms? {
    guard let payload = schema.payload(of: op),
      let lost = payload.reference(1), let seq = payload.integer(2),
      let heir = payload.reference(4),
      let retired = try EnrollFold.schema.payload(of: read(lost)),
      let taking = try EnrollFold.schema.payload(of: read(heir)),
      retired.reference(2) == taking.reference(2),
      let replica = retired.integer(1).flatMap({ ReplicaID(rawValue: UInt32($0)) }),
      let successor = taking.integer(1).flatMap({ ReplicaID(rawValue: UInt32($0)) }),
      replica != successor, !replica.isHub
    else { return nil }
    return Terms(replica: replica, seq: UInt64(seq), successor: successor)
  }

  /// The replica that stands in a retired one's place in the end; nil for one that is not retired, or
  /// where they name each other in a circle.
  package static func heir<S: FoldState>(
    of replica: Int64, in state: S
  ) throws(S.Failure) -> Int64? {
    let line = try line(of: replica, in: state)
    return line.count > 1 ? line.last : nil
  }

  /// A replica and those that took its place, in turn; it alone where they name each other in a circle.
  package static func line<S: FoldState>(
    of replica: Int64, in state: S
  ) throws(S.Failure) -> [Int64] {
    var line = [replica]
    while let next = try state.row(Tables.retirement, id: line[line.count - 1])?[3].integer {
      guard !line.contains(next) else { return [replica] }
      line.append(next)
    }
    return line
  }

  /// A retired replica and all whose line leads over it, ascending; by a look at each retirement.
  static func followed<S: FoldState>(
    by replica: Int64, in state: S
  ) throws(S.Failure) -> [Int64] {
    let rows = try state.rows(Tables.retirement, under: [])
    var followed: Set<Int64> = [replica]
    var open = [replica]
    while let next = open.popLast() {
      for row in rows where row[3].integer == next {
        guard let lost = row[0].integer, followed.insert(lost).inserted else { continue }
        open.append(lost)
      }
    }
    return followed.sorted()
  }
}

/// What becomes of a retirement whose log was another where it ends: the PC was copied, and both copies
/// wrote on.
///
/// The log that is held binds all the same; a person has to look for what the other copy wrote.
enum EndOfLog: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    guard let id = try state.row(Tables.retirement, id: key.first)?[1].id,
      let payload = try RetireFold.schema.payload(of: state.op(id)),
      let replica = ReplicaID(rawValue: UInt32(truncatingIfNeeded: key.first)),
      let end = payload.integer(2).flatMap({ OpID(replica, UInt64($0)) })
    else { return }
    let held = try state.hash(of: end)
    let isOther = held.map { $0.bytes != payload.bytes(3) } ?? false
    try state.settle(
      id, isOther ? Verdict(.posted, [.otherBranch]) : .plain, isFirst: false)
  }

}
