import Foundation
import Testing

/// Offices and hub are not upgraded on one day: programs that do not know `stock.receive` play the older
/// ones.
@Suite("Versions apart") struct VersionsApartTests {
  private static let older = ["LINLI_WITHOUT_KINDS": "stock.receive"]

  @Test("an older hub relays what it does not know, and folds it after its upgrade")
  func olderHub() async throws {
    let street = try await TestStreet()
    let (north, south) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [north, south] { try await office.sync() }
    await street.hub.end(SIGTERM)
    var hub = try await street.serve(environment: Self.older)
    let stock = try await receive(at: north)
    for office in [north, south] { try await meet(office) }
    #expect(try await outcome(of: stock, at: south) == "posted")
    await hub.end(SIGTERM)
    hub = try await street.serve()
    for office in [north, south] { try await office.sync() }
    #expect(try await digests(street, [north, south]).count == 1)
    await hub.end(SIGTERM)
  }

  @Test("an older office keeps what it does not know, works on, and folds it after its upgrade")
  func olderOffice() async throws {
    let street = try await TestStreet()
    let (north, south) = (try await street.office("王敏"), try await street.office("李强"))
    for office in [north, south] { try await meet(office, Self.older) }
    let stock = try await receive(at: north)
    try await north.sync()
    try await meet(south, Self.older)
    #expect(try await outcome(of: stock, at: south, Self.older) == "pending")
    let made = try await south.run(
      "record", "resident.register", "name=王芳", "--as", south.staff, environment: Self.older)
    #expect(made.exit == 0, "\(made.err)")
    try await meet(south, Self.older)
    try await north.sync()
    #expect(try await north.run("show", "residents", "--json").objects().count == 1)
    // The upgrade.
    #expect(try await outcome(of: stock, at: south) == "posted")
    try await south.sync()
    #expect(try await digests(street, [north, south]).count == 1)
  }

  private func receive(at office: TestOffice) async throws -> String {
    let item = try await office.record("item.define", "name=米", "sort=goods", "points=3")
    return try await office.record(
      "stock.receive", "item=\(item)", "quantity=5", "source=purchase")
  }

  /// Syncs with a hub whose digest may be by another catalogue.
  ///
  /// One that was set back to an older program is asked a second time.
  private func meet(_ office: TestOffice, _ environment: [String: String] = [:]) async throws {
    try await office.run("office", "sync", "--attempts", "3", environment: environment).expectDone()
  }

  private func outcome(
    of op: String, at office: TestOffice, _ environment: [String: String] = [:]
  ) async throws -> String? {
    let ops = try await office.run("show", "ops", "--json", environment: environment).objects()
    return ops.first { $0["id"] as? String == op }?["outcome"] as? String
  }

  private func digests(
    _ street: TestStreet, _ offices: [TestOffice]
  ) async throws -> Set<String> {
    var found: Set = [try await street.hubDigest()]
    for office in offices {
      let status = try await office.run("office", "status", "--json").object()
      found.insert(try #require(status["digest"] as? String))
    }
    return found
  }
}
