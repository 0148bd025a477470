import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What offices ask for, decided at the hub, and what they see of it after a sync.
@Suite struct HubDeskTests {
  @Test("an erasure is asked for, decided once, and done at the hub and the office")
  func erasure() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let request = try street.record(
      "resident.erase", ["resident": resident.description, "basis": "own_wish"], at: office,
      by: staff[1])
    try street.sync(office)
    let hub = street.hub.store
    let digest = try #require(try hub.op(resident).body)
    let body = try #require(try hub.body(digest))
    #expect(try hub.openRequests().map(\.id) == [request])
    let (_, others) = try street.office(community: "塔山", code: "TWO")
    #expect(
      try HubAdmin.decide(request, isApproved: true, in: hub, now: street.now) == .twoPersonsNeeded)
    let decided = try HubAdmin.decide(
      request, isApproved: true, by: [staff[0], others[0]], in: hub, now: street.now)
    guard case .decided = decided else {
      Issue.record("\(decided)")
      return
    }
    let again = try HubAdmin.decide(request, isApproved: false, in: hub, now: street.now)
    #expect(again == .notOpen)
    #expect(try hub.body(digest) == nil)
    try street.sync(office)
    #expect(try office.store.body(digest) == nil)
    #expect(try office.bodyErrands().isEmpty)
    var put = try office.syncRequest(maxBytes: 4 << 10).1
    (put.method, put.path, put.body) = ("PUT", "/v1/bodies/\(digest)", body.wireBytes)
    let answer = street.send(put)
    #expect(answer.status == 410)
    #expect(try Problem(decoding: answer.body).kind == .bodyErased)
  }

  @Test("an erasure takes a body that an office with a lower id named later too")
  func erasureOfNamedTwice() throws {
    let street = try Street()
    let (thief, staff) = try street.office(code: "ONE")
    let (home, others) = try street.office(code: "TWO")
    let (_, third) = try street.office(community: "塔山", code: "TRE")
    for office in [thief, home] { try street.sync(office) }
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: home, by: others[0])
    let digest = try #require(try home.store.op(resident).body)
    for office in [home, thief] { try street.sync(office) }
    let kind = try #require(Catalogue.kind(named: "resident.register"))
    var draft = Draft(
      kind: kind, payload: Payload(values: kind.schema.fields.map { _ in nil }),
      occurredOn: BusinessDate(stamp: street.now))
    draft.actor = staff[0]
    draft.policy = try thief.store.policy(of: thief.community)
    draft.body = try thief.store.body(digest)
    let theft = draft
    try thief.store.write { () throws(StoreError) in
      #expect(try thief.store.append(theft, stamp: street.now).id < resident)
    }
    try street.sync(thief)
    let request = try street.record(
      "resident.erase", ["resident": resident.description, "basis": "own_wish"], at: home,
      by: others[1])
    try street.sync(home)
    let decided = try HubAdmin.decide(
      request, isApproved: true, by: [staff[0], third[0]], in: street.hub.store, now: street.now)
    guard case .decided = decided else {
      Issue.record("\(decided)")
      return
    }
    for office in [thief, home] { try street.sync(office) }
    for store in [street.hub.store, thief.store, home.store] {
      #expect(try store.body(digest) == nil)
    }
  }

  @Test("a note with a phone number is not taken")
  func notes() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    #expect(throws: (any Error).self) {
      try street.record(
        "resident.register", ["name": "刘小娥", "note": "电话 13812341234"], at: office, by: staff[0])
    }
    try street.record(
      "resident.register", ["name": "刘小娥", "phone": "13812341234"], at: office, by: staff[0])
  }

  @Test("a merge names the two who decided it, and neither is the one who asks")
  func deciders() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let people = try ["刘小娥", "王芳"].map {
      try street.record("resident.register", ["name": $0], at: office, by: staff[0])
    }
    var asked = [
      "keep": people[0].description, "drop": people[1].description, "evidence": "in_person",
      "by_two": "false",
    ]
    #expect(throws: OfficeError.self) {
      try street.record("resident.merge", asked, at: office, by: staff[1])
    }
    asked["by_two"] = nil
    let request = try street.record("resident.merge", asked, at: office, by: staff[1])
    try street.sync(office)
    let hub = street.hub.store
    func decide(_ by: OpID...) throws -> DecisionOutcome {
      try HubAdmin.decide(request, isApproved: true, by: by, in: hub, now: street.now)
    }
    #expect(try decide(staff[0], staff[1]) == .unfitDecider(staff[1]))
    #expect(try decide(request) == .unfitDecider(request))
    #expect(try decide(staff[0]) == .twoPersonsNeeded)
    #expect(try decide() == .twoPersonsNeeded)
    let clerk = try HubAdmin.appoint(
      NewStaff(
        roles: [.clerk],
        body: try #require(
          Body(salt: [UInt8](repeating: 4, count: 16), content: #"{"name":"孙丽"}"#))),
      to: try #require(try hub.community(named: "青龙街")), in: hub, now: street.now)
    #expect(try decide(staff[0], clerk) == .unfitDecider(clerk))
    let third = try HubAdmin.appoint(
      NewStaff(
        roles: [.approver],
        body: try #require(
          Body(salt: [UInt8](repeating: 3, count: 16), content: #"{"name":"赵强"}"#))),
      to: try #require(try hub.community(named: "青龙街")), in: hub, now: street.now)
    guard case .decided(let decision) = try decide(third, staff[0]) else {
      Issue.record("two persons may decide")
      return
    }
    let op = try hub.op(decision)
    let payload = try #require(Catalogue.kind(op.kind)).schema.decode(op)
    guard case .payload(let said) = payload else {
      Issue.record("the decision is readable")
      return
    }
    #expect(said.references(4) == [third, staff[0]].sorted())
    #expect(try hub.verdict(of: request) == .plain)
  }

  @Test("no phone number gets into what the hub writes for every office")
  func hubTexts() throws {
    let street = try Street()
    let before = try street.hub.store.foldedHead(of: street.hub.store.identity.replica).seq
    #expect(throws: StaffRefusal.store(.refused(.personalData(field: "name")))) {
      try HubAdmin.invite(
        OfficeInvitation(
          community: "王五13812345678", label: "北门", staff: [], policy: [:]),
        codeHash: SHA256.hash([1]), to: street.hub.store, now: street.now)
    }
    #expect(throws: StaffRefusal.store(.refused(.personalData(field: "label")))) {
      try HubAdmin.invite(
        OfficeInvitation(
          community: "青龙街", label: "王五13812345678", staff: [], policy: [:]),
        codeHash: SHA256.hash([1]), to: street.hub.store, now: street.now)
    }
    let after = try street.hub.store.foldedHead(of: street.hub.store.identity.replica).seq
    #expect(after == before)
  }

  @Test("an entry about the hub's own op is resolved at the hub")
  func resolving() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let freeze = try street.record(
      "account.freeze",
      ["account": resident.description, "until": "2099-01-01", "reason": "dispute"], at: office,
      by: staff[1])
    try street.sync(office)
    let hub = street.hub.store
    let word = HubResolution(freeze, .awaitingHub, .noted, part: nil, undoing: nil)
    #expect(throws: StoreError.self) {
      try HubAdmin.resolve(word, in: hub, now: street.now)
    }
    #expect(try hub.openRequests().map(\.id) == [freeze])
  }

  @Test("a freeze for fraud ends when the rules say, and takes two")
  func sanction() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let freeze = try street.record(
      "account.freeze", ["account": resident.description, "reason": "fraud"], at: office,
      by: staff[1])
    try street.sync(office)
    let hub = street.hub.store
    let day = try hub.op(freeze).occurredOn
    let end = try #require(BusinessDate(year: day.civil.year + 1, month: 12, day: 31))
    #expect(try hub.row(Tables.request, id: freeze.packed)?[5] == .integer(Int64(end.day)))
    let one = try HubAdmin.decide(freeze, isApproved: true, in: hub, now: street.now)
    #expect(one == .twoPersonsNeeded)
    let no = try HubAdmin.decide(freeze, isApproved: false, in: hub, now: street.now)
    #expect(no != .notOpen && no != .twoPersonsNeeded)
  }
}
