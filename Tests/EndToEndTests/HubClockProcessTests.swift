import Foundation
import Testing

/// The hub's PC has lost its battery.
@Suite("A hub's wrong clock") struct HubClockProcessTests {
  @Test("offices hear what to look at, the hub's commands say it, and all goes on once it is set")
  func wrong() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.sync()
    await street.hub.end(SIGTERM)
    let early = LaterDay(-9_000)
    var hub = try await street.serve(environment: early.clock)
    let resident = try await office.record("resident.register", "name=刘小娥")
    let refused = try await office.run("office", "sync", "--attempts", "1")
    #expect(refused.exit == 4)
    #expect(refused.err.contains("linli hub clock"), "\(refused.err)")
    await hub.end(SIGTERM)

    for command in [["hub", "clock"], ["hub", "status"], ["hub", "staff", "list"]] {
      let shown = try await ProcessKit.run(
        command + ["--data", street.hubData, "--lang", "en"], environment: early.clock)
      #expect(shown.exit == (command.last == "clock" ? 1 : 0), "\(command): \(shown.err)")
      #expect(shown.out.contains("hub clock --confirm") == (command.last != "list"))
    }
    let status = try await ProcessKit.run(
      ["hub", "status", "--data", street.hubData, "--json"], environment: early.clock)
    #expect(status.exit == 0)
    #expect(try status.object()["clock_behind"] as? Bool == true)
    #expect(try status.object()["key_void"] as? Bool == false)
    #expect(try await street.hub("clock").exit == 0)
    hub = try await street.serve()
    try await office.sync()
    let listed = try await office.run("show", "ops", "--json").objects()
    #expect(listed.first { $0["id"] as? String == resident }?["outcome"] as? String == "posted")
    await hub.end(SIGTERM)
    // A word for a clock that nothing is left to compare with is none, and who gives it hears that.
    for end in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: street.hubData + "/hub.db" + end)
    }
    let begun = try await street.hub("recover", "--clock-is-right")
    #expect(begun.exit == 0)
    #expect(begun.err.contains("hub clock --confirm"), "\(begun.err)")
  }
}
