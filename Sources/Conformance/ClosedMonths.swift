import Community
import OpLog

/// The totals of closed months as they were when somebody first read them; they never change again.
struct ClosedMonths {
  private struct Month: Hashable {
    let place: String
    let community: Int64
    let first: Int64
  }

  private var closes: [Month: OpID] = [:]
  private var totals: [OpID: [Int64]] = [:]

  /// What a place says otherwise than any place did before, or than the close itself does.
  mutating func findings(
    in view: any ReplicaView, at place: String, _ facts: [Fact]
  ) throws -> [String] {
    var findings: [String] = []
    for row in try view.rows(of: Tables.period) {
      let month = Month(
        place: place, community: row[0].integer ?? 0, first: row[1].integer ?? 0)
      let what = "the month \(month.first) of \(month.community)"
      if let before = closes[month], row[3].id != before, row[5] == .null {
        findings.append("\(what) was closed by \(before), and nobody opened it again")
      }
      closes[month] = row[3].id
      guard let close = row[3].id, let community = OpID(packed: month.community),
        let first = BusinessDate(day: month.first)
      else { continue }
      let figures = try view.figures(of: first, in: community)
      let stated = facts.first { $0.op.id == close }.map { fact in
        PeriodCloseFold.totals.map { fact.integer($0) ?? 0 }
      }
      if figures != totals[close] ?? stated ?? figures {
        findings.append("\(what) is closed, and its totals changed to \(figures)")
      }
      totals[close] = totals[close] ?? figures
    }
    return findings
  }
}
