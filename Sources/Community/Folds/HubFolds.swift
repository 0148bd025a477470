import OpLog

/// `hub.begin`: the first op of a hub that follows another, with the incarnations before it.
///
/// Whoever holds a hub's log can so check the chains of all logs in it.
package enum HubBeginFold: Fold {
  /// The number in the catalogue.
  package static let kind: KindNumber = 70

  private static let former: [Field] = [
    .required("number", .integer(1...524_287)), .required("random", .bytes(8...8)),
  ]

  static let schema = PayloadSchema([
    .required("number", .integer(2...524_287)), .required("random", .bytes(8...8)),
    .required("formers", .records(former, 1...256)),
  ])

  /// Folds one: it has no rows.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    let isFirstOfHub = entry.op.id.replica.isHub && entry.op.id.seq == 1
    let verdict = isFirstOfHub ? Verdict.plain : Verdict(.void, [.onlyHub])
    try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
  }

  /// The payload of the first op of an incarnation.
  package static func payload(
    _ incarnation: Incarnation, after formers: [Incarnation]
  ) -> Payload {
    Payload(values: [
      .integer(Int64(incarnation.number)), .bytes(bytes(incarnation.randomBits)),
      .records(formers.map { [.integer(Int64($0.number)), .bytes(bytes($0.randomBits))] }),
    ])
  }

  /// The incarnations that a hub's log names, its own first; empty for another kind, or where the op
  /// is not the log's first.
  package static func incarnations(in op: Op) -> [Incarnation] {
    guard op.kind == kind, op.id.replica.isHub, op.id.seq == 1,
      let payload = schema.payload(of: op), let own = incarnation(payload),
      own.hub == op.id.replica
    else { return [] }
    return [own] + payload.records(3).compactMap(incarnation).filter { $0.number < own.number }
  }

  private static func incarnation(_ record: Payload) -> Incarnation? {
    guard let number = record.integer(1), let random = record.bytes(2) else { return nil }
    let bits = random.reduce(0) { $0 << 8 | UInt64($1) }
    return Incarnation(number: UInt32(number), randomBits: bits)
  }

  private static func bytes(_ bits: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendBigEndian(bits)
    return bytes
  }
}

/// `hub.succeed`: two persons end the roll-call after a rebuild.
///
/// What the former hubs wrote behind these heads is late: their receipts and registers count, their
/// decisions do not.
package enum HubSucceedFold: Fold {
  /// The number in the catalogue.
  package static let kind: KindNumber = 71

  private static let head: [Field] = [
    .required("replica", .replica),
    .required("seq", .integer(0...Int64(EnvelopeLimits.seqMax))),
    .required("hash", .bytes(32...32)),
  ]

  static let schema = PayloadSchema([
    .required("heads", .records(head, 1...256)),
    .optional("away", .records([.required("replica", .replica)], 0...512)),
    .required("approvers", .references([6], 2...2)),
  ])

  /// Folds one: what it bounds is in ``LogBounds``.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    let isSigned = try isSigned(entry.op) { (id) throws(S.Failure) in try state.op(id) }
    let verdict = isSigned ? Verdict.plain : Verdict(.pending, [.actorNotEntitled])
    try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
  }

  /// Whether two approvers stand with a succession.
  static func isSigned<E: Error>(
    _ op: Op, reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Bool {
    guard let payload = schema.payload(of: op) else { return false }
    return try TwoApprovers.signed(op, payload.references(3), reading: read)
  }

  /// How far the logs of former hubs bind.
  static func heads(of payload: Payload) -> [(replica: ReplicaID, seq: UInt64)] {
    payload.records(1).compactMap { record in
      guard let number = record.integer(1), let seq = record.integer(2),
        let replica = ReplicaID(rawValue: UInt32(number)), replica.isHub
      else { return nil }
      return (replica, UInt64(seq))
    }
  }
}
