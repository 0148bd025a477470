import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

@Suite("Ops travel in segments where both sides read them")
struct SegmentSyncTests {
  @Test("two offices and the hub agree to the byte, in chunks of any size", arguments: [4, 64])
  func agree(kibibytes: Int) throws {
    let (street, one, two) = try Self.busyStreet()
    for office in [one, two, one] {
      try street.syncInSegments(office, maxBytes: kibibytes << 10)
    }
    let digests = try [street.hub.store, one.store, two.store].map { store in
      try store.read { () throws(StoreError) in try store.stateDigest() }
    }
    #expect(digests[0] == digests[1])
    #expect(digests[0] == digests[2])
    for replica in [one.replica, two.replica, street.key.incarnation.hub] {
      let heads = try [street.hub.store, one.store, two.store].map {
        try $0.storedHead(of: replica)
      }
      #expect(heads[0] == heads[1] && heads[0] == heads[2])
    }
  }

  @Test("a pull and a push take a fifth of their JSON")
  func small() throws {
    let (street, one, two) = try Self.busyStreet()
    try street.syncInSegments(two)
    let (_, inJSON) = try one.syncRequest(maxBytes: 64 << 10)
    try #require(try one.readsSegments)
    let (request, push) = try one.syncRequest(maxBytes: 64 << 10, inSegments: true)
    #expect(push.contentType == MediaType.segment)
    #expect(push.body.count * 5 < inJSON.body.count)
    _ = try one.take(street.send(push), to: request, now: street.now)
    let (_, pull) = try two.syncRequest(maxBytes: 64 << 10, inSegments: true)
    var old = pull
    (old.accept, old.contentType) = (nil, MediaType.json)
    old.body = try two.syncRequest(maxBytes: 64 << 10).1.body
    #expect(street.send(pull).contentType == MediaType.segment)
    #expect(street.send(pull).body.count * 5 < street.send(old).body.count)
  }

  @Test("a sync with nothing to say is at most 400 bytes each way")
  func idle() throws {
    let (street, one, _) = try Self.busyStreet()
    try street.syncInSegments(one)
    let (request, message) = try one.syncRequest(maxBytes: 64 << 10, inSegments: true)
    let response = street.send(message)
    #expect(message.body.count <= 250, "\(message.body.count)")
    #expect(response.body.count <= 250, "\(response.body.count)")
    #expect(try one.take(response, to: request, now: street.now).isDigestEqual)
  }

  @Test("the first request is JSON, and a hub that knows no segments gets nothing else")
  func olderHub() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    let (request, message) = try office.syncRequest(maxBytes: 64 << 10, inSegments: true)
    #expect(message.contentType == MediaType.json)
    #expect(message.accept == MediaType.segmentOrJSON)
    // It does not look at what is accepted.
    var asBefore = message
    asBefore.accept = nil
    _ = try office.take(street.send(asBefore), to: request, now: street.now)
    try street.record("resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    #expect(try !office.readsSegments)
    let next = try office.syncRequest(maxBytes: 64 << 10, inSegments: true)
    #expect(next.1.contentType == MediaType.json)
    _ = try office.take(street.send(next.1), to: next.0, now: street.now)
    #expect(try office.readsSegments)
    let last = try office.syncRequest(maxBytes: 64 << 10, inSegments: true)
    #expect(last.1.contentType == MediaType.segment)
    // A hub that was set back to an older program takes none any more.
    let problem = OfficeError.problem(Problem(.unsupportedMediaType, detail: ""))
    #expect(try office.repeatsInJSON(after: problem, last.1))
    #expect(try !office.readsSegments)
    // A refusal of JSON is not about segments.
    #expect(try !office.repeatsInJSON(after: problem, next.1))
    // What was sent as JSON without a word of segments is not repeated.
    #expect(try !office.repeatsInJSON(after: problem, asBefore))
    let busy = OfficeError.problem(Problem(.busy, detail: ""))
    #expect(try !office.repeatsInJSON(after: busy, last.1))
  }

  @Test("a damaged or foreign segment is a problem of the request, and nothing is stored")
  func damaged() throws {
    let (street, one, two) = try Self.busyStreet()
    try street.syncInSegments(two)
    let before = try street.hub.store.storedHead(of: one.replica)
    let (_, push) = try one.syncRequest(maxBytes: 64 << 10, inSegments: true)
    try #require(push.contentType == MediaType.segment)
    // Before it stand head and seal, behind it the progress.
    for place in stride(from: 90, to: push.body.count - 70, by: 7) {
      var damaged = push
      damaged.body[place] ^= 0x10
      let response = street.send(damaged)
      #expect((400..<500).contains(response.status), "byte \(place): \(response.status)")
    }
    var cut = push
    cut.body = Array(push.body.dropLast(9))
    #expect(try Problem(decoding: street.send(cut).body).kind == .outOfRange)
    cut.contentType = "text/plain"
    #expect(street.send(cut).status == 415)
    #expect(try street.hub.store.storedHead(of: one.replica) == before)
    try street.syncInSegments(one)
  }

  @Test("names are left out only where the hub fills in the same; another's come out otherwise")
  func names() throws {
    let (street, one, two) = try Self.busyStreet()
    try street.syncInSegments(two)
    let (request, push) = try one.syncRequest(maxBytes: 64 << 10, inSegments: true)
    let same = try street.hub.store.readingHashes { (held) throws(WireError) in
      try SyncRequest(decodingSegment: push.body, held: held)
    }.get()
    #expect(same == request)
    #expect(request.ops.contains { $0.names != nil })
    // Somebody who holds nothing cannot read it.
    #expect(throws: WireError.self) {
      _ = try SyncRequest(decodingSegment: push.body) { _, _ in nil }
    }
    // Who holds other ops under these ids reads other ops, which the sealed head does not fit.
    let other = try SyncRequest(decodingSegment: push.body) { replica, seq in
      SHA256.hash(Array("\(replica) \(seq)".utf8))
    }
    #expect(other.ops != request.ops)
    #expect(other.head == request.head)
  }

  @Test(
    "behind a rebuild a new office reads all in segments, also what names later ops",
    arguments: [4, 64])
  func laterLife(kibibytes: Int) throws {
    let scene = try ThreeOffices()
    let street = scene.street
    // The first office's log comes first, and names what comes with the third's.
    let resident = try street.record(
      "resident.register", ["name": "陈大川"], at: scene.offices[2], by: scene.staff[0])
    for office in [scene.offices[2], scene.offices[0]] { try street.sync(office) }
    try street.record(
      "award.grant", ["activity": "\(scene.activity)", "resident": "\(resident)", "session": "1"],
      at: scene.offices[0], by: scene.staff[0])
    // The former hub's log comes before all, and decides on what comes behind it.
    let request = try street.record(
      "resident.erase", ["resident": "\(resident)", "basis": "own_wish"], at: scene.offices[0],
      by: scene.staff[1])
    try street.sync(scene.offices[0])
    let others = try street.office(community: "塔山", code: "TOWER").1
    let decided = try HubAdmin.decide(
      request, isApproved: true, by: [scene.staff[0], others[0]], in: street.hub.store,
      now: street.now)
    guard case .decided = decided else {
      Issue.record("\(decided)")
      return
    }
    try scene.meet()
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.meet()
    let fresh = try street.furtherOffice(code: "FOUR")
    try street.syncInSegments(fresh, maxBytes: kibibytes << 10)
    #expect(try street.digest(fresh.store) == street.digest(street.hub.store))
    // What comes later names what the office holds, and leaves it out.
    for session in 61...99 { try scene.award(session) }
    for office in scene.offices { try street.meet(office) }
    let (asked, pull) = try fresh.syncRequest(maxBytes: 64 << 10, inSegments: true)
    let response = street.send(pull)
    let reply = try fresh.take(response, to: asked, now: street.now)
    #expect(reply.isDigestEqual)
    #expect(response.body.count < 600, "\(response.body.count)")
  }

  /// Two offices that have met the hub, the first with 61 ops that the hub lacks.
  private static func busyStreet() throws -> (Street, OfficeCore, OfficeCore) {
    let street = try Street()
    let (one, staffOne) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    try street.syncInSegments(one)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: one, by: staffOne[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: one,
      by: staffOne[0])
    try street.syncInSegments(one)
    for session in 1...61 {
      try street.record(
        "award.grant",
        ["activity": "\(activity)", "resident": "\(resident)", "session": "\(session)"], at: one,
        by: staffOne[0])
    }
    return (street, one, two)
  }
}

extension Street {
  /// Syncs with segments until nothing is left.
  func syncInSegments(_ office: OfficeCore, maxBytes: Int = 64 << 10) throws {
    for _ in 1...1_000 {
      let (request, message) = try office.syncRequest(maxBytes: maxBytes, inSegments: true)
      let response = send(message)
      #expect(response.contentType == MediaType.segment)
      let exchange = try office.take(response, to: request, now: now)
      guard exchange.isLast else { continue }
      #expect(exchange.comparison != .different)
      for errand in try office.bodyErrands() {
        _ = try office.take(send(errand.request), to: errand)
      }
      return
    }
    Issue.record("the sync did not end")
  }
}
