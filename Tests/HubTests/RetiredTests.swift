import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// A PC that was lost and retired turns up again.
@Suite struct RetiredTests {
  @Test("what a retired PC had not sent reaches everybody, and it hears that it was retired")
  func turnsUp() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, _) = try street.office(code: "TWO")
    try street.sync(heir)
    let retired = try HubAdmin.retire(
      lost.retirement(for: heir), in: street.hub.store, now: street.now)
    try street.sync(heir)
    let firm = try lost.spend(at: heir)
    #expect(try heir.store.verdict(of: firm) == .plain)

    let late = try lost.workOn()
    #expect(try lost.pushAll() == .retired)
    try lost.office.note(.problem(Problem(.retired, detail: "")))
    #expect(try lost.office.stop == .retired)
    #expect(throws: OfficeError.self) { try lost.spend(at: lost.office) }
    let errands = try lost.office.bodyErrands()
    #expect(errands.map(\.isUpload) == [true])
    for errand in errands {
      #expect(try lost.office.take(street.send(errand.request), to: errand))
    }

    try street.sync(heir)
    for store in [heir.store, street.hub.store] {
      let end = try lost.office.store.storedHead(of: lost.office.replica)
      #expect(try store.foldedHead(of: lost.office.replica) == end)
      #expect(try store.verdict(of: retired) == .plain)
      #expect(try store.verdict(of: late.award) == .plain)
      #expect(try store.verdict(of: late.debit) == Verdict(.posted, [.late]))
      #expect(try store.verdict(of: late.reversal) == Verdict(.void, [.late]))
      // 9 + 3 earned, 4 spent by the successor, 4 by the lost PC.
      #expect(try store.row(Tables.account, id: lost.resident.packed)?[1] == .integer(4))
    }
    let brought = try #require(errands.first).digest
    #expect(try heir.store.body(brought) != nil)
  }

  @Test("a PC that is retired while a page comes in parts brings what it had not sent")
  func inParts() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, staff) = try street.office(code: "TWO")
    try street.sync(heir)
    for index in 1...60 {
      try street.record(
        "resident.register", ["name": "居民\(index)"], at: heir, by: staff[0])
    }
    try street.sync(heir)
    for _ in 1...3 where try lost.office.store.entryProgress().isWhole {
      let (request, message) = try lost.office.syncRequest(maxBytes: 4 << 10)
      _ = try lost.office.take(street.send(message), to: request, now: street.now)
    }
    try #require(try !lost.office.store.entryProgress().isWhole)
    _ = try HubAdmin.retire(lost.retirement(for: heir), in: street.hub.store, now: street.now)
    let late = try lost.workOn()
    #expect(try lost.pushAll() == .retired)
    #expect(try street.hub.store.verdict(of: late.award) == .plain)
  }

  @Test("a retired PC that was revoked brings what it had not sent only while it is let in again")
  func readmitted() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, _) = try street.office(code: "TWO")
    try street.sync(heir)
    let (store, replica) = (street.hub.store, lost.office.replica)
    func readmit() -> ReadmitRefusal? {
      do throws(ReadmitRefusal) {
        _ = try HubAdmin.readmit(replica, in: store, now: street.now)
        return nil
      } catch { return error }
    }
    #expect(readmit() == .notRevoked(replica))
    #expect(try HubAdmin.revoke(replica, reason: 0, in: store, now: street.now))
    #expect(readmit() == .notRetired(replica))
    let retirement = lost.retirement(for: heir)
    #expect(try HubAdmin.plan(retirement, in: store, now: street.now).isRevoked)
    _ = try HubAdmin.retire(retirement, in: store, now: street.now)
    let late = try lost.workOn()
    #expect(try lost.pushAll() == .tokenRevoked)

    #expect(readmit() == nil)
    street.now += HubAdmin.readmissionMilliseconds + 60_000
    #expect(try lost.pushAll() == .tokenRevoked)
    #expect(readmit() == nil)
    #expect(try lost.pushAll() == .retired)
    #expect(try store.verdict(of: late.award) == .plain)
    #expect(try store.verdict(of: late.debit) == Verdict(.posted, [.late]))
    var (_, request) = try lost.office.syncRequest(maxBytes: 4 << 10)
    (request.path, request.body) = ("/v1/digests", [])
    #expect(try Problem(decoding: street.send(request).body).kind == .tokenRevoked)
    let errands = try lost.office.bodyErrands()
    #expect(!errands.isEmpty)
    for errand in errands {
      #expect(try lost.office.take(street.send(errand.request), to: errand))
    }
    #expect(try HubAdmin.revoke(replica, reason: 0, in: store, now: street.now))
    #expect(try lost.pushAll() == .tokenRevoked)
  }

  @Test("a shelf goes on to the next office when the one that took it over is lost too")
  func twice() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let thermos = try street.record(
      "item.define", ["name": "保温杯", "sort": "goods", "points": "3"], at: lost.office,
      by: lost.staff[0])
    try street.record(
      "stock.receive", ["item": "\(thermos)", "quantity": "5", "source": "donation"],
      at: lost.office, by: lost.staff[0])
    try street.sync(lost.office)
    let (second, _) = try street.office(code: "TWO")
    let (third, _) = try street.office(code: "TRE")
    try street.sync(second)
    let store = street.hub.store
    _ = try HubAdmin.retire(lost.retirement(for: second), in: store, now: street.now)
    try street.sync(second)
    let next = Retirement(
      replica: second.replica, successor: third.replica, approvers: lost.staff, reason: 0)
    _ = try HubAdmin.retire(next, in: store, now: street.now)
    try street.sync(third)
    for store in [store, third.store] {
      let shelves = try [lost.office, second, third].map { office in
        try store.row(
          Tables.shelfItem, [Int64(office.replica.rawValue), thermos.packed])?[2].integer ?? 0
      }
      #expect(shelves == [0, 0, 5])
    }
  }

  @Test("who retires a PC hears how many files of people have not come")
  func absentFiles() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, _) = try street.office(code: "TWO")
    try street.sync(heir)
    func absent() throws -> Int64 {
      try HubAdmin.plan(lost.retirement(for: heir), in: street.hub.store, now: street.now)
        .filesAbsent
    }
    #expect(try absent() == 0)
    try street.record("resident.register", ["name": "孙明"], at: lost.office, by: lost.staff[0])
    let (request, push) = try lost.office.syncRequest(maxBytes: 64 << 10)
    _ = try lost.office.take(street.send(push), to: request, now: street.now)
    #expect(try absent() == 1)
    try street.sync(lost.office)
    #expect(try absent() == 0)
  }

  @Test("a retired PC gets no bodies")
  func bodies() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, _) = try street.office(code: "TWO")
    try street.sync(heir)
    _ = try HubAdmin.retire(lost.retirement(for: heir), in: street.hub.store, now: street.now)
    let digest = try #require(try lost.office.store.op(lost.resident).body)
    var (_, request) = try lost.office.syncRequest(maxBytes: 4 << 10)
    (request.method, request.path, request.body) = ("GET", "/v1/bodies/\(digest)", [])
    #expect(try Problem(decoding: street.send(request).body).kind == .retired)
  }

  @Test("only another office of the community takes the place, and two of its approvers say so")
  func refusals() throws {
    let street = try Street()
    let lost = try LostOffice(street)
    let (heir, _) = try street.office(code: "TWO")
    let (foreign, others) = try street.office(community: "塔山", code: "TRE")
    func refusal(_ retirement: Retirement) -> RetireRefusal? {
      do throws(RetireRefusal) {
        _ = try HubAdmin.retire(retirement, in: street.hub.store, now: street.now)
        return nil
      } catch { return error }
    }
    #expect(refusal(lost.retirement(for: foreign)) == .otherCommunity(foreign.replica))
    #expect(refusal(lost.retirement(for: lost.office)) == .unfitSuccessor(lost.office.replica))
    let strangers = Retirement(
      replica: lost.office.replica, successor: heir.replica, approvers: others, reason: 0)
    #expect(refusal(strangers) == .approvers(.notApprover(others[0])))
    #expect(refusal(lost.retirement(for: heir)) == nil)
    #expect(refusal(lost.retirement(for: heir)) == .retiredBefore(lost.office.replica))
  }
}

/// An office that synced last when one resident had 9 points.
private struct LostOffice {
  struct Late {
    let award: OpID
    let debit: OpID
    let reversal: OpID
  }

  let street: Street
  let office: OfficeCore
  let staff: [OpID]
  let resident: OpID
  private let activity: OpID
  private let award: OpID
  private let item: OpID

  init(_ street: Street) throws {
    self.street = street
    (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"],
      at: office, by: staff[0])
    award = try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(resident)"], at: office,
      by: staff[0])
    item = try street.record(
      "item.define", ["name": "理发", "sort": "service", "points": "4"], at: office, by: staff[0])
    try street.sync(office)
  }

  func retirement(for heir: OfficeCore) -> Retirement {
    Retirement(
      replica: office.replica, successor: heir.replica, approvers: staff, reason: 0)
  }

  /// The resident redeems 4 points by the right of the home.
  func spend(at place: OfficeCore) throws -> OpID {
    try street.record(
      "redemption.record",
      ["resident": "\(resident)", "items": "\(item)", "basis": "home"], at: place, by: staff[0])
  }

  /// An award, a debit, a reversal, and a new resident, of which the hub hears nothing yet.
  func workOn() throws -> Late {
    let more = try street.record(
      "award.grant",
      ["activity": "\(activity)", "resident": "\(resident)", "session": "2", "points": "3"],
      at: office, by: staff[0])
    let debit = try spend(at: office)
    let reversal = try street.record(
      "award.reverse", ["award": "\(award)", "cause": "fraud"], at: office, by: staff[1])
    try street.record("resident.register", ["name": "王芳"], at: office, by: staff[0])
    return Late(award: more, debit: debit, reversal: reversal)
  }

  /// Syncs until the hub refuses.
  func pushAll() throws -> ProblemKind? {
    for _ in 1...100 {
      let (request, message) = try office.syncRequest(maxBytes: 4 << 10)
      let response = street.send(message)
      guard response.status == 200 else { return try Problem(decoding: response.body).kind }
      let exchange = try office.take(response, to: request, now: street.now)
      #expect(exchange.pulled == 0)
    }
    return nil
  }
}
