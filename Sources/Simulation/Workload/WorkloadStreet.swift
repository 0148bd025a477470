import Community
import OpLog
import Store

/// The street of the workload as its set-up ops make it: what the mix draws from.
struct WorkloadStreet {
  static let communityCount = 10
  static let officeCount = 20
  static let residentCount = 5_000
  static let itemCount = 300
  /// The policy: no account here ever comes near a limit of it, see ``Ledger``.
  static let policy: [Policy.Name: Int64] = [
    .awardPosting: Policy.AwardPosting.onTheSpot.rawValue, .standInVisit: Ledger.visitLimit,
    .standInPerson: Ledger.personLimit, .standInOffice: Ledger.officeLimit, .pointValue: 100,
  ]
  /// 2026-01-05 08:00 in China, in ms since 1970-01-01 UTC.
  static let start: Int64 = 1_767_571_200_000

  /// One office: its writer and what lies on its shelf.
  struct Office {
    let author: LogWriter.Author
    /// Items by price, the cheapest first.
    var shelf: [(item: OpID, price: Int)] = []
  }

  private(set) var offices: [Office] = []
  /// Resident r is at home in office r mod 20.
  private(set) var residents: [OpID] = []
  /// Activity a is organised by office a mod 20.
  private(set) var activities: [OpID] = []

  /// Where the hub writes.
  let hub: LogWriter.Author

  init(hub: ReplicaID) { self.hub = LogWriter.Author(replica: hub) }

  /// Writes the set-up ops; what each names was delivered before it, or stands earlier in its log.
  mutating func setUp(
    activityCount: Int, _ writer: inout LogWriter, _ random: inout SplitMix64
  ) -> [Delivery] {
    var bodies: [Digest: Body] = [:]
    let administration = defineStreet(&writer, &random, &bodies)
    var deliveries = [Delivery(receipt: nil, runs: [administration], bodies: bodies)]
    bodies = [:]
    let people = offices.indices.map { registerPeople(of: $0, &writer, &random, &bodies) }
    deliveries.append(receive(people, bodies, at: Self.start - 2_000, &writer))
    var runs = offices.indices.map { fillShelf(of: $0, &writer) }
    for activity in 0..<activityCount {
      let office = activity % Self.officeCount
      let op = writer.write(
        18, [.text("Volunteering \(activity + 1)"), .integer(0), .integer(5), Self.today],
        by: offices[office].author, at: Self.start - 2_000, isNamed: true)
      activities.append(op.id)
      runs[office].append(op)
    }
    deliveries.append(receive(runs, [:], at: Self.start - 1_000, &writer))
    return deliveries
  }

  /// Lets the hub write the receipt of some runs.
  func receive(
    _ runs: [[Op]], _ bodies: [Digest: Body], at stamp: Int64, _ writer: inout LogWriter
  ) -> Delivery {
    let covered = runs.compactMap(\.first).map { writer.head(of: $0.id.replica) }
    let records = covered.map { head in
      [
        PayloadValue.integer(Int64(head.replica.rawValue)), .integer(Int64(head.seq)),
        .bytes(head.hash.bytes),
      ]
    }
    let receipt = writer.write(Receipt.kind, [.records(records)], by: hub, at: stamp)
    return Delivery(receipt: receipt, runs: runs.filter { !$0.isEmpty }, bodies: bodies)
  }

  private static let today = PayloadValue.integer(Int64(BusinessDate(stamp: start).day))

  private mutating func defineStreet(
    _ writer: inout LogWriter, _ random: inout SplitMix64, _ bodies: inout [Digest: Body]
  ) -> [Op] {
    let street = writer.street.bytes
    let by = hub
    var ops: [Op] = []
    func write(
      _ kind: KindNumber, _ values: [PayloadValue?], _ writer: inout LogWriter,
      body: Digest? = nil
    ) -> OpID {
      let op = writer.write(
        kind, values, by: by, at: Self.start - 3_000, body: body, isNamed: true)
      ops.append(op)
      return op.id
    }
    _ = write(1, [.bytes(street), .text("Workload Street")], &writer)
    let communities = (1...Self.communityCount).map {
      write(2, [.text("Community \($0)")], &writer)
    }
    let policies = communities.map { community in
      let values = Policy.Name.allCases.map { Self.policy[$0].map(PayloadValue.integer) }
      return write(7, [.reference(community)] + values, &writer)
    }
    let roles = Role.clerk.mask | Role.approver.mask | Role.grid.mask
    for index in 0..<Self.officeCount {
      let number = hub.replica.rawValue + 1 + UInt32(index)
      guard let replica = ReplicaID(rawValue: number) else { continue }
      let community = index % Self.communityCount
      _ = write(
        3,
        [
          .integer(Int64(number)), .reference(communities[community]),
          .text("Office \(index + 1)"),
        ], &writer)
      let body = Self.body(#"{"name":"Staff \#(index + 1)"}"#, &random, &bodies)
      let actor = write(
        6, [.reference(communities[community]), .integer(roles), Self.today, nil], &writer,
        body: body)
      offices.append(
        Office(
          author: LogWriter.Author(
            replica: replica, actor: actor, policy: policies[community])))
    }
    return ops
  }

  private mutating func registerPeople(
    of office: Int, _ writer: inout LogWriter, _ random: inout SplitMix64,
    _ bodies: inout [Digest: Body]
  ) -> [Op] {
    if residents.isEmpty, let placeholder = offices[0].author.actor {
      residents = Array(repeating: placeholder, count: Self.residentCount)
    }
    var ops: [Op] = []
    for resident in stride(from: office, to: Self.residentCount, by: Self.officeCount) {
      let body = Self.body(#"{"name":"Resident \#(resident + 1)"}"#, &random, &bodies)
      let op = writer.write(
        16, [nil, nil], by: offices[office].author, at: Self.start - 3_000, body: body,
        isNamed: true)
      residents[resident] = op.id
      ops.append(op)
    }
    return ops
  }

  private mutating func fillShelf(of office: Int, _ writer: inout LogWriter) -> [Op] {
    let author = offices[office].author
    var ops: [Op] = []
    for number in 0..<(Self.itemCount / Self.officeCount) {
      let price = 3 + number % 7
      let item = writer.write(
        21, [.text("Item \(number + 1)"), .integer(0), .integer(Int64(price)), nil], by: author,
        at: Self.start - 2_000, isNamed: true)
      let stock = writer.write(
        22, [.reference(item.id), .integer(100_000), .integer(0), nil], by: author,
        at: Self.start - 2_000)
      ops += [item, stock]
      offices[office].shelf.append((item.id, price))
    }
    offices[office].shelf.sort { ($0.price, $0.item) < ($1.price, $1.item) }
    return ops
  }

  /// Makes a body with a drawn salt, keeps it, and returns its digest.
  static func body(
    _ content: String, _ random: inout SplitMix64, _ bodies: inout [Digest: Body]
  ) -> Digest {
    guard let body = Body(salt: random.bytes(16), content: content) else {
      preconditionFailure("a workload's bodies are short")
    }
    let digest = body.digest
    bodies[digest] = body
    return digest
  }
}
