import Community
import Office
import OpLog
import Store

/// What the world remembers by the ids of ops.
///
/// Two copies of one database write different ops under the same ids, so each has a memory of its own
/// until one of them has to go on under another id.
struct Memory {
  fileprivate var known: Known
  fileprivate var hubOpSeen: [OpID: OpID]
  fileprivate var namedAhead: Set<OpID>
  fileprivate var sales: SaleWatch
}

/// PCs whose database is copied, or put back to an old one.
extension World {
  /// Keeps an office's disk as it is now.
  func copyAnOffice() throws(Violation) {
    guard let office = random.pick(offices.filter(\.isCurrent)) else { return }
    fate.copy?.office = office.index
    fate.copy?.disk = try must("copy an office's disk") { try office.disk.copy() }
    fate.copy?.ownSeq = try ownSeq(of: office)
  }

  /// Somebody starts an office's program on an old disk: instead of the PC, or beside it.
  func useCopy(_ copy: Fate.Mishap) throws(Violation) {
    guard let disk = copy.disk, offices[copy.office].isCurrent else { return }
    marks.hit(copy.fault)
    if copy.fault == .officeCopied {
      try runBeside(offices[copy.office], copy, on: disk)
    } else {
      try putBack(copy, on: disk)
    }
  }

  /// A PC that has an old disk now and does not know it: what it had not sent is lost with the new one.
  private func putBack(_ copy: Fate.Mishap, on disk: Disk) throws(Violation) {
    let lost = offices[copy.office]
    let office = try OfficeNode(copyOf: lost, at: lost.index, on: disk)
    // It holds what the hub forgot: it can only enrol again, as ``endRollCall()`` has it do.
    guard try !isParted(office) else { return }
    note("\(lost.replica) is put back to \(copy.ownSeq)")
    // What it had said and nobody heard is heard by nobody later.
    line = Line()
    let (before, told) = (memory, wishes.count)
    office.lineDownUntil = lost.lineDownUntil
    offices[copy.office] = office
    forget(behind: copy.ownSeq, of: office.replica)
    try work(at: office)
    guard try findOut(office) else {
      fate.putBack = office.replica
      return loseWishes(of: office, behind: copy.ownSeq, before: told)
    }
    // What it had sent is there, and the rest of it nowhere.
    let held = try must("read a head") { try hub.store.storedHead(of: office.replica).seq }
    memory = before
    forget(behind: held, of: office.replica)
    loseWishes(of: office, behind: held, before: told)
    office.copied = Copied(from: office.replica, isOnly: true)
    office.isGone = strikes(.copyPutAway)
  }

  /// A second PC on a copy of the database of one that goes on: the one that syncs later is the one
  /// that has to go on under another id.
  private func runBeside(
    _ office: OfficeNode, _ copy: Fate.Mishap, on disk: Disk
  ) throws(Violation) {
    let twin = try OfficeNode(copyOf: office, at: offices.count, on: disk)
    guard try !isParted(twin) else { return }
    note("\(office.replica) was copied at \(copy.ownSeq), and both go on")
    let (before, told) = (memory, wishes.count)
    offices.append(twin)
    forget(behind: copy.ownSeq, of: office.replica)
    try work(at: twin)
    let isTwinLate = try findOut(twin)
    let twinSeq = try ownSeq(of: twin)
    if isTwinLate {
      memory = before
      return stop(twin)
    }
    guard twinSeq > copy.ownSeq else {
      // A copy that wrote nothing of its own is beside nobody.
      memory = before
      wishes.removeSubrange(told...)
      offices.removeLast()
      return
    }
    for index in wishes.indices where wishes[index].office == copy.office {
      if try isBehind(copy.ownSeq, wishes[index], in: office) { wishes[index].office = twin.index }
    }
    for index in wishes.indices[told...] { wishes[index].office = office.index }
    sales.forget { $0.replica == office.replica && $0.seq > copy.ownSeq }
    (offices[office.index], offices[twin.index]) = (twin, office)
    (office.index, twin.index) = (twin.index, office.index)
    twin.lineDownUntil = office.lineDownUntil
    office.session = nil
    guard try findOut(office) else {
      throw Violation("I10", "\(office.replica) goes on beside its copy")
    }
    marks.hit(Look.originalFenced)
    stop(office)
  }

  /// The second of two copies is put away, or waits to go on under another id.
  private func stop(_ office: OfficeNode) {
    office.copied = Copied(from: office.replica, isOnly: false)
    guard strikes(.copyPutAway) else { return }
    offices.removeLast()
    wishes.removeAll { $0.office == office.index }
  }

  /// Staff work on a PC and do not know that it is not the only one, or not the newest.
  private func work(at office: OfficeNode) throws(Violation) {
    for _ in 0..<random.within(0...6) {
      // Mostly somebody is served at the counter.
      let drawn = random.happens(400) ? .redeem : Deed(rawValue: random.weighted(deeds))
      guard let deed = drawn else { continue }
      switch deed {
      case .retry, .repeatOld, .hubAct: continue
      case .careless: try writeCarelessly(at: office)
      default:
        guard let wish = try wish(deed, at: office) else { continue }
        wishes.append(wish)
        try attempt(wishes.count - 1)
      }
    }
  }

  /// A PC syncs after it was copied.
  ///
  /// - Returns: Whether it was told that it may not go on as it is.
  private func findOut(_ office: OfficeNode) throws(Violation) -> Bool {
    try enrolIfForgotten(office)
    let error = try syncAtOnce(office)
    guard try hasStopped(office) else {
      guard error == nil else {
        throw Violation(
          "I10", "a copy of \(office.replica) could not sync: \(String(describing: error))")
      }
      return false
    }
    marks.hit(Look.copyFenced)
    try expectRefusal(at: office)
    // What a program does not know is in no table of it.
    guard !office.isOlder else { return true }
    // Its tables are those of another head than its log, as long as its history is coming.
    guard try history(of: office) == nil else { return true }
    // I1: nobody there spent more than the PC held when it was copied and what came to it since.
    let check = try ReplicaCheck("the copy of \(office.replica)", office.store)
    try check.run(&marks, isPlain: isPlain, unchecked: unchecked)
    return true
  }

  private func expectRefusal(at stopped: OfficeNode) throws(Violation) {
    let before = try ownSeq(of: stopped)
    let request = RecordRequest(
      kind: "resident.register", fields: ["name": "双"],
      actor: staff[stopped.community][0].description,
      occurredOn: BusinessDate(stamp: time).description)
    do throws(OfficeError) {
      _ = try stopped.core.record(
        request, now: stopped.clock.reading(at: time), random: { self.salts.bytes($0) })
    } catch {
      guard case .stopped = error else {
        throw Violation("I10", "\(stopped.replica) was stopped, and says: \(error)")
      }
      marks.hit(refused: FormFault.stopped.rawValue)
    }
    let after = try ownSeq(of: stopped)
    guard before == after else {
      throw Violation("I10", "\(stopped.replica) was stopped and records \(after)")
    }
  }

  // MARK: What is remembered

  private var memory: Memory {
    get { Memory(known: known, hubOpSeen: hubOpSeen, namedAhead: namedAhead, sales: sales) }
    set {
      (known, hubOpSeen) = (newValue.known, newValue.hubOpSeen)
      (namedAhead, sales) = (newValue.namedAhead, newValue.sales)
    }
  }

  /// Forgets what a PC wrote behind a place: others bear those ids, or nobody.
  func forget(behind seq: UInt64, of replica: ReplicaID) {
    func isLost(_ id: OpID) -> Bool { id.replica == replica && id.seq > seq }
    known.forget(isLost)
    sales.forget(isLost)
    hubOpSeen = hubOpSeen.filter { !isLost($0.key) }
    namedAhead = namedAhead.filter { !isLost($0) }
  }

  /// Marks what staff were told behind a place in a log that is nowhere any more.
  private func loseWishes(
    of office: OfficeNode, behind seq: UInt64, before end: Int
  ) {
    for index in 0..<end where wishes[index].office == office.index {
      guard let op = wishes[index].op, op.replica == office.replica, op.seq > seq else { continue }
      wishes[index].isLost = true
    }
  }

  /// Whether a wish was written behind a place in a PC's log, whether staff know that or not.
  private func isBehind(
    _ seq: UInt64, _ wish: Wish, in office: OfficeNode
  ) throws(Violation) -> Bool {
    let made = try must("look up a key") {
      try wish.keys.last.flatMap { RequestKey($0) }.flatMap { try office.store.madeBefore($0) }
    }
    guard let op = made ?? wish.op, op.replica == office.replica else { return false }
    return op.seq > seq
  }

  func ownSeq(of office: OfficeNode) throws(Violation) -> UInt64 {
    try must("read a head") { try office.store.storedHead(of: office.replica).seq }
  }
}
