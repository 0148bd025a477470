import OpLog

/// Activities, attendance, and what decides about awards.
extension Form {
  static let work: [Form] = [
    Form("activity.amend", 5, ownActivity), Form("activity.cancel", 3, ownActivity),
    Form("activity.close", 3, ownActivity), Form("activity.reopen", 3),
    Form("attendance.check_in", 14),
    Form("attendance.check_out", 10), Form("attendance.supplement", 6),
    Form("award.grant", 18) { (world, office) throws(Violation) in try world.award(at: office) },
    Form("award.grant", 3, underOtherFile), Form("award.approve", 14), Form("award.reject", 6),
    Form("award.reverse", 6),
    Form("points.cover", 14) { (world, office) throws(Violation) in
      let covers = (world.known.made[15] ?? []).map { world.sheet(of: $0) }
      let losses = try world.losses(at: office).filter { loss in
        !covers.contains { $0["loss"] == loss.id.description }
      }
      let owed = losses.filter { $0.proposed > 0 }
      // Of an account for which another loss was covered already.
      let further = owed.filter { loss in covers.contains { $0["account"] == loss.account } }
      let likely = further.isEmpty ? owed : further
      guard
        let loss = world.random.pick(likely.isEmpty || world.random.happens(200) ? losses : likely)
      else { return nil }
      let points = world.random.within(1...max(1, loss.proposed))
      return ["loss": loss.id.description, "account": loss.account, "points": "\(points)"]
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
