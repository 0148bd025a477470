import OpLog

/// The tables of people.
extension Tables {
  static let peopleTables: [Table] = [
    decision, request, residentRequest, departure, mergedAward, consent, household,
    householdMember, volunteer, appeal, pinReset, ageBand,
  ]

  /// What the hub answered to a request: `answer` 0 approves; `others` are later decisions.
  package static let decision = Table(
    80, "decision", .reference, key: [.integer("request")],
    [.integer("op"), .integer("answer"), .optionalText("others")])

  /// What an office asked the hub for: `open`, `approved`, `refused`, `undone`, or `invalid`.
  ///
  /// `other` is the second file of a merge, or the request that is to be undone; `until` is of a
  /// freeze.
  package static let request = Table(
    81, "hub_request", .reference, key: [.integer("id")],
    [
      .integer("kind"), .text("state"), .integer("resident"), .optional("other"),
      .optional("until"), .optionalText("undoing"),
    ])

  /// The same under each resident whom a request is about; of a merge, `other` is the other file.
  package static let residentRequest = Table(
    82, "resident_request", .reference, key: [.integer("resident"), .integer("request")],
    [.integer("kind"), .text("state"), .optional("other"), .optional("until")],
    readers: ResidentStatus.requestReaders)

  /// Who moved away, died, or left, and when; `undone_by` says that it was a mistake.
  package static let departure = Table(
    83, "departure", .reference, key: [.integer("resident"), .integer("op")],
    [.integer("cause"), .integer("effective_on"), .optional("pool"), .optional("undone_by")],
    readers: { row in row[0].integer.map { [Reader(.residentStatus, $0)] } ?? [] })

  /// Awards that a person has twice under merged files: the surplus one, and the one that counts.
  package static let mergedAward = Table(
    84, "merged_award", .facts,
    key: [
      .integer("activity"), .integer("resident"), .integer("session"), .integer("role"),
      .integer("round"),
    ],
    [
      .integer("op"), .integer("points"), .integer("counted"), .integer("bucket"),
      .optional("occurred_on"), .integer("basis"),
    ],
    postings: MergedAwards.postings, standingDesk: MergedAwards.standingDesk,
    readers: MergedAwards.readers)

  /// What a resident agreed to, by purpose: `given`, `withdrawn`, or `guardian_needed` where a child
  /// alone agreed; `live` are the statements that nothing replaced.
  package static let consent = Table(
    85, "consent", .reference, key: [.integer("resident"), .integer("purpose")],
    [.text("state"), .text("live"), .optional("guardian")],
    standingDesk: ConsentFold.standingDesk)

  /// A household's file: the version that is shown, and those that nothing replaced.
  package static let household = Table(
    86, "household", .reference, key: [.integer("id")],
    [.integer("community"), .optional("head"), .integer("shown"), .text("live")],
    standingDesk: HouseholdFold.standingDesk)

  /// Who lives where: `posted`, `contested`, `replaced`, or `refused`.
  package static let householdMember = Table(
    87, "household_member", .reference, key: [.integer("resident"), .integer("id")],
    [
      .text("state"), .integer("household"), .integer("from_on"), .optional("until"),
      .optionalText("replaces"),
    ],
    readers: { row in
      row[0].integer.map { [Reader(.poolSales, $0), Reader(.householdTakes, $0)] } ?? []
    })

  /// Volunteers: `number` is that of the team or circle.
  package static let volunteer = Table(
    88, "volunteer", .reference, key: [.integer("id")],
    [
      .integer("resident"), .integer("team_or_circle"), .optional("number"),
      .integer("enrolled_on"), .optional("left_on"), .optionalText("leaves"),
    ])

  /// Objections, and what became of them: `filed`, `upheld`, or `rejected`.
  package static let appeal = Table(
    89, "appeal", .reference, key: [.integer("id")],
    [
      .integer("against"), .optional("resident"), .integer("filed_on"), .integer("due_on"),
      .text("state"), .optional("decision"), .optional("answer"), .optional("remedy"),
      .optionalText("others"),
    ])

  /// Whose PINs were taken away, by which op; each office then drops the one that it keeps.
  package static let pinReset = Table(
    90, "pin_reset", .reference, key: [.integer("staff"), .integer("op")],
    [.integer("reset_on")])

  /// How old a person is said to be, from which day on: 0 child, 1 minor, 2 adult, 3 senior.
  ///
  /// `replaces` are all statements that it takes the place of, also over others: what a correction
  /// replaced does not come back on days before that.
  package static let ageBand = Table(
    91, "age_band", .reference, key: [.integer("resident"), .integer("op")],
    [.optional("band"), .integer("from_on"), .optionalText("replaces")],
    readers: { row in
      // Nobody redeems before the registration.
      guard let resident = row[0].integer, row[0] != row[1] else { return [] }
      return [Reader(.agedSales, resident), Reader(.consents, resident)]
    })
}
