import Community
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Wire

/// A small street whose hub and two offices keep their databases on disks that can fail.
///
/// Everything is the same each time it is made.
final class CrashStreet {
  /// 2026-01-05, 10:00 in UTC+8.
  static let now: Int64 = 1_767_578_400_000

  let key: HubKey
  let hub: FaultyDisk
  let offices: [FaultyDisk]
  /// What the hub answered each office that enrolled.
  let enrolments: [EnrolReply]
  let staff: [OpID]
  private(set) var residents: [OpID] = []
  private(set) var item: OpID?

  init() throws {
    var random = SplitMix64(seed: 1)
    key = HubKey(random: { random.bytes($0) })
    hub = FaultyDisk()
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    let store = try Store.create(path: CrashProcess.path, identity, on: hub)
    try HubAdmin.define(store, streetName: "青龙街", now: Self.now)
    let core = try Self.core(store, key)
    var staff: [OpID] = []
    var enrolments: [EnrolReply] = []
    for code in ["one", "two"] {
      let reply = try Self.enrolment(
        code: code, label: code, staff: staff.isEmpty ? ["王芳", "李敏"] : [],
        policy: staff.isEmpty ? ["award.posting": 0, "standin.visit_limit": 9] : [:], at: core)
      staff += reply.staff
      enrolments.append(reply.enrolment)
    }
    self.staff = staff
    self.enrolments = enrolments
    offices = enrolments.map { _ in FaultyDisk() }
    for (disk, reply) in zip(offices, enrolments) { try Self.enrol(reply, on: disk) }
    for _ in 0..<2 { for disk in offices { try Self.sync(try Self.office(on: disk), core) } }
    for disk in offices { try furnish(try Self.office(on: disk)) }
    for _ in 0..<2 { for disk in offices { try Self.sync(try Self.office(on: disk), core) } }
    for (disk, resident) in zip(offices, residents) {
      let office = try Self.office(on: disk)
      try award(resident, at: office, session: 2)
      try record("resident.register", ["name": "后来的"], at: office, form: "later")
    }
    try Self.sync(try Self.office(on: offices[1]), core)
    for disk in offices + [hub] { try Self.store(on: disk).finish() }
  }

  /// Invites an office, and asks for its id.
  static func enrolment(
    code: String, label: String, staff: [String], policy: [String: Int64], at hub: HubCore
  ) throws -> (staff: [OpID], enrolment: EnrolReply) {
    let invitation = OfficeInvitation(
      community: "平安社区", label: label, staff: try staff.map(person), policy: policy)
    let appointed = try HubAdmin.invite(
      invitation, codeHash: SHA256.hash(Array(code.utf8)), to: hub.store, now: now)
    let nonce = Array(SHA256.hash(Array(label.utf8)).bytes.prefix(16))
    let request = try EnrolRequest(code: code, nonce: nonce, label: label)
    let answer = hub.handle(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: "application/json",
        body: request.encode()), now: now)
    return (appointed, try EnrolReply(decoding: answer.body))
  }

  /// An office's core on a disk.
  static func office(on disk: FaultyDisk) throws -> OfficeCore {
    try OfficeCore(try store(on: disk))
  }

  /// The store in the database of a disk.
  static func store(on disk: FaultyDisk) throws -> Store {
    try Store(path: CrashProcess.path, mode: .readWrite, on: disk)
  }

  /// A hub's core around its database.
  static func core(_ store: Store, _ key: HubKey) throws -> HubCore {
    guard let core = HubCore(store: store, key: key) else {
      preconditionFailure("the database is made with this key")
    }
    return core
  }

  /// Makes an office's database from the hub's answer.
  static func enrol(_ reply: EnrolReply, on disk: FaultyDisk) throws {
    let identity = StoreIdentity(
      street: reply.street, incarnation: reply.incarnation, replica: reply.replica)
    let store = try Store.create(path: CrashProcess.path, identity, on: disk)
    try OfficeCore.adopt(reply, hubAddress: "http://hub", in: store)
    try store.finish()
  }

  /// Exchanges until both sides have everything.
  ///
  /// - Parameters:
  ///   - office: The office.
  ///   - hub: The hub.
  ///   - seen: Told behind each step that is durable.
  /// - Throws: What either side throws, and what `seen` does.
  static func sync(
    _ office: OfficeCore, _ hub: HubCore, seen: (Store) throws -> Void = { _ in }
  ) throws {
    var isLast = false
    while !isLast {
      let (request, message) = try office.syncRequest(
        maxBytes: Int(WireLimits.chunkBytes.lowerBound))
      let exchange = try office.take(try ask(message, hub), to: request, now: now)
      if exchange.comparison == .different { throw OfficeError.untrusted(.digest) }
      isLast = exchange.isLast
      try seen(office.store)
    }
    for errand in try office.bodyErrands() {
      _ = try office.take(try ask(errand.request, hub), to: errand)
      try seen(office.store)
    }
  }

  /// Sends a request to a hub.
  ///
  /// - Throws: The problem that the hub answers with.
  static func ask(_ request: PeerRequest, _ hub: HubCore) throws -> PeerResponse {
    var call = HubCall(
      method: request.method, path: request.path.split(separator: "/").map(String.init),
      contentType: request.contentType, accept: request.accept,
      authorization: request.token.map { "Bearer \($0)" }, body: request.body)
    call.range = request.range.map { "bytes=\($0.lowerBound)-\($0.upperBound)" }
    let answer = hub.handle(call, now: now)
    if answer.status >= 500 { throw try Problem(decoding: answer.body) }
    var response = PeerResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
    response.contentRange = answer.headers.first { $0.0 == "Content-Range" }?.1
    return response
  }

  /// Records something under a key of its own, so that recording it twice makes one op.
  @discardableResult
  func record(
    _ kind: String, _ fields: [String: String], at office: OfficeCore, form: String
  ) throws -> OpID {
    let digest = SHA256.hash(Array((kind + form).utf8))
    let key = RequestKey(replica: office.replica, randomBytes: Array(digest.bytes.prefix(12)))
    let request = RecordRequest(
      kind: kind, fields: fields, actor: staff[0].description, occurredOn: "2026-01-05",
      key: key?.description)
    // A salt that is the same each time.
    return try office.record(request, now: Self.now) { Array(digest.bytes.prefix($0)) }.op
  }

  private func award(_ resident: OpID, at office: OfficeCore, session: Int) throws {
    let activity = try record(
      "activity.publish",
      ["title": "巡逻", "category": "service", "points": "6", "held_on": "2026-01-05"], at: office,
      form: "activity")
    try record(
      "award.grant",
      [
        "activity": activity.description, "resident": resident.description,
        "session": "\(session)",
      ], at: office, form: "\(session)")
  }

  /// A resident with points, and goods on the shelf.
  private func furnish(_ office: OfficeCore) throws {
    let resident = try record(
      "resident.register", ["name": "欧阳独一无二", "phone": "13800000000"], at: office, form: "")
    residents.append(resident)
    let item = try record(
      "item.define", ["name": "大米", "sort": "goods", "points": "3"], at: office, form: "")
    try record(
      "stock.receive", ["item": item.description, "quantity": "9", "source": "donation"],
      at: office, form: "")
    self.item = self.item ?? item
    try award(resident, at: office, session: 1)
  }

  private static func person(_ name: String) throws -> NewStaff {
    guard let body = Body(salt: Array(repeating: 3, count: 16), content: #"{"name":"\#(name)"}"#)
    else { preconditionFailure("a short name fits") }
    return NewStaff(roles: [.clerk, .approver, .grid], body: body)
  }
}
