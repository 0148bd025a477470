import Community
import OpLog

/// What the rules make of a set of ops, computed afresh from `DOMAIN.md` and `DESIGN.md` with none
/// of the folds: no order, no rows, no postings.
struct NaiveModel {
  struct Account: Equatable {
    var earned: Int64 = 0
    var spent: Int64 = 0
    var uncovered: Int64 = 0
    var balance: Int64 { earned - spent }
  }

  struct Shelf: Hashable {
    let office: ReplicaID
    let item: OpID
  }

  var accounts: [OpID: Account] = [:]
  private(set) var onHand: [Shelf: Int64] = [:]
  private(set) var uncovered: [ReplicaID: Int64] = [:]
  /// How many awards count, at most one for each natural key.
  var countedAwards = 0

  private(set) var ops: [OpID: Delivery] = [:]
  private(set) var receivedOn: [OpID: Int64] = [:]
  private(set) var places: [OpID: Place] = [:]
  private(set) var communities: [ReplicaID: OpID] = [:]

  init(_ deliveries: [Delivery]) {
    keepComplete(deliveries)
    readReceipts()
    countAwards()
    countRedemptions()
    countStock()
  }

  // MARK: The set of ops

  /// Keeps what counts at all: an op waits until all that it names and its writer's enrolment are
  /// there.
  private mutating func keepComplete(_ deliveries: [Delivery]) {
    var left = deliveries
    while true {
      let before = left.count
      left.removeAll { delivery in
        let writer = delivery.op.id.replica
        guard writer.isHub || communities[writer] != nil,
          delivery.op.namedOps.allSatisfy({ ops[$0] != nil })
        else { return false }
        ops[delivery.op.id] = delivery
        if delivery.kind?.name == "replica.enroll", let replica = delivery.integer("replica"),
          let id = ReplicaID(rawValue: UInt32(replica))
        {
          communities[id] = delivery.reference("community")
        }
        return true
      }
      if left.count == before { return }
    }
  }

  private mutating func readReceipts() {
    for (id, delivery) in ops.sorted(by: { $0.key < $1.key }) {
      guard id.replica.isHub, let receipt = try? Receipt(delivery.op) else { continue }
      for (index, run) in receipt.runs.enumerated() {
        for op in ops.keys where op.replica == run.upTo.replica && op.seq <= run.upTo.seq {
          if receivedOn[op] == nil {
            receivedOn[op] = (delivery.op.stamp + 28_800_000) / 86_400_000
            places[op] = Place(receipt: id, run: index, seq: op.seq)
          }
        }
      }
    }
  }

  func ops(_ kind: String) -> [Delivery] {
    ops.values.filter { $0.kind?.name == kind }
  }

  func isEntitled(_ delivery: Delivery) -> Bool {
    guard !delivery.op.id.replica.isHub else { return true }
    guard let actor = delivery.op.actor, let staff = ops[actor],
      staff.kind?.name == "staff.appoint",
      staff.reference("community") == communities[delivery.op.id.replica],
      let roles = staff.integer("roles"),
      let kind = delivery.kind, kind.roles.contains(where: { roles & $0.mask != 0 }),
      let from = staff.integer("valid_from")
    else { return false }
    let day = Int64(delivery.op.occurredOn.day)
    return from <= day && day <= staff.integer("valid_to") ?? .max
  }

  func isInFuture(_ op: Op) -> Bool {
    receivedOn[op.id].map { Int64(op.occurredOn.day) > $0 + 1 } ?? false
  }

  func exists(_ id: OpID?, _ kind: String) -> Bool {
    id.flatMap { ops[$0] }.map { $0.kind?.name == kind && isEntitled($0) } ?? false
  }

  // MARK: Redemptions and stock

  private mutating func countRedemptions() {
    for redemption in ops("redemption.record") where !isInFuture(redemption.op) {
      let lines = redemption.records("lines")
      guard let resident = redemption.reference("resident"),
        exists(resident, "resident.register"),
        lines.allSatisfy({ exists($0.reference(1), "item.define") })
      else { continue }
      let office = redemption.op.id.replica
      var points: Int64 = 0
      for line in lines {
        guard let item = line.reference(1), let quantity = line.integer(2),
          let price = line.integer(3)
        else { continue }
        points += quantity * price
        if ops[item]?.integer("sort") == 0 {
          onHand[Shelf(office: office, item: item), default: 0] -= quantity
        }
      }
      accounts[resident, default: Account()].spent += points
      if redemption.integer("basis") == 2, home(of: resident) != office {
        accounts[resident, default: Account()].uncovered += points
        uncovered[office, default: 0] += points
      }
    }
  }

  private func home(of resident: OpID) -> ReplicaID? {
    guard let enrolment = ops[resident]?.reference("home") else { return resident.replica }
    return ops[enrolment]?.integer("replica").flatMap { ReplicaID(rawValue: UInt32($0)) }
  }

  private mutating func countStock() {
    for receipt in ops("stock.receive") where isEntitled(receipt) && !isInFuture(receipt.op) {
      guard let item = receipt.reference("item"), exists(item, "item.define"),
        let quantity = receipt.integer("quantity")
      else { continue }
      onHand[Shelf(office: receipt.op.id.replica, item: item), default: 0] += quantity
    }
  }
}

extension Delivery {
  func integer(_ field: String) -> Int64? {
    key(of: field).flatMap { payload?.integer($0) }
  }

  func reference(_ field: String) -> OpID? {
    key(of: field).flatMap { payload?.reference($0) }
  }

  func records(_ field: String) -> [Payload] {
    key(of: field).flatMap { payload?.records($0) } ?? []
  }

  func references(_ field: String) -> [OpID] {
    key(of: field).flatMap { payload?.references($0) } ?? []
  }

  private func key(of field: String) -> Int? {
    kind?.schema.fields.firstIndex { $0.name == field }.map { $0 + 1 }
  }
}
