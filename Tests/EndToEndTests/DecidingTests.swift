import Foundation
import Testing

/// `hub desk show` tells the two who decide what they need to know.
@Suite("Deciding") struct DecidingTests {
  @Test("an appeal shows its grounds, and what it is against down to the activity")
  func appeal() async throws {
    let street = try await TestStreet()
    let north = try await street.office("王敏")
    let resident = try await north.record("resident.register", "name=刘小娥")
    let activity = try await north.record(
      "activity.publish", "title=扫雪", "category=labour", "points=5", "held_on=2026-01-13")
    let award = try await north.record(
      "award.grant", "activity=\(activity)", "resident=\(resident)")
    try await north.sync()
    let south = try await street.office("李强")
    let reversal = try await south.record(
      "award.reverse", "award=\(award)", "cause=not_attended")
    let appeal = try await south.record(
      "appeal.file", "against=\(reversal)", "resident=\(resident)", "grounds=当天在场")
    let erase = try await south.record(
      "resident.erase", "resident=\(resident)", "basis=own_wish")
    try await south.sync()

    let shown = try await street.hub("desk", "show", appeal, "--lang", "zh").out
    for text in ["理由: 当天在场", "原因: 未到场", "经办 李强", "\(activity) 扫雪", "积分: 5", "刘小娥", "期限: "] {
      #expect(shown.contains(text), "\(text): \(shown)")
    }
    let json = try await street.hub("desk", "show", appeal, json: true).object()
    #expect((json["fields"] as? [String: String])?["grounds"] == "当天在场")
    let records = try #require(json["records"] as? [[String: Any]])
    #expect(records.compactMap { $0["id"] as? String } == [reversal, award, activity])

    #expect(try await street.hub("desk", "decide", erase, "approve").exit == 3)
    let third = try await street.office("赵强")
    let two = "\(north.staff),\(third.staff)"
    #expect(try await street.hub("desk", "decide", erase, "approve", "--by", two).exit == 0)
    let later = try await street.hub("desk", "show", appeal, "--lang", "zh").out
    #expect(later.contains("理由: (不在本机") && !later.contains("当天在场"), "\(later)")
  }

  @Test("a membership in two households shows where both are; parting files shows both files")
  func households() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let people = [
      try await office.record("resident.register", "name=刘小娥", "phone=13800000001"),
      try await office.record("resident.register", "name=陈大明", "phone=13800000002"),
    ]
    try await office.sync()
    let south = try await street.office("李强")
    var last = ""
    for (place, building) in [(office, "1号楼"), (south, "7号楼")] {
      let home = try await place.record("household.upsert_file", "building=\(building)")
      last = try await place.record(
        "household.set_member", "household=\(home)", "resident=\(people[0])", "from_on=2026-01-01")
    }
    try await south.sync()
    let merge = try await office.record(
      "resident.merge", "keep=\(people[0])", "drop=\(people[1])", "evidence=in_person")
    let part = try await office.record("resident.unmerge", "merge=\(merge)")
    try await office.sync()

    let contested = try await street.hub("desk", "show", last, "--lang", "zh").out
    #expect(contested.contains("1号楼") && contested.contains("7号楼"), "\(contested)")
    #expect(contested.contains("有争议"), "\(contested)")
    let parting = try await street.hub("desk", "show", part, "--lang", "zh").out
    for text in ["本人到场", "刘小娥", "陈大明", "13800000001", "13800000002"] {
      #expect(parting.contains(text), "\(text): \(parting)")
    }
  }
}
