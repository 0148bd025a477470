import Community
import OpLog
import Store

/// Why nothing is adopted.
package enum AdoptRefusal: Error, Equatable, Sendable {
  /// No roll-call is open.
  case notOpen
  /// No two offices have shown one and the same log that the hub lacks.
  case nothingShown
  /// Of those that showed it, fewer than two are offices of the street by that log.
  case strangers([ReplicaID])
  /// The two who should sign may not.
  case approvers(ClosingRefusal)
  /// The database failed.
  case store(StoreError)
}

/// The log of a former hub that offices have given and no seal proves, because the key is lost.
package struct Adoption: Equatable, Sendable {
  /// How far it is held and proved already.
  package let held: Head
  /// How far two offices showed the same; nil while only one did.
  package let head: Head?
  /// The offices that showed it at least that far, ascending.
  package let shownBy: [ReplicaID]
  /// How many entries behind that only one office showed: they are lost if no other shows them.
  package let beyond: UInt64
  /// The offices that showed another log.
  package let others: [ReplicaID]
}

/// Taking what offices show for right where the key that could prove it is lost.
///
/// One office alone could have written anything into the log of the former hub, so two have to show the
/// same, and two persons stand with it. A writer's own log needs none of this: it brings that itself.
extension HubAdmin {
  /// What is there to adopt; nil when no log waits for it.
  package static func adoption(of store: Store) throws(StoreError) -> Adoption? {
    guard try store.isRollCallOpen, let since = try store.keySince(),
      let given = try store.givenLog(), given.hub.incarnation < since,
      try store.knowsLife(of: given.hub)
    else { return nil }
    let held = try store.foldedHead(of: given.hub)
    let end = try store.storedHead(of: given.hub).seq
    var agreeing: [ShownHead] = []
    var others: [ReplicaID] = []
    for shown in try store.shownHeads() where shown.head.replica == given.hub {
      // Where it showed more than is given, it has not called since; nobody knows yet.
      guard shown.head.seq <= end else { continue }
      if try store.holds(shown.head) { agreeing.append(shown) } else { others.append(shown.office) }
    }
    agreeing.sort { ($1.head.seq, $0.office) < ($0.head.seq, $1.office) }
    let second = agreeing.count > 1 ? agreeing[1].head : nil
    let head = second.flatMap { $0.seq > held.seq ? $0 : nil }
    let from = head?.seq ?? held.seq
    return Adoption(
      held: held, head: head,
      shownBy: agreeing.filter { $0.head.seq >= from }.map(\.office).sorted(),
      beyond: end > from ? end - from : 0, others: others.sorted())
  }

  /// Folds the log of a former hub as far as two offices showed it, with all that it covers, in the
  /// names of two persons.
  ///
  /// - Parameters:
  ///   - approvers: The two, by their appointments, which may be in the log itself.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The `hub.adopt` op.
  /// - Throws: ``AdoptRefusal``; nothing of the log counts then. Where only the clock is against it, the
  ///   log's end is kept, and the hub is held to it (``HubClock``).
  package static func adopt(
    by approvers: [OpID], in store: Store, now: Int64
  ) throws(AdoptRefusal) -> OpID {
    var refusal: AdoptRefusal?
    do throws(StoreError) {
      return try HubClock.take(by: now, in: store) { (checkClock) throws(StoreError) in
        guard try store.isRollCallOpen else {
          refusal = .notOpen
          throw .rollCall
        }
        guard let adoption = try adoption(of: store), let head = adoption.head else {
          refusal = .nothingShown
          throw .rollCall
        }
        try store.foldEntries(of: head.replica, through: head.seq)
        try store.noteGivenProved()
        try store.dropGiven()
        // Only now it is known who they are; if they may not sign or show, all of this is taken back.
        var offices: [ReplicaID] = []
        for office in adoption.shownBy
        where try store.enrolment(of: office)?.isRevoked == false { offices.append(office) }
        guard offices.count > 1 else {
          refusal = .strangers(adoption.shownBy.filter { !offices.contains($0) })
          throw .rollCall
        }
        if let problem = try problem(of: approvers, of: nil, in: store, now: now) {
          refusal = .approvers(problem)
          throw .rollCall
        }
        // The last of what may be against it: nothing but these two speaks for that log.
        try checkClock()
        try writeReceipts(to: store, now: now)
        if try store.setting(.streetName) == nil, let name = try store.definedName() {
          try store.set(.streetName, Array(name.utf8))
        }
        let payload = HubAdoptFold.payload(of: head, shownBy: offices, by: approvers)
        return try write(payload, HubAdoptFold.kind, to: store, now: now).id
      }
    } catch {
      throw refusal ?? .store(error)
    }
  }
}
