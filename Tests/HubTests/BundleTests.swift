import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// Syncs by files that somebody carries.
@Suite struct BundleTests {
  private static let name = "刘小娥"

  @Test("a month by bundles only, one lost, one twice, one late, one cut: all agree in the end")
  func month() throws {
    let street = try Street()
    var offices: [OfficeCore] = []
    var staff: [OpID] = []
    for code in ["ONE", "TWO", "THREE"] {
      let (office, people) = try street.office(code: code)
      offices.append(office)
      staff = people
    }
    for office in offices { try street.exchange(office, messageBytes: 4_096) }
    let resident = try street.record(
      "resident.register", ["name": Self.name, "phone": "13800000000"], at: offices[0],
      by: staff[0])
    let activities = try (1...30).map { day in
      try street.record(
        "activity.publish",
        ["title": "扫雪\(day)", "category": "labour", "points": "9", "held_on": "2026-01-05"],
        at: offices[0], by: staff[0])
    }
    for office in offices { try street.exchange(office) }
    var late: [UInt8] = []
    for day in 1...30 {
      for (place, office) in offices.enumerated() {
        // On one day there is so much that it takes several messages.
        for session in 1...(place == 0 && day == 12 ? 30 : 5) {
          try street.record(
            "award.grant",
            [
              "activity": "\(activities[day - 1])", "resident": "\(resident)",
              "session": "\(30 * place + session)",
            ], at: office, by: staff[0],
            key: "\(office.replica).AAAAAAAA\(10_000_000 + 10_000 * day + 100 * place + session)")
        }
        let bundle = try office.exportBundle(messageBytes: 2_048, now: street.now).bytes
        switch (place, day) {
        case (0, 5): continue
        case (0, 6):
          let taken = try street.carry(bundle)
          #expect(taken.newGaps == [BundleGap(7...7, hasCome: true)])
          #expect(taken.ops == 10 && taken.standing == .new)
          #expect(try street.bring(taken.receipt, to: office).gaps == taken.newGaps)
        case (1, 7):
          let receipt = try street.carry(bundle).receipt
          let again = try street.carry(bundle)
          #expect(again.standing == .again && again.ops == 0)
          for receipt in [receipt, again.receipt, receipt] { try street.bring(receipt, to: office) }
        case (2, 9): late = bundle
        case (2, 10):
          let receipt = try street.carry(bundle).receipt
          let behind = try street.carry(late)
          #expect(behind.standing == .late && behind.ops == 0 && behind.gaps == [])
          for receipt in [receipt, behind.receipt] { try street.bring(receipt, to: office) }
        case (0, 12):
          #expect(try BundleFile(decoding: bundle).frames.count > 2)
          let cut = try street.carry(Array(bundle.prefix(bundle.count * 2 / 3)))
          #expect(!cut.isWhole && 1..<30 ~= cut.ops)
          try street.bring(cut.receipt, to: office)
        default: try street.bring(try street.carry(bundle).receipt, to: office)
        }
        street.now += 8_640_000 * 3
      }
    }
    for _ in 1...2 { for office in offices { try street.exchange(office, messageBytes: 4_096) } }
    try expectAgreement(offices, of: street, knowing: resident)
    #expect(try street.hub.store.bundleRecords().map(\.newest) == [35, 35, 35])
  }

  private func expectAgreement(
    _ offices: [OfficeCore], of street: Street, knowing resident: OpID
  ) throws {
    let digest = try street.digest(street.hub.store)
    for office in offices {
      let last = try street.exchange(office)
      #expect(last.comparison == .equal && last.isLast && last.gaps == [])
      #expect(try street.digest(office.store) == digest)
      #expect(try office.store.verify().findings == [])
      let body = try #require(try office.store.op(resident).body)
      #expect(try office.store.body(body)?.content.contains(Self.name) == true)
    }
  }

  @Test("neither bundle nor receipt file has a byte of a resident's name")
  func hidden() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(code: "TWO")
    for office in [one, two] { try street.exchange(office) }
    let resident = try street.record(
      "resident.register", ["name": Self.name, "phone": "13800000000"], at: one, by: staff[0])
    let digest = try #require(try one.store.op(resident).body)
    let body = try #require(try one.store.body(digest))
    var files: [[UInt8]] = []
    for office in [one, two, two] {
      let bundle = try office.exportBundle(now: street.now).bytes
      let receipt = try street.carry(bundle).receipt
      try street.bring(receipt, to: office)
      files += [bundle, receipt]
    }
    #expect(try two.store.body(digest) == body)
    let words = [
      Array(Self.name.utf8), Array("13800000000".utf8), Array("王敏".utf8),
      Array("name\"".utf8) + Array(":\"刘".utf8), body.salt,
    ]
    for file in files {
      for word in words {
        #expect(!file.indices.contains { file[$0...].starts(with: word) })
      }
    }
  }

  @Test("a body of another community's person is dropped once the receipt says that the hub has it")
  func foreignBody() throws {
    let street = try Street()
    let (home, _) = try street.office(code: "ONE")
    let (away, staff) = try street.office(community: "塔山", code: "TWO")
    for office in [home, away] { try street.exchange(office) }
    let enrolment = try #require(try away.store.enrolment(of: home.replica)).op
    let resident = try street.record(
      "resident.register", ["name": Self.name, "home": "\(enrolment)"], at: away, by: staff[0])
    let digest = try #require(try away.store.op(resident).body)
    let bundle = try away.exportBundle(now: street.now)
    #expect(bundle.bodies == 1)
    let taken = try street.carry(bundle.bytes)
    #expect(taken.bodies == 1)
    #expect(try away.store.body(digest) != nil)
    #expect(try street.bring(taken.receipt, to: away).delivered == 1)
    #expect(try away.store.body(digest) == nil)
    for _ in 1...2 { try street.exchange(home) }
    #expect(try home.store.body(digest) != nil)
  }

  @Test("a wrong seal, of the file or of a message, is refused and stores nothing")
  func forged() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.exchange(office)
    try street.record("resident.register", ["name": Self.name], at: office, by: staff[0])
    let bundle = try office.exportBundle(now: street.now).bytes
    let file = try BundleFile(decoding: bundle)
    let before = try street.hub.store.tablesDigest()
    let other: (UInt8) -> UInt8 = {
      $0 == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
    }
    var forger = BundleWriter(file.header, secret: [UInt8](repeating: 9, count: 32))
    for frame in file.frames { if case .request = frame { forger.add(frame) } }
    for forged in [forger.finish(), try tampered(bundle, behind: #""made_at":"#, with: { $0 ^ 1 })]
    {
      #expect(throws: Problem.self) { try street.carry(forged) }
    }
    let message = try tampered(bundle, behind: #""seal":""#, with: other)
    let taken = try street.carry(message)
    #expect(taken.problem?.kind == .sealMismatch && taken.ops == 0 && taken.bodies == 0)
    #expect(try street.hub.store.tablesDigest() == before)
    #expect(try street.hub.store.storedHead(of: office.replica).seq == 0)
    #expect(throws: OfficeError.self) { try street.bring(taken.receipt, to: office) }
    #expect(try office.stop == nil)
    #expect(try street.carry(bundle).ops == 1)
  }

  @Test("a forged receipt file changes nothing, whichever of its seals is wrong")
  func forgedReceipt() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    let receipt = try street.carry(try office.exportBundle(now: street.now).bytes).receipt
    let before = try office.store.tablesDigest()
    for mark in [#""log":"#, #""successor_seal":""#] {
      let forged = try tampered(receipt, behind: mark) { $0 ^ 1 }
      #expect(throws: OfficeError.self) { try street.bring(forged, to: office) }
    }
    #expect(try office.store.tablesDigest() == before)
    try street.exchange(office)
    _ = try HubAdmin.revoke(
      office.replica, reason: 0, in: street.hub.store, now: street.now)
    let refused = try street.carry(try office.exportBundle(now: street.now).bytes)
    #expect(refused.problem?.kind == .tokenRevoked)
    let forged = try tampered(refused.receipt, behind: "replica \(office.replica)") { $0 ^ 1 }
    #expect(throws: OfficeError.self) { try street.bring(forged, to: office) }
    #expect(try office.stop == nil)
    #expect(throws: OfficeError.self) { try street.bring(refused.receipt, to: office) }
    #expect(try office.stop == .revoked)
  }

  @Test(
    "any office forwards a neighbour's bundle over its line, and the answer is the receipt file")
  func courier() throws {
    let street = try Street()
    let (one, staff) = try street.office(code: "ONE")
    let (two, _) = try street.office(community: "塔山", code: "TWO")
    for office in [one, two] { try street.sync(office) }
    try street.record("resident.register", ["name": Self.name], at: one, by: staff[0])
    let bundle = try one.exportBundle(now: street.now).bytes
    #expect(throws: OfficeError.self) { try one.carriedFile(bundle) }
    #expect(try two.carriedFile(bundle).header.replica == one.replica)
    let answer = street.send(two.forwarding(bundle))
    #expect(answer.status == 200 && answer.contentType == MediaType.bundle)
    #expect(throws: OfficeError.self) { try street.bring(answer.body, to: two) }
    #expect(try street.bring(answer.body, to: one).comparison == .equal)
    var stranger = two.forwarding(bundle)
    stranger.token = nil
    #expect(street.send(stranger).status == 401)
    var typed = two.forwarding(bundle)
    typed.contentType = MediaType.json
    #expect(street.send(typed).status == 415)
    #expect(street.send(two.forwarding(Array(bundle.dropLast(40)))).status == 200)
    #expect(street.send(two.forwarding([1, 2, 3])).status == 400)
  }

  @Test("a receipt file that was cut is taken as far as it goes, and the next one goes on there")
  func cutReceipt() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (new, _) = try street.office(code: "FOUR")
    var trips = 0
    var isLast = false
    while !isLast, trips < 50 {
      trips += 1
      let bundle = try new.exportBundle(messageBytes: 2_048, now: street.now).bytes
      let receipt = try street.carry(bundle).receipt
      // Two thirds of it arrive, until so little is left that it has one reply only.
      let replies = try BundleFile(decoding: receipt).frames.count
      let end = replies > 2 ? receipt.count * 2 / 3 : receipt.count
      let taken = try street.bring(Array(receipt.prefix(end)), to: new)
      #expect(taken.isWhole == (replies <= 2))
      isLast = taken.isLast
    }
    #expect(isLast && trips > 2)
    #expect(try street.digest(new.store) == street.digest(street.hub.store))
  }

  @Test("a receipt file that goes on behind what is here says so, and the next one heals it")
  func ahead() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let (new, _) = try street.office(code: "FOUR")
    let first = try street.carry(try new.exportBundle(messageBytes: 2_048, now: street.now).bytes)
    // A reply is taken away: the file is not what the hub made, and each reply still proves itself.
    let file = try BundleFile(decoding: first.receipt)
    var gone = BundleWriter(
      file.header, secret: try #require(street.key.secret(of: new.replica)))
    for frame in file.frames.dropFirst() {
      if case .reply = frame { gone.add(frame) }
    }
    let receipt = gone.finish()
    #expect {
      try street.bring(receipt, to: new)
    } throws: { error in
      if case OfficeError.bundle(.ahead(1)) = error { true } else { false }
    }
    #expect(try street.exchange(new).comparison == .equal)
  }

  @Test("a new life of the hub has to be met over a line once, and then bundles go on")
  func newLife() throws {
    let scene = try ThreeOffices()
    let street = scene.street
    let office = scene.offices[0]
    try street.exchange(office)
    try street.wipeHub()
    let refused = try street.carry(try office.exportBundle(now: street.now).bytes)
    #expect(refused.problem?.kind == .newIncarnation && refused.standing == nil)
    #expect {
      try street.bring(refused.receipt, to: office)
    } throws: { error in
      if case OfficeError.problem(let problem) = error {
        problem.kind == .newIncarnation
      } else {
        false
      }
    }
    #expect(try office.stop == nil)
    try scene.meet()
    try street.succeed(by: scene.staff)
    try scene.award(70)
    for _ in 1...2 { for office in scene.offices { try street.exchange(office) } }
    try scene.expectAgreement()
    // Numbers begin anew, so the new hub misses none.
    #expect(try street.hub.store.bundleRecords().map(\.gaps) == [[], [], []])
  }

  @Test("bodies that a bundle brings in a roll-call are owed, and both sides say so")
  func bodiesInRollCall() throws {
    let scene = try ThreeOffices()
    let (street, office) = (scene.street, scene.offices[0])
    try street.wipeHub()
    try scene.meet()
    let resident = try street.record(
      "resident.register", ["name": Self.name], at: office, by: scene.staff[0])
    let digest = try #require(try office.store.op(resident).body)
    let bundle = try office.exportBundle(now: street.now)
    let taken = try street.carry(bundle.bytes)
    #expect(taken.ops == 1 && taken.bodies == 0)
    #expect(taken.bodiesLeftOut == bundle.bodies && bundle.bodies > 0)
    #expect(try street.bring(taken.receipt, to: office).unsentBodies == bundle.bodies)
    #expect(try street.hub.store.body(digest) == nil)
    try street.succeed(by: scene.staff)
    // The same file brings them, and is not one that was imported before with nothing new in it.
    let again = try street.carry(bundle.bytes)
    #expect(again.standing == .again && again.bodiesLeftOut == 0)
    #expect(again.newBodies == bundle.bodies)
    #expect(try street.hub.store.body(digest) != nil)
    #expect(try street.carry(bundle.bytes).newBodies == 0)
    #expect(try street.bring(again.receipt, to: office).unsentBodies == 0)
  }

  @Test("a receipt file that comes days later says nothing about the PC's clock")
  func clocks() throws {
    let street = try Street()
    let (office, _) = try street.office(code: "ONE")
    try street.sync(office)
    let heard = street.now
    street.now += 3_600_000
    let receipt = try street.carry(try office.exportBundle(now: street.now).bytes).receipt
    street.now += 5 * 86_400_000
    try street.bring(receipt, to: office)
    #expect(try office.store.number(.clockOffset) == 0)
    #expect(try office.store.number(.lastContact) == heard + 3_600_000)
    try street.sync(office)
    try street.bring(receipt, to: office)
    #expect(try office.store.number(.lastContact) == street.now)
  }

  @Test("a retired PC hears by its receipt file that another took its place, and all of it arrives")
  func retired() throws {
    let street = try Street()
    let (lost, staff) = try street.office(code: "ONE")
    let (heir, _) = try street.office(code: "TWO")
    for office in [lost, heir] { try street.exchange(office) }
    _ = try HubAdmin.retire(
      Retirement(replica: lost.replica, successor: heir.replica, approvers: staff, reason: 0),
      in: street.hub.store, now: street.now)
    try street.record("resident.register", ["name": Self.name], at: lost, by: staff[0])
    let taken = try street.carry(try lost.exportBundle(now: street.now).bytes)
    #expect(taken.ops == 1 && taken.bodies == 1 && taken.problem?.kind == .retired)
    #expect(throws: OfficeError.self) { try street.bring(taken.receipt, to: lost) }
    #expect(try lost.stop == .retired)
    // No receipt will say so, and no other file.
    #expect(try lost.store.number(.hubHas) == 1)
    #expect(try lost.store.unsentBodies(limit: 9) == [])
  }

  @Test("numbers that never came are told of once all is here, and where something is missing")
  func gaps() throws {
    var record = BundleRecord(of: try #require(ReplicaID(rawValue: 4_097)), life: 1)
    func note(_ number: UInt32, isWhole: Bool = true) -> BundleRecord.Standing {
      record.note(number, isWhole: isWhole, max: 3)
    }
    #expect(note(1) == .new && record.gaps == [])
    #expect(note(5, isWhole: false) == .new)
    #expect(record.gaps == [BundleRecord.Gap(numbers: 2...4, hasCome: false)])
    #expect(note(3, isWhole: false) == .late)
    #expect(
      record.gaps == [
        BundleRecord.Gap(numbers: 2...2, hasCome: false),
        BundleRecord.Gap(numbers: 4...4, hasCome: false),
      ])
    #expect(note(3) == .again && record.gaps.map(\.hasCome) == [true, false])
    #expect(note(6) == .new && record.gaps.map(\.hasCome) == [true, true])
    for number in [8, 10, 12] as [UInt32] { #expect(note(number) == .new) }
    #expect(record.gaps.map(\.numbers) == [7...7, 9...9, 11...11] && record.newest == 12)
    #expect(note(.max) == .new)
  }
}
