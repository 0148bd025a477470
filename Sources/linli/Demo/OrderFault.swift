import Community
import OpLog
import Store

/// A fault of a fold, to prove that the order check can fail.
///
/// It is not in the product: after each batch the table is changed into what a fold with this fault
/// would have left there.
enum OrderFault: String, CaseIterable {
  /// Of two records of one award, the one that came last counts.
  case lastRecordCounts = "last-record-counts"

  /// Leaves the tables as the fault would, after some ops were folded.
  func spoil(_ store: Store, after batch: ArraySlice<Op>) throws(StoreError) {
    let names = Tables.award.columns.map(\.name)
    guard let state = names.firstIndex(of: "state"), let counted = names.firstIndex(of: "op")
    else { return }
    for op in batch {
      guard let kind = Catalogue.kind(op.kind), kind.name == "award.grant",
        let grant = kind.schema.payload(of: op),
        let activity = grant.reference(1), let resident = grant.reference(2)
      else { continue }
      let values = [
        "activity": activity.packed, "resident": resident.packed,
        "session": grant.integer(4) ?? 1, "role": grant.integer(5) ?? 0,
      ]
      let key = names.prefix(Tables.award.keyCount).map { values[$0] ?? 0 }
      try store.write { () throws(StoreError) in
        guard let row = try store.row(Tables.award, key), row[state] == .text("posted")
        else { return }
        var spoiled = row
        spoiled[counted] = .id(op.id)
        if spoiled != row { try store.replace(Tables.award, row, by: spoiled) }
      }
    }
  }
}
