import Testing

/// From the sheet of an activity to its awards.
@Suite("Awards from attendance") struct AwardSheetTests {
  @Test("who came and left is granted once, after a look at the list")
  func awards() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let day = "held_on=2026-01-13"
    let activity = try await office.record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", day)
    var people: [String] = []
    for name in ["刘小娥", "赵强", "孙红", "周兰"] {
      people.append(try await office.record("resident.register", "name=\(name)"))
    }
    for (person, minutes) in zip(people, [90, 60, nil]) {
      let came = try await office.record(
        "attendance.check_in", "activity=\(activity)", "resident=\(person)", "method=list")
      guard let minutes else { continue }
      try await office.record("attendance.check_out", "check_in=\(came)", "minutes=\(minutes)")
    }
    try await office.record("award.grant", "activity=\(activity)", "resident=\(people[1])")
    try await office.record("award.grant", "activity=\(activity)", "resident=\(people[3])")
    let words = [
      "award", "--activity", activity, "--as", office.staff, "--json", "--data", office.data,
    ]

    let seen = try await ProcessKit.run(words).objects()
    #expect(seen.map { $0["resident"] as? String } == [people[0], people[2], people[3]])
    #expect(seen.map { $0["status"] as? String } == ["open", "not-checked-out", "unattended"])

    #expect(try await ProcessKit.run(words + ["--points", "abc"]).exit == 2)
    let granted = try await ProcessKit.run(words + ["--yes"])
    #expect(granted.exit == 0, "\(granted.out)\(granted.err)")
    #expect(try granted.objects().first?["outcome"] as? String == "posted", "\(granted.out)")

    let again = try await ProcessKit.run(words + ["--yes"]).objects()
    #expect(again.map { $0["resident"] as? String } == [people[2], people[3]])
    let awards = try await office.run("show", "awards", "--json").objects()
    #expect(awards.count == 3)
    #expect(
      awards.contains { $0["resident"] as? String == people[0] && $0["minutes"] as? Int == 90 }
    )

    let unknown = try await office.run("award", "--activity", "4097-999", "--as", office.staff)
    #expect(unknown.exit == 3, "\(unknown.err)")
  }
}
