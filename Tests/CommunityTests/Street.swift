import Community
import FoldKit
import OpLog
import Testing

/// Who records, and where.
struct Counter: Sendable {
  let office: ReplicaID
  let clerk: OpID
}

/// The logs of one small street, written as its hub and its offices would: two communities, the
/// first with one office, the second with two.
struct Street: Sendable {
  static let hub = ReplicaID.hub(incarnation: 1)

  /// The hub of today; ``Street/hub`` until it is succeeded.
  private(set) var presentHub = Street.hub

  /// Every op, causes before effects.
  private(set) var written: [Delivery] = []
  private var heads: [ReplicaID: Head] = [:]
  private(set) var hashes: [OpID: Digest] = [:]
  private let id: StreetID
  private var incarnations: [UInt32: Incarnation]

  /// The time, in ms since 1970-01-01 UTC; a minute passes with each op.
  var now: Int64 = 1_768_266_000_000
  /// How far an office's clock is off, in ms.
  var skew: [ReplicaID: Int64] = [:]
  /// The business date that staff confirm.
  var today: BusinessDate

  private(set) var communities: [OpID] = []
  private(set) var enrolments: [OpID] = []
  private(set) var offices: [ReplicaID] = []
  /// A clerk of the first community, one of the second, an approver and an auditor of the first, an
  /// approver of the second.
  private(set) var staff: [OpID] = []
  /// In which community each office and each member of staff is, as an index.
  private var places: [ReplicaID: Int] = [:]
  private var posts: [OpID: Int] = [:]
  /// The rules of each community by which awards post with the grant.
  private var onTheSpot: [OpID] = []
  /// The rules of each community by which awards post with an approval.
  private var withApproval: [OpID] = []

  /// The hub's set-up.
  init() throws {
    id = try #require(StreetID([UInt8](repeating: 0x11, count: 16)))
    incarnations = [1: try #require(Incarnation(number: 1, randomBits: 7))]
    today = BusinessDate(stamp: now)
    try write("street.define", ["street": .bytes(id.bytes), "name": .text("青龙街")])
    for name in ["平安社区", "金辰园社区"] {
      communities.append(try write("community.define", ["name": .text(name)]))
    }
    for (number, community) in [(4097, 0), (4098, 1), (4099, 1)] as [(UInt32, Int)] {
      try enroll(number, in: community)
    }
    let clerk = Role.clerk.mask | Role.grid.mask
    for (community, roles) in [
      (0, clerk), (1, clerk), (0, clerk | Role.approver.mask), (0, Role.auditor.mask),
      (1, clerk | Role.approver.mask),
    ] {
      staff.append(try appoint(in: community, roles: roles))
    }
    for community in communities.indices {
      onTheSpot.append(try setPolicy(posting: .onTheSpot, in: community))
      withApproval.append(try setPolicy(posting: .approved, in: community))
    }
  }

  /// The rules of an office's community by which awards post with the grant.
  func spot(at counter: Counter) -> OpID { onTheSpot[place(of: counter.office)] }

  /// The rules of an office's community by which awards post with an approval.
  func approved(at counter: Counter) -> OpID { withApproval[place(of: counter.office)] }

  /// The staff of an office's community.
  func colleagues(at office: ReplicaID) -> [OpID] {
    staff.filter { posts[$0] == place(of: office) }
  }

  func place(of office: ReplicaID) -> Int { places[office, default: 0] }

  /// The counters of the three offices, each with a clerk.
  var counters: [Counter] {
    zip(offices, [staff[0], staff[1], staff[1]]).map(Counter.init(office:clerk:))
  }

  /// Writes an op at the end of a log.
  @discardableResult
  mutating func write(
    _ kind: String, by writer: ReplicaID? = nil, actor: OpID? = nil, policy: OpID? = nil,
    names: UInt64? = nil, body: Digest? = nil, _ values: KeyValuePairs<String, PayloadValue?>
  ) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: kind))
    var payload = Payload(values: Array(repeating: nil, count: kind.schema.fields.count))
    for (name, value) in values {
      let index = try #require(kind.schema.fields.firstIndex { $0.name == name }, "\(name)")
      payload.values[index] = value
    }
    return try write(
      kind.number, by: writer ?? presentHub, actor: actor, policy: policy, names: names,
      body: body, payload: kind.schema.encode(payload))
  }

  /// The life that issued a writer's id; one that no hub of the street began is made up.
  private func incarnation(of writer: ReplicaID) throws -> Incarnation {
    try #require(
      incarnations[writer.incarnation]
        ?? Incarnation(number: writer.incarnation, randomBits: UInt64(writer.incarnation)))
  }

  /// Writes an op of any kind at the end of a log.
  @discardableResult
  mutating func write(
    _ kind: KindNumber, by writer: ReplicaID, actor: OpID? = nil, policy: OpID? = nil,
    names: UInt64? = nil, body: Digest? = nil, was: Digest? = nil, payload: [UInt8]
  ) throws -> OpID {
    let head =
      try heads[writer]
      ?? Head(
        replica: writer, seq: 0,
        hash: Chain.start(
          street: id, incarnation: try incarnation(of: writer), replica: writer))
    let opID = try #require(OpID(writer, head.seq + 1))
    now += 60_000
    let stamp = max(0, now + skew[writer, default: 0])
    var fields = OpFields(id: opID, stamp: stamp, kind: kind, occurredOn: today, payload: payload)
    fields.actor = actor
    fields.policy = policy
    fields.body = body
    fields.was = was
    let named = try Op(fields).namedOps.compactMap { hashes[$0] }
    fields.names = names ?? Chain.names(of: named)
    let op = try Op(fields)
    let hash = Chain.next(after: head.hash, op.bytes)
    heads[writer] = Head(replica: writer, seq: opID.seq, hash: hash)
    hashes[opID] = hash
    written.append(Delivery(op: op, hash: hash))
    return opID
  }

  /// Another hub follows: it holds all logs so far, and two persons bound that of the first hub,
  /// whose last ops, `behind` of them, come too late to decide.
  ///
  /// The same two adopt that log first, as behind a lost key. With `isSaid` one of them was appointed for it, by an op that says so, or does not.
  mutating func succeed(behind: UInt64 = 0, byAppointed isSaid: Bool? = nil) throws {
    let former = try #require(incarnations[1])
    let next = try #require(Incarnation(number: 2, randomBits: 9))
    let end = try #require(heads[Self.hub])
    incarnations[2] = next
    presentHub = next.hub
    try write(
      HubBeginFold.kind, by: next.hub,
      payload: try #require(Catalogue.kind(HubBeginFold.kind)).schema.encode(
        HubBeginFold.payload(next, after: [former])))
    let offices = offices.compactMap { heads[$0] }
    try receipt(([end] + offices).map { ($0.replica, $0.seq) })
    let seq = end.seq - min(behind, end.seq - 1)
    let last = try #require(OpID(Self.hub, seq))
    var approvers = [staff[2], staff[4]]
    if let isSaid {
      approvers[1] = try appoint(in: 0, roles: Role.approver.mask, inRollCall: isSaid)
    }
    try write(
      "hub.adopt",
      [
        "replica": .integer(Int64(Self.hub.rawValue)), "seq": .integer(Int64(seq)),
        "hash": .bytes(try #require(hashes[last]).bytes),
        "shown_by": .records(self.offices.prefix(2).map { [.integer(Int64($0.rawValue))] }),
        "approvers": .references(approvers.sorted()),
      ])
    try write(
      "hub.succeed",
      [
        "heads": .records([
          [
            .integer(Int64(Self.hub.rawValue)), .integer(Int64(seq)),
            .bytes(try #require(hashes[last]).bytes),
          ]
        ]), "approvers": .references(approvers.sorted()),
      ])
  }

  /// The end of a log; nil before its first op.
  func head(of replica: ReplicaID) -> Head? { heads[replica] }
}

extension Street {
  /// Issues a replica id to an office of a community.
  @discardableResult
  mutating func enroll(_ number: UInt32, in community: Int) throws -> ReplicaID {
    let office = try #require(ReplicaID(rawValue: number))
    enrolments.append(
      try write(
        "replica.enroll",
        [
          "replica": .integer(Int64(number)), "community": .reference(communities[community]),
          "label": .text("\(number)"),
        ]))
    offices.append(office)
    places[office] = places[office] ?? community
    return office
  }

  /// Appoints a member of staff.
  mutating func appoint(
    in community: Int, roles: Int64, from: BusinessDate? = nil, to: BusinessDate? = nil,
    person: OpID? = nil, inRollCall isInRollCall: Bool = false
  ) throws -> OpID {
    let clerk = try write(
      "staff.appoint",
      [
        "community": .reference(communities[community]), "roles": .integer(roles),
        "valid_from": .integer(Int64(from?.day ?? 0)),
        "valid_to": to.map { .integer(Int64($0.day)) },
        "person": person.map(PayloadValue.reference),
        "in_roll_call": isInRollCall ? .integer(1) : nil,
      ])
    posts[clerk] = community
    return clerk
  }

  /// Sets the rules of a community.
  mutating func setPolicy(
    posting: Policy.AwardPosting, expiry: Policy.Expiry? = nil, in community: Int
  ) throws -> OpID {
    try write(
      "policy.set",
      [
        "community": .reference(communities[community]),
        "award.posting": .integer(posting.rawValue),
        "standin.visit_limit": .integer(9), "standin.person_limit": .integer(18),
        "standin.office_limit": .integer(20),
        "points.expiry": (expiry?.rawValue).map(PayloadValue.integer),
      ])
  }

  /// Writes the receipt for logs up to some places; at their ends where none is given.
  @discardableResult
  mutating func receipt(_ runs: [(replica: ReplicaID, upTo: UInt64)]) throws -> OpID {
    let heads = try runs.map { run in
      let last = try #require(OpID(run.replica, run.upTo))
      return ReceiptRun(
        upTo: Head(replica: run.replica, seq: run.upTo, hash: try #require(hashes[last])))
    }
    return try write(Receipt.kind, by: presentHub, payload: Receipt(runs: heads).payload)
  }

  /// The hub takes in all that the offices wrote.
  @discardableResult
  mutating func receiptForAll() throws -> OpID {
    try receipt(offices.compactMap { head(of: $0) }.map { ($0.replica, $0.seq) })
  }
}

extension Street {
  mutating func register(
    at counter: Counter, home: OpID? = nil, ageBand: Int64? = nil
  ) throws -> OpID {
    try write(
      "resident.register", by: counter.office, actor: counter.clerk,
      ["home": home.map(PayloadValue.reference), "age_band": ageBand.map(PayloadValue.integer)])
  }

  /// Changes one field of a resident's file; `replaces` are the ops whose values it replaces.
  @discardableResult
  mutating func update(
    _ resident: OpID, _ field: String = "phone", replaces: [OpID], ageBand: Int64? = nil,
    at counter: Counter
  ) throws -> OpID {
    try write(
      "resident.update", by: counter.office, actor: counter.clerk,
      [
        "resident": .reference(resident), "replaces_\(field)": .references(replaces.sorted()),
        "age_band": ageBand.map(PayloadValue.integer),
      ])
  }

  mutating func publish(points: Int64 = 3, at counter: Counter) throws -> OpID {
    try write(
      "activity.publish", by: counter.office, actor: counter.clerk,
      [
        "title": .text("清扫楼道"), "category": .integer(0), "points": .integer(points),
        "held_on": .integer(Int64(today.day)),
      ])
  }

  mutating func grant(
    _ resident: OpID, _ activity: OpID, points: Int64 = 3, session: Int64? = nil,
    role: Int64? = nil, minutes: Int64? = nil, after: OpID? = nil, policy: OpID? = nil,
    at counter: Counter
  ) throws -> OpID {
    try write(
      "award.grant", by: counter.office, actor: counter.clerk, policy: policy ?? spot(at: counter),
      [
        "activity": .reference(activity), "resident": .reference(resident),
        "points": .integer(points), "session": session.map(PayloadValue.integer),
        "role": role.map(PayloadValue.integer), "minutes": minutes.map(PayloadValue.integer),
        "after": after.map(PayloadValue.reference),
      ])
  }

  mutating func reverse(_ award: OpID, cause: Int64 = 0, at counter: Counter) throws -> OpID {
    try write(
      "award.reverse", by: counter.office, actor: counter.clerk,
      ["award": .reference(award), "cause": .integer(cause)])
  }

  /// Defines an item; sort 0 is goods, 1 a service, 2 a course, 3 a discount.
  mutating func defineItem(
    points: Int64 = 9, sort: Int64 = 0, terms: Terms = Terms(), at counter: Counter
  ) throws -> OpID {
    try write(
      "item.define", by: counter.office, actor: counter.clerk,
      [
        "name": .text("保温杯"), "sort": .integer(sort), "points": .integer(points),
        "limit_per_person": terms.limit.map(PayloadValue.integer),
        "limit_period": terms.period.map(PayloadValue.integer),
        "min_age": terms.minAge.map(PayloadValue.integer),
      ])
  }

  @discardableResult
  mutating func receive(_ item: OpID, quantity: Int64, at counter: Counter) throws -> OpID {
    try write(
      "stock.receive", by: counter.office, actor: counter.clerk,
      ["item": .reference(item), "quantity": .integer(quantity), "source": .integer(0)])
  }

  /// Records a redemption of lines of (item, quantity, price); basis 0 is home, 2 is a stand-in.
  @discardableResult
  mutating func redeem(
    _ resident: OpID, _ lines: [(item: OpID, quantity: Int64, price: Int64)], basis: Int64 = 0,
    policy: OpID? = nil, override: OpID? = nil, at counter: Counter
  ) throws -> OpID {
    try write(
      "redemption.record", by: counter.office, actor: counter.clerk, policy: policy,
      [
        "resident": .reference(resident),
        "lines": .records(
          lines.map { [.reference($0.item), .integer($0.quantity), .integer($0.price)] }),
        "basis": .integer(basis), "limit_override": override.map(PayloadValue.reference),
      ])
  }
}
