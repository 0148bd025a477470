import Community
import OpLog

/// What holds at every replica after every sync, whatever happened, as far as the
/// tables show it.
package enum Invariants {
  /// What does not hold at a replica.
  package static func findings(in view: any ReplicaView) throws -> [String] {
    var findings = try sums(in: view)
    findings += try awards(in: view)
    findings += try standingDesk(in: view)
    findings += try rights(in: view)
    findings += try lost { try view.rows(of: $0) }
    return findings
  }

  /// Replicas that hold the same ops and yet differ.
  package static func findings(between views: [(place: String, view: any ReplicaView)]) throws
    -> [String]
  {
    var digests: [(place: String, heads: [ReplicaID: UInt64], digest: String)] = []
    for (place, view) in views {
      digests.append((place, try view.heads(), try view.digest()))
    }
    var findings: [String] = []
    for (index, one) in digests.enumerated() {
      for other in digests[..<index] where other.heads == one.heads && other.digest != one.digest {
        findings.append("\(other.place) and \(one.place) hold the same ops and differ")
      }
    }
    return findings
  }

  /// Each account is the sum of what the rows of the facts layer publish on it.
  private static func sums(in view: any ReplicaView) throws -> [String] {
    var sums: [Int: [[Int64]: [Int64]]] = [:]
    for table in Tables.all {
      guard let postings = table.postings else { continue }
      for row in try view.rows(of: table) {
        for posting in postings(row) {
          let account = posting.table.table
          let key = posting.key.values(count: account.keyCount)
          let zeros = posting.amounts.map { _ in Int64(0) }
          let old = sums[account.number]?[key] ?? zeros
          sums[account.number, default: [:]][key] = zip(old, posting.amounts).map(+)
        }
      }
    }
    var findings: [String] = []
    for account in AccountTable.allCases.map(\.table) {
      let expected = (sums[account.number] ?? [:]).filter { $0.value.contains { $0 != 0 } }
      var found: [[Int64]: [Int64]] = [:]
      for row in try view.rows(of: account) {
        found[account.key(of: row)] = row[account.keyCount...].map { $0.integer ?? 0 }
      }
      for key in Set(expected.keys).union(found.keys) where expected[key] != found[key] {
        findings.append("\(account.name) \(key) is not the sum of what is posted on it")
      }
    }
    return findings
  }

  /// At most one award counts for each natural key, in whichever round.
  private static func awards(in view: any ReplicaView) throws -> [String] {
    var counted: Set<[Int64]> = []
    var findings: [String] = []
    for row in try view.rows(of: Tables.award) where row[5] == .text("posted") {
      let key = Array(Tables.award.key(of: row).dropLast())
      if !counted.insert(key).inserted { findings.append("award \(key) counts twice") }
    }
    return findings
  }

  /// The entries that a resolution took off the desk and nobody put back.
  package static func resolved(in view: any ReplicaView) throws -> Set<DeskEntry> {
    var entries: Set<DeskEntry> = []
    for row in try view.rows(of: Tables.resolution)
    where row[6] == .null && row[4].integer != Resolution.reopened.rawValue {
      guard let subject = row[0].integer, let reason = DeskReason(rawValue: row[3].text) else {
        continue
      }
      entries.insert(DeskEntry(reason, subject: subject, detail: row[2].integer ?? 0))
    }
    return entries
  }

  /// What follows from rows is on the desk until somebody resolves it, each time and nothing else.
  private static func standingDesk(in view: any ReplicaView) throws -> [String] {
    var expected: Set<DeskEntry> = []
    for table in Tables.all {
      guard let entries = table.standingDesk else { continue }
      for row in try view.rows(of: table) { expected.formUnion(entries(row)) }
    }
    let reasons = Set(expected.map(\.reason))
    let missing = expected.subtracting(try view.desk()).subtracting(try resolved(in: view))
    let surplus = try view.desk().filter {
      reasons.contains($0.reason) && !expected.contains($0)
    }
    return missing.map { "a row's entry is not on the desk: \($0)" }
      + surplus.map { "no row puts this on the desk: \($0)" }
  }
}
