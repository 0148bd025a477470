import Community
import Conformance
import Foundation
import Hub
import Office
import OpLog
import Peer
import ScenarioKit
import Simulation
import Store
import Testing
import Wire

/// Plays on the product's own cores, in memory and without sockets.
final class CorePlayer: ScenarioPlayer {
  private(set) var hub: HubCore
  private var key: HubKey
  /// How many codes were given out.
  private var codes = 0
  private var offices: [String: OfficeCore] = [:]
  private var offsets: [String: Int64] = [:]
  private var now = Scenario.start
  private var randomness: UInt64 = 0

  let checksEverySync = true
  /// Told of every call and its answer.
  var onCall: ((HubCall, HubAnswer) -> Void)?

  init() throws {
    var seed: UInt8 = 0
    key = HubKey { count in
      seed &+= 1
      return [UInt8](repeating: seed, count: count)
    }
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    let store = try Store.create(path: ":memory:", identity)
    try HubAdmin.define(store, streetName: "青龙街道", now: now)
    hub = try #require(HubCore(store: store, key: key))
  }

  func invite(_ invitation: ScenarioInvitation) throws -> ScenarioInvitation.Answer {
    let policy = try changes(invitation.policy)
    let staff = try invitation.staff.map { name in
      NewStaff(
        roles: invitation.roles,
        body: try #require(Body(salt: random(16), content: #"{"name":"\#(name)"}"#)))
    }
    let code = "KQ7F-2M9X-R4T\(codes)"
    let ids = try HubAdmin.invite(
      OfficeInvitation(
        community: invitation.community, label: invitation.office ?? "-", staff: staff,
        policy: policy),
      codeHash: SHA256.hash(invitation.office == nil ? random(16) : Array(code.utf8)),
      to: hub.store, now: tick())
    let community = try #require(try hub.store.community(named: invitation.community))
    guard let name = invitation.office else {
      return ScenarioInvitation.Answer(community: community, staff: ids, office: nil)
    }
    codes += 1
    let reply = try enrolment(code, label: name)
    if let office = offices[name] {
      try office.begin(as: reply, hubAddress: "http://hub")
      offices[name] = try OfficeCore(office.store)
    } else {
      let identity = StoreIdentity(
        street: reply.street, incarnation: reply.incarnation, replica: reply.replica)
      let store = try Store.create(path: ":memory:", identity)
      try OfficeCore.adopt(reply, hubAddress: "http://hub", in: store)
      offices[name] = try OfficeCore(store)
    }
    try sync(name)
    let row = try hub.store.row(Tables.replica, [Int64(reply.replica.rawValue)])
    return ScenarioInvitation.Answer(
      community: community, staff: ids,
      office: (reply.replica, try #require(row?[1].id)))
  }

  /// An office that stopped takes the code as a new one does.
  func rejoin(by invitation: ScenarioInvitation) throws -> ScenarioInvitation.Answer {
    try invite(invitation)
  }

  func copy(_ office: String, as copy: String) throws {
    let path = FileManager.default.temporaryDirectory.path + "/linli-copy-\(UUID().uuidString)"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    try self.office(office).store.copy(to: path)
    offices[copy] = try OfficeCore(try Store(path: path, mode: .readWrite))
  }

  /// Policy values as `hub invite` takes them; `off` takes a rule away that has no value for it.
  func changes(_ policy: [(key: String, value: String)]) throws -> PolicyChanges {
    var changes: PolicyChanges = [:]
    for (name, value) in policy {
      let key = try #require(Policy.keys.first { $0.name == name }, "\(name)")
      if case .integer(let number)? = FieldText.parse(value, as: key.type) {
        changes[name] = .some(number)
      } else if value == "off" {
        changes[name] = .some(nil)
      } else {
        throw ScenarioError("\(name): \(value)")
      }
    }
    return changes
  }

  private func enrolment(_ code: String, label: String) throws -> EnrolReply {
    let request = try EnrolRequest(code: code, nonce: random(16), label: label)
    let answer = call(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: "application/json",
        body: request.encode()))
    try #require(answer.status == 201)
    return try EnrolReply(decoding: answer.body)
  }

  func record(_ request: ScenarioRequest, at place: String) throws -> ScenarioAnswer {
    if request.isUnasked { return try append(request, at: place) }
    guard place != Scenario.hub else { return try administer(request) }
    let office = try office(place)
    do throws(OfficeError) {
      let done = try office.record(
        RecordRequest(
          kind: request.kind, fields: request.fields, actor: request.actor?.description,
          occurredOn: request.date, key: request.key),
        now: tick() + offsets[place, default: 0], random: random)
      return .recorded(done.op, key: done.key, isRepeat: done.isRepeat)
    } catch {
      switch error {
      case .refused(let refusal): return .refused(code: refusal.code)
      case .stopped(let stop): return .refused(code: "stopped-\(stop.rawValue)")
      case .store(.unknownReference): return .refused(code: "unknown-reference")
      default: throw error
      }
    }
  }

  private func append(_ request: ScenarioRequest, at place: String) throws -> ScenarioAnswer {
    try .recorded(
      request.append(to: store(of: place), stamp: tick()), key: "", isRepeat: false)
  }

  @discardableResult
  func sync(_ place: String) throws -> String? {
    let office = try office(place)
    do throws(OfficeError) {
      try exchange(office, place)
      return nil
    } catch {
      try office.note(error)
      switch error {
      case .stopped(let stop): return "stopped-\(stop.rawValue)"
      case .problem(let problem): return problem.kind.rawValue
      default: throw error
      }
    }
  }

  private func exchange(_ office: OfficeCore, _ place: String) throws(OfficeError) {
    for _ in 1...1_000 {
      let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
      let exchange = try office.take(send(message), to: request, now: tick())
      guard exchange.isLast else { continue }
      for errand in try office.bodyErrands() {
        _ = try office.take(send(errand.request), to: errand)
      }
      #expect(exchange.isDigestEqual, "\(place) differs from the hub")
      return
    }
    Issue.record("the sync of \(place) did not end")
  }

  /// Asks the hub what became of a request for rights; returns both messages.
  func askAboutRights(_ request: OpID, at place: String) throws -> [String] {
    let question = try office(place).rightsQuestion(request)
    return [question.body, send(question).body].map { String(decoding: $0, as: UTF8.self) }
  }

  func setClock(of office: String, to offset: Int64) { offsets[office] = offset }

  func view(of place: String) throws -> any ReplicaView {
    StoreView(try store(of: place))
  }

  /// A place's database.
  func store(of place: String) throws -> Store {
    place == Scenario.hub ? hub.store : try office(place).store
  }

  func office(_ name: String) throws -> OfficeCore {
    guard let office = offices[name] else { throw ScenarioError("no office is called \(name)") }
    return office
  }

  func send(_ request: PeerRequest) -> PeerResponse {
    let call = HubCall(
      method: request.method, path: request.path.split(separator: "/").map(String.init),
      contentType: request.contentType, authorization: request.token.map { "Bearer \($0)" },
      body: request.body)
    let answer = self.call(call)
    return PeerResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
  }

  /// One call of the hub.
  @discardableResult
  func call(_ call: HubCall) -> HubAnswer {
    let answer = hub.handle(call, now: tick())
    onCall?(call, answer)
    return answer
  }

  /// Begins the hub's next life on nothing but its key.
  func loseHub() throws {
    try begin(try #require(key.next(random: random)))
  }

  /// Begins the hub's next life with a new key, and hands a code out for an office.
  func loseKey(handing code: String, to replica: ReplicaID) throws {
    try begin(
      try #require(HubKey.renewed(key.street, after: [key.incarnation], random: random)))
    _ = try HubAdmin.renew(
      replica, codeHash: SHA256.hash(Array(code.utf8)), in: hub.store, now: tick())
  }

  private func begin(_ next: HubKey) throws {
    key = next
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    let store = try Store.create(path: ":memory:", identity)
    try HubAdmin.begin(key, in: store, now: tick())
    hub = try #require(HubCore(store: store, key: key))
  }

  /// A second passes with everything that happens.
  func tick() -> Int64 {
    now += 1_000
    return now
  }

  /// Bytes that never repeat.
  func random(_ count: Int) -> [UInt8] {
    randomness += 1
    return Array(SHA256.hash(Array("\(randomness)".utf8)).bytes.prefix(count))
  }
}
