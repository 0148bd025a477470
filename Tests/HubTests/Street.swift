import Community
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

/// A street in memory: a hub, and offices that call it without a socket.
final class Street {
  static let now: Int64 = 1_767_600_000_000  // 2026-01-05 16:00 in China

  private(set) var hub: HubCore
  private(set) var key: HubKey
  var now = Street.now
  private var counter: UInt8 = 0

  /// A hub of an edition of the catalogue, without offices.
  init(as edition: Edition = .present) throws {
    var seed: UInt8 = 0
    key = HubKey { count in
      seed &+= 1
      return [UInt8](repeating: seed, count: count)
    }
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    let store = try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate), identity, as: edition)
    try HubAdmin.define(store, streetName: "青龙街道", now: now)
    hub = try #require(HubCore(store: store, key: key))
  }

  /// Starts another hub in place of this one, which may or may not begin a new life by itself.
  func start(_ store: Store, _ key: HubKey, canRenew: Bool = true) throws {
    self.key = key
    let renewal = HubRenewal(
      random: { [unowned self] in random($0) },
      keep: { [unowned self] key in
        self.key = key
        return true
      })
    hub = try #require(
      HubCore(store: store, key: key, renewal: canRenew ? renewal : nil))
  }

  /// Lets the hub hold no more ops than these in a roll-call before anything proves them.
  func limitUnproved(to count: UInt64) { hub.unprovedOpsMax = count }

  /// Random bytes that never repeat.
  func random(_ count: Int) -> [UInt8] {
    counter &+= 1
    return (0..<count).map { UInt8(truncatingIfNeeded: $0) &* 31 &+ counter }
  }

  /// Invites and enrols an office; returns it with its staff.
  func office(
    community: String = "青龙街", code: String, as edition: Edition = .present,
    on connection: Connection? = nil
  ) throws -> (OfficeCore, [OpID]) {
    let staff = try ["王敏", "李强"].map { name in
      NewStaff(
        roles: [.clerk, .approver, .grid],
        body: try #require(Body(salt: random(16), content: #"{"name":"\#(name)"}"#)))
    }
    let ids = try HubAdmin.invite(
      OfficeInvitation(
        community: community, label: "站", staff: staff,
        policy: ["award.posting": 0, "award.max_per_day": 100]),
      codeHash: SHA256.hash(Array(code.utf8)), to: hub.store, now: now)
    return (try makeOffice(use(code), as: edition, on: connection), ids)
  }

  /// Invites and enrols an office for which nobody is appointed and no rule is new.
  func furtherOffice(code: String, on connection: Connection? = nil) throws -> OfficeCore {
    try makeOffice(enrolment(community: "青龙街", code: code), on: connection)
  }

  /// Makes an office's database, maybe in place of a former one.
  func makeOffice(
    _ reply: EnrolReply, as edition: Edition = .present, on connection: Connection? = nil,
    inPlaceOf former: OfficeCore? = nil
  ) throws -> OfficeCore {
    let identity = StoreIdentity(
      street: reply.street, incarnation: reply.incarnation, replica: reply.replica)
    let store = try Store.create(
      try connection ?? Connection(path: ":memory:", mode: .readWriteCreate), identity, as: edition)
    try OfficeCore.adopt(reply, hubAddress: "http://hub", inPlaceOf: former?.store, in: store)
    return try OfficeCore(store)
  }

  /// Uses a code that was handed out.
  private func use(_ code: String) throws -> EnrolReply {
    let request = try EnrolRequest(code: code, nonce: random(16), label: "站")
    let answer = hub.handle(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: "application/json",
        body: request.encode()), now: now)
    try #require(answer.status == 201)
    return try EnrolReply(decoding: answer.body)
  }

  /// Invites a PC, for nobody new, and has the hub issue its id.
  func enrolment(community: String, code: String) throws -> EnrolReply {
    _ = try HubAdmin.invite(
      OfficeInvitation(community: community, label: "站", staff: [], policy: [:]),
      codeHash: SHA256.hash(Array(code.utf8)), to: hub.store, now: now)
    return try use(code)
  }

  /// One call, as the office would make it over HTTP.
  func send(_ request: PeerRequest) -> PeerResponse {
    var call = HubCall(
      method: request.method, path: request.path.split(separator: "/").map(String.init),
      contentType: request.contentType, accept: request.accept,
      authorization: request.token.map { "Bearer \($0)" }, body: request.body)
    call.range = request.range.map { "bytes=\($0.lowerBound)-\($0.upperBound)" }
    let answer = hub.handle(call, now: now)
    var response = PeerResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
    response.contentRange = answer.headers.first { $0.0 == "Content-Range" }?.1
    return response
  }

  /// Syncs an office until nothing is left; returns the number of round trips.
  @discardableResult
  func sync(_ office: OfficeCore, maxBytes: Int = 64 << 10) throws -> Int {
    for trip in 1...1_000 {
      let (request, message) = try office.syncRequest(maxBytes: maxBytes)
      let exchange = try office.take(send(message), to: request, now: now)
      guard exchange.isLast else { continue }
      #expect(exchange.comparison != .different)
      for errand in try office.bodyErrands() {
        _ = try office.take(send(errand.request), to: errand)
      }
      return trip
    }
    Issue.record("the sync did not end")
    return 0
  }

  /// Records something at an office.
  @discardableResult
  func record(
    _ kind: String, _ fields: [String: String], at office: OfficeCore, by actor: OpID,
    on date: String = "2026-01-05", key: String? = nil
  ) throws -> OpID {
    let request = RecordRequest(
      kind: kind, fields: fields, actor: actor.description, occurredOn: date, key: key)
    return try office.record(request, now: now, random: random).op
  }
}
