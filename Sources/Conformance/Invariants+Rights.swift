import Community
import OpLog

/// Rights away from home: nobody spends what was not granted without somebody being told.
extension Invariants {
  /// I1: what an office holds is what it was granted less what it used, and where it used more, its ops
  /// beyond it are on the desk.
  static func rights(in view: any ReplicaView) throws -> [String] {
    var findings: [String] = []
    var held: [[Int64]: Int64] = [:]
    var beyond: [[Int64]: OpID] = [:]
    for row in try view.rows(of: Tables.heldRight) {
      let key = [row[1].integer ?? 0, row[0].integer ?? 0]
      held[key] = row[2].integer
      beyond[key] = row[3].id
    }
    let retired = Set(try view.rows(of: Tables.retirement).compactMap { $0[0].integer })
    for row in try view.rows(of: Tables.grantedRight) {
      let key = Tables.grantedRight.key(of: row)
      let left = (row[2].integer ?? 0) - (row[3].integer ?? 0) - (row[4].integer ?? 0)
      let expected = retired.contains(key[1]) ? 0 : max(0, left)
      if held.removeValue(forKey: key) ?? 0 != expected {
        findings.append("the right of \(key[1]) on \(key[0]) is not what is left of its grants")
      }
      guard left < 0 else { continue }
      guard let first = beyond[key], let verdict = try view.verdict(of: first) else {
        findings.append("\(key[1]) used more of \(key[0]) than it held, and no op is to blame")
        continue
      }
      let isTold = [.debitWithoutStanding, .returnAboveHeld, .late].contains {
        verdict.reasons.contains($0)
      }
      if !isTold, verdict.outcome == .posted {
        findings.append("\(first) uses more than its office held, and is not on the desk")
      }
    }
    for (key, points) in held where points > 0 {
      findings.append("\(key[1]) holds \(points) of \(key[0]) that nobody granted")
    }
    return findings + (try requests(in: view))
  }

  /// A request is open until it has an answer, or its office has become the account's home.
  private static func requests(in view: any ReplicaView) throws -> [String] {
    let open = Set(try view.rows(of: Tables.openRequest).compactMap { $0[0].id })
    var findings: [String] = []
    for row in try view.rows(of: Tables.rightsRequest) {
      guard let request = row[2].id, let account = row[0].id else { continue }
      let waits = try row[6] == .null && row[1].integer != home(of: account, in: view)
      if waits != open.contains(request) {
        findings.append("\(request) is open and answered, or neither")
      }
    }
    return findings
  }

  private static func home(of account: OpID, in view: any ReplicaView) throws -> Int64? {
    let moved = try view.rows(of: Tables.custody).first { $0[0].id == account }?[1].integer
    if let moved { return moved }
    let file = try view.rows(of: Tables.resident).first { $0[0].id == account }
    var homes = [file?[1].integer ?? Int64(account.replica.rawValue)]
    let retired = try view.rows(of: Tables.retirement)
    while let next = retired.first(where: { $0[0].integer == homes.last })?[3].integer,
      homes.count <= retired.count
    { homes.append(next) }
    return homes.last
  }
}
