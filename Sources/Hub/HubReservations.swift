import Community
import OpLog
import Store

/// Goods that were kept for somebody up to a day that is over.
extension HubAdmin {
  /// Releases every reservation whose last day is over, so that the goods may go to others.
  ///
  /// An office releases its own; this is for those that nobody came back to. One that was collected
  /// offline meanwhile stays collected.
  ///
  /// - Parameters:
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The ops, a release each.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func expireReservations(
    in store: Store, now: Int64
  ) throws(StoreError) -> [OpID] {
    guard let kind = Catalogue.kind(named: "reservation.release") else {
      preconditionFailure("the catalogue has it")
    }
    let today = Int64(BusinessDate(stamp: now).day)
    return try store.write { () throws(StoreError) in
      var ops: [OpID] = []
      for row in try store.rows(of: Tables.keptGoods)
      where row[4].integer.map({ $0 < today }) == true {
        guard let reservation = row[2].id else { continue }
        let values: [PayloadValue?] = [
          .reference(reservation), .integer(ReleaseReason.expired.rawValue),
        ]
        ops.append(try append(kind.number, values, to: store, now: now).id)
      }
      return ops
    }
  }
}
