import Foundation
import Testing

/// A hub that lost everything hears of a copied PC first, and of what the former hub had later.
@Suite("Records that lost their numbers") struct LostRecordTests {
  @Test("the hub's desk lists them until the PC rejoined, or somebody looked after them")
  func story() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    let activity = try await offices[0].record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-13")
    for office in offices + offices { try await office.sync() }
    let copy = TestOffice(data: street.folder.path("copy"), staff: offices[1].staff)
    try FileManager.default.copyItem(atPath: offices[1].data, toPath: copy.data)
    for name in ["刘小娥", "孙明", "周强"] {
      try await offices[1].record("resident.register", "name=\(name)")
    }
    for office in offices.reversed() { try await office.sync() }
    let newcomer = try await copy.record("resident.register", "name=王芳")
    let award = try await copy.record(
      "award.grant", "activity=\(activity)", "resident=\(newcomer)")

    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where file != "hub.key" { try FileManager.default.removeItem(atPath: folder + "/" + file) }
    #expect(try await street.hub("recover").exit == 0)
    let port = try #require(street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", folder, "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(street.url)")
    let first = try await copy.run("office", "sync", "--json", "--attempts", "1")
    #expect(first.exit == 0, "\(first.out)\(first.err)")
    #expect(try await street.hub("desk", "list").out.contains("王芳") == false)
    try await offices[0].sync()

    #expect(try await street.hub("status", json: true).object()["lost"] as? Int == 2)
    #expect(try await street.hub("status").out.contains("linli hub desk list"))
    let listed = try await street.hub("desk", "list", json: true).objects()
    #expect(listed.compactMap { $0["subject"] as? String } == [newcomer, award])
    #expect(listed.allSatisfy { $0["reason"] as? String == "number-taken" })
    #expect(listed.last?["kind"] as? String == "award.grant")
    let text = try await street.hub("desk", "list", "--lang", "en").out
    #expect(text.contains("office rejoin") && text.contains("number-taken"), "\(text)")
    // Its own person, not who has the number now.
    let line = try #require(text.split(separator: "\n").first { $0.contains(award) })
    #expect(line.contains("\(newcomer), points 9") && !line.contains("刘小娥"), "\(text)")

    let resolve = ["desk", "resolve", award, "--reason", "number-taken", "--outcome"]
    let wrong = try await ProcessKit.run(["hub"] + resolve + ["corrected", "--data", folder])
    #expect(wrong.exit == 2)
    let noted = try await ProcessKit.run(["hub"] + resolve + ["noted", "--data", folder])
    #expect(noted.exit == 0, "\(noted.err)")
    let again = try await ProcessKit.run(["hub"] + resolve + ["noted", "--data", folder])
    #expect(again.exit == 3)
    #expect(try await street.hub("status", json: true).object()["lost"] as? Int == 1)

    let staff = offices.map(\.staff).joined(separator: ",")
    let ended = try await street.hub("succeed", "--by", staff, "--yes")
    #expect(ended.exit == 0, "\(ended.out)\(ended.err)")
    #expect(try await copy.run("office", "sync").exit == 1)
    for office in offices + offices { try await office.sync() }
    let code = try await street.invite(staff: "王敏").code
    let done = try await copy.run("office", "rejoin", "--code", code, "--yes", "--json")
    try #require(done.exit == 0, "\(done.out)\(done.err)")
    #expect(try await street.hub("status", json: true).object()["lost"] as? Int == 0)
    #expect(try await street.hub("desk", "list", json: true).objects().isEmpty)
    await hub.end(SIGTERM)
  }
}
