import Hub
import OpLog
import Peer
import Store
import Wire

/// What the line does to messages, and what the hub makes of those that arrive.
extension World {
  /// Sends an office's request; false when the office sees at once that there is no line.
  func send(_ call: Call, from office: OfficeNode) -> Bool {
    guard time >= office.lineDownUntil else {
      marks.hit(.lineDown)
      return false
    }
    if !strikes(.requestLost) {
      line.send(.request(spoiled(call)), arrivingAt: time + latency())
    }
    if strikes(.requestRepeated) {
      line.send(.request(spoiled(call)), arrivingAt: time + latency())
    }
    return true
  }

  /// From 20 ms to half a second; delayed, from a minute to two days.
  private func latency() -> Int64 {
    let (isDelayed, short, long) = (
      strikes(.delayed), random.within(20...500), random.within(60_000...172_800_000)
    )
    return isDelayed ? long : short
  }

  private func spoiled(_ call: Call) -> Call {
    var request = call.request
    var isDamaged = false
    if strikes(.requestCut) {
      request.body = request.body.cut(&random)
      isDamaged = true
    }
    if strikes(.requestFlipped) {
      request.body = request.body.flipped(&random)
      isDamaged = true
    }
    return Call(
      id: call.id, office: call.office, purpose: call.purpose, request: request,
      isDamaged: isDamaged)
  }

  /// The hub gets a request; it may crash around its commit, and then nobody answers.
  func arriveAtHub(_ call: Call) throws(Violation) {
    remember(call)
    try hub.noteOwnLog()
    if strikes(.oldRequestAgain), let old = random.pick(oldCalls) {
      line.send(.request(old), arrivingAt: time + random.within(1...86_400_000))
    }
    if arms(.hubCrashBeforeCommit) { hub.disk.failBeforeCommit(1) }
    let isCrashBehind = arms(.hubCrashAfterCommit)
    try spoilRequest(call)
    let fault = hub.disk.isSound ? armDisk(hub.disk, Fault.hubDisk) : nil
    let answer = handle(call)
    var call = call
    if endFault(fault, of: hub.disk) {
      call.isUnderFault = true
      try goOnAfterFaultAtHub(call.name)
    }
    if hub.disk.hasFailed {
      marks.hit(.hubCrashBeforeCommit)
      note("the hub crashes before its commit of \(call.name) of \(offices[call.office].replica)")
      return try hub.restart(at: time)
    }
    hub.disk.restorePower()
    call.isRefusedByClock = isByClock(answer, to: call)
    try hub.noteOwnLog()
    try spoilTables(of: hub.store)
    let head = try must("read the hub's head") {
      try hub.store.storedHead(of: hub.replica)
    }
    note(
      "the hub answers \(call.name) of \(offices[call.office].replica): \(answer.status), "
        + "\(answer.body.count) bytes; its log is \(head.seq) \(head.hash)")
    if isCrashBehind {
      marks.hit(.hubCrashAfterCommit)
      return try hub.restart(at: time)
    }
    guard !strikes(.answerLost) else { return }
    let spoiled = spoiled(answer, to: call)
    line.send(.answer(spoiled.call, spoiled.answer), arrivingAt: time + latency())
    if strikes(.answerRepeated) {
      line.send(.answer(call, answer), arrivingAt: time + latency())
    }
  }

  /// Whether the hub's clock is why it refuses a call: looked at as it answers, for by the time that the
  /// office hears of it somebody may have set the clock.
  private func isByClock(_ answer: PeerResponse, to call: Call) -> Bool {
    guard answer.status == ProblemKind.internal.status,
      let problem = try? Problem(decoding: answer.body), problem.kind == .internal
    else { return false }
    if isStopped(byClockAt: hubNow) { return true }
    // What comes behind a roll-call's end waits alone.
    guard case .rollCall = call.purpose else { return false }
    return keepsWaiting(byClockAt: hubNow)
  }

  /// Hands a request to the hub's core, as the server does.
  func handle(_ call: Call) -> PeerResponse {
    answer(to: call.request)
  }

  private func spoiled(
    _ answer: PeerResponse, to call: Call
  ) -> (call: Call, answer: PeerResponse) {
    var (call, answer) = (call, answer)
    if strikes(.answerCut) {
      answer.body = answer.body.cut(&random)
      (call.isDamaged, call.isCut) = (true, true)
    } else if breaksOff(answer, to: call) {
      answer.body = Array(answer.body.prefix(answer.body.count / 2))
      (call.isDamaged, call.isCut) = (true, true)
    }
    if strikes(.answerFlipped) {
      answer.body = answer.body.flipped(&random)
      call.isDamaged = true
    }
    return (call, answer)
  }

  /// Whether half of an answer comes: the first part of a checkpoint in some worlds, as most offices begin
  /// before there are faults.
  private func breaksOff(_ answer: PeerResponse, to call: Call) -> Bool {
    guard options.seed % 32 == 12, !hasCutCheckpoint, case .checkpoint = call.purpose,
      answer.status == 206
    else { return false }
    hasCutCheckpoint = true
    return true
  }

  /// Keeps some requests, to be sent again much later.
  private func remember(_ call: Call) {
    guard !call.isDamaged else { return }
    if oldCalls.count < 24 {
      oldCalls.append(call)
    } else {
      oldCalls[random.below(oldCalls.count)] = call
    }
  }
}
