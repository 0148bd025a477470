import Foundation
import Testing

/// The key file and both sheets of paper are gone, with real processes and files.
@Suite("The master key is lost") struct LostKeyTests {
  @Test("with the hub's database too: a new key, codes, what two offices show, and two persons")
  func everything() async throws {
    let street = try await TestStreet()
    let offices = [try await street.office("王敏"), try await street.office("李强")]
    let resident = try await offices[0].record("resident.register", "name=刘小娥")
    for office in offices + offices { try await office.sync() }
    let known = try await offices[1].run("office", "status", "--json").object()
    let lives = try #require(known["hub_lives"] as? [String]).joined(separator: ",")
    let id = try #require(known["street_id"] as? String)

    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    try FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    let keyless = try await street.hub("recover")
    #expect(keyless.exit == 5)
    #expect(keyless.err.contains("--new-key"))
    #expect(try await street.hub("recover", "--new-key").exit == 3)
    let unknown = try await street.hub("recover", "--new-key", "--yes")
    #expect(unknown.exit == 2)
    #expect(unknown.err.contains("linli office status"))
    let recovered = try await street.hub(
      "recover", "--new-key", "--street", id, "--former", lives, "--yes", json: true)
    #expect(recovered.exit == 0, "\(recovered.out)\(recovered.err)")
    let shares = try #require(try recovered.object()["paper_shares"] as? [String])
    #expect(shares.count == 2 && shares != street.shares)
    let again = try await street.hub("recover", "--new-key", "--yes")
    #expect(again.exit == 3, "the new key is there")

    let hub = try await serve(street)
    let cut = try await offices[0].run("office", "sync", "--attempts", "1")
    #expect(cut.exit == 3)
    #expect(cut.err.contains("linli office renew"), "\(cut.err)")
    let activity = try await offices[0].record(
      "activity.publish", "title=扫雪", "category=labour", "points=9", "held_on=2026-01-05", "--on",
      "2026-01-05")
    for (office, number) in zip(offices, ["4097", "4098"]) {
      try await renew(office, number, street)
    }
    let staff = offices.map(\.staff).joined(separator: ",")
    let asked = try await street.hub("adopt", "--by", staff)
    #expect(asked.exit == 3)
    #expect(asked.out.contains("4097, 4098"), "\(asked.out)")
    let adopted = try await street.hub("adopt", "--by", staff, "--yes")
    #expect(adopted.exit == 0, "\(adopted.out)\(adopted.err)")
    #expect(try await street.hub("adopt", "--by", staff, "--yes").exit == 3)
    #expect(try await street.hub("succeed", "--by", staff, "--yes").exit == 0)
    for office in offices { _ = try await office.run("office", "sync", "--attempts", "1") }
    for office in offices { try await office.sync() }
    try await offices[1].record(
      "award.grant", "activity=\(activity)", "resident=\(resident)", "--on", "2026-01-05")
    for office in offices + offices { try await office.sync() }
    let shown = try await offices[0].run("show", "residents", "--json")
    #expect(shown.out.contains("刘小娥") && shown.out.contains("\"balance\":9"), "\(shown.out)")
    await hub.end(SIGTERM)
  }

  @Test("the database is there: it goes on with a new key, killed on the way or not")
  func database() async throws {
    let street = try await TestStreet()
    let office = try await street.office("王敏")
    try await office.record("resident.register", "name=刘小娥")
    try await office.sync()
    let bundle = street.folder.path("former.linli")
    #expect(try await office.run("bundle", "export", bundle).exit == 0)
    let (_, staff) = try await street.invite(staff: "李强")
    try await office.sync()
    await street.hub.end(SIGKILL)
    let folder = street.folder.path("hub")
    let files = ["hub.db", "hub.db-wal", "hub.db-shm"]
    let before = files.map { try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)) }
    try FileManager.default.removeItem(atPath: folder + "/hub.key")
    #expect(try await street.hub("recover", "--new-key", "--yes").exit == 0)
    // Killed between the key and the database: the key is kept, and the database is the former one.
    for (name, bytes) in zip(files, before) {
      let file = URL(fileURLWithPath: folder + "/" + name)
      try? FileManager.default.removeItem(at: file)
      try bytes?.write(to: file)
    }
    let resumed = try await street.hub("recover", "--yes")
    #expect(resumed.exit == 0, "\(resumed.out)\(resumed.err)")
    let sealed = try await ProcessKit.run(["bundle", "import", bundle, "--data", folder])
    #expect(sealed.exit == 3 && sealed.err.contains("linli hub renew 4097"), "\(sealed.err)")
    let hub = try await serve(street)
    try await renew(office, "4097", street)
    let ended = try await street.hub("succeed", "--by", "\(office.staff),\(staff[0])", "--yes")
    #expect(ended.exit == 0, "\(ended.out)\(ended.err)")
    for _ in 1...2 { try await office.sync() }
    await hub.end(SIGTERM)
  }

  /// Serves the hub again where its offices look for it.
  private func serve(_ street: TestStreet) async throws -> RunningProcess {
    let port = try #require(street.url.split(separator: ":").last)
    let hub = try RunningProcess(
      ["hub", "serve", "--data", street.folder.path("hub"), "--listen", "127.0.0.1:\(port)"])
    #expect(await hub.line() == "listening \(street.url)")
    return hub
  }

  /// Hands a code out and types it.
  private func renew(_ office: TestOffice, _ number: String, _ street: TestStreet) async throws {
    let code = try await street.hub("renew", number, json: true).object()["code"] as? String
    let renewed = try await office.run(
      "office", "renew", "--code", try #require(code), "--attempts", "1")
    #expect(renewed.exit == 0, "\(renewed.out)\(renewed.err)")
  }
}
