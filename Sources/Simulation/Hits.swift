import Community

/// What goes wrong in a world beside the faults that are drawn by chance; the raw value names its mark.
enum Mishap: String, CaseIterable {
  case timeout
  case clockSkewed = "clock-skewed"
  case clockStuck = "clock-stuck"
  case clock2000 = "clock-2000"
  case clock2099 = "clock-2099"
  case hubClockSet = "hub-clock-set"
  case hubClockConfirmed = "hub-clock-confirmed"
  case runInParts = "run-in-parts"
  case namedAhead = "named-ahead"
  case carelessOp = "careless-op"
  case damagedPartDropped = "damaged-part-dropped"
  case enrolmentForgotten = "enrolment-forgotten"
  case bundleLost = "bundle-lost"
  case bundleTwice = "bundle-twice"
  case bundleCut = "bundle-cut"
  case bundleLate = "bundle-late"
}

/// What is looked at only where a world comes to it.
enum Look: String, CaseIterable {
  case step
  case closedMonth = "closed-month"
  case erased
  case erasedBytes = "erased-bytes"
  case alone
  case rightGranted = "right-granted"
  case rightRefused = "right-refused"
  case rightReturned = "right-returned"
  case rightSpent = "right-spent"
  case rollCall = "roll-call"
  case clockShown = "clock-shown"
  case hubShown = "hub-shown"
  case hubBranched = "hub-branched"
  case copyFenced = "copy-fenced"
  case originalFenced = "original-fenced"
  case copiedHome = "copied-home"
  case debt
  case spending
  case rejoined
  case formerIDRetired = "former-id-retired"
  case recordedAgain = "recorded-again"
  /// Of two records of one thing the one that does not count came first.
  case surplusFirst = "surplus-first"
  case idsLost = "ids-lost"
  case digestSearch = "digest-search"
  case rowFound = "row-found"
  case unparked
  case repeatedInJSON = "repeated-in-json"
  case bundleGapHealed = "bundle-gap-healed"
  case bundleDigest = "bundle-digest"
  case begunOnCheckpoint = "begun-on-checkpoint"
  case checkpointBeginningKept = "checkpoint-beginning-kept"
}

/// What the street's administrator did at the hub, or was refused.
enum HubDeed: String, CaseIterable {
  case decided
  case notOpen = "not-open"
  case approvedElsewhere = "approved-elsewhere"
  case close
  case closeRefused = "close-refused"
  case reopen
  case reopenRefused = "reopen-refused"
  case settle
  case expire
  case expireRefused = "expire-refused"
  case reverse
  case reverseRefused = "reverse-refused"
  case budget
  case budgetRefused = "budget-refused"
  case succeed
  case enrolAgain = "enrol-again"
}

/// What became of a request for points, as the office was told at once.
enum RightsWord: String, CaseIterable {
  case granted, refused, waiting
  case homeOffline = "home-offline"
  case withdrawn
}

/// What a program says of a form before it looks at any rule.
enum FormFault: String, CaseIterable {
  case unknownKind = "unknown-kind"
  case unknownField = "unknown-field"
  case missingField = "missing-field"
  case badValue = "bad-value"
  case missingActor = "missing-actor"
  case badKey = "bad-key"
  case notReady = "not-ready"
  case stopped
  case unknownReference = "unknown-reference"
  /// An office that began on a checkpoint has no history yet.
  case historyComing = "history-coming"
  /// The hub was rebuilt, and nobody has closed its roll-call.
  case rollCall = "roll-call"
}

extension DeskReason {
  /// Whether an office refuses a form whose op would get this reason.
  ///
  /// Of the others a counter asks nobody (``isExpected``), refuses under a name of its own
  /// (``RefusalCode``), or sees nothing yet: what they say follows later, or from what no form can hold.
  var refusesForms: Bool {
    switch self {
    case .activityCancelled, .activityEnded, .actorNotEntitled, .approvedByRecorder,
      .belowMinimum, .claimAbovePublished, .closedDay, .debitWithoutStanding, .doubleAward,
      .guardianConsent, .guardianNeeded, .itemLimit, .mergedAward, .notHome, .notInTransit,
      .notOrganiser, .offerExpired, .offerLimit, .ownRecord, .personalData, .quarterLimit,
      .residentLeft, .returnAboveOriginal, .reversedByRecorder, .stepTooLate,
      .supplementNeedsApprover, .twoHouseholds, .underAge, .valuesDiffer, .voidTooLate,
      .witnessIsRecorder, .witnessNeeded, .wrongQuantity, .wrongReference, .householdLimit,
      .returnOfVoided:
      true
    case .unknownKind, .waitingForOp, .namesMismatch, .malformedPayload, .actorMissing, .onlyHub,
      .futureDate, .beforeDeadline, .awaitingApproval, .lateForClosedMonth, .tooManyRounds,
      .standIn, .standInAtHome, .fork, .overdrawn, .stockNegative, .backdated, .dailyCap,
      .monthlyCap, .overlap, .coverProposed, .awaitingHub, .secondDecision, .priceDiffers,
      .reservationCollected, .shortReceipt, .coinsMissing, .coinsTwice,
      .notOfHousehold, .late, .coinsUnissued, .goodsUnbooked, .returnAboveHeld, .furtherCover,
      .limitOverridden, .recordedAgain, .officeRevoked, .otherBranch, .appointedInRollCall,
      .fraudReversed, .overriddenAgain, .adoptedLog, .coinAgain, .movedHere,
      .awaitingOtherOffice, .overdrawnAgain:
      false
    }
  }
}
