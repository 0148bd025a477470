import Community
import Hub
import Office
import OpLog
import Store
import Wire

/// The hub loses what it held, and the street goes on with another life of it.
extension World {
  /// The hub's database is gone or an old one.
  ///
  /// Not where an office's disk was set back before: what that office sent and nobody else fetched
  /// would be gone from both, and no protocol brings back what nobody holds.
  func loseHub(_ mishap: Fate.Mishap) throws(Violation) {
    guard !offices.contains(where: { $0.copied != nil }) else { return }
    marks.hit(mishap.fault)
    fate.hasHubFailed = true
    note("the hub: \(mishap.fault.rawValue)")
    switch (mishap.fault, mishap.disk) {
    case (.hubRestored, let disk?): try hub.restore(disk, at: time)
    case (.hubRolledBack, let disk?):
      // Nobody tells the hub, and what it said since is on no line any more.
      line = Line()
      try hub.rollBack(to: disk, at: time)
      if random.happens(500) { try showHub() } else { try branchHub() }
    default:
      if random.happens(200) { try enrolUnheard() }
      try hub.rebuild(at: time)
    }
    try spoilRebuild()
  }

  /// An office enrols in the hub's last moment, begins on the working set, and records; nobody else hears
  /// that it is enrolled.
  ///
  /// Only where some office has all else that the hub wrote: what nobody heard of is lost with what names it.
  private func enrolUnheard() throws(Violation) {
    let community = random.below(staff.count)
    guard offices.count < min(5, options.leftOut.officesMax), !staff[community].isEmpty,
      try !isEnrolmentUnsafe()
    else { return }
    let held = try must("read the hub's head") { try hub.store.storedHead(of: hub.replica) }
    var isHeard = false
    for office in offices where office.isCurrent {
      if try office.hubHead() == held { isHeard = true }
    }
    guard isHeard else { return }
    try enrol(community: community)
    let office = offices[offices.count - 1]
    try must("begin on a checkpoint") {
      while try office.core.wantsCheckpoint {
        let request = try office.core.checkpointRequest(maxBytes: 64 << 10)
        if try office.core.takeCheckpoint(answer(to: request), to: request) { break }
      }
    }
    for _ in 0..<4 {
      guard let deed = Deed(rawValue: random.weighted(deeds)),
        let wish = try wish(deed, at: office)
      else { continue }
      wishes.append(wish)
      try attempt(wishes.count - 1)
    }
  }

  /// Anybody may be the first to call the hub after it was rolled back: it may write another branch of
  /// its log, and those who hold the first one have to enrol again
  /// (`Protocol/decisions/0020-lives.md`).
  private func branchHub() throws(Violation) {
    let held = try must("read the hub's head") { try hub.store.storedHead(of: hub.replica) }
    fate.branch = held
    note("the hub goes on at \(held.seq), and nobody has told it")
    // What is remembered of the first branch is nowhere, or has another meaning.
    func isForgotten(_ id: OpID) -> Bool { id.replica == held.replica && id.seq > held.seq }
    known.forget(isForgotten)
    hubOpSeen = hubOpSeen.filter { !isForgotten($0.value) }
  }

  /// Whether nobody should be enrolled now: the hub decides nothing, or it was rolled back, does not know
  /// it, and might issue an id for the second time.
  func isEnrolmentUnsafe() throws(Violation) -> Bool {
    if try isRollCallOpen() { return true }
    guard fate.branch?.replica == hub.replica else { return false }
    for office in offices where !office.isGone {
      let seen = try office.hubHead()
      let isKnown = try must("look for a head") { try hub.store.holds(seen) }
      let isEnrolled = try isEnrolled(office)
      guard isKnown, isEnrolled else { return true }
    }
    return false
  }

  /// Whether an office holds another branch of a former hub's log than the hub, so that it can only
  /// enrol again.
  func isParted(_ office: OfficeNode) throws(Violation) -> Bool {
    guard let branch = fate.branch else { return false }
    return try must("compare branches") {
      let ends = try [hub.store, office.store].map { try $0.storedHead(of: branch.replica).seq }
      let common = min(ends[0], ends[1])
      return try office.store.head(of: branch.replica, at: common)?.hash
        != hub.store.head(of: branch.replica, at: common)?.hash
    }
  }

  /// Who has seen most of what the hub wrote is the first to call it after it was rolled back.
  private func showHub() throws(Violation) {
    let held = try must("read the hub's head") { try hub.store.storedHead(of: hub.replica) }
    var witness: (office: OfficeNode, seq: UInt64)?
    for office in offices where office.isCurrent {
      let seen = try office.hubHead()
      guard seen.replica == hub.replica, seen.seq > witness?.seq ?? held.seq else { continue }
      witness = (office, seen.seq)
    }
    guard let witness else {
      note("nobody has seen what the hub forgot")
      // A file in somebody's pocket may show it, when the hub has written another branch.
      if parcels.contains(where: \.isReceipt) { try branchHub() }
      return
    }
    witness.office.session = nil
    _ = try syncAtOnce(witness.office)
    guard hub.replica > held.replica else {
      throw Violation("I6", "the hub goes on although it was shown that it forgot something")
    }
    marks.hit(Look.hubShown)
  }

  // MARK: Roll-calls

  /// Whether the hub decides nothing, because nobody has ended its roll-call.
  func isRollCallOpen() throws(Violation) -> Bool {
    try must("look for a roll-call") { try hub.store.isRollCallOpen }
  }

  /// Lets two approvers end the roll-call, whoever has called.
  ///
  /// - Returns: Whether it is over.
  func closeRollCall() throws(Violation) -> Bool {
    guard try isRollCallOpen() else { return true }
    let today = Int64(BusinessDate(stamp: hubNow).day)
    let able = try must("look for approvers") { try hub.store.rows(of: Tables.staff) }
      .filter { row in
        (row[2].integer ?? 0) & Role.approver.mask != 0 && row[3].integer ?? 0 <= today
          && today <= row[4].integer ?? .max && today <= row[5].integer ?? .max
      }
    let approvers = able.compactMap(\.[0].id)
    var isOver = false
    // Two of them may be one person's.
    for (index, first) in approvers.enumerated() {
      for second in approvers[(index + 1)...] where !isOver {
        try actAtHub("ends its roll-call") { (store, now) throws(StoreError) in
          do throws(SuccessionRefusal) {
            _ = try HubAdmin.succeed(by: [first, second], in: store, now: now)
            isOver = true
          } catch {
            guard case .store(let failure) = error else {
              return note("\(first) and \(second) may not end the roll-call: \(error)")
            }
            throw failure
          }
        }
      }
    }
    if isOver { marks.hit(HubDeed.succeed) }
    return isOver
  }

  /// After the faults: every office gives what the hub wants, two persons end the roll-call, and who
  /// enrolled with a hub that nobody remembers is enrolled again.
  func endRollCall() throws(Violation) {
    guard fate.hasHubFailed else { return }
    for _ in 0..<Self.roundsToHeal {
      let owing = try must("look for a roll-call") {
        try offices.contains { try $0.isCurrent && $0.core.owesRollCall }
      }
      guard owing else { break }
      // Longer than the hub waits for somebody who began to give and went away.
      try advance(to: time + 120_000)
      try syncAll(rounds: 1)
    }
    let isOver = try closeRollCall()
    // A PC that goes on under a new id, too: it brings what it holds of former hubs along.
    for office in offices where !office.isGone && !office.isRetired {
      guard try isParted(office) else { continue }
      note("\(office.replica) holds what the hub forgot, and enrols again")
      office.isGone = true
      fate.parted.insert(office.replica)
    }
    guard isOver else { return note("there is nobody who could end the roll-call") }
    for office in offices where office.isCurrent {
      if try isEnrolled(office) { continue }
      marks.hit(Mishap.enrolmentForgotten)
      note("nobody knows that \(office.replica) enrolled")
      try enrolIfForgotten(office)
      if try isEnrolled(office) { continue }
      // Of a branch that the hub did not keep an enrolment is lost with what it made possible.
      let hasWork = wishes.contains { $0.office == office.index && $0.isPromised }
      guard fate.branch != nil || !hasWork else {
        throw Violation("I4", "\(office.replica) recorded something and is not enrolled")
      }
      office.isGone = true
    }
    try syncAll()
  }

  /// The street's administrator enrols an office again whose enrolment was lost with a former hub.
  ///
  /// Not one of another branch, nor of the present life: the hub may have given its id to another PC.
  func enrolIfForgotten(_ office: OfficeNode) throws(Violation) {
    guard fate.branch == nil, office.replica.incarnation < hub.replica.incarnation,
      try !isRollCallOpen(), try !isEnrolled(office)
    else { return }
    let community = office.core.community
    var refusal: EnrolAgainRefusal?
    try actAtHub("enrols \(office.replica) again") { (store, now) throws(StoreError) in
      do throws(EnrolAgainRefusal) {
        _ = try HubAdmin.enrolAgain(
          office.replica, in: community, label: nil, isSure: true, store: store, now: now)
      } catch {
        if case .store(let failure) = error { throw failure }
        refusal = error
      }
    }
    if let refusal {
      throw Violation("I4", "\(office.replica) is not enrolled again: \(refusal)")
    }
    marks.hit(HubDeed.enrolAgain)
  }

  func isEnrolled(_ office: OfficeNode) throws(Violation) -> Bool {
    try must("look up an enrolment") { try hub.store.enrolment(of: office.replica) != nil }
  }

  // MARK: Refusals

  /// Whether what befell the street explains why a sync failed.
  func explains(
    _ error: OfficeError, of office: OfficeNode, asking bearer: String?
  ) throws(Violation) -> Bool {
    switch error {
    case .untrusted(.fork) where office.copied != nil,
      .untrusted(.olderThanHub) where office.copied != nil:
      break
    case .untrusted(.fork):
      if try !hasLostIDs(office) {
        guard fate.isOldDiskShown, isFoundOutLate(office) else { return false }
      }
    case .untrusted(.olderThanHub):
      if try !hasLostIDs(office) { guard isFoundOutLate(office) else { return false } }
    case .untrusted(.formerHub): return fate.hasHubFailed
    case .untrusted(.chain):
      guard try isParted(office) else { return false }
      marks.hit(Look.hubBranched)
    case .problem(let problem):
      switch problem.kind {
      case .fork:
        // It was put back and wrote something else under the ids that a bundle from before then brings.
        if office.copied == nil, try !hasLostIDs(office) {
          guard bearer == nil || fate.isOldDiskShown, isFoundOutLate(office, byFile: true)
          else { return false }
        }
      case .newIncarnation, .unknownProgress: return fate.hasHubFailed
      case .unauthorized:
        let isEnrolled = try isEnrolled(office)
        return fate.hasHubFailed && !isEnrolled
      case .retired:
        guard office.isRetired else { return false }
        try leave(office)
      default: return false
      }
    default: return false
    }
    try must("keep why it stopped") { try office.core.note(error, asking: bearer) }
    return true
  }

  /// A PC that hears that it was retired brings its bodies too.
  private func leave(_ office: OfficeNode) throws(Violation) {
    try must("bring what is left") {
      for errand in try office.core.bodyErrands() where errand.isUpload {
        _ = try office.core.take(answer(to: errand.request), to: errand)
      }
    }
  }
}
