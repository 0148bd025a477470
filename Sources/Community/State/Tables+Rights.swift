import OpLog

/// The tables of spending away from an account's home.
extension Tables {
  static let rightsTables: [Table] = [
    rightsRequest, rightUse, heldRight, openRequest, openDebit, officeBudget,
  ]

  /// What an office asked an account's home for, and the answer: `granted` points, 0 for a no.
  ///
  /// `others` are answers beside the one that counts.
  package static let rightsRequest = Table(
    115, "rights_request", .facts,
    key: [.integer("account"), .integer("holder"), .integer("id")],
    [
      .text("state"), .integer("points"), .integer("occurred_on"), .optional("answer"),
      .integer("granted"), .optionalText("others"),
    ],
    postings: RightsRequestFold.postings)

  /// What an office spent on a grant, or gave back; `points` 0 while a redemption is pending.
  package static let rightUse = Table(
    116, "right_use", .facts,
    key: [.integer("account"), .integer("holder"), .integer("op")],
    [.integer("points"), .integer("is_return")], postings: RightUses.postings,
    readers: EarlierUses.readers)

  /// What an office still holds of its rights, the first op by which it used more than that, and what
  /// it had used before.
  package static let heldRight = Table(
    117, "held_right", .facts, key: [.integer("holder"), .integer("account")],
    [.integer("held"), .optional("over_from"), .optional("used_before")])

  /// The requests that were not answered yet; `home` is who has to, and moves with the account.
  package static let openRequest = Table(
    118, "open_request", .facts, key: [.integer("request")],
    [.integer("home"), .integer("account")], indexed: 1)

  /// The debits on trust that were not taken over yet; `home` is who has to, and moves with the account.
  package static let openDebit = Table(
    158, "open_debit", .facts, key: [.integer("debit")],
    [.integer("home"), .integer("account")], indexed: 1)

  /// What the street lets an office have out on trust; `op` is the `budget.set` that says it.
  package static let officeBudget = Table(
    119, "office_budget", .facts, key: [.integer("replica")],
    [.integer("op"), .integer("points")])

  /// Rights on an account that its home granted to another office.
  package static let grantedRight = Table(
    44, "granted_right", .accounts, key: [.integer("account"), .integer("holder")],
    [.integer("granted"), .integer("returned"), .integer("spent")], readers: RightUses.readers)
}
