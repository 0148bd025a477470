import Community
import Office
import OpLog
import Store
import Testing

@testable import Simulation

/// An office that did not sync for two years, its clock at 2000 and then at 2099.
@Suite struct AwayTests {
  @Test("one sync after two years gives every op a receipt")
  func receipts() throws {
    let away = try Away(hasWrongClock: true)
    let head = try away.office.store.storedHead(of: away.office.replica)
    #expect(head.seq >= 500)
    #expect(away.afterOneSync.receipted == head.seq)
    #expect(away.afterOneSync.isDigestEqual)
    #expect(try away.hub.receiptedSeq(of: away.office.replica) == head.seq)
  }

  @Test("a value written after its old one was seen is current")
  func chains() throws {
    let away = try Away(hasWrongClock: true)
    #expect(away.lastUpdates.count == away.residents.count - 1)
    for (resident, update) in away.lastUpdates {
      let row = try #require(try away.hub.row(Tables.field, [resident.packed, Away.phone]))
      #expect(row[2] == .id(update))
      #expect(row[3] == .text(update.description))
    }
  }

  @Test("values written apart are on the desk, both of them")
  func forks() throws {
    let away = try Away(hasWrongClock: true)
    let (here, there) = away.apart
    for store in [away.hub, away.office.store, away.neighbour.store] {
      let row = try #require(try store.row(Tables.field, [away.contested.packed, Away.phone]))
      #expect(Set(row[3].text.split(separator: " ").map(String.init)) == ["\(here)", "\(there)"])
      let desk = try store.listing(
        of: "desk_entries", where: ("subject", away.contested.description))
      #expect(desk.rows.contains { $0[1] == "fork" && $0[2] == "\(Away.phone)" })
      for update in [here, there] {
        let digest = try #require(try store.op(update).body)
        #expect(try store.body(digest) != nil)
      }
    }
  }

  @Test("the ledger is that of a right clock")
  func ledger() throws {
    let wrong = try LedgerText(try Away(hasWrongClock: true).hub)
    let right = try LedgerText(try Away(hasWrongClock: false).hub)
    #expect(wrong == right, "\(wrong.difference(from: right))")
    #expect(wrong.lines.count > 900)
  }

  @Test("the tables are what the rules make of the ops")
  func rules() throws {
    let away = try Away(hasWrongClock: true)
    var marks = Marks()
    try ReplicaCheck("the hub", away.hub).run(&marks, isPlain: true)
    try ReplicaCheck("the office", away.office.store).run(&marks, isPlain: true)
  }
}

/// Two years of one office without a line, and of its neighbour with one.
struct Away {
  /// The register of a telephone number.
  static let phone: Int64 = 1

  private let world: World
  /// Residents that the office registered.
  private(set) var residents: [OpID] = []
  /// The last of a chain of updates, each after the one before.
  private(set) var lastUpdates: [(resident: OpID, update: OpID)] = []
  /// The resident whose number both offices changed without seeing each other.
  private(set) var contested: OpID
  /// What they wrote, here and at the neighbour's.
  private(set) var apart: (OpID, OpID)
  /// How far the office had receipts when its first sync ended, and whether its tables were the
  /// hub's.
  private(set) var afterOneSync: (receipted: UInt64, isDigestEqual: Bool) = (0, false)

  var hub: Store { world.hub.store }
  /// The office that was away.
  var office: OfficeNode { world.offices[0] }
  /// The other one of the same community.
  var neighbour: OfficeNode { world.offices[1] }

  init(hasWrongClock: Bool) throws {
    let options = WorldOptions(seed: try Self.seed(), steps: 0)
    world = try World(options)
    world.mix = .none
    world.hub.clock = .right
    for office in world.offices { office.clock = .right }
    let placeholder = try #require(world.known.residents.first).id
    contested = placeholder
    apart = (placeholder, placeholder)
    for index in 0..<6 {
      residents.append(try record("resident.register", ["name": "居民\(index)"]))
    }
    try world.syncAll()
    contested = residents[0]
    let there = try record("resident.update", phone(of: contested, "138001"), at: 1)
    try world.runSync(of: neighbour)
    if hasWrongClock { office.clock = .set(to: NodeClock.start2000, at: world.time) }
    let here = try record("resident.update", phone(of: contested, "138002"))
    apart = (here, there)
    try workForTwoYears(hasWrongClock)
    let before = world.time
    try world.runSync(of: office)
    if let sync = office.lastSync, sync.time >= before {
      afterOneSync = (try office.store.receiptedSeq(of: office.replica), sync.isDigestEqual)
    }
    try world.syncAll()
  }

  /// A world of two offices of one community, of the present program, whose awards post on the spot.
  private static func seed() throws -> UInt64 {
    let found = try (1...200 as ClosedRange<UInt64>).first { seed in
      let world = try World(WorldOptions(seed: seed, steps: 0))
      let policy = try world.hub.store.rows(of: Tables.policy).first
      return world.isPlain && world.staff.count == 1 && world.offices.count == 2
        && policy?[2] == .integer(0) && !world.offices.contains(where: \.isOlder)
    }
    return try #require(found)
  }

  /// 500 ops, three days apart at most; the neighbour syncs every month.
  private mutating func workForTwoYears(_ hasWrongClock: Bool) throws {
    let activity = try record(
      "activity.publish",
      ["title": "巡逻", "category": "service", "points": "3", "held_on": "2026-01-06"])
    let item = try record("item.define", ["name": "洗衣液", "sort": "goods", "points": "2"])
    try record("stock.receive", ["item": "\(item)", "quantity": "400", "source": "donation"])
    for index in 0..<500 {
      if index == 250, hasWrongClock {
        office.clock = .set(to: NodeClock.start2099, at: world.time)
      }
      try world.advance(to: world.time + 35 * 3_600_000 + 2_400_000)
      // Whoever redeems was granted an award two ops before.
      let resident = residents[(index % 4 == 3 ? index - 2 : index) % residents.count]
      let fields = ["resident": "\(resident)"]
      switch index % 4 {
      case 0, 1:
        let session = [
          "session": "\(1 + index % 99)", "role": ["volunteer", "leader"][index / 250],
        ]
        let sheet = ["activity": "\(activity)"].merging(session) { $1 }
        try record("award.grant", fields.merging(sheet) { $1 })
      case 2:
        let other = residents[1 + index / 4 % 5]
        let update = try record("resident.update", phone(of: other, "139\(index)"))
        lastUpdates.removeAll { $0.resident == other }
        lastUpdates.append((other, update))
      default: try record("redemption.record", fields.merging(["items": "\(item)"]) { $1 })
      }
      if index % 25 == 0 { try world.runSync(of: neighbour) }
    }
  }

  private func phone(of resident: OpID, _ number: String) -> [String: String] {
    ["resident": "\(resident)", "phone": number]
  }

  /// Records at an office on the day that it really is.
  @discardableResult
  private func record(
    _ kind: String, _ fields: [String: String], at index: Int = 0
  ) throws -> OpID {
    let wish = Wish(
      office: index,
      request: .init(
        kind: kind, fields: fields, actor: world.staff[0][0].description,
        occurredOn: BusinessDate(stamp: world.time).description),
      slip: .none)
    world.wishes.append(wish)
    try world.attempt(world.wishes.count - 1)
    return try #require(world.wishes.last?.op, "\(kind) \(fields) was refused")
  }
}
