import Community
import OpLog
import Store

/// What staff need not say of an activity.
extension OfficeCore {
  /// Gives an activity the points that the community's rules usually give for its category, and their
  /// way of valuing awards, which then holds wherever its awards are recorded.
  func fillAnnouncement(_ fields: inout [String: String]) throws(OfficeError) {
    guard let category = fields["category"],
      let number = ActivityCategory.names.firstIndex(of: category)
    else { return }
    let row = try OfficeError.wrap { () throws(StoreError) in
      try store.policy(of: community).flatMap { (id) throws(StoreError) in
        try store.row(Tables.policy, [id.packed])
      }
    }
    guard let policy = row.map(Policy.init(row:)) else { return }
    if fields["points"] == nil {
      fields["points"] = policy.usualPoints(ofCategory: category).map(String.init)
    }
    let isWork = !ActivityCategory.withoutWork.contains(Int64(number))
    if isWork, fields["award_rule"] == nil { fields["award_rule"] = policy.awardMode.name }
  }

  /// Names what an amendment replaces: all that stands here in the fields that it changes.
  func fillAmended(_ fields: inout [String: String]) throws(OfficeError) {
    guard fields["replaces"] == nil, let activity = fields["activity"].flatMap({ OpID($0) }) else {
      return
    }
    let changed = ActivityRegister.allCases.filter { fields[$0.name] != nil }
    guard !changed.isEmpty else { return }
    let live = try OfficeError.wrap { () throws(StoreError) in
      var live: Set<OpID> = []
      for register in changed { live.formUnion(try store.liveValues(of: activity, register)) }
      return live
    }
    fields["replaces"] = live.sorted().prefix(16).map(\.description).joined(separator: ",")
  }
}
