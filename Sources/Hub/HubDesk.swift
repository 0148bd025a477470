import Community
import OpLog
import Store

/// What became of a decision that the administrator made.
package enum DecisionOutcome: Sendable, Equatable {
  /// It is written, as this op.
  case decided(OpID)
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
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The decision, or that there is nothing to decide.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func decide(
    _ request: OpID, isApproved: Bool, in store: Store, now: Int64
  ) throws(StoreError) -> DecisionOutcome {
    try store.write { () throws(StoreError) in
      guard let open = try store.openRequests().first(where: { $0.id == request }) else {
        return .notOpen
      }
      let answer = PayloadValue.integer(isApproved ? 0 : 1)
      guard open.kind != appealKind else {
        let values: [PayloadValue?] = [.reference(request), answer, nil]
        return .decided(try append(66, values, to: store, now: now).id)
      }
      let values: [PayloadValue?] = [.reference(request), answer, .records(try basis(of: store))]
      return .decided(try append(64, values, to: store, now: now).id)
    }
  }

  /// Ends an appointment: points and stock that the person records after the day wait.
  ///
  /// - Returns: False when there is no such appointment.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func end(
    _ staff: OpID, on day: BusinessDate, in store: Store, now: Int64
  ) throws(StoreError) -> Bool {
    try store.write { () throws(StoreError) in
      guard try store.row(Tables.staff, id: staff.packed) != nil else { return false }
      try append(8, [.reference(staff), .integer(Int64(day.day))], to: store, now: now)
      return true
    }
  }

  private static let appealKind: KindNumber = 59

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
