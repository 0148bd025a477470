/// What can go wrong in a world by chance; the raw value names its mark.
package enum Fault: String, CaseIterable, Sendable {
  case requestLost = "request-lost"
  case answerLost = "answer-lost"
  case requestRepeated = "request-repeated"
  case answerRepeated = "answer-repeated"
  case requestCut = "request-cut"
  case answerCut = "answer-cut"
  case requestFlipped = "request-flipped"
  case answerFlipped = "answer-flipped"
  case delayed
  case oldRequestAgain = "old-request-again"
  case lateAnswerTaken = "late-answer-taken"
  case lineDown = "line-down"
  case officeCrashBeforeCommit = "office-crash-before-commit"
  case officeCrashAfterCommit = "office-crash-after-commit"
  case hubCrashBeforeCommit = "hub-crash-before-commit"
  case hubCrashAfterCommit = "hub-crash-after-commit"
  case answerToStaffLost = "answer-to-staff-lost"
  case formSentTwice = "form-sent-twice"
  case strangeOp = "strange-op"
  case futureDate = "future-date"
  case enrolmentAnswerLost = "enrolment-answer-lost"
  case policyChanged = "policy-changed"
  case lateEnrolment = "late-enrolment"
  case officeGone = "office-gone"
  case hubGone = "hub-gone"
  case hubClockWrong = "hub-clock-wrong"
  case officeClockWrong = "office-clock-wrong"
  case smallChunks = "small-chunks"
  case hubWiped = "hub-wiped"
  case hubRestored = "hub-restored"
  case hubRolledBack = "hub-rolled-back"
  case officeRetired = "office-retired"
  case officeFound = "office-found"
  case officeCopied = "office-copied"
  case officeSetBack = "office-set-back"
  case copyPutAway = "copy-put-away"
  case rowChanged = "row-changed"
  case officeShortWrite = "office-short-write"
  case officeDiskFull = "office-disk-full"
  case officeIOError = "office-io-error"
  case hubShortWrite = "hub-short-write"
  case hubDiskFull = "hub-disk-full"
  case hubIOError = "hub-io-error"
  case olderVersion = "older-version"
  case bundleCarried = "bundle-carried"
  case recordedByTwo = "recorded-by-two"

  /// What goes wrong with an office's disk, but for its power.
  static let officeDisk: [Fault] = [.officeShortWrite, .officeDiskFull, .officeIOError]
  /// What goes wrong with the hub's.
  static let hubDisk: [Fault] = [.hubShortWrite, .hubDiskFull, .hubIOError]

  /// How often it strikes, in cases of a thousand.
  enum Rate {
    /// In half of the worlds, up to this often.
    case drawn(upTo: Int)
    /// In every world, this often.
    case always(Int)
    /// In a quarter of the worlds, up to this often; drawn apart, so that it changes no other draw.
    case apart(upTo: Int)
  }

  var rate: Rate {
    switch self {
    case .requestLost, .answerLost, .requestRepeated, .delayed: .drawn(upTo: 300)
    case .answerRepeated, .oldRequestAgain: .drawn(upTo: 200)
    case .requestCut, .answerCut, .requestFlipped, .answerFlipped: .drawn(upTo: 150)
    case .lateAnswerTaken: .drawn(upTo: 1_000)
    case .lineDown, .strangeOp: .drawn(upTo: 60)
    case .officeCrashBeforeCommit, .officeCrashAfterCommit: .drawn(upTo: 80)
    case .hubCrashBeforeCommit, .hubCrashAfterCommit: .drawn(upTo: 120)
    case .answerToStaffLost, .futureDate: .drawn(upTo: 120)
    case .formSentTwice: .drawn(upTo: 100)
    case .enrolmentAnswerLost: .drawn(upTo: 600)
    case .policyChanged: .always(10)
    case .lateEnrolment: .always(200)
    case .officeGone: .always(150)
    case .hubGone: .always(60)
    case .hubClockWrong: .always(120)
    case .officeClockWrong: .always(1_000)
    case .smallChunks: .always(300)
    case .hubWiped, .hubRestored, .hubRolledBack: .always(80)
    case .officeRetired, .copyPutAway: .always(150)
    case .officeFound: .always(600)
    case .officeCopied, .officeSetBack, .rowChanged: .always(60)
    case .officeShortWrite, .officeDiskFull, .officeIOError, .hubShortWrite, .hubDiskFull,
      .hubIOError:
      .apart(upTo: 120)
    case .olderVersion: .apart(upTo: 600)
    case .bundleCarried: .apart(upTo: 150)
    case .recordedByTwo: .apart(upTo: 200)
    }
  }

  /// Whether what it does depends on how many bytes there are.
  var dependsOnLength: Bool {
    switch self {
    case .requestFlipped, .answerFlipped: true
    default: (Self.officeDisk + Self.hubDisk).contains(self)
    }
  }
}
