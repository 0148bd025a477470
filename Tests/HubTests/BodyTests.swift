import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Synchronization
import Testing
import Wire

@Suite struct BodyTests {
  @Test("a recorder elsewhere keeps a person's file until the hub has it, and cannot fetch it back")
  func foreignPerson() throws {
    let street = try Street()
    let (home, _) = try street.office(code: "ONE")
    let (away, staff) = try street.office(community: "塔山", code: "TWO")
    try street.sync(home)
    try street.sync(away)
    let enrolment = try #require(try away.store.enrolment(of: home.replica)).op
    let resident = try street.record(
      "resident.register", ["name": "刘小娥", "home": "\(enrolment)"], at: away, by: staff[0])
    let digest = try #require(try away.store.op(resident).body)
    let (request, push) = try away.syncRequest(maxBytes: 64 << 10)
    _ = try away.take(street.send(push), to: request, now: street.now)
    #expect(try away.store.body(digest) != nil)
    let errand = try #require(try away.bodyErrands().first { $0.digest == digest })
    // The answer is lost: the body is still there, and is brought again.
    _ = street.send(errand.request)
    #expect(try away.store.body(digest) != nil)
    #expect(try away.take(street.send(errand.request), to: errand))
    #expect(try away.store.body(digest) == nil)
    #expect(try away.bodyErrands().allSatisfy { $0.digest != digest })
    try street.sync(home)
    #expect(try home.store.body(digest)?.content == #"{"name":"刘小娥"}"#)
    let theft = PeerRequest(
      method: "GET", path: "/v1/bodies/\(digest)", token: errand.request.token)
    #expect(try Problem(decoding: street.send(theft).body).kind == .forbidden)
    for store in [away.store, home.store, street.hub.store] {
      let report = try store.rebuildAndCompare()
      #expect(report.before == report.after)
    }
  }

  @Test("an office counts the residents whose files are not here")
  func unseen() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.sync(office) }
    for name in ["刘小娥", "陈大川"] {
      try street.record("resident.register", ["name": name], at: one, by: staff[0])
    }
    try street.sync(one)
    #expect(try one.store.unseenFiles() == 0)
    let (request, message) = try two.syncRequest(maxBytes: 64 << 10)
    _ = try two.take(street.send(message), to: request, now: street.now)
    #expect(try two.store.unseenFiles() == 2)
    try street.sync(two)
    #expect(try two.store.unseenFiles() == 0)
  }

  @Test("the scheme of a token is known in letters of any case", arguments: ["bearer", "BEARER"])
  func scheme(word: String) throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    let (_, message) = try office.syncRequest(maxBytes: 64 << 10)
    let token = try #require(message.token)
    for (text, status) in [("\(word) \(token)", 200), ("\(word)\(token)", 401), (word, 401)] {
      let call = HubCall(
        method: "POST", path: ["v1", "sync"], contentType: message.contentType,
        authorization: text, body: message.body)
      #expect(street.hub.handle(call, now: street.now).status == status, "\(text)")
    }
  }

  @Test("an office brings no file to a hub whose answer nothing proves")
  func unproved() async throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let hub = try office.store.foldedHead(of: ReplicaID.hub(incarnation: 1))
    let reply = SyncReply(
      now: street.now, have: try office.store.storedHead(of: office.replica), entries: [],
      head: Head(replica: hub.replica, seq: hub.seq + 1, hash: .zero), seal: .zero,
      successorSeal: .zero, hasMore: false)
    let asked = Mutex<[String]>([])
    let line = ForgedHub(body: reply.encode(OpJSON(SchemaTable(Catalogue.schemas)))) { path in
      asked.withLock { $0.append(path) }
    }
    let world = SyncEnvironment(
      line: line, now: { Street.now }, random: { 0 }, pause: { _ in })
    await #expect(throws: OfficeError.self) { _ = try await office.sync(world, attemptsMax: 1) }
    #expect(asked.withLock { Set($0) } == ["/v1/sync"])
  }

  @Test("a file that only a dead hub had is missing at its own office, and on the desk")
  func onlyAtTheHub() throws {
    let street = try Street()
    let (home, _) = try street.office(code: "ONE")
    let (away, staff) = try street.office(community: "塔山", code: "TWO")
    try street.sync(home)
    try street.sync(away)
    let enrolment = try #require(try away.store.enrolment(of: home.replica)).op
    let resident = try street.record(
      "resident.register", ["name": "刘小娥", "home": "\(enrolment)"], at: away, by: staff[0])
    try street.sync(away)
    try street.wipeHub()
    try street.meet(home)
    try street.meet(away)
    try street.succeed(by: staff)
    try street.meet(away)
    try street.meet(home)
    #expect(try home.store.verdict(of: resident).outcome == .posted)
    let desk = try home.store.listing(of: "desk_entries").rows
    #expect(desk.contains { $0[0] == "\(resident)" && $0[1] == "body-missing" })
  }

  @Test(
    "an answer of a hub that died does not keep a file from the next one",
    arguments: [true, false])
  func lateAnswer(isUpload: Bool) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (writer, other) = (scene.offices[0], scene.offices[1])
    let resident = try street.record(
      "resident.register", ["name": "陈大勇"], at: writer, by: scene.staff[0])
    let digest = try #require(try writer.store.op(resident).body)
    for office in [writer, other] {
      let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
      _ = try office.take(street.send(message), to: request, now: street.now)
    }
    let bringing = try #require(try writer.bodyErrands().first { $0.digest == digest })
    let brought = street.send(bringing.request)
    let fetching = try #require(try other.bodyErrands().first { $0.digest == digest })
    let fetched = street.send(fetching.request)
    try street.wipeHub()
    try scene.meet()
    if isUpload {
      #expect(try !writer.take(brought, to: bringing))
    } else {
      #expect(try other.take(fetched, to: fetching))
      // What the writer has it does not bring: its PC is gone.
      let answer = PeerResponse(status: 204, contentType: "", body: [])
      let again = try #require(try writer.bodyErrands().first { $0.digest == digest })
      #expect(try writer.take(answer, to: again))
    }
    try street.succeed(by: scene.staff)
    try scene.meet()
    #expect(try street.hub.store.body(digest) != nil)
  }

  @Test("a missing file is on the desk until it comes")
  func missing() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    try street.sync(one)
    try street.record("resident.register", ["name": "刘小娥"], at: one, by: staff[0])
    let (request, push) = try one.syncRequest(maxBytes: 64 << 10)
    _ = try one.take(street.send(push), to: request, now: street.now)
    try street.sync(two)
    let isMissing = {
      try two.store.listing(of: "desk_entries").rows.contains { $0[1] == "body-missing" }
    }
    #expect(try isMissing())
    try street.sync(one)
    try street.sync(two)
    #expect(try !isMissing())
  }
}

/// Answers every request in the same way.
private struct ForgedHub: Transport {
  let body: [UInt8]
  let note: @Sendable (String) -> Void

  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    note(request.path)
    return PeerResponse(status: 200, contentType: "application/json", body: body)
  }
}
