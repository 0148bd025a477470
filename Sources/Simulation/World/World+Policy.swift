import Community
import Hub
import OpLog
import Store

/// The rules of communities, drawn at random, at the start and in mid-life.
extension World {
  /// What a rule may be in a world: nil is off.
  private struct Choice: Sendable {
    let key: String
    /// The strictest check knows what follows from it.
    var isPlain = false
    let values: ClosedRange<Int64>
    /// In cases of a thousand.
    var off = 300
  }

  private static let choices = [
    Choice(key: "award.posting", isPlain: true, values: 0...1, off: 0),
    Choice(key: "standin.visit_limit", isPlain: true, values: 4...12, off: 0),
    Choice(key: "standin.person_limit", isPlain: true, values: 8...20, off: 0),
    Choice(key: "standin.office_limit", isPlain: true, values: 5...40, off: 0),
    Choice(key: "points.value_fen", isPlain: true, values: 1...500),
    Choice(key: "award.mode", values: 0...3, off: 500),
    Choice(key: "award.max_minutes", isPlain: true, values: 60...240),
    Choice(key: "award.max_per_day", isPlain: true, values: 1...3),
    Choice(key: "award.max_reports_per_month", isPlain: true, values: 1...3),
    Choice(key: "award.supplement_days", values: 0...9),
    Choice(key: "points.expiry", isPlain: true, values: 0...2),
    Choice(key: "points.expiry_notice_days", isPlain: true, values: 0...60),
    Choice(key: "redeem.item_limit", isPlain: true, values: 1...4),
    Choice(key: "redeem.minor_per_day", values: 0...10),
    Choice(key: "standin.max_days", isPlain: true, values: 3...60),
    Choice(key: "void.days", values: 0...9, off: 100),
    Choice(key: "backdate.max_days", isPlain: true, values: 0...20),
    Choice(key: "coin.only", values: 0...1, off: 700),
    Choice(key: "redeem.credit_change", values: 0...1),
    Choice(key: "redeem.cross_community", values: 0...1),
    Choice(key: "household.pool", values: 0...1),
    Choice(key: "redeem.household_item_limit", values: 1...2),
    Choice(key: "redeem.max_per_quarter", values: 1...3, off: 600),
    Choice(key: "redeem.weekday", values: 0...6, off: 950),
    Choice(key: "fair.day", values: 1...28, off: 950),
    Choice(key: "redeem.guardian", values: 0...1),
    Choice(key: "points.balance_cap", values: 10...40, off: 850),
    Choice(key: "redeem.min_points", values: 2...6, off: 850),
    Choice(key: "fraud.sanction", isPlain: true, values: 0...1),
    Choice(key: "appeal.file_days", isPlain: true, values: 1...9),
    Choice(key: "award.max_minutes_large", isPlain: true, values: 120...360),
  ]

  /// A set of rules, complete unless only this many of a thousand are to change; mostly awards post at
  /// once.
  func drawnPolicy(share: Int = 1_000) -> PolicyChanges {
    var policy: PolicyChanges = [:]
    for choice in Self.choices {
      let (isOff, value) = (random.happens(choice.off), random.within(choice.values))
      guard random.happens(share) else { continue }
      policy.updateValue(
        isOff || isPlain && !choice.isPlain ? nil : value, forKey: choice.key)
    }
    if random.happens(600) { policy["award.posting"] = 0 }
    return policy
  }

  /// The street changes some of a community's rules; the code of this invitation is never used.
  func changePolicy() throws(Violation) {
    let community = random.below(staff.count)
    var policy = drawnPolicy(share: 150)
    // Points that households have together stay there, and nobody may use them.
    if random.happens(200) { policy["household.pool"] = 0 }
    let invitation = OfficeInvitation(
      community: "社区\(community + 1)", label: "站", staff: [], policy: policy)
    let code = salts.bytes(8)
    try actAtHub("changes the rules of community \(community)") { (store, now) throws(StoreError) in
      _ = try Self.done { () throws(StaffRefusal) in
        try HubAdmin.invite(invitation, codeHash: SHA256.hash(code), to: store, now: now)
      }
    }
  }
}
