/// How often each fault strikes in one world, in cases of a thousand.
///
/// Each seed draws its own mix (swarm testing): a world with everything at once seldom gets far
/// enough to break anything deep.
struct FaultMix {
  var requestLost = 0
  var answerLost = 0
  var requestRepeated = 0
  var answerRepeated = 0
  var requestCut = 0
  var answerCut = 0
  var requestFlipped = 0
  var answerFlipped = 0
  var delayed = 0
  var oldRequestAgain = 0
  var lateAnswerTaken = 0
  var lineDown = 0
  var officeCrashBeforeCommit = 0
  var officeCrashAfterCommit = 0
  var hubCrashBeforeCommit = 0
  var hubCrashAfterCommit = 0
  var answerToStaffLost = 0
  var formSentTwice = 0
  var strangeOp = 0
  var futureDate = 0
  var enrolmentAnswerLost = 0
  /// Whether every chunk is as small as can be.
  var hasSmallChunks = false

  /// No faults.
  init() {}

  /// A mix of about half of the faults; without flips, the lengths of messages do not matter.
  init(drawnFrom random: inout SplitMix64, hasFlips: Bool) {
    func draw(upTo most: Int) -> Int {
      let (isOn, rate) = (random.happens(500), random.below(most) + 1)
      return isOn ? rate : 0
    }
    requestLost = draw(upTo: 300)
    answerLost = draw(upTo: 300)
    requestRepeated = draw(upTo: 300)
    answerRepeated = draw(upTo: 200)
    requestCut = draw(upTo: 150)
    answerCut = draw(upTo: 150)
    requestFlipped = draw(upTo: 150)
    answerFlipped = draw(upTo: 150)
    delayed = draw(upTo: 300)
    oldRequestAgain = draw(upTo: 200)
    lateAnswerTaken = draw(upTo: 1_000)
    lineDown = draw(upTo: 60)
    officeCrashBeforeCommit = draw(upTo: 80)
    officeCrashAfterCommit = draw(upTo: 80)
    hubCrashBeforeCommit = draw(upTo: 120)
    hubCrashAfterCommit = draw(upTo: 120)
    answerToStaffLost = draw(upTo: 120)
    formSentTwice = draw(upTo: 100)
    strangeOp = draw(upTo: 60)
    futureDate = draw(upTo: 120)
    enrolmentAnswerLost = draw(upTo: 600)
    hasSmallChunks = random.happens(300)
    guard !hasFlips else { return }
    requestFlipped = 0
    answerFlipped = 0
  }
}
