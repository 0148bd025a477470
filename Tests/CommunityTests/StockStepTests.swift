import Community
import FoldKit
import OpLog
import Testing

/// Shelves: `COVERAGE.md`, cases 9, 10, 11, 12, and 28.
@Suite struct StockStepTests {
  @Test func `12: what was sent is received, in transit, or written off by two people`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 10, at: scene.a)
    let transfer = try scene.street.send(
      scene.item, 10, to: scene.street.enrolments[1], at: scene.a)
    #expect(try onHand(scene, scene.a) == 0)
    let accept = try scene.street.accept(transfer, 8, at: scene.b)
    #expect(scene.verdict(accept) == .plain)
    #expect(try onHand(scene, scene.b) == 8)
    #expect(try state(of: transfer, scene) == "short_received")
    #expect(scene.isOnDesk(.shortReceipt, transfer))
    let again = try scene.street.accept(transfer, 8, at: scene.b)
    #expect(scene.verdict(again) == Verdict(.void, [.notInTransit]))
    let elsewhere = try scene.street.accept(transfer, 2, at: scene.c)
    #expect(scene.verdict(elsewhere) == Verdict(.void, [.wrongReference]))
    let alone = try scene.street.writeOff(
      2, from: transfer, witness: scene.a.clerk, at: scene.a)
    #expect(scene.verdict(alone) == Verdict(.pending, [.witnessNeeded]))
    let gone = try scene.street.writeOff(2, from: transfer, witness: scene.b.clerk, at: scene.a)
    #expect(scene.verdict(gone) == .plain)
    #expect(try state(of: transfer, scene) == "settled")
    #expect(!scene.isOnDesk(.shortReceipt, transfer))
    #expect(try onHand(scene, scene.a) == 0)
    #expect(try onHand(scene, scene.b) == 8)
  }

  @Test func `what arrived is there, whatever was written off before`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 10, at: scene.a)
    let transfer = try scene.street.send(
      scene.item, 10, to: scene.street.enrolments[1], at: scene.a)
    let gone = try scene.street.writeOff(10, from: transfer, witness: scene.b.clerk, at: scene.a)
    try scene.street.receiptForAll()
    #expect(scene.verdict(gone) == .plain)
    let found = try scene.street.accept(transfer, 10, at: scene.b)
    #expect(scene.verdict(found) == .plain)
    #expect(scene.verdict(gone) == Verdict(.void, [.notInTransit]))
    #expect(try state(of: transfer, scene) == "received")
    #expect(try onHand(scene, scene.b) == 10)
  }

  @Test func `11: a count is as of a place in the shelf's log; later moves come on top`() throws {
    var scene = try Scene()
    let counted = try scene.street.receive(scene.item, quantity: 10, at: scene.a)
    try scene.street.redeem(scene.resident, [(scene.item, 2, 0)], at: scene.a)
    let count = try scene.street.count(scene.item, 9, booked: 10, asOf: counted, at: scene.a)
    #expect(scene.verdict(count) == .plain)
    #expect(try refusal(scene) == nil)
    #expect(try onHand(scene, scene.a) == 7)
    try scene.street.redeem(scene.resident, [(scene.item, 1, 0)], at: scene.a)
    #expect(try onHand(scene, scene.a) == 6)
    try scene.street.count(scene.item, 6, booked: 7, at: scene.a)
    #expect(try refusal(scene) == .bookedDiffers(item: scene.item, booked: 6))
    let ahead = try #require(OpID(scene.a.office, 999))
    let odd = try scene.street.count(scene.item, 6, booked: 6, asOf: ahead, at: scene.a)
    #expect(scene.verdict(odd) == Verdict(.void, [.wrongReference]))
  }

  @Test func `10: below zero is kept and flagged, and a count puts it right`() throws {
    var scene = try Scene()
    try scene.spend(9, at: scene.a)
    let office = Int64(scene.a.office.rawValue)
    #expect(scene.isOnDesk(.stockNegative, scene.item, detail: office))
    try scene.street.count(scene.item, 0, booked: -1, at: scene.a)
    #expect(try refusal(scene) == nil)
    #expect(!scene.isOnDesk(.stockNegative, scene.item, detail: office))
    #expect(try onHand(scene, scene.a) == 0)
  }

  @Test func `a write-off needs a witness and takes from the shelf`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 3, at: scene.a)
    let alone = try scene.street.writeOff(
      1, of: scene.item, witness: scene.a.clerk, at: scene.a)
    #expect(scene.verdict(alone) == Verdict(.pending, [.witnessNeeded]))
    let gone = try scene.street.writeOff(
      2, of: scene.item, witness: scene.approver.clerk, at: scene.a)
    #expect(scene.verdict(gone) == .plain)
    #expect(try onHand(scene, scene.a) == 1)
    try scene.street.writeOff(2, of: scene.item, witness: scene.approver.clerk, at: scene.a)
    #expect(try refusal(scene) == .notEnoughStock(item: scene.item, onHand: 1))
  }

  @Test func `what is kept is not sent away or used up; what is broken is gone`() throws {
    var scene = try Scene()
    try scene.street.receive(scene.item, quantity: 2, at: scene.a)
    let kept = try scene.street.reserve(scene.item, 2, for: scene.resident, at: scene.a)
    var sending = scene
    try sending.street.send(scene.item, 1, to: scene.street.enrolments[1], at: scene.a)
    #expect(try sending.refusalOfLast() == .reserved(item: scene.item, kept: 2))
    // Goods that are broken are gone, whoever they were kept for.
    var broken = scene
    try broken.street.writeOff(1, of: scene.item, witness: scene.approver.clerk, at: scene.a)
    #expect(try broken.refusalOfLast() == nil)
    var used = scene
    try used.street.writeOff(
      1, of: scene.item, reason: 3, witness: scene.approver.clerk, at: scene.a)
    #expect(try used.refusalOfLast() == .reserved(item: scene.item, kept: 2))
    try scene.street.release(kept, at: scene.a)
    #expect(try scene.state.count("kept_goods") == 0)
    try scene.street.send(scene.item, 1, to: scene.street.enrolments[1], at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
  }

  @Test func `9: what is kept is not sold to a walk-in, and whoever holds it keeps it`() throws {
    var scene = try Scene()
    try scene.earn(20)
    try scene.street.receive(scene.item, quantity: 1, at: scene.a)
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.a)
    #expect(try refusal(scene) == nil)
    let neighbour = try scene.street.register(at: scene.a)
    _ = try scene.street.grant(neighbour, scene.activity, at: scene.a)
    var late = scene
    try scene.street.sell(scene.item, price: 9, to: scene.resident, at: scene.a)
    #expect(try refusal(scene) == .reserved(item: scene.item, kept: 1))
    // The walk-in took it all the same; then the reservation is collected.
    let sale = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, reservation: kept, at: scene.a)
    let collect = try scene.street.collect(kept, with: sale, at: scene.a)
    #expect(scene.verdict(collect) == .plain)
    #expect(try onHand(scene, scene.a) == -1)
    #expect(
      scene.isOnDesk(.stockNegative, scene.item, detail: Int64(scene.a.office.rawValue)))
    // After its day it is kept no longer.
    late.street.today = late.street.today.adding(days: 8)
    try late.street.sell(late.item, price: 9, to: late.resident, at: late.a)
    #expect(try refusal(late) == nil)
  }

  @Test func `a sale that names the reservation collects it, a sale of something else does not`()
    throws
  {
    var scene = try Scene()
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.a)
    let other = try scene.street.defineItem(points: 1, at: scene.a)
    try scene.street.sell(other, price: 1, to: scene.resident, reservation: kept, at: scene.a)
    #expect(try reservation(kept, scene) == "open")
    #expect(try scene.refusalOfLast() == .otherReservation(kept))
    let stranger = try scene.street.register(at: scene.a)
    try scene.street.sell(scene.item, price: 9, to: stranger, reservation: kept, at: scene.a)
    #expect(try scene.refusalOfLast() == .otherReservation(kept))
    let sale = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, reservation: kept, at: scene.a)
    #expect(try scene.refusalOfLast() != .otherReservation(kept))
    #expect(try reservation(kept, scene) == "collected")
    let key = [Int64(scene.a.office.rawValue), scene.item.packed, kept.packed]
    #expect(try scene.state.cell("reservation", key, "redemption") == .id(sale))
    #expect(try scene.state.count("kept_goods") == 0)
    let late = try scene.street.release(kept, at: scene.a)
    #expect(scene.verdict(late) == Verdict(.void, [.reservationCollected]))
    #expect(try reservation(kept, scene) == "collected")
  }

  @Test func `services lie on no shelf`() throws {
    var scene = try Scene()
    let service = try scene.street.defineItem(points: 1, sort: 1, at: scene.a)
    let receipt = try scene.street.receive(service, quantity: 6, at: scene.a)
    #expect(scene.verdict(receipt) == Verdict(.void, [.wrongReference]))
    #expect(try scene.state.count("shelf_item") == 0)
  }

  @Test func `nothing is sent to an enrolment without effect`() throws {
    var scene = try Scene()
    let again = try scene.street.write(
      "replica.enroll",
      [
        "replica": .integer(Int64(scene.b.office.rawValue)),
        "community": .reference(scene.street.communities[0]), "label": .text("二站"),
      ])
    let sent = try scene.street.send(scene.item, 1, to: again, at: scene.a)
    #expect(scene.verdict(sent) == Verdict(.void, [.wrongReference]))
    #expect(try onHand(scene, scene.a) == 0)
  }

  @Test func `28: collected wins over expired`() throws {
    var scene = try Scene()
    let kept = try scene.street.reserve(scene.item, for: scene.resident, at: scene.a)
    let foreign = try scene.street.release(kept, at: scene.b)
    #expect(scene.verdict(foreign) == Verdict(.void, [.wrongReference]))
    #expect(try reservation(kept, scene) == "open")
    let expired = try scene.street.release(kept, reason: 1, at: scene.a)
    try scene.street.receiptForAll()
    #expect(scene.verdict(expired) == .plain)
    #expect(try reservation(kept, scene) == "expired")
    let sale = try scene.street.sell(
      scene.item, price: 9, to: scene.resident, reservation: kept, at: scene.a)
    let collect = try scene.street.collect(kept, with: sale, at: scene.a)
    #expect(scene.verdict(collect) == .plain)
    #expect(scene.verdict(expired) == Verdict(.void, [.reservationCollected]))
    #expect(try reservation(kept, scene) == "collected")
    let again = try scene.street.collect(kept, with: sale, at: scene.a)
    #expect(scene.verdict(again) == Verdict(.duplicate))
  }

  private func onHand(_ scene: Scene, _ counter: Counter) throws -> Int64 {
    let shelf = [Int64(counter.office.rawValue), scene.item.packed]
    return try scene.state.sum("shelf_item", shelf, "on_hand")
  }

  private func state(of transfer: OpID, _ scene: Scene) throws -> String {
    try #require(try scene.state.cell("stock_transfer", [transfer.packed], "state")).text
  }

  private func reservation(_ id: OpID, _ scene: Scene) throws -> String {
    let key = [Int64(id.replica.rawValue), scene.item.packed, id.packed]
    return try #require(try scene.state.cell("reservation", key, "state")).text
  }

  private func refusal(_ scene: Scene) throws -> Refusal? { try scene.refusalOfLast() }
}

extension Scene {
  /// What the counter's rules say of the last op, with all before it folded.
  func refusalOfLast() throws -> Refusal? {
    let last = try #require(street.written.last)
    let state = state
    let entry = Entry(
      op: last.op, payload: try #require(last.payload), kind: try #require(last.kind),
      isFirst: true)
    return RecordRule.refusal(of: entry, try #require(state.verdicts[last.op.id]), in: state)
  }
}
