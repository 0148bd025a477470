import Community
import Hub
import Office
import OpLog
import SQLite
import Store
import Testing
import Wire

/// What a PC wrote under an id that it gave up is recorded again, as far as it can be said.
@Suite struct RecordedAgainTests {
  @Test("a file that only the copy has reaches the person's community under the new id")
  func foreignFile() throws {
    let street = try Street()
    let (home, _) = try street.office(community: "塔山", code: "HOME")
    let burnt = try CopiedOffice(street)
    let enrolment = try #require(try burnt.office.store.enrolment(of: home.replica)).op
    let person = try street.record(
      "resident.register", ["name": "赵强", "home": "\(enrolment)"], at: burnt.office,
      by: burnt.staff[0])
    let copy = try burnt.copy()
    _ = try burnt.spend()
    // The hub has the record and not the file when this PC burns.
    try burnt.exchange()
    try copy.expectFenced(.old)
    let joined = try copy.rejoin(code: "TWO").office
    try street.sync(joined)
    try street.sync(home)
    let digest = try #require(try home.store.op(person).body)
    #expect(try home.store.body(digest)?.content == #"{"name":"赵强"}"#)
    #expect(try joined.store.body(digest) == nil)
  }

  @Test("what the program cannot read is recorded again too, about the ops of now")
  func unreadable() throws {
    let street = try Street()
    let (winner, copy) = try CopiedOffice.overtaken(street)
    let newcomer = try copy.register("王芳")
    // A newer program wrote the one, a broken one the other.
    var payload = CBORWriter()
    payload.map(count: 1)
    payload.unsigned(200)
    payload.reference(newcomer)
    var unread: [OpID] = []
    for kind in [9_999, 22] as [KindNumber] {
      let head = try copy.office.store.storedHead(of: copy.office.replica)
      let id = try #require(OpID(head.replica, head.seq + 1))
      var fields = OpFields(
        id: id, stamp: street.now, kind: kind, occurredOn: BusinessDate(stamp: street.now),
        payload: payload.bytes)
      let named = try #require(
        try copy.office.store.head(of: newcomer.replica, at: newcomer.seq))
      fields.names = Chain.names(of: [named.hash])
      let op = try Op(fields)
      try copy.office.store.write { () throws(StoreError) in try copy.office.store.take([op]) }
      unread.append(id)
    }
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    let person = try #require(try joined.store.recordedAgain(newcomer))
    for id in unread {
      let again = try #require(try joined.store.recordedAgain(id))
      #expect(try street.hub.store.op(again).namedOps == [person])
      #expect(try street.hub.store.verdict(of: again).outcome == .pending)
    }
    #expect(try street.digest(joined.store) == street.digest(street.hub.store))
  }

  @Test("what has no room to be said again is on the desk, and stops nothing behind it")
  func tooLong() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let copy = try winner.copy()
    try winner.register("赵强")
    _ = try winner.spend()
    try street.sync(winner.office)
    // A newer program wrote it for a form; then what follows from it.
    let long = try copy.writeLongest()
    let replica = copy.office.replica
    let keys = try [1, 2].map {
      try #require(RequestKey(replica: replica, randomBytes: Array(repeating: $0, count: 12)))
    }
    try copy.connection?.execute("INSERT INTO request VALUES('\(keys[0])', \(long.packed))")
    let word = try copy.write(about: long)
    let newcomer = try copy.register("王芳", key: "\(keys[1])")
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    #expect(try joined.stop == nil)
    let again = try #require(try joined.store.recordedAgain(newcomer))
    #expect(try keys.map { try joined.store.madeBefore($0) } == [long, again])
    let store = joined.store
    let refused = try store.read { () throws(StoreError) in try store.refusedFormerOps() }
    #expect(refused.map(\.op.id) == [long, word])
    #expect(refused.map(\.reason) == [.tooLong, .namesRefused])
    #expect(try !store.mustRecordAgain)
    #expect(try store.recordedAgain(word) == nil)
    #expect(try street.hub.store.verdict(of: again) == .plain)
    // It does not name what bears the number now.
    #expect(try street.hub.store.foldedHead(of: joined.replica).seq == again.seq)
    #expect(try store.write { () throws(StoreError) in try store.noteRefused(long) })
    #expect(try store.write { () throws(StoreError) in try !store.noteRefused(long) })
    #expect(
      try store.read { () throws(StoreError) in try store.refusedFormerOps() }.map(\.op.id) == [
        word
      ])
  }

  @Test("what waits for a record made again names it as it is now")
  func waiting() throws {
    let street = try Street()
    let (winner, copy) = try CopiedOffice.overtaken(street)
    // A newer program wrote the first, and said something of it.
    var unread = CBORWriter()
    unread.map(count: 0)
    let first = try copy.write(9_999, unread.bytes, naming: [])
    var word = CBORWriter()
    word.map(count: 3)
    word.unsigned(1)
    word.reference(first)
    word.unsigned(2)
    word.text("recorded-again")
    word.unsigned(3)
    word.unsigned(0)
    let second = try copy.write(65, word.bytes, naming: [first])
    try copy.expectFenced(.copied)
    let joined = try copy.rejoin(code: "TWO").office
    for office in [joined, winner.office, joined] { try street.sync(office) }
    let store = street.hub.store
    let again = try [first, second].map { try #require(try joined.store.recordedAgain($0)) }
    #expect(try store.op(again[1]).namedOps == [again[0]])
    let head = try store.head(of: again[0].replica, at: again[0].seq)
    #expect(try store.op(again[1]).names == Chain.names(of: [try #require(head).hash]))
    let reasons = try again.map { try store.verdict(of: $0).reasons }
    #expect(reasons == [[.unknownKind], [.waitingForOp]])
  }

  @Test("of what two copies record again one record counts, and the other's names mean it")
  func twice() throws {
    let street = try Street()
    let winner = try CopiedOffice(street)
    let second = try winner.copy()
    let newcomer = try second.register("王芳")
    let third = try second.copy()
    let awards = [try second.award(newcomer), try third.award(newcomer, session: 2)]
    try winner.register("赵强")
    try street.sync(winner.office)
    try second.expectFenced(.copied)
    try third.expectFenced(.copied)

    // The one with the higher id comes first, so that another record counts later.
    let lower = try second.rejoin(code: "TWO")
    let higher = try third.rejoin(code: "TRE")
    try street.sync(higher.office)
    let surplus = try #require(try higher.office.store.recordedAgain(newcomer))
    #expect(try street.hub.store.verdict(of: surplus) == .plain)
    try street.sync(lower.office)
    let counting = try #require(try lower.office.store.recordedAgain(newcomer))
    try street.sync(higher.office)
    let again = try zip([lower, higher], awards).map { office, award in
      try #require(try office.office.store.recordedAgain(award))
    }
    for store in [street.hub.store, lower.office.store, higher.office.store] {
      #expect(try store.verdict(of: counting) == .plain)
      #expect(try store.verdict(of: surplus) == Verdict(.duplicate))
      #expect(try again.map { try store.verdict(of: $0) } == [.plain, .plain])
      #expect(try store.row(Tables.account, id: counting.packed)?[1] == .integer(18))
      #expect(try store.row(Tables.account, id: surplus.packed) == nil)
      #expect(try street.digest(store) == street.digest(street.hub.store))
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
    }
    try expectSameState(on: street)
  }

  @Test("a record made again is of the community of which its office turns out to be")
  func moved() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (late, _) = try street.office(community: "白虎街", code: "LATE")
    for office in scene.offices { try street.sync(office) }
    let newcomer = try street.furtherOffice(code: "NEW")
    #expect(try street.begin(newcomer))
    try street.sync(late)
    let was = SHA256.hash([1])
    let actor = scene.staff[0]
    // The new office has no history yet to look the appointment up in.
    let head = try #require(try street.hub.store.head(of: actor.replica, at: actor.seq))
    let first = try Self.register(again: was, at: scene.offices[0], by: actor, head.hash)
    let second = try Self.register(again: was, at: newcomer, by: actor, head.hash)

    // The office that heard of the enrolment does not call, and the hub is told another community.
    try street.wipeHub()
    try scene.meet()
    try street.succeed(by: scene.staff)
    let hub = street.hub.store
    try street.enrolAgain(newcomer.replica, in: late.community)
    try street.meet(newcomer)
    #expect(try hub.verdict(of: second).reasons == [.actorNotEntitled])
    try street.meet(late)
    try street.meet(newcomer)
    for store in [hub, late.store, newcomer.store] {
      #expect(try store.verdict(of: first) == .plain)
      #expect(try store.verdict(of: second) == Verdict(.duplicate))
      #expect(try street.digest(store) == street.digest(hub))
      let before = try store.tablesDigest()
      try store.rebuild()
      #expect(try store.tablesDigest() == before)
    }
    try expectSameState(on: street)
  }

  /// Registers somebody again, as a PC does that gave up its number.
  private static func register(
    again was: Digest, at office: OfficeCore, by actor: OpID, _ appointment: Digest
  ) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "resident.register"))
    let values = Payload(values: Array(repeating: nil, count: kind.schema.fields.count))
    let head = try office.store.storedHead(of: office.replica)
    var fields = OpFields(
      id: try #require(OpID(head.replica, head.seq + 1)), stamp: Street.now, kind: kind.number,
      occurredOn: BusinessDate(stamp: Street.now), payload: try kind.schema.encode(values))
    fields.actor = actor
    fields.names = Chain.names(of: [appointment])
    fields.was = was
    let op = try Op(fields)
    try office.store.write { () throws(StoreError) in try office.store.take([op]) }
    return op.id
  }

  /// Holds a new office, which folds all of its history at once, and what a newer program makes of its
  /// database, against the hub.
  private func expectSameState(on street: Street) throws {
    let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
    let office = try street.furtherOffice(code: "LAST", on: connection)
    #expect(try street.begin(office))
    try street.sync(office)
    #expect(try office.store.history() == nil)
    #expect(try street.digest(office.store) == street.digest(street.hub.store))
    try connection.execute("UPDATE meta SET value = 0 WHERE key = 'catalogue'")
    let upgraded = try Store(connection)
    #expect(try street.digest(upgraded) == street.digest(street.hub.store))
  }
}
