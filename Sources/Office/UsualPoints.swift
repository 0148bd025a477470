import Community
import OpLog
import Store

extension OfficeCore {
  /// Gives an activity the points that the community's rules usually give for its category.
  func fillUsualPoints(_ fields: inout [String: String]) throws(OfficeError) {
    guard fields["points"] == nil, let category = fields["category"] else { return }
    let policy = try OfficeError.wrap { () throws(StoreError) in
      try store.policy(of: community).flatMap { (id) throws(StoreError) in
        try store.row(Tables.policy, [id.packed])
      }
    }
    let points = policy.map(Policy.init(row:))?.usualPoints(ofCategory: category)
    fields["points"] = points.map(String.init)
  }
}
