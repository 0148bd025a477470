import OpLog

/// Activities, attendance, and what decides about awards.
extension Form {
  static let work: [Form] = [
    Form("activity.amend", 5, ownActivity), Form("activity.cancel", 3, ownActivity),
    Form("activity.close", 3, ownActivity), Form("activity.reopen", 3),
    Form("attendance.check_in", 14),
    Form("attendance.check_out", 10), Form("attendance.supplement", 6),
    Form("award.grant", 18) { (world, office) throws(Violation) in try world.award(at: office) },
    Form("award.approve", 14), Form("award.reject", 6), Form("award.reverse", 6),
    Form("points.cover", 8) { (world, office) throws(Violation) in
      guard let loss = try world.any(of: [20, 23], at: office) else { return nil }
      let sheet = world.sheet(of: loss)
      let award = sheet["award"].flatMap { OpID($0) }
      guard let account = sheet["resident"] ?? world.sheet(of: award)["resident"] else {
        return nil
      }
      return ["loss": loss.description, "account": account]
    },
  ]

  /// Mostly an activity of the office's own community.
  private static let ownActivity:
    @Sendable (World, OfficeNode) throws(Violation) -> [String: String]? = {
      (world, office) throws(Violation) in
      let all = try world.held(world.known.activities, at: office) { $0.id }
      let own = all.filter { activity in
        world.offices.contains {
          $0.replica == activity.id.replica && $0.community == office.community
        }
      }
      let activity = world.random.pick(own.isEmpty || world.random.happens(100) ? all : own)
      return activity.map { ["activity": $0.id.description] }
    }
}
