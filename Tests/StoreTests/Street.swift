import Community
import OpLog
import SQLite
import Store
import Testing

/// A hub and two offices of one community, each with its own store, and what they know to name.
final class Street {
  /// 2026-01-13 10:00 in China, in ms since 1970-01-01 UTC; a minute passes with each op.
  var now: Int64 = 1_768_269_600_000

  let hub: Store
  let offices: [Store]
  /// Two members of staff.
  private(set) var staff: [OpID] = []
  var policy: OpID?
  private(set) var residents: [OpID] = []
  private(set) var activity: OpID?
  private(set) var item: OpID?

  /// Sets the street up; every store holds all of it.
  ///
  /// With a neighbour the second office and the second member of staff are that community's.
  init(neighbour: String? = nil) throws {
    hub = try Self.makeStore(4096)
    offices = [try Self.makeStore(4097), try Self.makeStore(4098)]
    let street = hub.identity.street
    try write(hub, "street.define", ["street": .bytes(street.bytes), "name": .text("青龙街")])
    let community = try write(hub, "community.define", ["name": .text("平安社区")])
    let other = try neighbour.map { try write(hub, "community.define", ["name": .text($0)]) }
    for number in [4097, 4098] as [Int64] {
      try write(
        hub, "replica.enroll",
        [
          "replica": .integer(number),
          "community": .reference(number == 4097 ? community : other ?? community),
          "label": .text("Office \(number)"),
        ])
    }
    for home in [community, other ?? community] {
      staff.append(
        try write(
          hub, "staff.appoint",
          [
            "community": .reference(home), "roles": .integer(0b111),
            "valid_from": .integer(20_000),
          ]))
    }
    policy = try write(
      hub, "policy.set",
      ["community": .reference(community), "award.posting": .integer(0)])
    try exchange()
    for (clerk, office) in offices.enumerated() {
      residents.append(
        try record(
          office, "resident.register", by: other == nil ? 0 : clerk, body: #"{"name":"李四"}"#))
    }
    activity = try record(
      offices[0], "activity.publish",
      [
        "title": .text("Cleaning"), "category": .integer(0), "points": .integer(5),
        "held_on": .integer(20_466),
      ])
    item = try record(
      offices[0], "item.define",
      ["name": .text("Rice"), "sort": .integer(0), "points": .integer(3)])
    try exchange()
  }

  /// An empty store in memory.
  static func makeStore(_ replica: UInt32, path: String = ":memory:") throws -> Store {
    try Store.create(try Connection(path: path, mode: .readWriteCreate), identity(replica))
  }

  static func identity(_ replica: UInt32) throws -> StoreIdentity {
    StoreIdentity(
      street: try #require(StreetID([UInt8](repeating: 7, count: 16))),
      incarnation: try #require(Incarnation(number: 1, randomBits: 9)),
      replica: try #require(ReplicaID(rawValue: replica)))
  }

  /// Writes an op without an actor, as the hub's administrator does.
  @discardableResult
  func write(_ store: Store, _ kind: String, _ values: [String: PayloadValue]) throws -> OpID {
    let draft = try draft(kind, values)
    return try store.write { () throws(StoreError) in try store.append(draft, stamp: now).id }
  }

  /// Writes an op as a member of staff.
  @discardableResult
  func record(
    _ store: Store, _ kind: String, _ values: [String: PayloadValue] = [:], by clerk: Int = 0,
    on day: Int64? = nil, body: String? = nil
  ) throws -> OpID {
    var draft = try draft(kind, values, on: day)
    draft.actor = staff[clerk]
    draft.policy = policy
    draft.body = body.flatMap { Body(salt: Array(repeating: 1, count: 16), content: $0) }
    let ready = draft
    return try store.write { () throws(StoreError) in try store.append(ready, stamp: now).id }
  }

  func draft(
    _ name: String, _ values: [String: PayloadValue], on day: Int64? = nil
  ) throws -> Draft {
    now += 60_000
    let kind = try #require(Catalogue.kind(named: name))
    let payload = Payload(values: kind.schema.fields.map { values[$0.name] })
    let today = BusinessDate(stamp: now)
    return Draft(
      kind: kind, payload: payload,
      occurredOn: try #require(BusinessDate(day: day ?? Int64(today.day))))
  }

  /// One sync of everybody: the hub takes in what it lacks, writes a receipt, and all take the rest.
  func exchange() throws {
    var covered: [Head] = []
    try hub.write { () throws(StoreError) in
      for office in offices {
        let ops = try Self.ops(of: office.identity.replica, in: office, after: hub)
        guard !ops.isEmpty else { continue }
        try hub.take(ops)
        covered.append(try office.storedHead(of: office.identity.replica))
      }
    }
    if !covered.isEmpty {
      let runs = covered.map { head in
        [
          PayloadValue.integer(Int64(head.replica.rawValue)), .integer(Int64(head.seq)),
          .bytes(head.hash.bytes),
        ]
      }
      try write(hub, "receipt", ["runs": .records(runs)])
    }
    for office in offices {
      try office.write { () throws(StoreError) in
        for replica in [hub.identity.replica] + offices.map(\.identity.replica)
        where replica != office.identity.replica {
          try office.take(try Self.ops(of: replica, in: hub, after: office))
        }
      }
    }
  }

  /// The ops of a log that `reader` lacks.
  private static func ops(
    of replica: ReplicaID, in store: Store, after reader: Store
  ) throws(StoreError) -> [Op] {
    let known = try reader.storedHead(of: replica).seq
    return try store.ops(of: replica, in: (known + 1)...EnvelopeLimits.seqMax, limit: 1_000_000)
  }

  /// Every log as the hub holds it, in order.
  func logs() throws -> [[Op]] {
    try hub.replicas().map { try hub.ops(of: $0, in: 1...EnvelopeLimits.seqMax, limit: 1_000_000) }
  }
}

extension Street {
  /// A busy day: a sheet entered twice, a reversal, a fork, goods at home and on trust, a date in the
  /// future, and debts; with a sync in the middle and one at the end.
  static func afterABusyDay() throws -> Street {
    let street = try Street()
    let activity = PayloadValue.reference(try #require(street.activity))
    let item = PayloadValue.reference(try #require(street.item))
    let residents = street.residents.map(PayloadValue.reference)
    func award(_ office: Int, _ resident: Int, _ session: Int64) throws -> OpID {
      try street.record(
        street.offices[office], "award.grant",
        [
          "activity": activity, "resident": residents[resident], "points": .integer(4),
          "session": .integer(session),
        ])
    }
    func redeem(_ office: Int, _ resident: Int, basis: Int64) throws {
      try street.record(
        street.offices[office], "redemption.record",
        [
          "resident": residents[resident], "basis": .integer(basis),
          "lines": .records([[item, .integer(2), .integer(3)]]),
        ])
    }
    try street.record(
      street.offices[0], "stock.receive",
      ["item": item, "quantity": .integer(9), "source": .integer(1)])
    let first = try award(0, 0, 1)
    _ = try award(1, 0, 1)
    _ = try award(1, 1, 2)
    for (office, name) in [(0, "张三"), (1, "王五")] {
      try street.record(
        street.offices[office], "resident.update",
        ["resident": residents[0], "replaces_name": .references([street.residents[0]])],
        body: #"{"name":"\#(name)"}"#)
    }
    try redeem(0, 0, basis: 0)
    try redeem(1, 0, basis: 2)
    try street.record(
      street.offices[1], "stock.receive",
      ["item": item, "quantity": .integer(1), "source": .integer(0)], on: 30_000)
    try street.exchange()
    let reversal = try street.record(
      street.offices[0], "award.reverse",
      ["award": .reference(first), "cause": .integer(0)], by: 1)
    try street.record(
      street.offices[0], "award.grant",
      [
        "activity": activity, "resident": residents[0], "points": .integer(2),
        "after": .reference(reversal),
      ])
    try street.exchange()
    return street
  }
}
