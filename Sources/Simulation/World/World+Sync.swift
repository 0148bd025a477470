import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// Syncs: the product's machine decides, this carries out, as the office's shell does over HTTP.
extension World {
  /// Patience with an answer, ms.
  private static let patience: Int64 = 30_000
  /// Far more requests than any sync of such a world needs, so that one that goes round ends.
  private static let callsMax = 5_000

  /// Starts a sync at an office, unless one runs.
  func startSync(at office: OfficeNode) throws(Violation) {
    guard office.session == nil, !office.isGone else { return }
    let attemptsMax = Int(random.within(2...6))
    let owesRollCall = try must("look for a roll-call") { try office.core.owesRollCall }
    office.session = SyncSession(attemptsMax: attemptsMax, owesRollCall: owesRollCall)
    note("\(office.replica) begins to sync")
    try goOn(office)
  }

  /// Carries out the machine's actions until something has to be waited for.
  func goOn(_ office: OfficeNode) throws(Violation) {
    while let session = office.session {
      switch session.machine.next() {
      case .wait(let milliseconds):
        session.resumesAt = time + milliseconds
        return
      case .finished(let isComplete):
        office.session = nil
        office.lastSync = isComplete ? (time, session.isDigestEqual) : office.lastSync
        note("\(office.replica) ends its sync, complete: \(isComplete)")
        let asked = known.made[10, default: []].last { $0.replica == office.replica }
        if isComplete, let asked { try askHub(about: asked, at: office) }
        if isComplete, !isHealing { try serveWaiting(at: office) }
        return
      case .exchange(let bytes):
        let maxBytes = maxBytes(bytes)
        if try beginsOnCheckpoint(office, in: session) {
          let message = try must("\(office.replica) asks for a checkpoint") {
            try office.core.checkpointRequest(maxBytes: maxBytes)
          }
          if try ask(.checkpoint, message, session, office) { return }
          continue
        }
        let (request, message) = try must("\(office.replica) makes a sync request") {
          try office.core.syncRequest(
            maxBytes: maxBytes, inSegments: office.readsSegments && !session.isInJSON)
        }
        if try ask(.sync(request), message, session, office) { return }
      case .rollCall(let bytes):
        let maxBytes = maxBytes(bytes)
        let (request, message) = try must("\(office.replica) answers a roll-call") {
          try office.core.rollCallRequest(maxBytes: maxBytes)
        }
        if try ask(.rollCall(request), message, session, office) { return }
      case .search:
        let now = office.clock.reading(at: time)
        let question = try must("\(office.replica) looks for a row that differs") {
          try office.core.digestsRequest(now: now)
        }
        guard let (request, message) = question else {
          session.machine.searched(.done)
          continue
        }
        if try ask(.digests(request), message, session, office) { return }
      case .bodies:
        if session.errands == nil {
          session.errands = try must("list bodies") { try office.core.bodyErrands() }
        }
        guard let errand = session.errands?.first else {
          session.machine.bodiesMoved()
          continue
        }
        if try ask(.body(errand), errand.request, session, office) { return }
      }
    }
  }

  /// Whether an office that has nothing yet begins on the hub's working set: in an eighth of all worlds, so
  /// that the others begin as before.
  private func beginsOnCheckpoint(
    _ office: OfficeNode, in session: SyncSession
  ) throws(Violation) -> Bool {
    guard options.seed % 8 == 4, !session.isPlainPull else { return false }
    return try must("look for a checkpoint") { try office.core.wantsCheckpoint }
  }

  /// How large a chunk may be in this world: a small one ends inside a run.
  ///
  /// Where clocks must not matter, nor may the length of a stamp, so no chunk is ever full.
  private func maxBytes(_ wanted: Int) -> Int {
    if options.isClockLaw { return LinePace.chunkBytes.upperBound }
    return hasSmallChunks ? LinePace.chunkBytes.lowerBound : wanted
  }

  /// Sends a request; false when there is no line, which the machine was told.
  private func ask(
    _ purpose: Call.Purpose, _ message: PeerRequest, _ session: SyncSession, _ office: OfficeNode
  ) throws(Violation) -> Bool {
    calls += 1
    session.callCount += 1
    guard session.callCount <= Self.callsMax else {
      throw Violation("I13", "the sync of \(office.replica) does not end")
    }
    let call = Call(id: calls, office: office.index, purpose: purpose, request: message)
    guard send(call, from: office) else {
      session.machine.failed(retryAfter: nil, random: random.next())
      return false
    }
    session.awaited = (call.id, time + Self.patience)
    return true
  }

  /// Something happens of itself: a pause ends, or patience with an answer.
  func wake(_ office: OfficeNode) throws(Violation) {
    guard let session = office.session else { return }
    if session.resumesAt != nil {
      session.resumesAt = nil
    } else {
      marks.hit(Mishap.timeout)
      note("\(office.replica) waits no longer for call \(session.awaited?.call ?? 0)")
      session.awaited = nil
      session.machine.failed(retryAfter: nil, random: random.next())
    }
    try goOn(office)
  }

  /// An answer reaches the office: the awaited one, or one that nobody waits for any more.
  func arrive(_ answer: PeerResponse, to call: Call) throws(Violation) {
    let office = offices[call.office]
    guard !office.isGone else { return }
    let isAwaited = office.session?.awaited?.call == call.id
    if !isAwaited {
      // As when two syncs run at once, in two processes on one database.
      guard strikes(.lateAnswerTaken) else { return }
    }
    if arms(.officeCrashBeforeCommit) { office.disk.failBeforeCommit(1) }
    let isCrashBehind = arms(.officeCrashAfterCommit)
    let before = try stateBeforeSpoiling(of: office)
    let own = try ownHead(of: office)
    let fault = office.disk.isSound ? armDisk(office.disk, Fault.officeDisk) : nil
    let result = take(answer, to: call, at: office)
    let isUnderFault = endFault(fault, of: office.disk)
    if isUnderFault, case .failure(let error) = result, error.isOfDisk {
      try goOnAfterFault(at: office, call.name)
      try noteSeen(behind: own, at: office)
      try noticeRejoined(office)
      guard isAwaited, let session = office.session else { return }
      session.awaited = nil
      return try report(result, to: session, at: office)
    }
    if office.disk.hasFailed || isCrashBehind {
      let isLost = office.disk.hasFailed
      marks.hit(isLost ? .officeCrashBeforeCommit : .officeCrashAfterCommit)
      note("\(office.replica) crashes \(isLost ? "before" : "after") the commit of an answer")
      try office.restart()
      if isLost { try spoilProgress(call, at: office) }
      try noteSeen(behind: own, at: office)
      return try noticeRejoined(office)
    }
    office.disk.restorePower()
    try noticeRejoined(office)
    try spoilRights(at: office)
    try spoilSpending(at: office, before)
    try noteSeen(behind: own, at: office)
    try spoilTables(of: office.store, before)
    try spoilBodies(at: office)
    if !isAwaited { try spoilRepeat(at: office) }
    if case .success = result, !call.isDamaged { remember(answer, to: call) }
    let head = try office.hubHead()
    let part = try must("read progress") { try office.store.number(.partSeq) ?? 0 }
    if part > 0 {
      marks.hit(Mishap.runInParts)
      // Nobody vouches for a part, so a changed one is found when the run is whole.
      if call.isDamaged, case .success = result { office.holdsDamage = true }
    }
    note("\(office.replica) takes \(call.name), \(result): it has \(head.seq) \(head.hash)")
    if case .failure(let error) = result, try repeatsInJSON(call, after: error, at: office) {
      guard isAwaited, let session = office.session else { return }
      session.awaited = nil
      session.isInJSON = true
      return try goOn(office)
    }
    try check(result, answer, to: call, isAwaited: isAwaited)
    guard isAwaited, let session = office.session else { return }
    session.awaited = nil
    try report(result, to: session, at: office)
  }

  /// Whether what failed with segments is asked again in JSON before anybody believes it.
  private func repeatsInJSON(
    _ call: Call, after error: OfficeError, at office: OfficeNode
  ) throws(Violation) -> Bool {
    guard case .sync = call.purpose else { return false }
    let repeats = try must("\(office.replica) goes back to JSON") {
      try office.core.repeatsInJSON(after: error, call.request)
    }
    if repeats {
      marks.hit(Look.repeatedInJSON)
      // Both sides fill in the same, unless one of them was rebuilt, rolled back, or copied, or an op
      // names what nobody has yet.
      let isSound = !fate.hasHubFailed && fate.copy == nil && namedAhead.isEmpty
      if isSound, !call.isDamaged, !call.isUnderFault, !office.holdsDamage {
        throw Violation("I13", "\(office.replica) fails with segments: \(call.name), \(error)")
      }
      note("\(office.replica) repeats in JSON \(call.name), damaged \(call.isDamaged): \(error)")
    }
    return repeats
  }

  func ownHead(of office: OfficeNode) throws(Violation) -> Head {
    try must("read a head") { try office.store.storedHead(of: office.replica) }
  }

  /// What the program itself wrote behind an answer, it wrote in the light of that answer.
  func noteSeen(behind own: Head, at office: OfficeNode) throws(Violation) {
    let now = try ownHead(of: office)
    guard now.replica == own.replica, now.seq > own.seq else { return }
    let seen = try office.hubHead()
    for seq in own.seq + 1...now.seq {
      guard let id = OpID(now.replica, seq) else { continue }
      hubOpSeen[id] = OpID(seen.replica, seen.seq)
    }
    try judgeSpending(behind: own, at: office)
  }

  private func take(
    _ answer: PeerResponse, to call: Call, at office: OfficeNode
  ) -> Result<Taken, OfficeError> {
    do throws(OfficeError) {
      switch call.purpose {
      case .sync(let request):
        let now = office.clock.reading(at: time)
        return .success(.exchange(try office.core.take(answer, to: request, now: now)))
      case .rollCall(let request):
        return .success(.rollCall(isDone: try office.core.take(answer, to: request)))
      case .body(let errand): return .success(.body(try office.core.take(answer, to: errand)))
      case .digests(let request):
        return .success(.search(try office.core.take(answer, to: request)))
      case .checkpoint where call.isCut:
        let kept = try office.core.keepBeginning(answer, of: call.request)
        if kept > 0 { marks.hit(Look.checkpointBeginningKept) }
        return .failure(.transport(.broken("cut after \(answer.body.count) bytes")))
      case .checkpoint:
        return .success(
          .checkpoint(isDone: try office.core.takeCheckpoint(answer, to: call.request)))
      }
    } catch { return .failure(error) }
  }

  /// An answer that came as it was sent has to be good.
  private func check(
    _ result: Result<Taken, OfficeError>, _ answer: PeerResponse, to call: Call, isAwaited: Bool
  ) throws(Violation) {
    if case .success(.exchange(let exchange)) = result, exchange.comparison == .different,
      !call.isDamaged
    {
      throw Violation("I9", "office and hub hold the same ops and not the same tables")
    }
    guard case .failure(let error) = result else { return }
    guard !call.isDamaged else { return }
    let bearer = call.request.token
    if try explains(error, of: offices[call.office], asking: bearer) { return }
    switch error {
    // What is given in a roll-call may be what the clock is before: from then the hub takes nothing, until
    // its operator hears of it.
    case .problem(let problem) where problem.kind == .internal && call.isRefusedByClock:
      marks.hit(Look.clockShown)
    case .problem(let problem):
      // An old request may speak of a log that has moved on; a new one never does.
      if isAwaited, problem.kind != .tokenRevoked, !call.isUnderFault {
        throw Violation("I13", "the hub refuses \(call.name): \(problem.kind) \(problem.detail)")
      }
    case _ where fate.copy?.disk != nil && !isAwaited:
      // The answer to a question that another copy of the office's database asked.
      return
    case .untrusted(.fork), .untrusted(.olderThanHub):
      throw Violation("I10", "\(offices[call.office].replica) is no copy, and is told: \(error)")
    case .untrusted(.chain) where offices[call.office].holdsDamage:
      marks.hit(Mishap.damagedPartDropped)
      offices[call.office].holdsDamage = false
    default:
      throw Violation("crash-free", "\(call.name) at \(offices[call.office].replica): \(error)")
    }
  }

  private func report(
    _ result: Result<Taken, OfficeError>, to session: SyncSession, at office: OfficeNode
  ) throws(Violation) {
    switch result {
    case .success(.exchange(let exchange)):
      session.isDigestEqual = exchange.isDigestEqual
      session.machine.exchanged(isLast: exchange.isLast, mustSearch: exchange.mustSearch)
    case .success(.rollCall(let isDone)):
      marks.hit(Look.rollCall)
      session.machine.called(isDone: isDone)
    case .success(.body): session.errands?.removeFirst()
    case .success(.search(let search)):
      marks.hit(Look.digestSearch)
      session.machine.searched(search)
    case .success(.checkpoint(let isDone)):
      session.isPlainPull = isDone
      if try history(of: office) != nil { marks.hit(Look.begunOnCheckpoint) }
      session.machine.exchanged(isLast: false)
    case .failure(.transport): session.machine.failed(retryAfter: nil, random: random.next())
    case .failure(.problem(let problem)) where problem.kind.isWorthRetrying:
      session.machine.failed(retryAfter: nil, random: random.next())
    case .failure(.problem(let problem)) where session.machine.refused(problem.kind): break
    case .failure:
      office.session = nil
      note("\(office.replica) gives its sync up")
    }
    try goOn(office)
  }

  /// Keeps some answers, to be taken again when all is quiet.
  private func remember(_ answer: PeerResponse, to call: Call) {
    if oldAnswers.count < 16 {
      oldAnswers.append((call, answer))
    } else {
      oldAnswers[random.below(oldAnswers.count)] = (call, answer)
    }
  }

  /// What an office made of an answer.
  enum Taken {
    case exchange(Exchange)
    case rollCall(isDone: Bool)
    case body(Bool)
    case search(SyncMachine.Search)
    case checkpoint(isDone: Bool)
  }
}
