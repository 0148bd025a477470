import Community
import FoldKit
import OpLog
import Testing

/// What stood, lay, or was on its way at a PC that was lost is the office's in its place.
@Suite struct LostShelfTests {
  @Test func `goods kept at a lost PC stay kept, and are collected where they lie`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    try scene.street.receive(scene.item, quantity: 1, at: scene.b)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.b)
    try scene.retire(scene.b, for: scene.c)
    var shop = scene
    let other = try shop.street.sell(
      scene.item, price: 9, to: scene.scene.resident, basis: 2, at: scene.c)
    #expect(try shop.refusal(of: other) == .reserved(item: scene.item, kept: 1))
    let taken = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, reservation: kept, at: scene.c)
    #expect(try scene.refusal(of: taken) == nil)
    #expect(try scene.stateOfReservation(kept) == .text("collected"))
    scene.expectOneState()
  }

  @Test func `goods kept at a lost PC are released where they lie, and nowhere else`() throws {
    var scene = try MovingScene()
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.b)
    let early = try scene.street.release(kept, at: scene.c)
    #expect(scene.verdict(early) == Verdict(.void, [.wrongReference]))
    #expect(try scene.stateOfReservation(kept) == .text("open"))
    try scene.retire(scene.b, for: scene.c)
    #expect(scene.verdict(early) == .plain)
    #expect(try scene.stateOfReservation(kept) == .text("released"))
    scene.expectOneState()
  }

  @Test func `goods on the way to a lost PC are accepted by the one in its place`() throws {
    var scene = try MovingScene()
    try scene.street.receive(scene.item, quantity: 5, at: scene.a)
    let sent = try scene.street.send(
      scene.item, 5, to: scene.street.enrolments[1], at: scene.a)
    let accept = try scene.street.accept(sent, 3, at: scene.c)
    #expect(scene.verdict(accept) == Verdict(.void, [.wrongReference]))
    try scene.retire(scene.b, for: scene.c)
    let lost = try scene.street.writeOff(
      2, from: sent, witness: scene.street.staff[4], at: scene.c)
    #expect([accept, lost].map(scene.verdict) == [.plain, .plain])
    #expect(try scene.onHand() == [0, 3])
    let late = try scene.street.send(
      scene.item, 1, to: scene.street.enrolments[1], at: scene.a)
    #expect(try scene.refusal(of: late) == .officeGone)
    scene.expectOneState()
    try expectModel(of: scene.street.written)
  }

  @Test func `coins in a lost PC's vault are the successor's, also what comes late`() throws {
    var scene = try MovingScene()
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.street.adjustCoins(2, 100, at: approver)
    try scene.retire(scene.b, for: scene.c)
    try scene.street.issueCoins(
      Street.coins(twos: 4), to: scene.resident, basis: 0, at: scene.b)
    #expect(try scene.boxes() == [[0, 100], [96, -96]])
    #expect(try scene.state.sum("coin_total", [2], "out") == 4)
    // The heir finds what the books say, so there is nothing to put right.
    try scene.street.adjustCoins(2, 0, reason: 2, at: scene.c)
    let reasons = Set(scene.state.desk.map(\.reason))
    #expect(reasons.isDisjoint(with: [.coinsUnissued, .coinsMissing]))
    scene.expectOneState()
  }

  @Test func `goods and coins go on, whichever retirement opens a circle`() throws {
    var scene = try MovingScene()
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.street.receive(scene.item, quantity: 5, at: scene.b)
    try scene.street.adjustCoins(3, 10, at: approver)
    let fourth = try scene.street.enroll(4100, in: 1)
    let seed = scene.street.written
    let offices = scene.street.enrolments
    func retire(
      _ street: inout Street, _ lost: Int, for heir: Int, by hub: ReplicaID = Street.hub
    ) throws -> Delivery {
      let id = try street.retire(
        offices[lost], at: street.head(of: street.offices[lost])?.seq ?? 0,
        successor: offices[heir], by: hub)
      return try #require(street.written.last { $0.op.id == id })
    }
    // Of the two of c the lower counts: the one for the fourth, which opens the circle.
    let first = try retire(&scene.scene.street, 1, for: 2)
    let open = try retire(&scene.scene.street, 2, for: 3)
    let circle = try retire(&scene.scene.street, 2, for: 1, by: .hub(incarnation: 2))
    let orders = [[first, open, circle], [first, circle, open], [circle, first, open]]
    for (number, order) in orders.enumerated() {
      let state = MemoryReplica(seed + order).state
      let books = try [scene.b.office, scene.c.office, fourth].map { office in
        let shelf = [Int64(office.rawValue), scene.item.packed]
        let vault = [Int64(office.rawValue), 3]
        return [
          try state.sum("shelf_item", shelf, "on_hand"), try state.sum("coin_box", vault, "vault"),
        ]
      }
      #expect(books == [[0, 0], [0, 0], [5, 10]], "order \(number)")
    }
  }

  @Test func `in a circle nobody is the heir of goods, coins, or what was kept`() throws {
    var scene = try MovingScene()
    try scene.street.receive(scene.item, quantity: 1, at: scene.b)
    let approver = Counter(office: scene.b.office, clerk: scene.street.staff[4])
    try scene.street.adjustCoins(3, 10, at: approver)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.b)
    try scene.retire(scene.b, for: scene.c)
    let release = try scene.street.release(kept, at: scene.c)
    #expect(scene.verdict(release) == .plain)
    try scene.retire(scene.c, for: scene.b)
    #expect(scene.verdict(release) == Verdict(.void, [.wrongReference]))
    #expect(try scene.onHand() == [1, 0])
    #expect(try scene.state.sum("coin_box", [4098, 3], "vault") == 10)
    scene.expectOneState()
  }
}

/// What a retirement and a give say that nobody may overlook.
@Suite struct RetirementDeskTests {
  @Test func `an account given to a revoked office is on the desk until that is retired`() throws {
    var scene = try MovingScene()
    let give = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(scene.verdict(give) == .plain)
    try scene.street.write(
      "replica.revoke",
      ["enrolment": .reference(scene.street.enrolments[2]), "reason": .integer(0)])
    #expect(scene.verdict(give) == Verdict(.posted, [.officeRevoked]))
    let late = try scene.give(to: scene.c, after: scene.resident, at: scene.b)
    #expect(try scene.refusal(of: late) == .officeGone)
    try scene.retire(scene.c, for: scene.b)
    #expect(scene.verdict(give) == .plain)
    scene.expectOneState()
  }

  @Test func `a retirement whose log ends otherwise than it says is on the desk`() throws {
    var scene = try MovingScene()
    try scene.earn(9)
    let right = try scene.retire(scene.c, for: scene.b)
    let wrong = try scene.street.retire(
      scene.street.enrolments[1], at: 1, hash: .zero, successor: scene.street.enrolments[2])
    #expect(
      [right, wrong].map(scene.verdict) == [.plain, Verdict(.posted, [.otherBranch])])
    scene.expectOneState()
  }

  @Test func `a retirement ahead of its log says nothing of how that ends`() throws {
    var scene = try MovingScene()
    let ahead = try scene.street.retire(
      scene.street.enrolments[2], at: 7, hash: .zero, successor: scene.street.enrolments[1])
    #expect(scene.verdict(ahead) == .plain)
  }
}

extension MovingScene {
  /// Why a counter would not have recorded an op, asked with all that was written.
  fileprivate func refusal(of id: OpID) throws -> Refusal? {
    let op = scene.state.op(id)
    let kind = try #require(Catalogue.kind(op.kind))
    guard case .payload(let payload) = try kind.schema.decode(op) else { return nil }
    let entry = Entry(op: op, payload: payload, kind: kind, isFirst: false)
    return kind.fold?.refusal(of: entry, in: scene.state)
  }

  fileprivate func stateOfReservation(_ id: OpID) throws -> Cell? {
    try scene.state.cell(
      "reservation", [Int64(id.replica.rawValue), scene.item.packed, id.packed], "state")
  }

  /// Vault and out of the coins of 2, at `b` and at `c`.
  fileprivate func boxes() throws -> [[Int64]] {
    let state = scene.state
    return try [scene.b, scene.c].map { counter in
      try ["vault", "out"].map {
        try state.sum("coin_box", [Int64(counter.office.rawValue), 2], $0)
      }
    }
  }
}
