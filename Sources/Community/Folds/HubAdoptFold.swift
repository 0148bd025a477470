import OpLog

/// `hub.adopt`: two persons take the log of a former hub for right up to a head that two offices showed.
///
/// Its seals prove nothing any more, because the street's key was lost. What it covers comes as
/// anything else that the hub holds, under the hub's receipts; the op says who answers for it, and on
/// whose word.
package enum HubAdoptFold: Fold {
  /// The number in the catalogue.
  package static let kind: KindNumber = 72

  static let schema = PayloadSchema([
    .required("replica", .replica),
    .required("seq", .integer(1...Int64(EnvelopeLimits.seqMax))),
    .required("hash", .bytes(32...32)),
    .required("shown_by", .records([.required("replica", .replica)], 2...512)),
    .required("approvers", .references([6], 2...2)),
  ])

  /// Folds one: it has no rows, and is on every desk.
  package static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.op.id.replica.isHub else {
      return try state.settle(entry.op.id, Verdict(.void, [.onlyHub]), isFirst: entry.isFirst)
    }
    let isSigned = try TwoApprovers.signed(entry.op, entry.payload.references(5)) {
      (id) throws(S.Failure) in try state.op(id)
    }
    let verdict =
      isSigned ? Verdict(.posted, [.adoptedLog]) : Verdict(.pending, [.actorNotEntitled])
    try state.settle(entry.op.id, verdict, isFirst: entry.isFirst)
  }

  /// The payload of an adoption.
  package static func payload(
    of head: Head, shownBy offices: [ReplicaID], by approvers: [OpID]
  ) -> Payload {
    Payload(values: [
      .integer(Int64(head.replica.rawValue)), .integer(Int64(head.seq)), .bytes(head.hash.bytes),
      .records(offices.map { [.integer(Int64($0.rawValue))] }),
      .references(approvers.sorted()),
    ])
  }
}
