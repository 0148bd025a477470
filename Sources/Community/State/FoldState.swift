import OpLog

/// What folds read and write: the tables of the layers above, and the ops that they name.
///
/// `Store` implements it over SQLite. A fold sees only ops that are admitted: of a known kind, in a
/// verified log, and with everything that they name admitted too. So causes are always there.
package protocol FoldState: AnyObject {
  /// How reading or writing can fail.
  associatedtype Failure: Error

  /// The row under a key, or nil. O(log n).
  func row(_ table: Table, _ key: [Int64]) throws(Failure) -> [Cell]?

  /// The row of an entity, in a table whose key is its id. O(1) for those of the reference layer.
  func row(_ table: Table, id: Int64) throws(Failure) -> [Cell]?

  /// Whether there is such an entity.
  func has(_ table: Table, id: Int64) throws(Failure) -> Bool

  /// Adds a row whose key is not there yet and posts what it publishes.
  func insert(_ table: Table, _ row: [Cell]) throws(Failure)

  /// Adds a row unless its key is there already, and returns the row that is there; nil when added.
  func insertIfAbsent(_ table: Table, _ row: [Cell]) throws(Failure) -> [Cell]?

  /// Replaces a row by another with the same key and posts the difference of what they publish.
  func replace(_ table: Table, _ old: [Cell], by new: [Cell]) throws(Failure)

  /// Takes a row away, with what it posted.
  func remove(_ table: Table, _ row: [Cell]) throws(Failure)

  /// The rows whose keys begin with these numbers, in the order of their keys. O(log n + rows).
  ///
  /// Those of the accounts layer only for derivations: sums are written before these are settled.
  func rows(_ table: Table, under prefix: [Int64]) throws(Failure) -> [[Cell]]

  /// The rows whose column holds a number, in the order of their keys. O(log n + rows).
  ///
  /// The column is the one that the table is indexed by (``Table/indexed``).
  func rows(
    _ table: Table, where column: Int, is value: Int64
  ) throws(Failure) -> [[Cell]]

  /// The same for a column without an index. A scan of the table, so for rare steps only.
  func scan(_ table: Table, where column: Int, is value: Int64) throws(Failure) -> [[Cell]]

  /// The admitted ops of kinds that end with an appointment (``Kind/endsWithAppointment``) that
  /// somebody recorded with a business date after a day. A scan of the logs, so for rare steps only.
  func datedOps(by actor: OpID, after day: Int64) throws(Failure) -> [Op]

  /// Deletes the detached bodies of a resident's ops, and refuses them for ever.
  func eraseBodies(of resident: Int64) throws(Failure)

  /// Says anew whose business the bodies of an account's ops are (``BodyScope``), when it moved to
  /// another community or back. A scan of the bodies, so for rare steps only.
  func moveBodies(of account: Int64) throws(Failure)

  /// Has a derived row settled before the transaction ends; for steps whose entity was made before.
  func requeue(_ reader: Reader)

  /// An admitted op, from the log.
  func op(_ id: OpID) throws(Failure) -> Op

  /// When the hub took an op in, in ms since 1970-01-01 UTC; nil before its receipt.
  func receivedAt(_ id: OpID) throws(Failure) -> Int64?

  /// The stamp of the newest receipt held, in ms since 1970-01-01 UTC; nil before the first.
  func newestReceipt() throws(Failure) -> Int64?

  /// Whether an op stands behind the bound of its log (``LogBounds``): it came too late to decide or
  /// to spend.
  func isLate(_ id: OpID) throws(Failure) -> Bool

  /// The chain hash after an admitted op; nil for one that is not.
  func hash(of id: OpID) throws(Failure) -> Digest?

  /// Where an op stands in the canonical order; an own op that the hub has not taken in stands last.
  func place(of id: OpID) throws(Failure) -> Place

  /// Whether something is on the desk, resolved or not. For the counter only: what stands there
  /// changes with ops that no fold names.
  func isOnDesk(_ entry: DeskEntry) throws(Failure) -> Bool

  /// Says what became of an op, replacing what was said before.
  ///
  /// With `isFirst` the op has no verdict yet, so there is nothing to replace.
  func settle(_ id: OpID, _ verdict: Verdict, isFirst: Bool) throws(Failure)
}

extension FoldState {
  /// Looks under the key; a state that keeps rows by id does so instead.
  package func row(_ table: Table, id: Int64) throws(Failure) -> [Cell]? { try row(table, [id]) }

  /// Looks for the row; a state that need not touch it does so instead.
  package func has(_ table: Table, id: Int64) throws(Failure) -> Bool {
    try row(table, id: id) != nil
  }

  /// Looks for the key first; a state that can add and look in one step does so instead.
  package func insertIfAbsent(_ table: Table, _ row: [Cell]) throws(Failure) -> [Cell]? {
    if let old = try self.row(table, table.key(of: row)) { return old }
    try insert(table, row)
    return nil
  }
}

/// What became of an op; each has exactly one.
package enum Outcome: String, Sendable, CaseIterable {
  /// It counts.
  case posted
  /// It waits: for an op that it names, for a person, or for a newer version of this program.
  case pending
  /// Another record of the same fact counts.
  case duplicate
  /// It does not count: reversed, or never could.
  case void
}

/// An op's outcome and what a person should look at.
package struct Verdict: Equatable, Sendable {
  /// The outcome.
  package var outcome: Outcome
  /// The reasons, each an entry on the desk.
  package var reasons: [DeskReason]

  /// Makes a verdict.
  package init(_ outcome: Outcome, _ reasons: [DeskReason] = []) {
    self.outcome = outcome
    self.reasons = reasons
  }

  /// Posted, with nothing to look at: by far the most common.
  package static let plain = Verdict(.posted)
}

/// Why something is on the desk (待处理); stable codes, worded by `Pages`.
package enum DeskReason: String, Sendable, CaseIterable {
  case unknownKind = "unknown-kind"
  case waitingForOp = "waiting-for-op"
  case namesMismatch = "names-mismatch"
  case malformedPayload = "malformed-payload"
  case wrongReference = "wrong-reference"
  case actorMissing = "actor-missing"
  case actorNotEntitled = "actor-not-entitled"
  case onlyHub = "only-hub"
  case futureDate = "future-date"
  case beforeDeadline = "before-deadline"
  case awaitingApproval = "awaiting-approval"
  case doubleAward = "double-award"
  case claimAbovePublished = "claim-above-published"
  case reversedByRecorder = "reversed-by-recorder"
  case lateForClosedMonth = "late-for-closed-month"
  case ownRecord = "own-record"
  case tooManyRounds = "too-many-rounds"
  case debitWithoutStanding = "debit-without-standing"
  case standIn = "stand-in"
  case standInAtHome = "stand-in-at-home"
  case fork = "fork"
  case overdrawn = "overdrawn"
  case stockNegative = "stock-negative"
  case notOrganiser = "not-organiser"
  case activityCancelled = "activity-cancelled"
  case activityEnded = "activity-ended"
  case approvedByRecorder = "approved-by-recorder"
  case stepTooLate = "step-too-late"
  case valuesDiffer = "values-differ"
  case backdated = "backdated"
  case dailyCap = "daily-cap"
  case monthlyCap = "monthly-cap"
  case overlap = "overlap"
  case witnessIsRecorder = "witness-is-recorder"
  case coverProposed = "cover-proposed"
  case supplementNeedsApprover = "supplement-needs-approver"
  case awaitingHub = "awaiting-hub"
  case secondDecision = "second-decision"
  case mergedAward = "merged-award"
  case residentLeft = "resident-left"
  case twoHouseholds = "two-households"
  case personalData = "personal-data"
  case priceDiffers = "price-differs"
  case itemLimit = "item-limit"
  case voidTooLate = "void-too-late"
  case returnOfVoided = "return-of-voided"
  case returnAboveOriginal = "return-above-original"
  case reservationCollected = "reservation-collected"
  case offerLimit = "offer-limit"
  case offerExpired = "offer-expired"
  case witnessNeeded = "witness-needed"
  case shortReceipt = "short-receipt"
  case notInTransit = "not-in-transit"
  case coinsMissing = "coins-missing"
  case coinsTwice = "coins-twice"
  case wrongQuantity = "wrong-quantity"
  case householdLimit = "household-limit"
  case quarterLimit = "quarter-limit"
  case closedDay = "closed-day"
  case guardianNeeded = "guardian-needed"
  case notOfHousehold = "not-of-household"
  case late
  case belowMinimum = "below-minimum"
  case coinsUnissued = "coins-unissued"
  case goodsUnbooked = "goods-unbooked"
  case returnAboveHeld = "return-above-held"
  case furtherCover = "further-cover"
  case notHome = "not-home"
  case limitOverridden = "limit-overridden"
  case recordedAgain = "recorded-again"
  case officeRevoked = "office-revoked"
  case otherBranch = "other-branch"
  case appointedInRollCall = "appointed-in-roll-call"
  case fraudReversed = "fraud-reversed"
  case overriddenAgain = "overridden-again"
  case adoptedLog = "adopted-log"
  case underAge = "under-age"
  case guardianConsent = "guardian-consent"
  case coinAgain = "coin-again"
  case movedHere = "moved-here"
  case awaitingOtherOffice = "awaiting-other-office"
  case overdrawnAgain = "overdrawn-again"

  /// Whether an op may be recorded although this follows: a step that another person takes later.
  package var isExpected: Bool {
    switch self {
    case .awaitingApproval, .standIn, .awaitingHub, .limitOverridden, .fraudReversed, .movedHere,
      .awaitingOtherOffice:
      true
    default: false
    }
  }
}

/// An entry of the desk: a subject (an op or an entity) and why it is there.
package struct DeskEntry: Hashable, Sendable {
  /// The op, resident, or item that it is about, packed.
  package let subject: Int64
  /// More about the subject where one number is not enough (a shelf's replica, a field, a line); else
  /// 0.
  package let detail: Int64
  /// Why.
  package let reason: DeskReason

  /// Makes an entry.
  package init(_ reason: DeskReason, subject: Int64, detail: Int64 = 0) {
    self.subject = subject
    self.detail = detail
    self.reason = reason
  }
}
