import Community
import Office
import OpLog
import Store

/// Recording at the counter, with the power that may fail and answers that may get lost.
extension World {
  /// Tries to record a wish at its office, the first time or again.
  func attempt(_ index: Int) throws(Violation) {
    let office = offices[wishes[index].office]
    let request = keyedRequest(index, at: office)
    let before = try heads(of: office)
    if arms(.officeCrashBeforeCommit) { office.disk.failBeforeCommit(1) }
    let isCrashBehind = arms(.officeCrashAfterCommit)
    if office.disk.isSound {
      let fault = armDisk(office.disk, Fault.officeDisk)
      if let fault, try attempt(index, request, under: fault, before.own, at: office) { return }
    }
    let result = record(request, at: office)
    if office.disk.hasFailed { return try crashedBeforeCommit(index, office, before.own) }
    office.disk.restorePower()
    switch result {
    case .success(let made):
      if !made.isRepeat {
        hubOpSeen[made.op] = OpID(before.hub.replica, before.hub.seq)
        try spoilRecorded(made.op, request.kind, at: office)
        try judgeSpending(behind: before.own, at: office)
      }
      if isCrashBehind {
        marks.hit(.officeCrashAfterCommit)
        note("\(office.replica) records \(request.kind) as \(made.op) and crashes")
        try office.restart()
        try spoilAfterCrash(behind: made.op, at: office)
      } else if strikes(.answerToStaffLost) {
        note("\(office.replica) records \(request.kind) as \(made.op), and nobody sees it")
      } else {
        try promise(index, made)
        if strikes(.formSentTwice) { try sendAgain(index, request, made, at: office) }
      }
    case .failure(let error):
      wishes[index].isClosed = true
      guard try heads(of: office).own == before.own else {
        throw Violation("I4", "a refused \(request.kind) left something behind")
      }
      let code = try refusalCode(error, of: request)
      wishes[index].refusal = code
      marks.hit(refused: code)
      note("\(office.replica) refuses \(request.kind): \(code)")
    }
  }

  /// Tries to record on a disk that may fail.
  ///
  /// - Returns: Whether that was all; else the disk did not get to it, or staff try again at once.
  private func attempt(
    _ index: Int, _ request: RecordRequest, under fault: Fault, _ before: Head,
    at office: OfficeNode
  ) throws(Violation) -> Bool {
    let held = try office.hubHead()
    let result = record(request, at: office)
    guard endFault(fault, of: office.disk), case .failure(let error) = result else {
      if case .success(let made) = result, !made.isRepeat {
        hubOpSeen[made.op] = OpID(held.replica, held.seq)
        try judgeSpending(behind: before, at: office)
      }
      return false
    }
    guard error.isOfDisk else { return false }
    try goOnAfterFault(at: office, request.kind)
    let after = try heads(of: office).own
    // The disk may fail behind the commit; then it is recorded, and the next try says so.
    guard after.seq == before.seq || after.seq == before.seq + 1 else {
      throw Violation("I4", "a disk that failed left \(after.seq - before.seq) ops")
    }
    return diskChance.happens(500)
  }

  /// The request with its key: made before the first try and kept for the next.
  private func keyedRequest(_ index: Int, at office: OfficeNode) -> RecordRequest {
    var request = wishes[index].request
    guard request.key == nil else { return request }
    if wishes[index].keys.isEmpty || options.bug == .requestKeyIgnored,
      let key = RequestKey(replica: office.replica, randomBytes: salts.bytes(12))
    {
      wishes[index].keys.append(key.description)
    }
    request.key = wishes[index].keys.last
    return request
  }

  private func record(
    _ request: RecordRequest, at office: OfficeNode
  ) -> Result<Acknowledgement, OfficeError> {
    let now = office.clock.reading(at: time)
    do throws(OfficeError) {
      return .success(
        try office.core.record(request, now: now, random: { self.salts.bytes($0) }))
    } catch { return .failure(error) }
  }

  private func heads(of office: OfficeNode) throws(Violation) -> (own: Head, hub: Head) {
    let own = try must("read a head") { try office.store.storedHead(of: office.replica) }
    return (own, try office.hubHead())
  }

  private func crashedBeforeCommit(
    _ index: Int, _ office: OfficeNode, _ before: Head
  ) throws(Violation) {
    marks.hit(.officeCrashBeforeCommit)
    note("\(office.replica) crashes before the commit of \(wishes[index].request.kind)")
    try office.restart()
    guard try heads(of: office).own == before else {
      throw Violation("I4", "a crash before the commit left half an op")
    }
    guard options.bug == .acknowledgedBeforeCommit else { return }
    wishes[index].isPromised = true
    wishes[index].isClosed = true
  }

  /// A form's fields for the trace.
  static func text(_ fields: [String: String]) -> String {
    fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  /// Staff see that it is recorded: from now on it may not get lost.
  private func promise(_ index: Int, _ made: Acknowledgement) throws(Violation) {
    let wish = wishes[index]
    if let earlier = wish.op, earlier != made.op {
      throw Violation("I8", "one request key made \(earlier) and \(made.op)")
    }
    note(
      "\(made.op.replica) records \(wish.request.kind) as \(made.op) \(made.verdict.outcome): "
        + Self.text(wish.request.fields))
    wishes[index].op = made.op
    wishes[index].hash = try hash(of: made.op, in: offices[wish.office].store)
    guard !wish.isPromised else { return }
    wishes[index].isPromised = true
    wishes[index].isClosed = true
    marks.hit(kind: wish.request.kind)
    try noteBody(of: made.op, at: offices[wish.office])
    remember(wish, as: made.op)
  }

  /// The chain hash after an op in a replica's log; nil where it is not held.
  func hash(of id: OpID, in store: Store) throws(Violation) -> Digest? {
    try must("look up a head") { try store.head(of: id.replica, at: id.seq)?.hash }
  }

  /// Staff have a receipt for a wish in their hands.
  func remember(_ wish: Wish, as id: OpID) {
    let actor = wish.request.actor.flatMap { OpID($0) }
    known.sheets[id] = (wish.request.fields, actor)
    if let kind = Catalogue.kind(named: wish.request.kind) {
      known.made[kind.number, default: []].append(id)
    }
    switch wish.slip {
    case .none: break
    case .resident(let home):
      // Whoever names no home registers for the own office.
      let isOwn = wish.request.fields["home"] == nil
      known.residents.append(.init(id: id, home: isOwn ? id.replica : home))
    case .activity(let points): known.activities.append((id, points))
    case .item: known.items.append(id)
    case .grant(let sheet):
      guard let actor else { break }
      known.grants.append(.init(id: id, actor: actor, sheet: sheet))
    case .reversal(let grant): known.reversals.append(.init(id: id, of: grant))
    }
  }

  private func sendAgain(
    _ index: Int, _ request: RecordRequest, _ made: Acknowledgement, at office: OfficeNode
  ) throws(Violation) {
    let again = record(request, at: office)
    guard case .success(let second) = again, second.isRepeat, second.op == made.op else {
      throw Violation("I8", "a form sent twice made \(made.op) and then \(again)")
    }
  }

  private func refusalCode(
    _ error: OfficeError, of request: RecordRequest
  ) throws(Violation) -> String {
    if case .refused(let refusal) = error { return refusal.code }
    if case .otherCommunity = error { return RefusalCode.wouldNotCount.rawValue }
    let fault: FormFault? =
      switch error {
      case .unknownKind: .unknownKind
      case .unknownField: .unknownField
      case .missingField: .missingField
      case .badValue: .badValue
      case .missingActor: .missingActor
      case .badKey: .badKey
      case .notReady: .notReady
      case .stopped: .stopped
      case .store(.unknownReference): .unknownReference
      case .store(.notYet): .historyComing
      default: nil
      }
    guard let fault else { throw Violation("crash-free", "\(request.kind) failed with \(error)") }
    return fault.rawValue
  }
}
