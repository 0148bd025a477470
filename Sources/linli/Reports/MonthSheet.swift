import Community
import OpLog
import Store

/// The monthly columns, a row for each community.
enum MonthSheet {
  static func listing(
    _ month: BusinessDate, _ communities: [OpID], in store: Store
  ) throws(StoreError) -> Listing {
    var listing = Listing(
      columns: ["community", "month", "state"] + Store.monthFigures + ["corrected"], rows: [])
    for community in communities {
      let report = try store.month(month, of: community)
      let name = try store.row(Tables.community, id: community.packed)?[1].text ?? ""
      let corrected = report.corrections.contains { $0 != 0 } ? "yes" : ""
      listing.rows.append(
        [name, String(month.description.prefix(7)), report.close == nil ? "open" : "closed"]
          + report.figures.map(String.init) + [corrected])
    }
    return listing
  }
}

/// Whether closed months still are what their ops came to.
struct MonthAudit {
  private let store: Store
  private let witness: MonthWitness

  /// Prepares to audit months of a store; ask for them in the order in which they were closed.
  init(_ store: Store) throws(StoreError) {
    self.store = store
    witness = try MonthWitness(store)
  }

  /// A sentence for each closed month whose totals another fold of the same ops does not give; it must
  /// never happen.
  func findings(
    _ month: BusinessDate, _ communities: [OpID]
  ) throws(StoreError) -> [Words] {
    var closed: [(close: OpID, community: OpID, report: MonthReport)] = []
    for community in communities {
      let report = try store.month(month, of: community)
      if let close = report.close { closed.append((close, community, report)) }
    }
    var findings: [Words] = []
    for (close, community, report) in closed.sorted(by: { $0.close < $1.close }) {
      let basis = try store.basis(ofMonth: month, of: community)
      let again = try witness.month(month, of: community, below: basis)
      for (index, name) in Store.monthFigures.enumerated()
      where again.figures[index] != report.figures[index] {
        let (said, found) = (report.figures[index], again.figures[index])
        findings.append(
          Words(
            "月结 \(close) 的\(Headings.text(name, in: .chinese))是 \(said)，重算为 \(found)",
            "close \(close) says \(name) \(said), its ops come to \(found)"))
      }
    }
    return findings
  }
}
