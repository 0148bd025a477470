import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What one office may make a rebuilt hub believe: nothing that is not sealed.
@Suite struct ForgedLogTests {
  @Test("no page puts ops behind a receipt, or of a log that the hub holds whole, into a log")
  func strayOps() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let thief = scene.offices[1]
    let victim = scene.offices[0].replica
    try street.wipeHub()
    let (full, _) = try Self.wishedPage(of: thief, in: street)
    let forged = try Self.stuffed(full, with: scene, from: victim)
    #expect(try Problem(decoding: Self.post(forged, by: thief, street).body).kind == .chainBroken)
    #expect(try street.hub.store.unprovedOps().isEmpty)
    try scene.meet()
    // The log is held whole now: the same page is not wanted and brings nothing.
    #expect(try Self.post(forged, by: thief, street).status == 200)
    #expect(try street.hub.store.unprovedOps().isEmpty)
    try street.succeed(by: scene.staff)
    #expect(try Self.post(forged, by: thief, street).status == 200)
    let plan = try HubAdmin.plan(
      Retirement(
        replica: victim, successor: thief.replica, approvers: scene.staff, reason: 0),
      in: street.hub.store, now: street.now)
    #expect(try plan.head == street.hub.store.storedHead(of: victim))
    try scene.meet()
    try scene.expectAgreement()
  }

  @Test(
    "whoever lies about the hub's lives shuts nobody out",
    arguments: [[], [Incarnation(number: 2, randomBits: 0xdead_beef)]])
  func falseLives(lie: [Incarnation?]) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (old, key) = (try street.copyOfHub(), street.key)
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    let (fresh, _) = try street.office(code: "FOUR")
    try street.meet(fresh)
    try scene.meet()
    let before = try street.digest(street.hub.store)
    try street.start(old, key)
    let liar = scene.offices[1]
    var (request, _) = try liar.rollCallRequest(maxBytes: 64 << 10)
    request.incarnations = [key.incarnation] + lie.compactMap { $0 }
    #expect(try Self.post(request, by: liar, street).status == 200)
    #expect(street.key.incarnation.number == 3)
    #expect(street.key.formers == [key.incarnation])
    try scene.meet()
    #expect(try street.digest(street.hub.store) == before)
    // Its token is of a life that the hub knows only from the log that came back.
    try street.meet(fresh)
    try street.succeed(by: scene.staff)
    try scene.meet()
    try street.meet(fresh)
    try scene.expectAgreement(before)
    let (last, _) = try street.office(code: "FIVE")
    try street.meet(last)
    #expect(try street.digest(last.store) == street.digest(street.hub.store))
  }

  @Test("what nothing proves is kept up to a limit, and beyond it nothing of it is")
  func tooMuch() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    try street.wipeHub()
    let giver = scene.offices[0]
    let (full, _) = try Self.wishedPage(of: giver, in: street)
    // Nobody proves a page that says that more comes.
    var page = full
    page.page?.hasMore = true
    let count = try #require(full.page).entries.reduce(0) { sum, entry in
      sum + 1 + entry.runs.reduce(0) { $0 + $1.ops.count }
    }
    let held = { try street.hub.store.unprovedOps().reduce(0) { $0 + $1.count } }
    street.limitUnproved(to: UInt64(count) - 1)
    #expect(try Problem(decoding: Self.post(page, by: giver, street).body).kind == .chainBroken)
    #expect(try held() == 0)
    street.limitUnproved(to: UInt64(count))
    #expect(try Self.post(page, by: giver, street).status == 200)
    #expect(try held() == UInt64(count))
    street.limitUnproved(to: WireLimits.unprovedOpsMax)
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    try scene.expectAgreement()
  }

  /// Asks for a roll-call as a new life is met, and makes the page that the hub wants.
  private static func wishedPage(
    of office: OfficeCore, in street: Street
  ) throws -> (RollCallRequest, PeerRequest) {
    let (ask, asked) = try office.rollCallRequest(maxBytes: 1 << 20)
    #expect(try !office.take(street.send(asked), to: ask))
    return try office.rollCallRequest(maxBytes: 1 << 20)
  }

  /// The page with ops that the hub has never seen behind a run of a receipt.
  private static func stuffed(
    _ request: RollCallRequest, with scene: ThreeOffices, from writer: ReplicaID
  ) throws -> RollCallRequest {
    var request = request
    var page = try #require(request.page)
    let entry = try #require(
      page.entries.lastIndex { $0.runs.contains { $0.ops.first?.id.replica == writer } })
    let run = try #require(
      page.entries[entry].runs.firstIndex { $0.ops.first?.id.replica == writer })
    let end = try #require(page.entries[entry].runs[run].ops.last).id.seq
    for session in [63, 66, 69] { try scene.award(session) }
    let more = try scene.offices[0].store.ops(of: writer, in: (end + 1)...(end + 3), limit: 3)
    #expect(more.count == 3)
    page.entries = Array(page.entries[...entry])
    page.entries[entry].runs[run].ops += more
    page.hasMore = true
    request.page = page
    return request
  }

  private static func post(
    _ request: RollCallRequest, by office: OfficeCore, _ street: Street
  ) throws -> PeerResponse {
    var (_, message) = try office.rollCallRequest(maxBytes: 4 << 10)
    message.body = request.encode(OpJSON(SchemaTable(Catalogue.schemas)))
    return street.send(message)
  }
}
