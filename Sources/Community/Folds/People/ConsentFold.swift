import OpLog

/// `consent.set`: a resident agrees to a use of personal data, or takes that back.
///
/// A register for each purpose. Of two statements neither of which names the other, the withdrawal
/// holds.
enum ConsentFold: Fold {
  /// The `state` of a withdrawal.
  static let withdrawn: Int64 = 1

  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("purpose", .choice(["account", "board_name", "photo", "school_share"])),
    .required("state", .choice(["given", "withdrawn"])),
    .optional("replaces", .references([51], 1...8)),
  ])

  static func fold<S: FoldState>(_ entry: Entry, in state: S) throws(S.Failure) {
    guard entry.isFirst else { return }
    let (id, payload) = (entry.op.id, entry.payload)
    let replaced = payload.references(4)
    guard let resident = payload.reference(1), let purpose = payload.integer(2),
      try state.has(Tables.resident, id: resident.packed),
      try areStatements(replaced, of: resident, on: purpose, in: state)
    else { return try state.settle(id, Verdict(.void, [.wrongReference]), isFirst: true) }
    if let problem = try Standing.problem(entry, in: state) {
      return try state.settle(id, Verdict(.pending, [problem]), isFirst: true)
    }
    let old = try state.row(Tables.consent, [resident.packed, purpose])
    var live = OpList.decode(old?[3].text ?? "").filter { !replaced.contains($0) }
    live.append(id)
    live.sort()
    var isWithdrawn = false
    for statement in live where try self.payload(of: statement, in: state)?.integer(3) == withdrawn
    {
      isWithdrawn = true
    }
    let row: [Cell] = [
      .id(resident), .integer(purpose), .text(isWithdrawn ? "withdrawn" : "given"),
      .text(OpList.encode(live)),
    ]
    if let old {
      try state.replace(Tables.consent, old, by: row)
    } else {
      try state.insert(Tables.consent, row)
    }
    try state.settle(id, .plain, isFirst: true)
  }

  private static func areStatements<S: FoldState>(
    _ ids: [OpID], of resident: OpID, on purpose: Int64, in state: S
  ) throws(S.Failure) -> Bool {
    for id in ids {
      guard let named = try payload(of: id, in: state), named.reference(1) == resident,
        named.integer(2) == purpose
      else { return false }
    }
    return true
  }

  private static func payload<S: FoldState>(
    of id: OpID, in state: S
  ) throws(S.Failure) -> Payload? {
    let op = try state.op(id)
    guard op.kind == 51, case .payload(let payload)? = try? schema.decode(op) else { return nil }
    return payload
  }
}
