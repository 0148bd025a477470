import Community
import Hub
import Office
import OpLog
import Store

/// The phases of a world: safety with all faults, heal, quiet, and the full checks.
extension World {
  /// How many syncs each office needs after the faults end until all are equal.
  static let roundsToHeal = 5

  /// How often in its first phase one replica is compared with all that the rules make of its ops.
  private static let checkpointCount = 6

  /// Lives through all phases.
  func run() throws(Violation) {
    let checkpoints = Set(
      (1...Self.checkpointCount).map { options.steps * $0 / Self.checkpointCount - 1 })
    drawFate()
    for step in 0..<options.steps {
      if !options.leftOut.steps.contains(step) {
        begin(.step(step))
        try self.step()
        try meetFate(at: step)
        try carryBundles()
        try checkTouched()
      }
      if checkpoints.contains(step) {
        begin(.check(after: step))
        try checkSomeone()
      }
      if step == options.steps / 2 { try enrolLate() }
    }
    guard try !loseTheHub() else { return }
    try loseAnOffice()
    try heal()
    try stayQuiet()
    try checkEverything()
  }

  private func step() throws(Violation) {
    let isLongPause = random.happens(longPauses)
    let pause = isLongPause ? random.within(1...12) * 86_400_000 : random.within(1_000...7_200_000)
    try advance(to: time + pause)
    guard let office = random.pick(offices) else { return }
    if arms(.lineDown), office.lineDownUntil < .max {
      office.lineDownUntil = time + random.within(3_600_000...2_592_000_000)
      note("the line of \(office.replica) is down until \(office.lineDownUntil)")
    }
    if strikes(.policyChanged) { try changePolicy() }
    try upgradeSomeone()
    for office in offices where random.happens(syncRate) { try startSync(at: office) }
    guard !office.isGone, try !hasStopped(office) else { return }
    if arms(.strangeOp) { try writeStrangeOp(at: office) }
    if !isPlain, mix[.recordedByTwo] > 0, arms(.recordedByTwo) {
      try recordAsCopiesDo(at: office)
    }
    guard let deed = Deed(rawValue: random.weighted(deeds)) else { return }
    switch deed {
    case .retry: try tryAgain { !$0.isPromised && !$0.isClosed }
    case .repeatOld: try tryAgain { $0.isPromised && options.bug == nil }
    case .hubAct: try actAsHub()
    case .careless: try writeCarelessly(at: office)
    default:
      guard let wish = try wish(deed, at: office) else { return }
      wishes.append(wish)
      try attempt(wishes.count - 1)
      if wish.request.kind == "rights.request" { try fetchAnswer(at: office) }
    }
  }

  private func tryAgain(_ isMeant: (Wish) -> Bool) throws(Violation) {
    let meant = wishes.indices.filter {
      isMeant(wishes[$0]) && !wishes[$0].isLost && !offices[wishes[$0].office].isGone
    }
    guard let index = random.pick(meant) else { return }
    try attempt(index)
  }

  private func enrolLate() throws(Violation) {
    begin(.lateEnrolment)
    guard offices.count < min(5, options.leftOut.officesMax), strikes(.lateEnrolment),
      try !isEnrolmentUnsafe()
    else { return }
    let community = random.below(staff.count)
    // Whom a rebuilt hub appoints it compares with names that it may not have.
    guard !staff[community].isEmpty || !fate.hasHubFailed else { return }
    try enrol(community: community)
  }

  /// Sometimes an office never comes back: it is revoked, and what only it has stays with it.
  private func loseAnOffice() throws(Violation) {
    begin(.loss)
    guard offices.count > 2, strikes(.officeGone), var office = random.pick(offices) else { return }
    let given = try givenTo()
    // Mostly one that somebody gave an account to.
    if let heir = random.pick(given), random.happens(700) { office = heir }
    guard office.isCurrent, try !isRollCallOpen() else { return }
    try enrolIfForgotten(office)
    guard try isEnrolled(office) else { return }
    try tendHubClock()
    let isRevoked = try must("revoke an office") {
      try HubAdmin.revoke(office.replica, reason: 0, in: hub.store, now: hubNow)
    }
    guard isRevoked else { throw Violation("crash-free", "\(office.replica) is not enrolled") }
    note("\(office.replica) is gone for good")
    mix = .none
    office.session = nil
    office.lineDownUntil = 0
    let last = office.lastSync?.time
    try runSync(of: office)
    guard office.lastSync?.time == last else {
      throw Violation("I12", "the hub still answers \(office.replica), which was revoked")
    }
    office.isGone = true
  }

  /// The offices that accounts were given to.
  private func givenTo() throws(Violation) -> [OfficeNode] {
    let give = Catalogue.kind(named: "custody.give")?.number ?? 0
    let enrolments = (known.made[give] ?? []).compactMap { sheet(of: $0)["to"] }
    var offices: [OfficeNode] = []
    for office in self.offices where !enrolments.isEmpty {
      let enrolment = try must("look up an enrolment") {
        try hub.store.row(Tables.replica, [Int64(office.replica.rawValue)])?[1].id
      }
      if enrolments.contains(enrolment?.description ?? "") { offices.append(office) }
    }
    return offices
  }

  /// The faults end: staff finish what they began, and every office syncs.
  private func heal() throws(Violation) {
    begin(.healing)
    isHealing = true
    mix = .none
    note("the faults end")
    trace.heal()
    for office in offices {
      office.lineDownUntil = 0
      try upgrade(office)
    }
    for index in wishes.indices where !wishes[index].isPromised && !wishes[index].isClosed {
      guard !offices[wishes[index].office].isGone, random.happens(700) else { continue }
      try attempt(index)
    }
    try syncAll()
    try endRollCall()
    try endRejoining()
  }

  /// Lets each office sync over a good line, often enough that all get everything.
  func syncAll(rounds: Int = roundsToHeal) throws(Violation) {
    for _ in 0..<rounds {
      for office in offices where !office.isGone {
        office.session = nil
        try runSync(of: office)
      }
    }
  }

  /// Old messages come once more; the checks that follow find what they may not have changed.
  private func stayQuiet() throws(Violation) {
    begin(.quiet)
    let before = try hubHead()
    for call in oldCalls {
      // A body that a hub lost with its disk may come back so, after all have asked for it.
      if case .body = call.purpose, fate.hasHubFailed { continue }
      try hub.noteOwnLog()
      _ = answer(to: call.request)
    }
    takeOldBundles()
    for old in oldAnswers where offices[old.call.office].isCurrent {
      guard case .sync(let request) = old.call.purpose else { continue }
      let office = offices[old.call.office]
      _ = try? office.core.take(old.answer, to: request, now: office.clock.reading(at: time))
    }
    let after = try hubHead()
    guard before == after else { throw Violation("I8", "old requests made the hub write \(after)") }
  }

  private func hubHead() throws(Violation) -> Head {
    try must("read a head") { try hub.store.storedHead(of: hub.replica) }
  }
}
