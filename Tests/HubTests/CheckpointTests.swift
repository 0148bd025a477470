import Community
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Testing
import Wire

/// A new office begins on the hub's working set, and gets the history behind it.
@Suite("Checkpoints") struct CheckpointTests {
  @Test(
    "the counter works before the history is here; then all is folded from it",
    arguments: [300, 4 << 10, 1 << 20])
  func begins(partBytes: Int) throws {
    let three = try ThreeOffices()
    let (office, staff) = try three.street.office(code: "FOUR")
    #expect(try three.street.begin(office, partBytes: partBytes))
    #expect(try office.store.history()?.held == 0)
    #expect(try Self.balance(of: three.resident, at: office) == 540)
    // The day has room for 100 awards: the 61st counts only if the others' claims are here too.
    try three.street.record(
      "award.grant",
      ["activity": "\(three.activity)", "resident": "\(three.resident)", "session": "61"],
      at: office, by: staff[0])
    #expect(try Self.balance(of: three.resident, at: office) == 549)
    let new = try three.street.record(
      "resident.register", ["name": "王五"], at: office, by: staff[0])
    #expect(try Self.balance(of: new, at: office) == nil)
    // The history comes in; what is not folded yet changes nothing.
    try three.street.exchange(office, maxBytes: 4 << 10)
    let history = try #require(try office.store.history())
    #expect(history.held > 0 && history.held < history.total)
    #expect(try Self.balance(of: three.resident, at: office) == 549)
    try three.street.sync(office, maxBytes: 4 << 10)
    #expect(try office.store.history() == nil)
    #expect(try office.store.checkpointFaults() == [])
    #expect(try Self.balance(of: three.resident, at: office) == 549)
    try three.meet()
    try three.expectAgreement()
    #expect(try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
    let before = try office.store.tablesDigest()
    try office.store.rebuild()
    #expect(try office.store.tablesDigest() == before)
    #expect(try office.store.verify().findings == [])
  }

  @Test("killed after each step, by part and by page, it goes on where it was")
  func killed() throws {
    let three = try ThreeOffices()
    for number in 1...80 {
      try three.street.record(
        "resident.register", ["name": "居民\(number)"], at: three.offices[0], by: three.staff[0])
    }
    try three.street.sync(three.offices[0])
    let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
    let begun = try three.street.office(code: "FOUR", on: connection)
    var office = begun.0
    let staff = begun.1
    func restart() throws { office = try OfficeCore(try Store(connection)) }
    var requests = 0
    while try office.wantsCheckpoint {
      let request = try office.checkpointRequest(maxBytes: 200)
      // The answer is lost with the process; the same is asked for again.
      _ = three.street.send(request)
      try restart()
      #expect(try office.checkpointRequest(maxBytes: 200) == request)
      _ = try office.takeCheckpoint(three.street.send(request), to: request)
      try restart()
      requests += 1
    }
    #expect(requests > 4)
    let size = try #require(try office.store.history())
    #expect(size.held == 0)
    var session = 60
    while try office.store.history() != nil {
      session += 1
      try three.street.record(
        "award.grant",
        [
          "activity": "\(three.activity)", "resident": "\(three.resident)",
          "session": "\(session)",
        ], at: office, by: staff[0])
      try restart()
      try three.street.exchange(office, maxBytes: 4 << 10)
      try restart()
    }
    #expect(session > 62)
    try three.street.sync(office)
    try three.meet()
    try three.expectAgreement()
    try three.street.sync(office)
    #expect(try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
    #expect(try office.store.checkpointFaults() == [])
  }

  @Test("what needs the history is refused until it is here, and nothing is changed by it")
  func notYet() throws {
    let three = try ThreeOffices()
    let award = try #require(
      OpID(
        three.offices[1].replica,
        try three.offices[1].store.storedHead(
          of: three.offices[1].replica
        ).seq))
    let (office, staff) = try three.street.office(code: "FOUR")
    #expect(try three.street.begin(office))
    let before = try office.store.tablesDigest()
    func reverse() throws {
      try three.street.record(
        "award.reverse", ["award": "\(award)", "cause": "not_attended"], at: office, by: staff[1])
    }
    func grantOfLastYear() throws {
      try three.street.record(
        "award.grant",
        ["activity": "\(three.activity)", "resident": "\(three.resident)", "session": "70"],
        at: office, by: staff[0], on: "2025-11-30")
    }
    for record in [reverse, grantOfLastYear] {
      #expect {
        try record()
      } throws: { error in
        guard case OfficeError.store(.notYet)? = error as? OfficeError else { return false }
        return true
      }
    }
    #expect(try office.store.tablesDigest() == before)
    #expect(try office.store.storedHead(of: office.replica).seq == 0)
    try three.street.sync(office)
    try reverse()
    #expect(try Self.balance(of: three.resident, at: office) == 531)
  }

  @Test("the end of the history that the disk took back is not remembered")
  func takenBack() throws {
    let three = try ThreeOffices()
    let (office, _) = try three.street.office(code: "FOUR")
    #expect(try three.street.begin(office))
    #expect(throws: StoreError.self) {
      try office.store.write { () throws(StoreError) in
        try office.store.endBootstrap()
        throw StoreError.notYet(nil)
      }
    }
    #expect(try office.store.history() != nil)
    #expect(office.store.bootstrap != nil)
    try three.street.sync(office)
    #expect(office.store.bootstrap == nil)
  }

  @Test("rows that are not what the history says are reported, and mended by it")
  func wrongRows() throws {
    let three = try ThreeOffices()
    let hub = three.street.hub.store
    try hub.connection.execute("UPDATE account SET balance = balance + 7")
    try three.street.start(try Store(hub.connection), three.street.key)
    let (office, _) = try three.street.office(code: "FOUR")
    #expect(try three.street.begin(office))
    #expect(try Self.balance(of: three.resident, at: office) == 547)
    while try office.store.history() != nil {
      try three.street.exchange(office, maxBytes: 64 << 10)
    }
    #expect(try office.store.checkpointFaults() == ["account"])
    #expect(try Self.balance(of: three.resident, at: office) == 540)
  }

  @Test("rows dropped before the history is here, or with a lost hub's log, accuse nobody")
  func dropped() throws {
    let three = try ThreeOffices()
    let street = three.street
    let (copied, _) = try street.office(code: "FOUR")
    let (bereft, staff) = try street.office(code: "FIVE")
    for office in [copied, bereft] {
      #expect(try street.begin(office))
      try street.exchange(office, maxBytes: 4 << 10)
      #expect(try office.store.history() != nil)
    }
    // A copy of it goes on under another id.
    let reply = try street.enrolment(community: "青龙街", code: "SIX")
    try copied.begin(as: reply, hubAddress: "http://hub")
    let joined = try OfficeCore(copied.store)
    #expect(try joined.store.checkpointFaults() == [])
    try street.meet(joined)
    #expect(try joined.store.checkpointFaults() == [])
    // Only this office calls, and it has not got the lost hub's log.
    try street.record("resident.register", ["name": "王五"], at: bereft, by: staff[0])
    try street.wipeHub()
    for _ in 1...2 { try street.meet(bereft) }
    #expect(try bereft.store.history() == nil)
    #expect(try bereft.store.checkpointFaults() == [])
  }

  @Test("bytes, cards, and hubs that are not what they should be")
  func refused() throws {
    let three = try ThreeOffices()
    let (office, _) = try three.street.office(code: "FOUR")
    let request = try office.checkpointRequest(maxBytes: 1 << 20)
    #expect(request.path == "/v1/checkpoint")
    var card = try CheckpointCard(decoding: three.street.send(request).body)
    // Another asker's seal.
    var other = request
    other.token = try three.offices[0].checkpointRequest(maxBytes: 1).token
    #expect {
      try office.takeCheckpoint(three.street.send(other), to: request)
    } throws: { error in
      guard case OfficeError.untrusted(.seal)? = error as? OfficeError else { return false }
      return true
    }
    #expect(try office.store.setting(.checkpoint) == nil)
    #expect(try !office.takeCheckpoint(three.street.send(request), to: request))
    // Bytes of another place are not kept.
    let next = try office.checkpointRequest(maxBytes: 1_000)
    var answer = three.street.send(next)
    #expect(answer.status == 206)
    answer.contentRange = "bytes 5-1004/\(card.byteCount)"
    #expect(throws: OfficeError.self) { try office.takeCheckpoint(answer, to: next) }
    #expect(try office.store.checkpointSize() == 0)
    // A bit that was turned over on the way shows at the end, and the office begins without.
    answer = three.street.send(next)
    answer.body[700] ^= 4
    #expect(try !office.takeCheckpoint(answer, to: next))
    let last = try office.checkpointRequest(maxBytes: 1 << 20)
    #expect(last.range?.lowerBound == 1_000)
    #expect(try office.takeCheckpoint(three.street.send(last), to: last))
    #expect(try !office.wantsCheckpoint)
    #expect(try office.store.history() == nil)
    card.seal = .zero
    #expect(try CheckpointCard(decoding: card.encode()) == card)
    try three.street.sync(office)
    #expect(try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
  }

  @Test("an older program, a hub that knows no checkpoint, and one in a roll-call: the plain pull")
  func fallsBack() throws {
    let three = try ThreeOffices()
    let (office, _) = try three.street.office(code: "FOUR")
    let request = try office.checkpointRequest(maxBytes: 1)
    let unknown = PeerResponse(
      status: 404, contentType: MediaType.problem,
      body: Problem(.notFound, detail: "there is no such address").encode())
    #expect(try office.takeCheckpoint(unknown, to: request))
    #expect(try !office.wantsCheckpoint)
    try three.street.sync(office)
    // Who has the history asks for no checkpoint.
    #expect(try !three.offices[0].wantsCheckpoint)
    let (fifth, _) = try three.street.office(code: "FIVE")
    let open = PeerResponse(
      status: 503, contentType: MediaType.problem,
      body: Problem(.rollCall, detail: "").encode())
    #expect(try fifth.takeCheckpoint(open, to: request))
    #expect(try fifth.wantsCheckpoint, "it asks again, if it still has nothing then")
    try three.street.sync(fifth)
    #expect(try !fifth.wantsCheckpoint)
  }

  @Test("what came of a part before the line was cut is kept, and the next begins behind it")
  func cutOff() throws {
    let three = try ThreeOffices()
    let (office, _) = try three.street.office(code: "FOUR")
    let request = try office.checkpointRequest(maxBytes: 1)
    // Of a card, half is of no use.
    #expect(try office.keepBeginning(three.street.send(request), of: request) == 0)
    _ = try office.takeCheckpoint(three.street.send(request), to: request)
    let part = try office.checkpointRequest(maxBytes: 1_000)
    var answer = three.street.send(part)
    answer.body.removeLast(300)
    // Bytes of another place, of another file, of a hub that knows no ranges, or that came late: none is kept.
    var other = answer
    other.contentRange = "bytes 5-1004/9999"
    #expect(try office.keepBeginning(other, of: part) == 0)
    other = answer
    (other.status, other.contentRange) = (200, nil)
    #expect(try office.keepBeginning(other, of: part) == 0)
    var former = part
    former.path = "/v1/checkpoint/\(Digest.zero)"
    #expect(try office.keepBeginning(answer, of: former) == 0)
    #expect(try office.keepBeginning(answer, of: part) == 700)
    #expect(try office.keepBeginning(answer, of: part) == 0)
    #expect(try office.checkpointRequest(maxBytes: 1_000).range?.lowerBound == 700)
    #expect(try three.street.begin(office, partBytes: 1_000))
    try three.street.sync(office)
    #expect(try three.street.digest(office.store) == three.street.digest(three.street.hub.store))
    #expect(try office.store.checkpointFaults() == [])
  }

  @Test("a checkpoint is given again for an hour; whoever enrolled later gets another")
  func kept() throws {
    let three = try ThreeOffices()
    let street = three.street
    func card(_ office: OfficeCore) throws -> CheckpointCard {
      let request = PeerRequest(
        method: "GET", path: "/v1/checkpoint",
        token: try office.checkpointRequest(maxBytes: 1).token)
      return try CheckpointCard(decoding: street.send(request).body)
    }
    let first = try card(three.offices[0])
    try three.award(80)
    for office in three.offices { try street.sync(office) }
    let again = try card(three.offices[1])
    #expect(again.digest == first.digest && again.seal != first.seal)
    street.now += HubCore.checkpointAgeMax
    let late = try card(three.offices[1])
    #expect(late.digest != first.digest && late.head.seq > first.head.seq)
    let (fourth, _) = try street.office(code: "FOUR")
    let own = try card(fourth)
    #expect(own.head.seq > late.head.seq)
    // One that had begun with another one is told so, and begins anew.
    let (fifth, _) = try street.office(code: "FIVE")
    let request = try fifth.checkpointRequest(maxBytes: 200)
    #expect(try !fifth.takeCheckpoint(street.send(request), to: request))
    let part = try fifth.checkpointRequest(maxBytes: 200)
    #expect(try !fifth.takeCheckpoint(street.send(part), to: part))
    _ = try street.office(code: "SIX")
    let (seventh, _) = try street.office(code: "SEVEN")
    _ = try card(seventh)
    #expect(try street.begin(fifth, partBytes: 500))
  }

  @Test("ranges of the file, as RFC 9110 has them")
  func ranges() throws {
    let three = try ThreeOffices()
    let office = three.offices[0]
    let token = try office.checkpointRequest(maxBytes: 1).token
    func get(_ path: [String], _ range: String?, ifRange: String? = nil) -> HubAnswer {
      var call = HubCall(
        method: "GET", path: ["v1", "checkpoint"] + path,
        authorization: token.map { "Bearer \($0)" })
      (call.range, call.ifRange) = (range, ifRange)
      return three.street.hub.handle(call, now: three.street.now)
    }
    let card = try CheckpointCard(decoding: get([], nil).body)
    let path = ["\(card.digest)"]
    let whole = get(path, nil)
    #expect(whole.status == 200 && whole.body.count == card.byteCount)
    #expect(SHA256.hash(whole.body) == card.digest)
    let tag = "\"\(card.digest)\""
    #expect(whole.headers.contains { $0 == ("ETag", tag) })
    #expect(whole.headers.contains { $0 == ("Accept-Ranges", "bytes") })
    let end = card.byteCount - 1
    for (range, expected) in [
      ("bytes=0-0", 0...0), ("bytes=10-19", 10...19), ("bytes=100-", 100...end),
      ("bytes=-5", (end - 4)...end), ("bytes=7-99999999", 7...end),
    ] {
      for ifRange in [nil, tag] {
        let part = get(path, range, ifRange: ifRange)
        #expect(part.status == 206)
        #expect(part.body == Array(whole.body[expected]))
        let text = "bytes \(expected.lowerBound)-\(expected.upperBound)/\(card.byteCount)"
        #expect(part.headers.contains { $0 == ("Content-Range", text) })
      }
    }
    for range in ["bytes=5-2", "lines=1-2", "bytes=1-2,4-5", "bytes=x-", "bytes=-"] {
      #expect(get(path, range).status == 200, "\(range)")
    }
    #expect(get(path, "bytes=0-9", ifRange: "\"other\"").status == 200)
    for range in ["bytes=\(card.byteCount)-", "bytes=-0"] {
      let answer = get(path, range)
      #expect(answer.status == 416 && answer.body.isEmpty)
      #expect(answer.headers.contains { $0 == ("Content-Range", "bytes */\(card.byteCount)") })
    }
    #expect(get(["\(Digest.zero)"], nil).status == 404)
    var foreign = HubCall(method: "GET", path: ["v1", "checkpoint"])
    #expect(three.street.hub.handle(foreign, now: three.street.now).status == 401)
    foreign.method = "POST"
    #expect(three.street.hub.handle(foreign, now: three.street.now).status == 405)
  }

  private static func balance(of resident: OpID, at office: OfficeCore) throws -> Int64? {
    try office.store.read { () throws(StoreError) in
      try office.store.row(Tables.account, [resident.packed])?[1].integer
    }
  }
}

extension Street {
  /// Has an office begin on the hub's checkpoint, in parts of so many bytes; returns whether it did.
  func begin(_ office: OfficeCore, partBytes: Int = 64 << 10) throws -> Bool {
    for _ in 1...10_000 {
      guard try office.wantsCheckpoint else { break }
      let request = try office.checkpointRequest(maxBytes: partBytes)
      if try office.takeCheckpoint(send(request), to: request) { break }
    }
    return try office.store.read { () throws(StoreError) in try office.store.history() } != nil
  }

  /// One round trip.
  func exchange(_ office: OfficeCore, maxBytes: Int) throws {
    let (request, message) = try office.syncRequest(maxBytes: maxBytes)
    _ = try office.take(send(message), to: request, now: now)
  }
}
