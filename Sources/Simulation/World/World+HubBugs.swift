import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// Planted bugs of the hub and of the line.
extension World {
  /// Ops that the hub stores and never receipts, before it handles the request that brings them.
  func spoilRequest(_ call: Call) throws(Violation) {
    guard options.bug == .receiptNotStored, case .sync(let request) = call.purpose,
      !call.isDamaged, !request.ops.isEmpty, random.happens(200)
    else { return }
    // Ops that do not continue the log are refused here as they are there.
    _ = try? hub.store.write { () throws(StoreError) in try hub.store.take(request.ops) }
  }

  /// The answer of a hub that was rolled back and does not want to know what it forgot.
  func spoiledAnswer(to request: PeerRequest) -> PeerResponse? {
    guard options.bug == .hubGoesOn, fate.hub?.fault == .hubRolledBack,
      request.path == "/v1/rollcall"
    else { return nil }
    return PeerResponse(
      status: 503, contentType: "application/problem+json",
      body: Problem(.busy, detail: "the hub has no time for this").encode())
  }

  /// A second answer to a request, against the first.
  func spoilDecision(_ id: OpID) throws(Violation) {
    guard options.bug == .decidedTwice else { return }
    try must("plant a bug") {
      let op = try hub.store.op(id)
      guard let kind = Catalogue.kind(op.kind),
        case .payload(var payload) = try kind.schema.decode(op)
      else { return }
      payload.values[1] = .integer(1 - (payload.integer(2) ?? 0))
      let draft = Draft(kind: kind, payload: payload, occurredOn: op.occurredOn)
      try hub.store.write { () throws(StoreError) in
        _ = try hub.store.append(draft, stamp: op.stamp)
      }
    }
  }

  /// An entry of the former hub's log that it never wrote, shown in the roll-call by the office that has
  /// seen most of it, under the seal that the hub would have made: as if a seal told nothing.
  func spoilRebuild() throws(Violation) {
    guard options.bug == .forgedEntryBelieved, try isRollCallOpen() else { return }
    var forger: (office: OfficeNode, head: Head)?
    for office in offices where office.isCurrent && !office.isOlder {
      let seen = try office.hubHead()
      guard seen.replica < hub.replica, seen.seq > forger?.head.seq ?? 0 else { continue }
      forger = (office, seen)
    }
    guard let (office, head) = forger, let id = OpID(head.replica, head.seq + 1) else { return }
    try must("plant a bug") {
      let store = office.store
      let forged = try Op(
        OpFields(
          id: id, stamp: hubNow, kind: 9_999, occurredOn: BusinessDate(stamp: hubNow),
          payload: [0xA0]))
      try store.write { () throws(StoreError) in
        try store.take([forged])
        let end = try store.storedHead(of: head.replica)
        try store.keep(
          SealedHead(head: end, seal: .zero, successorSeal: hub.sealForSuccessors(end)))
      }
    }
  }

  /// Rights that an office holds, once more.
  func spoilRights(at office: OfficeNode) throws(Violation) {
    if options.bug == .grantsNotNetted { return try spendWhatIsGranted(at: office) }
    guard options.bug == .grantAppliedTwice else { return }
    try must("plant a bug") {
      for row in try office.store.rows(of: Tables.heldRight) where row[2] != .integer(0) {
        let key = [row[0], row[1]].map { $0.integer ?? 0 }
        try add(row[2].integer ?? 0, to: [2], of: Tables.heldRight, key, in: office.store)
      }
    }
  }

  /// A sale at the home of an account out of what it granted to another office.
  private func spendWhatIsGranted(at office: OfficeNode) throws(Violation) {
    try must("plant a bug") {
      let store = office.store
      for right in try store.rows(of: Tables.heldRight) {
        guard let account = right[1].id, let granted = right[2].integer, granted > 0,
          let balance = try store.row(Tables.account, id: account.packed)?[1].integer,
          balance >= granted, try spend(balance - granted + 1, of: account, at: office)
        else { continue }
        return
      }
    }
  }

  /// A sale by a balance that was read before an answer came, and is less since.
  func spoilSpending(at office: OfficeNode, _ before: [[Cell]]) throws(Violation) {
    guard options.bug == .rightsByStaleSum else { return }
    try must("plant a bug") {
      for old in before {
        guard let account = old[0].id, let known = old[1].integer, known > 0,
          try office.store.row(Tables.account, id: account.packed)?[1].integer ?? 0 < known,
          try spend(known, of: account, at: office)
        else { continue }
        return
      }
    }
  }

  /// Sells something at the home of an account, and asks nothing first.
  ///
  /// - Returns: Whether that office is the home.
  private func spend(_ points: Int64, of account: OpID, at office: OfficeNode) throws -> Bool {
    let store = office.store
    guard try store.home(of: account) == office.replica,
      try store.has(Tables.resident, id: account.packed),
      let item = try store.rows(of: Tables.item).first?[0].id,
      let kind = Catalogue.kind(named: "redemption.record")
    else { return false }
    var values: [PayloadValue?] = kind.schema.fields.map { _ in nil }
    values[0] = .reference(account)
    values[1] = .records([[.reference(item), .integer(1), .integer(points)]])
    values[2] = .integer(0)
    var draft = Draft(
      kind: kind, payload: Payload(values: values), occurredOn: BusinessDate(stamp: time))
    draft.actor = staff[office.community][0]
    draft.policy = try store.policy(of: office.core.community)
    try write(draft, at: store)
    return true
  }

  /// A body of somebody of another community, come with an answer.
  func spoilBodies(at office: OfficeNode) throws(Violation) {
    guard options.bug == .bodyOutOfScope else { return }
    try must("plant a bug") {
      for resident in known.residents {
        guard let writer = offices.first(where: { $0.replica == resident.id.replica }),
          writer.community != office.community, try office.holds(resident.id),
          let digest = try office.store.op(resident.id).body,
          let body = try hub.store.body(digest)
        else { continue }
        try office.store.write { () throws(StoreError) in try office.store.keep(body) }
      }
    }
  }

  /// Points that an answer brings again.
  func spoilRepeat(at office: OfficeNode) throws(Violation) {
    guard options.bug == .postedAgain else { return }
    try must("plant a bug") {
      guard let row = try office.store.rows(of: Tables.account).first else { return }
      try add(3, to: [1, 2], of: Tables.account, [row[0].integer ?? 0], in: office.store)
    }
  }
}
