import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Synchronization
import Testing
import Wire

/// Answers that come late or ask for patience, and people who are appointed twice.
@Suite struct LateTests {
  @Test("an answer behind a newer one changes neither the last contact nor the hub's seal")
  func lateAnswer() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let (oldRequest, oldMessage) = try office.syncRequest(maxBytes: 64 << 10)
    let oldAnswer = street.send(oldMessage)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    street.now += 60_000
    try street.sync(office)
    let seals = try office.store.sealedHeads()
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    #expect(request.ops.isEmpty)
    _ = try office.take(oldAnswer, to: oldRequest, now: street.now)
    #expect(try office.store.number(.lastContact) == street.now)
    #expect(try office.store.number(.clockOffset) == 0)
    #expect(try office.store.sealedHeads() == seals)
    #expect(try office.syncRequest(maxBytes: 64 << 10).1 == message)
  }

  @Test("a busy hub's Retry-After is waited for, up to a minute", arguments: [7, 4_000])
  func retryAfter(seconds: Int) async throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    let pauses = Mutex<[Int64]>([])
    let line = BusyHub(retryAfter: seconds)
    let world = SyncEnvironment(
      line: line, now: { Street.now }, random: { 0 },
      pause: { pause in pauses.withLock { $0.append(pause) } })
    await #expect(throws: OfficeError.self) { _ = try await office.sync(world, attemptsMax: 3) }
    let wished = Int64(min(seconds, 60)) * 1_000
    #expect(pauses.withLock { $0 } == [wished, wished])
  }

  @Test("somebody who is appointed already stays one person; with another role it has to be said")
  func appointedTwice() throws {
    let street = try Street()
    let (_, first) = try street.office(code: "ONE")
    let (_, second) = try street.office(code: "TWO")
    #expect(first == second)
    let (_, elsewhere) = try street.office(community: "塔山", code: "THREE")
    #expect(Set(first).isDisjoint(with: elsewhere))
    func invite(
      _ roles: [Role], _ code: UInt8, _ identity: NewStaff.Identity = .byName, name: String = "赵磊"
    ) throws -> [OpID] {
      let body = try #require(Body(salt: street.random(16), content: #"{"name":"\#(name)"}"#))
      let person = NewStaff(roles: roles, body: body, identity: identity)
      return try HubAdmin.invite(
        OfficeInvitation(community: "青龙街", label: "站", staff: [person], policy: [:]),
        codeHash: SHA256.hash([code]), to: street.hub.store, now: street.now)
    }
    let grid = try invite([.grid], 1)
    #expect(throws: StaffRefusal.self) { try invite([.clerk, .grid], 2) }
    let clerk = try invite([.clerk, .grid], 2, .sameAs(try #require(grid.first)))
    #expect(grid != clerk)
    #expect(try invite([.grid], 3, name: "赵 磊") == grid)
    #expect(throws: StaffRefusal.otherName(clerk[0])) {
      try invite([.approver], 5, .sameAs(clerk[0]), name: "李四")
    }
    #expect(try invite([.clerk], 4) == clerk)
  }

  @Test("a month is opened again by two approvers of the community, while it is not settled")
  func reopened() throws {
    let street = try Street()
    let (_, staff) = try street.office(code: "ONE")
    let (_, others) = try street.office(community: "塔山", code: "TWO")
    let month = try #require(BusinessDate(year: 2025, month: 12, day: 1))
    let store = street.hub.store
    let community = try #require(try store.community(named: "青龙街"))
    func reopen(_ approvers: [OpID]) throws {
      _ = try HubAdmin.reopen(
        month, of: community, approvers: approvers, reason: 0, in: store, now: street.now)
    }
    _ = try HubAdmin.close(month, of: community, in: store, now: street.now)
    #expect(throws: ClosingRefusal.notApprover(others[0])) { try reopen([staff[0], others[0]]) }
    let name = try #require(Body(salt: street.random(16), content: #"{"name":"王敏"}"#))
    let twin = try HubAdmin.appoint(
      NewStaff(roles: [.approver], body: name, identity: .sameAs(staff[0])), to: community,
      in: store, now: street.now)
    #expect(throws: ClosingRefusal.onePerson) { try reopen([staff[0], twin]) }
    try reopen(staff)
    _ = try HubAdmin.close(month, of: community, in: store, now: street.now)
    let neighbour = try #require(try store.community(named: "塔山"))
    let payload = Payload(values: [
      .integer(Int64(month.day)), .reference(neighbour), .reference(community), .integer(4),
    ])
    let draft = Draft(
      kind: try #require(Catalogue.kind(63)), payload: payload,
      occurredOn: BusinessDate(stamp: street.now))
    let settled = try store.write { () throws(StoreError) in
      try store.append(draft, stamp: street.now)
    }
    #expect(throws: ClosingRefusal.settled(settled.id)) { try reopen(staff) }
  }

  @Test("hub and offices agree on a flooded key, whoever came first")
  func flood() throws {
    let street = try Street()
    let (one, staffOne) = try street.office(code: "ONE")
    let (two, staffTwo) = try street.office(community: "塔山", code: "TWO")
    try street.sync(one)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: one, by: staffOne[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: one,
      by: staffOne[0])
    try street.sync(one)
    try street.sync(two)
    let kind = try #require(Catalogue.kind(named: "award.grant"))
    for (office, actor) in [(two, staffTwo[0]), (one, staffOne[0])] {
      for _ in 0..<40 {
        var draft = Draft(
          kind: kind,
          payload: Payload(values: [
            .reference(activity), .reference(resident), .integer(9), nil, nil, nil, nil,
          ]), occurredOn: BusinessDate(stamp: street.now))
        draft.actor = actor
        draft.policy = try office.store.policy(of: office.community)
        let ready = draft
        _ = try office.store.write { () throws(StoreError) in
          try office.store.append(ready, stamp: street.now)
        }
      }
    }
    for office in [two, one, two, one] { try street.sync(office) }
    let rows = try [street.hub.store, one.store, two.store].map { try $0.rows(of: Tables.award) }
    #expect(rows[0] == rows[1])
    #expect(rows[0] == rows[2])
    // The organiser's records push the others out.
    #expect(rows[0].first?[6].id?.replica == one.replica)
    let others = OpList.decode(rows[0].first?[8].text ?? "")
    #expect(others.count == 31)
    #expect(others.allSatisfy { $0.replica == one.replica })
    for store in [street.hub.store, one.store, two.store] {
      let report = try store.rebuildAndCompare()
      #expect(report.before == report.after)
    }
  }
}

/// A hub that has no time.
private struct BusyHub: Transport {
  let retryAfter: Int

  func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
    PeerResponse(
      status: 503, contentType: "application/problem+json", retryAfter: retryAfter,
      body: Problem(.busy, detail: "another writer holds the database").encode())
  }
}
