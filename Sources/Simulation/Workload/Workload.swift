import Community
import OpLog
import Store

/// The workload W(N): the same N ops of a busy street on every machine, for benchmarks.
///
/// 20 offices of 10 communities and one hub; 5,000 residents and 300 items at 3 to 9 points. Of 20
/// ops 14 are awards of 1 to 5 points, 5 are redemptions at the resident's home office, 1 is an
/// update of a resident's file with a body. One redemption in 20 is a stand-in at another office.
/// One op is made a second, and each is valid under the street's own policy at that second. An
/// activity has 350 awards, each for another resident. N counts this mix; the set-up ops come
/// before it, and the hub's receipts, one for 500 ops, beside it.
///
/// Everything follows from a fixed seed; no step depends on the order of a `Set` or `Dictionary`.
package struct Workload: Sequence, IteratorProtocol, Sendable {
  /// Ops in one hub commit.
  package static let batchCount = 500
  /// Awards of one activity.
  package static let awardsPerActivity = 350

  /// Whose street it is.
  package let street: StreetID
  /// The hub's only life.
  package let incarnation: Incarnation
  /// The ops that make the street; apply them before the mix.
  package let setUp: [Delivery]
  /// How many ops the mix has.
  package let opCount: Int

  private var random = SplitMix64(seed: 0x4C69_6E6C_6931)
  private var writer: LogWriter
  private let town: WorkloadStreet
  private var ledger: Ledger
  private var made = 0
  private var kinds: [MixKind] = []
  /// For each office the activities whose awards are not all made, the current one last.
  private var agenda: [[Activity]]
  /// The op that holds the present value of each resident's phone number and address.
  private var registers: [[OpID]]

  private enum MixKind { case award, redemption, update }

  /// An activity and those who took part and have no award for it yet.
  private struct Activity {
    let id: OpID
    var participants: [Int]
  }

  /// Makes the set-up; O(activities + residents).
  ///
  /// - Parameter opCount: N, a multiple of 20.
  package init(opCount: Int) {
    precondition(opCount > 0 && opCount.isMultiple(of: 20), "caller bug: N is a multiple of 20")
    self.opCount = opCount
    guard let street = StreetID(Array("workload street!".utf8)),
      let incarnation = Incarnation(number: 1, randomBits: 0x5EED)
    else { preconditionFailure("the constants fit") }
    self.street = street
    self.incarnation = incarnation
    writer = LogWriter(street: street, incarnation: incarnation)
    var town = WorkloadStreet(hub: incarnation.hub)
    let awards = opCount / 20 * 14
    let activityCount = (awards + Self.awardsPerActivity - 1) / Self.awardsPerActivity
    setUp = town.setUp(activityCount: activityCount, &writer, &random)
    self.town = town
    ledger = Ledger(
      residentCount: town.residents.count, officeCount: town.offices.count)
    registers = town.residents.map { [$0, $0] }
    agenda = Array(repeating: [], count: town.offices.count)
    for (index, id) in town.activities.enumerated().reversed() {
      agenda[index % agenda.count].append(Activity(id: id, participants: []))
    }
  }

  /// The next 500 ops and their receipt; nil after the N-th op.
  package mutating func next() -> Delivery? {
    guard made < opCount else { return nil }
    var runs = [[Op]](repeating: [], count: town.offices.count)
    var bodies: [Digest: Body] = [:]
    for _ in 0..<Swift.min(Self.batchCount, opCount - made) {
      let (office, op) = makeOp(&bodies)
      runs[office].append(op)
      made += 1
    }
    return town.receive(runs, bodies, at: now, &writer)
  }

  /// SHA-256 over the canonical bytes of all ops in canonical order, set-up and receipts included.
  package static func digest(opCount: Int) -> Digest {
    let workload = Workload(opCount: opCount)
    var sha = SHA256()
    for delivery in workload.setUp {
      for bytes in delivery.bytes { sha.update(bytes) }
    }
    for delivery in workload {
      for bytes in delivery.bytes { sha.update(bytes) }
    }
    return sha.finish()
  }

  private var now: Int64 { WorkloadStreet.start + Int64(made) * 1_000 }

  private mutating func makeOp(_ bodies: inout [Digest: Body]) -> (office: Int, op: Op) {
    switch nextKind() {
    case .award: makeAward()
    case .redemption: makeRedemption()
    case .update: makeUpdate(&bodies)
    }
  }

  /// Draws from blocks of 20, so that every prefix has the mix; in the first block the awards come
  /// first, because nobody has points yet.
  private mutating func nextKind() -> MixKind {
    if kinds.isEmpty {
      kinds =
        Array(repeating: .update, count: 1) + Array(repeating: .redemption, count: 5)
        + Array(repeating: .award, count: 14)
      if made > 0 { random.shuffle(&kinds) }
    }
    return kinds.removeLast()
  }

  private mutating func makeAward() -> (office: Int, op: Op) {
    let open = agenda.indices.filter { !agenda[$0].isEmpty }
    let office = open[random.below(open.count)]
    let current = agenda[office].count - 1
    if agenda[office][current].participants.isEmpty {
      agenda[office][current].participants = drawParticipants()
    }
    let resident = agenda[office][current].participants.removeLast()
    let activity = agenda[office][current].id
    if agenda[office][current].participants.isEmpty { agenda[office].removeLast() }
    let points = 1 + random.below(5)
    ledger.credit(resident, points)
    let minutes = Int64(30 + 15 * random.below(10))
    let op = writer.write(
      19,
      [
        .reference(activity), .reference(town.residents[resident]), .integer(Int64(points)), nil,
        nil, .integer(minutes), nil,
      ], by: town.offices[office].author, at: now)
    return (office, op)
  }

  /// The residents of one activity, each once.
  private mutating func drawParticipants() -> [Int] {
    var all = Array(town.residents.indices)
    for index in 0..<Self.awardsPerActivity {
      all.swapAt(index, index + random.below(all.count - index))
    }
    return Array(all[..<Self.awardsPerActivity])
  }

  private mutating func makeRedemption() -> (office: Int, op: Op) {
    let resident = ledger.drawSolvent(&random)
    let home = resident % town.offices.count
    let away = (home + 1 + random.below(town.offices.count - 1)) % town.offices.count
    let wantsStandIn = random.below(20) == 0
    let shelf = town.offices[wantsStandIn ? away : home].shelf
    let balance = ledger.balance(of: resident)
    let affordable = shelf.prefix { $0.price <= balance }
    let (item, price) = affordable[random.below(affordable.count)]
    let isStandIn = wantsStandIn && ledger.allowsStandIn(price, for: resident, at: away)
    let office = isStandIn ? away : home
    if isStandIn { ledger.giveOnTrust(price, to: resident, at: office) }
    ledger.debit(resident, price)
    let line: [PayloadValue?] = [.reference(item), .integer(1), .integer(Int64(price))]
    let op = writer.write(
      23,
      [
        .reference(town.residents[resident]), .records([line]), .integer(isStandIn ? 2 : 0), nil,
      ], by: town.offices[office].author, at: now)
    return (office, op)
  }

  /// A new phone number or address, written where the resident is at home.
  private mutating func makeUpdate(_ bodies: inout [Digest: Body]) -> (office: Int, op: Op) {
    let resident = random.below(town.residents.count)
    let office = resident % town.offices.count
    let register = random.below(2)
    let number = random.below(100_000_000)
    let content =
      register == 0 ? #"{"phone":"139\#(number)"}"# : #"{"address":"House \#(number)"}"#
    let body = WorkloadStreet.body(content, &random, &bodies)
    let replaced = PayloadValue.references([registers[resident][register]])
    let phone = register == 0 ? replaced : nil
    let address = register == 1 ? replaced : nil
    let op = writer.write(
      17, [.reference(town.residents[resident]), nil, phone, nil, address, nil],
      by: town.offices[office].author, at: now, body: body, isNamed: true)
    registers[resident][register] = op.id
    return (office, op)
  }
}

extension Workload {
  /// The identity of the office whose own ops a benchmark records: the first.
  package var firstOffice: StoreIdentity { identity(of: town.offices[0].author.replica) }

  /// The identity of the hub.
  package var hub: StoreIdentity { identity(of: incarnation.hub) }

  /// The identity of an office that enrolled late and wrote nothing: all ops are foreign to it.
  package var bystander: StoreIdentity {
    identity(of: ReplicaID(rawValue: incarnation.hub.rawValue + ReplicaID.idsPerIncarnation - 1))
  }

  private func identity(of replica: ReplicaID?) -> StoreIdentity {
    guard let replica else { preconditionFailure("every office has an id") }
    return StoreIdentity(street: street, incarnation: incarnation, replica: replica)
  }
}
