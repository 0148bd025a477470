import Foundation
import Testing

/// A street whose hub dies while one approver stands.
@Suite("Few approvers") struct FewApproversTests {
  @Test("its roll-call is ended by another who is appointed for it, and every desk shows that")
  func wayOut() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.sync()
    let status = try await street.hub("status")
    #expect(status.out.contains("a hub's recovery needs two"), "\(status.out)")
    let kept = try await street.hub("staff", "end", office.staff)
    #expect(kept.exit == 3)
    #expect(kept.err.contains("0 approvers left"), "\(kept.err)")

    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    for file in try FileManager.default.contentsOfDirectory(atPath: folder)
    where file != "hub.key" { try FileManager.default.removeItem(atPath: folder + "/" + file) }
    #expect(try await street.hub("recover").exit == 0)
    let twice = try await street.hub("recover")
    #expect(twice.exit == 3)
    #expect(twice.err.contains("roll-call is open already"), "\(twice.err)")
    let port = try #require(street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", folder, "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(street.url)")
    let synced = try await office.run("office", "sync", "--attempts", "1")
    #expect(synced.exit == 0, "\(synced.out)\(synced.err)")

    let open = try await street.hub("status")
    #expect(open.out.contains("linli hub staff appoint"), "\(open.out)")
    let words = ["appoint", "李强", "--community", "青龙街", "--roles", "approver"]
    let asked = try await ProcessKit.run(["hub", "staff"] + words + ["--data", folder])
    #expect(asked.exit == 3)
    #expect(asked.err.contains("--yes"))
    let blind = try await ProcessKit.run(
      ["hub", "staff"] + words + ["--yes", "--json", "--data", folder])
    #expect(blind.exit == 3 && blind.out.contains("names-missing"), "\(blind.out)")
    let made = try await ProcessKit.run(
      ["hub", "staff"] + words + ["--other-person", "--yes", "--json", "--data", folder])
    let second = try #require(try made.object()["op"] as? String, "\(made.err)")
    let ended = try await street.hub("succeed", "--by", "\(office.staff),\(second)", "--yes")
    #expect(ended.exit == 0, "\(ended.out)\(ended.err)")
    // Nobody can be appointed first in a community that is still to be made.
    let invited = try await street.hub(
      "invite", "--community", "新街", "--staff", "钱多", "--lang", "en")
    #expect(invited.exit == 3 && invited.err.contains("leave --staff out"), "\(invited.err)")
    #expect(try await street.hub("invite", "--community", "新街").exit == 0)
    try await office.sync()
    let desk = try await office.run("desk", "--json")
    #expect(
      desk.lines.contains {
        $0.contains("\"\(second)\"") && $0.contains("appointed-in-roll-call")
      }, "\(desk.out)")
    await hub.end(SIGTERM)
  }
}
