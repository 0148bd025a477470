import HTTPClient
import Office
import Testing

@Suite("The library's example") struct LibraryExampleTests {
  @Test("enrols, records offline, and syncs with a hub over HTTP")
  func example() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    let (balance, isEqual) = try await example(
      hub: hub.address, code: hub.code, staff: hub.staff, folder: hub.folder + "/office")
    #expect(balance == 5)
    #expect(isEqual)
  }

  @Test("says what failed by an open code")
  func failures() async throws {
    let hub = try ExampleHub()
    defer { hub.stop() }
    await expect(.notEnrolled) { try OfficeReplica(folder: hub.folder + "/nowhere") }
    let line = try HTTPTransport(hub: hub.address)
    let office = try await OfficeReplica.enrol(
      folder: hub.folder + "/office", hub: hub.address, code: hub.code, through: line)
    await expect(.invalid) { try await office.record("nosuch", fields: [:], by: hub.staff) }
    await expect(.invalid) { try await office.balance(of: "王芳") }
    await expect(.invalid) { try await office.rows(of: "sqlite_schema") }
    await expect(.refused) { try await office.record("receipt", fields: [:], by: hub.staff) }
    // Any op may be on the desk, so this names no wrong kind; it is the recorder's own.
    try await office.sync(through: line)
    let person = try await office.record("resident.register", fields: ["name": "王芳"], by: hub.staff)
    let note = ["subject": person.id, "reason": "backdated", "outcome": "noted"]
    await expect(.refused) { try await office.record("desk.resolve", fields: note, by: hub.staff) }
    await expect(.rejected) {
      try await OfficeReplica.enrol(
        folder: hub.folder + "/second", hub: hub.address, code: hub.code, through: line)
    }
    hub.stop()
    await expect(.unreachable) {
      try await OfficeReplica.enrol(
        folder: hub.folder + "/third", hub: hub.address, code: hub.code, through: line)
    }
  }

  private func expect<R>(
    _ code: OfficeFailure.Code, _ body: () async throws -> R
  ) async {
    let failure = await #expect(throws: OfficeFailure.self) { _ = try await body() }
    #expect(failure?.code == code)
  }

  // From here to the end of the function, README.md shows the same.
  func example(
    hub: String, code: String, staff: String, folder: String
  ) async throws -> (balance: Int, isEqual: Bool) {
    let line = try HTTPTransport(hub: hub)
    let office = try await OfficeReplica.enrol(
      folder: folder, hub: hub, code: code, label: "北门站", through: line)
    try await office.sync(through: line)  // brings the community's rules and staff

    // From now on the line may be cut: each record is durable and checked when it returns.
    let person = try await office.record("resident.register", fields: ["name": "王芳"], by: staff)
    let sweeping = try await office.record(
      "activity.publish",
      fields: ["title": "清扫", "category": "labour", "points": "9", "held_on": "2026-01-12"],
      by: staff)
    try await office.record(
      "award.grant", fields: ["activity": sweeping.id, "resident": person.id], by: staff)
    let soap = try await office.record(
      "item.define", fields: ["name": "肥皂", "sort": "goods", "points": "4"], by: staff)
    try await office.record(
      "stock.receive", fields: ["item": soap.id, "quantity": "10", "source": "purchase"], by: staff)
    try await office.record(
      "redemption.record", fields: ["resident": person.id, "items": soap.id], by: staff)

    let result = try await office.sync(through: line)
    return (try await office.balance(of: person.id), result.isEqual)
  }
}
