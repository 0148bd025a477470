import Community
import Foundation
import Office
import OpLog
import Testing

/// Appointments and PINs on the command line.
@Suite("Staff") struct StaffTests {
  @Test("a street appoints and ends staff without another invitation")
  func appointments() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    let made = try await street.hub(
      "staff", "appoint", "赵强", "--community", "青龙街", "--roles", "clerk", json: true)
    let id = try #require(try made.object()["op"] as? String)
    try await office.sync()
    let words = ["record", "resident.register", "name=刘小娥", "--as", id, "--on"]
    let first = try await ProcessKit.run(words + ["2026-01-13", "--data", office.data])
    #expect(first.exit == 0, "\(first.err)")
    #expect(try await street.hub("staff", "end", id, "--on", "2026-01-13").exit == 0)
    try await office.sync()
    let late = try await ProcessKit.run(
      words + ["2026-01-14", "--json", "--data", office.data])
    #expect(late.exit == 3)
    #expect(late.out.contains("appointment-ended"))
    let list = try await street.hub("staff", "list")
    #expect(list.lines.contains { $0.contains(id) && $0.hasSuffix("2026-01-13") })
    #expect(try await street.hub("staff", "end", "4096-99").exit == 3)
    let nobody = try await street.hub("staff", "appoint", "甲", "--community", "别处")
    #expect(nobody.exit != 0)
  }

  @Test("one person stays one: a blank, another name, and the list say so")
  func onePerson() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    func appoint(_ name: String, _ options: String...) async throws -> ProcessResult {
      try await ProcessKit.run(
        ["hub", "staff", "appoint", name, "--community", "青龙街", "--roles", "approver", "--json"]
          + options + ["--data", street.folder.path("hub")])
    }
    // A comma of Chinese input parts two persons, and is in nobody's name.
    #expect(try await appoint("周一，吴二").exit == 2)
    let invited = try await street.invite(staff: "周一，吴二、郑三").staff
    #expect(Set(invited).count == 3)
    let spaced = try await appoint("王 敏")
    #expect(try spaced.object()["op"] as? String == office.staff, "\(spaced.out)")
    let other = try await appoint("赵强", "--person", office.staff)
    #expect(other.exit == 3 && other.out.contains("other-name"), "\(other.out)")
    let meant = try await appoint("赵强", "--person", office.staff, "--renamed")
    let id = try #require(try meant.object()["op"] as? String, "\(meant.out)")
    let list = try await street.hub("staff", "list", json: true).objects()
    let row = try #require(list.first { $0["id"] as? String == id })
    #expect(row["name"] as? String == "赵强")
    #expect(row["person"] as? String == office.staff)
  }

  @Test("a PIN comes from a file or the environment, and each error says what to do")
  func pins() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.sync()
    let staff = try #require(OpID(office.staff))
    let core = try OfficeFolder(office.data).open()
    core.pinRounds = 10
    try core.setPIN(of: staff, to: "2468", random: SystemSource.random)
    func register(
      _ more: String..., environment: [String: String] = [:]
    ) async throws -> ProcessResult {
      try await ProcessKit.run(
        ["record", "resident.register", "name=刘小娥", "--as", office.staff, "--lang", "en"] + more
          + ["--data", office.data], environment: environment)
    }
    let without = try await register()
    #expect(without.exit == 3 && without.err.contains("--pin-file FILE or LINLI_PIN"))
    let wrong = try await register(environment: ["LINLI_PIN": "1357"])
    #expect(wrong.exit == 3 && wrong.err.contains("the PIN is wrong"))
    #expect(try await register(environment: ["LINLI_PIN": "2468"]).exit == 0)
    let file = street.folder.path("pin")
    try Data("2468\n".utf8).write(to: URL(fileURLWithPath: file))
    #expect(try await register("--pin-file", file).exit == 0)

    #expect(try await street.hub("staff", "reset-pin", office.staff).exit == 0)
    try await office.sync()
    #expect(try await register().exit == 0)
    let set = try await office.run(
      "staff", "pin", "set", "--as", office.staff, environment: ["LINLI_NEW_PIN": "8642"])
    #expect(set.exit == 0, "\(set.err)")
    #expect(try await register().exit == 3)
  }
}
