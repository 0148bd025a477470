/// A bug that a world plants on purpose, to prove that its checks can fail.
///
/// None of them is in the product: the world spoils what goes in or comes out of the real cores, as
/// the bug would. Each is found within ``seedsToFind`` seeds.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// Staff are told before the commit, and the power fails.
  case acknowledgedBeforeCommit = "acknowledged-before-commit"
  /// A retry makes a new request key.
  case requestKeyIgnored = "request-key-ignored"
  /// How far the hub's log is held is written before the ops, and the power fails between.
  case headAdvancedBeforeCommit = "head-advanced-before-commit"
  /// A second record of one award adds its points too.
  case duplicateAwardCounted = "duplicate-award-counted"
  /// A redemption takes points and, when the power fails behind it, no goods.
  case stockLegLost = "stock-leg-lost"
  /// A register is not folded again when another office's update comes late.
  case refoldSkipped = "refold-skipped"
  /// Goods that were sent to another office stay on the shelf too.
  case sentAndKept = "sent-and-kept"
  /// A void puts the goods back on the shelf once more.
  case restockedTwice = "restocked-twice"
  /// Points that somebody gives away are not taken from the giver.
  case giftNotTaken = "gift-not-taken"
  /// A printed coin is in no box.
  case coinLost = "coin-lost"
  /// A closed month says something else later.
  case closedMonthChanged = "closed-month-changed"

  /// Two counters check the same balance, and both write.
  case checkOutsideTransaction = "check-outside-transaction"
  /// Of two records of one award the one with the earlier stamp counts.
  case wallClockDecides = "wall-clock-decides"
  /// The hub keeps what an office pushes and writes no receipt.
  case receiptNotStored = "receipt-not-stored"
  /// The hub gives a body to an office of another community.
  case bodyOutOfScope = "body-out-of-scope"
  /// The hub answers one request twice.
  case decidedTwice = "decided-twice"
  /// An answer that comes again posts once more.
  case postedAgain = "posted-again"

  /// An entry that no hub wrote is believed in a roll-call.
  case forgedEntryBelieved = "forged-entry-believed"
  /// A copied database goes on after the hub said so.
  case cloneTrusted = "clone-trusted"
  /// Who gave points on trust covers them itself.
  case coverWithoutStanding = "cover-without-standing"
  /// An office that asks for a right has it.
  case selfGrantMints = "self-grant-mints"
  /// A grant counts again with each sync.
  case grantAppliedTwice = "grant-applied-twice"
  /// A home spends what it has granted to another office.
  case grantsNotNetted = "grants-not-netted"
  /// A home that has too little gives all the same.
  case overdraftUnchecked = "overdraft-unchecked"

  /// What a copied PC wrote is not recorded again.
  case losingBranchDropped = "losing-branch-dropped"
  /// A copied PC records its ops again, and then once more.
  case recordedTwice = "recorded-twice"
  /// An award that was recorded again counts beside itself.
  case wasCountedTwice = "was-counted-twice"
  /// A fold of all logs learns on its way which record counts, and the one before it counts too.
  case secondFoldForgotten = "second-fold-forgotten"
  /// A balance stays as it was when what changes it comes from elsewhere.
  case staleSum = "stale-sum"
  /// A home spends by a balance that it read before an answer came.
  case rightsByStaleSum = "rights-by-stale-sum"
  /// A second void of one redemption counts too.
  case voidedTwice = "voided-twice"
  /// A program writes bytes of a person's body into an op too, which nobody can erase.
  case bodyInLog = "body-in-log"
  /// A hub that was rolled back is shown what it forgot, and goes on as it is.
  case hubGoesOn = "rolled-back-hub-goes-on"

  /// Within how many seeds from 1 a run finds it.
  package static let seedsToFind = 200

  /// What it does, in one line.
  package var summary: String {
    switch self {
    case .acknowledgedBeforeCommit: "staff are told before the commit"
    case .requestKeyIgnored: "a retry makes a new request key"
    case .headAdvancedBeforeCommit: "progress is written before the ops that it speaks of"
    case .duplicateAwardCounted: "a second record of one award adds its points too"
    case .stockLegLost: "a crash behind a redemption leaves the goods on the shelf"
    case .refoldSkipped: "a register is not folded again for a late update"
    case .sentAndKept: "goods that were sent to another office stay on the shelf too"
    case .restockedTwice: "a void puts the goods back on the shelf once more"
    case .giftNotTaken: "points that somebody gives away are not taken from the giver"
    case .coinLost: "a printed coin is in no box"
    case .closedMonthChanged: "a closed month says something else later"
    case .checkOutsideTransaction: "two counters check the same balance, and both write"
    case .wallClockDecides: "of two records of one award the earlier stamp counts"
    case .receiptNotStored: "the hub keeps what an office pushes and writes no receipt"
    case .bodyOutOfScope: "the hub gives a body to an office of another community"
    case .decidedTwice: "the hub answers one request twice"
    case .postedAgain: "an answer that comes again posts once more"
    case .forgedEntryBelieved: "an entry that no hub wrote is believed in a roll-call"
    case .cloneTrusted: "a copied database goes on after the hub said so"
    case .coverWithoutStanding: "who gave points on trust covers them itself"
    case .selfGrantMints: "an office that asks for a right has it"
    case .grantAppliedTwice: "a grant counts again with each sync"
    case .grantsNotNetted: "a home spends what it has granted to another office"
    case .overdraftUnchecked: "a home that has too little gives all the same"
    case .losingBranchDropped: "what a copied PC wrote is not recorded again"
    case .recordedTwice: "a copied PC records its ops again, and then once more"
    case .wasCountedTwice: "an award that was recorded again counts beside itself"
    case .secondFoldForgotten: "what a fold learns on its way changes nothing before it"
    case .staleSum: "a balance stays as it was when something comes from elsewhere"
    case .rightsByStaleSum: "a home spends by a balance that it read before an answer came"
    case .voidedTwice: "a second void of one redemption counts too"
    case .bodyInLog: "a program writes bytes of a person's body into its log, too"
    case .hubGoesOn: "a hub that was rolled back is shown what it forgot, and goes on"
    }
  }
}
