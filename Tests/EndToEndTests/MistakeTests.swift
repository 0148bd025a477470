import Testing

/// What people mistake for something else is told before anything is done.
@Suite("Mistakes") struct MistakeTests {
  private func code(_ result: ProcessResult) throws -> String {
    let error = try #require(try result.object()["error"] as? [String: Any], "\(result.out)")
    return try #require(error["code"] as? String)
  }

  @Test("another record's id is no resident's, and it says whose it is")
  func otherRecord() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    let shown = try await office.run("show", "resident", activity, "--json")
    #expect(shown.exit == 3)
    #expect(try code(shown) == "no-resident")
    let told = try await office.run("show", "resident", activity, "--lang", "en")
    #expect(told.err.contains("扫雪"), "\(told.err)")
    let absent = try await office.run("show", "resident", "4097-99", "--json")
    #expect(absent.exit == 3)
  }

  @Test("a backup into a folder that is not there makes none, and says which folder")
  func noFolder() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let path = street.folder.path("stick/office.db")
    let backup = try await office.run("office", "backup", path, "--lang", "en")
    #expect(backup.exit == 5)
    #expect(backup.err.contains(street.folder.path("stick")), "\(backup.err)")
  }

  @Test("a phone number is no community's name: nobody is invited")
  func phone() async throws {
    let street = try await TestStreet()
    let invited = try await street.hub("invite", "--community", "13800000000", json: true)
    #expect(invited.exit == 3)
    #expect(try code(invited) == "personal-data")
    #expect(try await street.hub("status", json: true).object()["ops"] as? Int == 1)
  }

  @Test("who revokes an office hears what is lost, and how it is not")
  func revoke() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let plan = try await street.hub("revoke", "4097", "--lang", "en")
    #expect(plan.exit == 0)
    #expect(plan.out.contains("the only office of its community"), "\(plan.out)")
    #expect(plan.out.contains("linli hub retire") && plan.out.contains("linli hub readmit"))
    #expect(plan.out.contains("--yes"))
    // Nothing was done.
    try await office.sync()
  }
}
