import Community
import OpLog
import Store

/// What became of a decision that the administrator made.
package enum DecisionOutcome: Sendable, Equatable {
  /// It is written, as this op.
  case decided(OpID)
  /// The remedy does not put right what the appeal is against; these kinds can.
  case unfitRemedy([KindNumber])
  /// Nothing with this id waits for the hub: it was decided before, or nobody asked.
  case notOpen
}

/// The requests that only the hub decides: each once, for good.
extension HubAdmin {
  /// Decides a request or an appeal, on all that the hub holds now.
  ///
  /// - Parameters:
  ///   - request: The op that asks.
  ///   - isApproved: Whether it is granted; an appeal is upheld then.
  ///   - remedy: What was done about an appeal that is upheld; nil for nothing.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The decision, or that there is nothing to decide.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func decide(
    _ request: OpID, isApproved: Bool, remedy: OpID? = nil, in store: Store, now: Int64
  ) throws(StoreError) -> DecisionOutcome {
    try store.write { () throws(StoreError) in
      guard let open = try store.openRequests().first(where: { $0.id == request }) else {
        return .notOpen
      }
      let answer = PayloadValue.integer(isApproved ? 0 : 1)
      guard open.kind != appealKind else {
        if let remedy, let misfit = try misfit(remedy, of: request, in: store) { return misfit }
        let values: [PayloadValue?] = [
          .reference(request), answer, remedy.map(PayloadValue.reference),
        ]
        return .decided(try append(66, values, to: store, now: now).id)
      }
      let values: [PayloadValue?] = [.reference(request), answer, .records(try basis(of: store))]
      return .decided(try append(64, values, to: store, now: now).id)
    }
  }

  /// The kind of appeals, which may be asked to name a remedy.
  package static let appealKind: KindNumber = 59

  /// What to say about a remedy that is not one for an appeal; nil for one that is.
  private static func misfit(
    _ remedy: OpID, of appeal: OpID, in store: Store
  ) throws(StoreError) -> DecisionOutcome? {
    guard let against = try store.row(Tables.appeal, id: appeal.packed)?[1].id else { return nil }
    guard try store.foldedHead(of: remedy.replica).seq >= remedy.seq else {
      throw .unknownReference(remedy)
    }
    if try AppealRemedy.fits(remedy, against: against, in: store) { return nil }
    return .unfitRemedy(AppealRemedy.kinds(for: try store.op(against).kind))
  }

  /// How far the hub holds each office's log; never a part of them, for a basis says what was known.
  private static func basis(of store: Store) throws(StoreError) -> [[PayloadValue?]] {
    var heads: [[PayloadValue?]] = []
    for replica in try store.replicas() where !replica.isHub {
      let seq = try store.foldedHead(of: replica).seq
      guard seq > 0 else { continue }
      heads.append([.integer(Int64(replica.rawValue)), .integer(Int64(seq))])
    }
    return heads
  }
}
