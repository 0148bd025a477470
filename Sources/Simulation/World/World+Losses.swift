import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// PCs that are lost, copied, or put back to an old disk.
extension World {
  /// Whether an office knows that it may record nothing more.
  func hasStopped(_ office: OfficeNode) throws(Violation) -> Bool {
    try must("ask whether it may record") { try office.core.stop != nil }
  }

  // MARK: Lost

  /// A PC is believed to be lost, and another takes its place; sometimes it turns up later, with all
  /// that was recorded on it meanwhile.
  func retireAnOffice() throws(Violation) {
    var pairs: [(lost: OfficeNode, heir: OfficeNode)] = []
    for lost in offices where lost.isCurrent {
      for heir in offices
      where heir.isCurrent && heir !== lost && heir.community == lost.community {
        pairs.append((lost, heir))
      }
    }
    guard let (lost, heir) = random.pick(pairs) else { return }
    let retirement = Retirement(
      replica: lost.replica, successor: heir.replica,
      approvers: Array(staff[lost.community][..<2]), reason: 0)
    var isDone = false
    try actAtHub("puts \(heir.replica) in the place of \(lost.replica)") {
      (store, now) throws(StoreError) in
      do throws(RetireRefusal) {
        _ = try HubAdmin.retire(retirement, in: store, now: now)
        isDone = true
      } catch {
        guard case .store(let failure) = error else { return }
        throw failure
      }
    }
    guard isDone else { return }
    marks.hit(.officeRetired)
    lost.isRetired = true
    lost.session = nil
    if strikes(.officeFound) { lost.lineDownUntil = .max } else { lost.isGone = true }
  }

  // MARK: Copied

  /// Keeps an office's disk as it is now.
  func copyAnOffice() throws(Violation) {
    guard let office = random.pick(offices.filter(\.isCurrent)) else { return }
    fate.copy?.office = office.index
    fate.copy?.disk = try must("copy an office's disk") { try office.disk.copy() }
    fate.copy?.own = (try ownSeq(of: office), strangeOps[office.index])
  }

  /// Somebody starts an office's program on an old disk: instead of the PC, or beside it.
  func useCopy(_ copy: Fate.Mishap) throws(Violation) {
    guard let disk = copy.disk, offices[copy.office].isCurrent else { return }
    let office = offices[copy.office]
    marks.hit(copy.fault)
    let twin = try OfficeNode(copyOf: office, on: disk)
    if copy.fault == .officeCopied {
      note("\(office.replica) was copied at \(copy.own.seq), and both go on")
      for number in 1...2 { try recordOnTwin(number, at: twin) }
    } else {
      note("\(office.replica) is put back to \(copy.own.seq)")
      // What it had said and nobody heard is heard by nobody later.
      line = Line()
    }
    office.session = nil
    fate.copy?.own.strange += Int(try ownSeq(of: twin) - copy.own.seq)
    let error = try syncAtOnce(twin)
    let isFenced = try hasStopped(twin)
    guard isFenced || error == nil else {
      throw Violation(
        "I10", "a copy of \(office.replica) could not sync: \(String(describing: error))")
    }
    if isFenced {
      marks.hit("check.copy-fenced")
      try expectRefusal(at: twin)
      guard copy.fault == .officeSetBack else { return }
      // What it held and nobody else has is gone; its program says what to do.
      let held = try must("read a head") { try hub.store.storedHead(of: office.replica).seq }
      try abandon(copy, behind: held, for: twin)
      twin.boundSeq = held
      return
    }
    let last = try ownSeq(of: office)
    let twinSeq = try ownSeq(of: twin)
    try abandon(copy, behind: copy.own.seq, for: twin)
    // A copy that wrote nothing of its own is beside nobody.
    guard copy.fault == .officeCopied, twinSeq > copy.own.seq else { return }
    // The PC that syncs later is the one that may not go on; nothing of it is recorded again here.
    _ = try syncAtOnce(office)
    guard try hasStopped(office) else {
      throw Violation("I10", "\(office.replica) goes on beside its copy, from \(last)")
    }
    marks.hit("check.original-fenced")
    try expectRefusal(at: office)
  }

  /// The twin takes the office's place in the world; what staff were told behind a place in its log is
  /// in no log any more.
  private func abandon(
    _ copy: Fate.Mishap, behind seq: UInt64, for twin: OfficeNode
  ) throws(Violation) {
    strangeOps[copy.office] = fate.copy?.own.strange ?? 0
    func isLost(_ id: OpID) -> Bool { id.replica == twin.replica && id.seq > seq }
    for index in wishes.indices where wishes[index].office == copy.office {
      guard let op = wishes[index].op, isLost(op) else { continue }
      wishes[index].isLost = true
    }
    known.forget(isLost)
    sales.forget(isLost)
    hubOpSeen = hubOpSeen.filter { !isLost($0.key) }
    namedAhead = namedAhead.filter { !isLost($0) }
    twin.lineDownUntil = offices[copy.office].lineDownUntil
    offices[copy.office] = twin
  }

  private func recordOnTwin(_ number: Int, at twin: OfficeNode) throws(Violation) {
    let request = RecordRequest(
      kind: "resident.register", fields: ["name": "双\(number)"],
      actor: staff[twin.community][0].description,
      occurredOn: BusinessDate(stamp: time).description)
    // Whoever keeps the counter there may have left since the copy was made.
    _ = try? twin.core.record(
      request, now: twin.clock.reading(at: time), random: { self.salts.bytes($0) })
  }

  private func expectRefusal(at stopped: OfficeNode) throws(Violation) {
    let before = try ownSeq(of: stopped)
    try recordOnTwin(0, at: stopped)
    let after = try ownSeq(of: stopped)
    guard before == after else {
      throw Violation("I10", "\(stopped.replica) was stopped and records \(after)")
    }
  }

  private func ownSeq(of office: OfficeNode) throws(Violation) -> UInt64 {
    try must("read a head") { try office.store.storedHead(of: office.replica).seq }
  }

  // MARK: A line on which nothing goes wrong

  /// The hub's answer, at once.
  func answer(to request: PeerRequest) -> PeerResponse {
    let answer = hub.core.handle(
      HubCall(
        method: request.method, path: request.path.split(separator: "/").map(String.init),
        contentType: request.contentType, authorization: request.token.map { "Bearer \($0)" },
        body: request.body),
      now: hubNow)
    return PeerResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
  }

  /// Lets an office sync without any fault.
  ///
  /// - Returns: What keeps it from going on; nil when all was exchanged.
  func syncAtOnce(_ office: OfficeNode) throws(Violation) -> OfficeError? {
    var machine = SyncMachine(
      owesRollCall: try must("look for a roll-call") { try office.core.owesRollCall })
    for _ in 0..<1_000 {
      let next = machine.next()
      if next == .search {
        throw Violation("I9", "\(office.replica) looks for a row that differs")
      }
      do throws(OfficeError) {
        switch next {
        case .exchange(let bytes):
          let (request, message) = try office.core.syncRequest(maxBytes: bytes)
          let now = office.clock.reading(at: time)
          let exchange = try office.core.take(answer(to: message), to: request, now: now)
          machine.exchanged(isLast: exchange.isLast, mustSearch: exchange.mustSearch)
        case .rollCall(let bytes):
          let (request, message) = try office.core.rollCallRequest(maxBytes: bytes)
          let isDone = try office.core.take(answer(to: message), to: request)
          machine.called(isDone: isDone)
        case .bodies: machine.bodiesMoved()
        case .wait, .search: break
        case .finished: return nil
        }
      } catch {
        if case .problem(let problem) = error, machine.refused(problem.kind) { continue }
        if options.bug != .cloneTrusted {
          try must("keep why it stopped") { try office.core.note(error) }
        }
        note("\(office.replica) ends its sync: \(error)")
        return error
      }
    }
    throw Violation("I13", "the sync of \(office.replica) does not end")
  }
}
