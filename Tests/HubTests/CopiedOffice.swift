import Community
import Foundation
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

/// An office whose one resident has 9 points, and the copies of its database.
struct CopiedOffice {
  let street: Street
  let office: OfficeCore
  let staff: [OpID]
  let resident: OpID
  /// The database of a copy; nil for the first of them.
  let connection: Connection?
  private let activity: OpID
  private let item: OpID

  init(_ street: Street) throws {
    self.street = street
    connection = nil
    (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"],
      at: office, by: staff[0])
    item = try street.record(
      "item.define", ["name": "理发", "sort": "service", "points": "9"], at: office, by: staff[0])
    try award(resident)
    try street.sync(office)
    try street.sync(office)
  }

  /// Another office of the same street and community, with the same staff and activity.
  init(_ other: CopiedOffice, _ office: OfficeCore, on connection: Connection?) {
    (street, staff, resident) = (other.street, other.staff, other.resident)
    (activity, item) = (other.activity, other.item)
    self.office = office
    self.connection = connection
  }

  /// An office, and a copy of it that the hub fences when it syncs: the office has spent its points since.
  static func overtaken(_ street: Street) throws -> (winner: CopiedOffice, copy: CopiedOffice) {
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    _ = try winner.spend()
    try street.sync(winner.office)
    return (winner, copy)
  }

  func copy() throws -> CopiedOffice {
    let path = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"
    defer {
      for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
    }
    try office.store.copy(to: path)
    let connection = try Connection(path: path, mode: .readWrite)
    return CopiedOffice(self, try OfficeCore(Store(connection)), on: connection)
  }

  @discardableResult
  func register(_ name: String, key: String? = nil) throws -> OpID {
    try street.record("resident.register", ["name": name], at: office, by: staff[0], key: key)
  }

  @discardableResult
  func award(_ resident: OpID, session: Int = 1) throws -> OpID {
    try street.record(
      "award.grant",
      ["activity": "\(activity)", "resident": "\(resident)", "session": "\(session)"],
      at: office, by: staff[0])
  }

  /// Writes what no counter of this version does.
  func write(
    _ kind: KindNumber, _ payload: [UInt8], naming named: [OpID], body: Digest? = nil
  ) throws -> OpID {
    let end = try office.store.storedHead(of: office.replica)
    var fields = OpFields(
      id: try #require(OpID(end.replica, end.seq + 1)), stamp: street.now, kind: kind,
      occurredOn: BusinessDate(stamp: street.now), payload: payload)
    fields.body = body
    let heads = try named.map { try #require(try office.store.head(of: $0.replica, at: $0.seq)) }
    fields.names = Chain.names(of: heads.map(\.hash))
    let op = try Op(fields)
    try office.store.write { () throws(StoreError) in try office.store.take([op]) }
    return op.id
  }

  /// Writes what a newer program does, as long as an op may be.
  func writeLongest() throws -> OpID {
    var longest: [UInt8] = []
    for length in (EnvelopeLimits.opBytesMax - 100)...EnvelopeLimits.opBytesMax {
      var payload = CBORWriter()
      payload.map(count: 1)
      payload.unsigned(1)
      payload.text(String(repeating: "a", count: length))
      var fields = OpFields(
        id: try #require(OpID(office.replica, 9)), stamp: street.now, kind: 9_999,
        occurredOn: BusinessDate(stamp: street.now), payload: payload.bytes)
      fields.names = 0
      guard (try? Op(fields)) != nil else { break }
      longest = payload.bytes
    }
    return try write(9_999, longest, naming: [])
  }

  /// Writes what a newer program says of an op, maybe with a file.
  func write(about named: OpID, body: Digest? = nil) throws -> OpID {
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(1)
    payload.reference(named)
    return try write(9_998, payload.bytes, naming: [named], body: body)
  }

  func spend(on other: OpID? = nil) throws -> OpID {
    try street.record(
      "redemption.record",
      ["resident": "\(resident)", "items": "\(other ?? item)", "basis": "home"], at: office,
      by: staff[0])
  }

  /// The next sync tells that this is not the only copy.
  func expectFenced(_ stop: Stop) throws {
    do throws(OfficeError) {
      try exchange()
      Issue.record("the hub took the ops of a copy")
    } catch { try office.note(error) }
    #expect(try office.stop == stop)
    #expect(throws: OfficeError.self) { try register("吴用") }
  }

  /// One exchange, whatever it leaves to do.
  func exchange() throws(OfficeError) {
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    _ = try office.take(street.send(message), to: request, now: street.now)
  }

  /// Goes on under a new id; the next sync ends it.
  func rejoin(code: String) throws -> CopiedOffice {
    let reply = try street.enrolment(community: "青龙街", code: code)
    try office.begin(as: reply, hubAddress: "http://hub")
    #expect(try office.stop == .rejoining)
    return CopiedOffice(self, try OfficeCore(office.store), on: connection)
  }
}
