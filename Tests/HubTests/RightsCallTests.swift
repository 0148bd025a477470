import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// An office asks, the hub relays, the home's program answers.
@Suite struct RightsCallTests {
  @Test func `points are asked for, granted by the home's sync, and spent on the grant`() throws {
    var pair = try Pair()
    let request = try pair.ask(9)
    #expect(throws: OfficeError.self) { try pair.answer(request) }
    try pair.street.sync(pair.visitor)
    #expect(try pair.answer(request) == .waiting)
    try pair.street.sync(pair.home)
    #expect(try pair.answer(request) == .granted(9))
    try pair.street.sync(pair.visitor)
    #expect(try pair.promise(at: pair.visitor) == (9, 3))
    #expect(try pair.promise(at: pair.home) == (3, 0))
    let sale = try pair.redeem()
    let row = try #require(try pair.visitor.store.row(Tables.redemption, [sale.packed]))
    #expect(row[4] == .integer(1))
    try pair.syncAll()
    for office in [pair.home, pair.visitor] {
      let account = try office.store.row(Tables.account, [pair.resident.packed])
      #expect(account?[1] == .integer(3))
      #expect(account?[4] == .integer(0))
    }
  }

  @Test func `a home says no to more than it has, once`() throws {
    var pair = try Pair()
    let request = try pair.ask(13)
    try pair.syncAll()
    #expect(try pair.answer(request) == .refused)
    try pair.syncAll()
    #expect(try pair.home.store.rows(of: Tables.rightsRequest).map { $0[8] } == [.null])
    #expect(try pair.promise(at: pair.visitor) == (0, 9))
  }

  @Test func `a home that did not sync for 15 s is offline`() throws {
    var pair = try Pair()
    let request = try pair.ask(9)
    try pair.street.sync(pair.visitor)
    pair.street.now += 15_000
    #expect(try pair.answer(request) == .waiting)
    pair.street.now += 1
    #expect(try pair.answer(request) == .homeOffline)
    pair.street.now -= 60_000
    #expect(try pair.answer(request) == .homeOffline)
  }

  @Test func `a request of yesterday gets nothing, and nothing stays open`() throws {
    var pair = try Pair()
    let request = try pair.ask(9)
    try pair.street.sync(pair.visitor)
    pair.street.now += 86_400_000
    try pair.syncAll()
    #expect(try pair.answer(request) == .refused)
    #expect(try pair.home.store.requestsToAnswer(limit: 9).isEmpty)
  }

  @Test func `what a counter withdrew is answered by nobody`() throws {
    var pair = try Pair()
    let request = try pair.ask(9)
    try pair.street.sync(pair.visitor)
    let withdrawn = try pair.visitor.withdrawRights(on: pair.resident, now: pair.street.now)
    #expect(withdrawn.map(\.request) == [request])
    #expect(withdrawn.map(\.points) == [9])
    #expect(try pair.visitor.withdrawRights(on: pair.resident, now: pair.street.now).isEmpty)
    try pair.syncAll()
    #expect(try pair.answer(request) == .refused)
    #expect(try pair.promise(at: pair.home) == (12, 0))
    _ = try pair.ask(4)
    try pair.syncAll()
    #expect(try pair.promise(at: pair.home) == (8, 0))
  }

  @Test func `what is granted just before midnight holds for some hours`() throws {
    var pair = try Pair()
    let day: Int64 = 86_400_000
    pair.street.now += day - (pair.street.now + 28_800_000) % day - 60_000
    _ = try pair.ask(5)
    try pair.street.sync(pair.visitor)
    try pair.street.sync(pair.home)
    pair.street.now += 120_000
    try pair.syncAll()
    #expect(try pair.visitor.store.heldRight(on: pair.resident) == 5)
    pair.street.now += Store.grantHold
    try pair.syncAll()
    #expect(try pair.visitor.store.heldRight(on: pair.resident) == 0)
    #expect(try pair.promise(at: pair.home) == (12, 0))
  }

  @Test func `all is given back, also what is more than one return takes`() throws {
    var pair = try Pair(points: 1_000, times: 12)
    for points in [9_000, 2_000] {
      _ = try pair.ask(points)
      try pair.syncAll()
    }
    let returned = try pair.visitor.returnRights(now: pair.street.now)
    #expect(returned.map(\.points) == [10_000, 1_000])
    #expect(try pair.leftAtHome() == 1_000)
    try pair.syncAll()
    #expect(try pair.leftAtHome() == 12_000)
  }

  @Test func `what is left of yesterday comes back by itself, and at once on request`() throws {
    var pair = try Pair()
    _ = try pair.ask(5)
    try pair.syncAll()
    #expect(try pair.promise(at: pair.home) == (7, 0))
    try pair.syncAll()
    #expect(try pair.promise(at: pair.home) == (7, 0))
    pair.street.now += 86_400_000
    try pair.syncAll()
    #expect(try pair.promise(at: pair.home) == (12, 0))
    let again = try pair.ask(4, on: "2026-01-06")
    try pair.syncAll()
    #expect(try pair.answer(again) == .granted(4))
    let returned = try pair.visitor.returnRights(now: pair.street.now)
    #expect(returned.map(\.account) == [pair.resident])
    #expect(returned.map(\.points) == [4])
    #expect(try pair.visitor.returnRights(now: pair.street.now).isEmpty)
    try pair.syncAll()
    #expect(try pair.promise(at: pair.home) == (12, 0))
  }

  @Test func `nobody asks about another's request, or without a token`() throws {
    var pair = try Pair()
    let request = try pair.ask(9)
    try pair.syncAll()
    let foreign = pair.street.send(pair.home.rightsQuestion(request))
    #expect(try Problem(decoding: foreign.body).kind == .forbidden)
    var question = pair.visitor.rightsQuestion(request)
    question.token = nil
    #expect(try Problem(decoding: pair.street.send(question).body).kind == .unauthorized)
    question = pair.visitor.rightsQuestion(pair.item)
    #expect(try Problem(decoding: pair.street.send(question).body).kind == .notFound)
    question.method = "GET"
    #expect(pair.street.send(question).status == 405)
  }
}

/// A home with a resident who has points, and a visitor's office that sells a course for 9.
private struct Pair {
  let street: Street
  let home: OfficeCore
  let visitor: OfficeCore
  let resident: OpID
  let item: OpID
  private let clerk: OpID

  init(points: Int = 12, times: Int = 1) throws {
    street = try Street()
    let (home, staff) = try street.office(code: "ONE")
    let (visitor, clerks) = try street.office(community: "塔山", code: "TWO")
    (self.home, self.visitor, clerk) = (home, visitor, clerks[0])
    for office in [home, visitor] { try street.sync(office) }
    resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: home, by: staff[0])
    for _ in 0..<times {
      let activity = try street.record(
        "activity.publish",
        [
          "title": "扫雪", "category": "labour", "points": "\(points)", "held_on": "2026-01-05",
        ], at: home, by: staff[0])
      try street.record(
        "award.grant", ["activity": "\(activity)", "resident": "\(resident)"], at: home,
        by: staff[0])
    }
    item = try street.record(
      "item.define", ["name": "手工课", "sort": "course", "points": "9"], at: visitor,
      by: clerks[0])
    try syncAll()
  }

  func syncAll() throws {
    for office in [home, visitor, home, visitor] { try street.sync(office) }
  }

  mutating func ask(_ points: Int, on date: String = "2026-01-05") throws -> OpID {
    try street.record(
      "rights.request", ["account": "\(resident)", "points": "\(points)"], at: visitor, by: clerk,
      on: date)
  }

  func redeem() throws -> OpID {
    try street.record(
      "redemption.record", ["resident": "\(resident)", "items": "\(item)"], at: visitor, by: clerk)
  }

  /// What the hub says of a request.
  func answer(_ request: OpID) throws -> RightsAnswer {
    try visitor.rightsAnswer(street.send(visitor.rightsQuestion(request)))
  }

  /// What the home may spend, were there no rule against so many points.
  func leftAtHome() throws -> Int64 {
    try HomeRights.left(of: resident.packed, in: home.store)
  }

  /// What an office promises: for certain, and on trust.
  func promise(at office: OfficeCore) throws -> (Int64, Int64) {
    let promise = try #require(
      try office.store.promise(of: resident, on: BusinessDate(stamp: street.now)))
    return (promise.guaranteed, promise.onTrust)
  }
}
