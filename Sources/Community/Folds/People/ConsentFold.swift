import OpLog

/// `consent.set`: a resident agrees to a use of personal data, or takes that back.
///
/// A register for each purpose. Of two statements neither of which names the other, the withdrawal
/// holds. For who is under 14 a guardian agrees (PIPL art. 31): what the child said alone is no consent.
enum ConsentFold: Fold, Derivation {
  /// The `state` of a withdrawal.
  static let withdrawn: Int64 = 1

  /// Who said it, where a guardian did.
  private static let byGuardian: Int64 = 1

  /// The state of a register in which only a child agreed.
  private static let needed = "guardian_needed"

  static let schema = PayloadSchema([
    .required("resident", .reference([16])),
    .required("purpose", .choice(["account", "board_name", "photo", "school_share"])),
    .required("state", .choice(["given", "withdrawn"])),
    .optional("replaces", .references([51], 1...8)),
    .optional("given_by", .choice(["self", "guardian"])), .optional("guardian", .reference([16])),
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
    let key = [resident.packed, purpose]
    let old = try state.row(Tables.consent, key)
    let live = OpList.decode(old?[3].text ?? "").filter { !replaced.contains($0) } + [id]
    let row = try row(key, live.sorted(), of: resident, in: state)
    try Facts.set(row, key, in: Tables.consent, state)
    try state.settle(id, .plain, isFirst: true)
  }

  /// A guardian who is of age has to agree for a child.
  static func refusal<S: FoldState>(
    of entry: Entry, in state: S
  ) throws(S.Failure) -> Refusal? {
    let payload = entry.payload
    guard let resident = payload.reference(1), let purpose = payload.integer(2),
      payload.integer(3) != withdrawn
    else { return nil }
    let refusal = Refusal.wouldNotCount(.posted, [.guardianConsent])
    if payload.integer(5) == byGuardian {
      guard let guardian = payload.reference(6), guardian != resident,
        try !AgeBand.isMinor(guardian, on: Int64(entry.op.occurredOn.day), in: state)
      else { return refusal }
    }
    let row = try state.row(Tables.consent, [resident.packed, purpose])
    return row?[2] == .text(needed) ? refusal : nil
  }

  /// The consents of a person, when it is said how old the person is, or files are found to be one
  /// person's.
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    for file in try ResidentStatus.merged(with: key.first, in: state) {
      guard let resident = OpID(packed: file) else { continue }
      for old in try state.rows(Tables.consent, under: [file]) {
        let key = Tables.consent.key(of: old)
        let row = try row(key, OpList.decode(old[3].text), of: resident, in: state)
        try Facts.set(row, key, in: Tables.consent, state)
      }
    }
  }

  /// What the statements that nothing replaced come to; of several guardians the last statement's.
  private static func row<S: FoldState>(
    _ key: [Int64], _ live: [OpID], of resident: OpID, in state: S
  ) throws(S.Failure) -> [Cell] {
    var (isWithdrawn, isGiven) = (false, false)
    var guardian: OpID?
    for id in live {
      guard let statement = try payload(of: id, in: state) else { continue }
      let said = statement.integer(5) == byGuardian ? statement.reference(6) : nil
      if statement.integer(3) == withdrawn {
        isWithdrawn = true
      } else if let said, said != resident {
        (isGiven, guardian) = (true, said)
      } else {
        let day = Int64(try state.op(id).occurredOn.day)
        if try !AgeBand.isChild(resident, from: day, in: state) { isGiven = true }
      }
    }
    let word = isWithdrawn ? "withdrawn" : isGiven ? "given" : needed
    return key.map(Cell.integer) + [.text(word), .text(OpList.encode(live)), .id(guardian)]
  }

  /// A purpose to which a child alone agreed.
  static let standingDesk: @Sendable ([Cell]) -> [DeskEntry] = { row in
    guard row[2] == .text(needed), let resident = row[0].integer, let purpose = row[1].integer
    else { return [] }
    return [DeskEntry(.guardianConsent, subject: resident, detail: purpose)]
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
    guard op.kind == 51, let payload = schema.payload(of: op) else { return nil }
    return payload
  }
}
