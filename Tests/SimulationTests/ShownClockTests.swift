import Office
import OpLog
import Testing

@testable import Simulation

/// A hub that was rebuilt on nothing, after its clock had been ahead.
@Suite struct ShownClockTests {
  @Test(
    "while a rebuilt hub waits for a word about its clock, what it refuses breaks no promise",
    arguments: [false, true])
  func refusals(isHealing: Bool) throws {
    let world = try World(WorldOptions(seed: 1, steps: 0))
    try #require(world.offices.count > 1)
    world.mix = .none
    for office in world.offices {
      office.clock = .right
      try world.upgrade(office)
    }
    world.hub.clock = .set(to: NodeClock.start2099, at: world.time)
    let (one, two) = (world.offices[0], world.offices[1])
    try publish(at: 1, in: world)
    try world.runSync(of: two)
    world.hub.clock = .right
    world.fate.hasHubFailed = true
    try world.hub.rebuild(at: world.time)
    // The first follows the new life, which then hears from the other what the former one wrote.
    world.isHealing = isHealing
    for office in [one, two] { try world.runSync(of: office) }
    #expect(world.marks["check.clock-shown"] > 0)
    try publish(at: 0, in: world)
    let bundle = try one.core.exportBundle(messageBytes: 2 << 10, now: world.time)
    let parcel = Parcel(
      office: 0, file: bundle.bytes, isReceipt: false, isCut: false, arrival: world.time,
      exported: world.time, made: world.time)
    try world.takeBundle(parcel, of: one)
    #expect(world.parcels.contains { !$0.isReceipt } == !isHealing)
    try world.runSync(of: one)
    try world.tendHubClock()
    #expect(world.marks["fault.hub-clock-confirmed"] == 1)
    try world.syncAll()
    try world.endRollCall()
    try world.checkEverything()
  }

  private func publish(at index: Int, in world: World) throws {
    let wish = Wish(
      office: index,
      request: .init(
        kind: "activity.publish",
        fields: ["title": "巡逻", "category": "service", "points": "3", "held_on": "2026-01-06"],
        actor: world.staff[world.offices[index].community][0].description,
        occurredOn: BusinessDate(stamp: world.time).description),
      slip: .none)
    world.wishes.append(wish)
    try world.attempt(world.wishes.count - 1)
    try #require(world.wishes.last?.op != nil)
  }
}
