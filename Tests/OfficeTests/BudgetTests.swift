import Foundation
import HTTPClient
import Office
import Peer
import Synchronization
import Testing
import Wire

/// How many bytes a day may go over the line, and what goes when they are spent.
@Suite struct BudgetTests {
  /// A line on which everything costs so many bytes each way.
  private final class DearLine: Transport {
    let line: HTTPTransport
    let price: Int
    let paths = Mutex<[String]>([])

    init(_ hub: ExampleHub, price: Int) throws {
      line = try HTTPTransport(hub: hub.address)
      self.price = price
    }

    func send(_ request: PeerRequest) async throws(TransportError) -> PeerResponse {
      paths.withLock { $0.append("\(request.method) \(request.path.prefix(9))") }
      return try await line.send(request)
    }

    func carry(_ request: PeerRequest) async -> LineOutcome {
      do throws(TransportError) {
        return LineOutcome(
          .success(try await send(request)), traffic: LineTraffic(sent: price, received: price))
      } catch {
        return LineOutcome(.failure(error), traffic: LineTraffic(sent: price, received: 1))
      }
    }
  }

  /// An office, its clock set.
  private struct Counter {
    let office: OfficeCore
    let line: DearLine
    let staff: String

    init(_ hub: ExampleHub, _ name: String, _ code: String, price: Int) async throws {
      line = try DearLine(hub, price: price)
      office = try await OfficeFolder(hub.folder + "/" + name).enrol(
        code: code, hub: hub.address, label: name, through: line, random: SystemSource.random)
      staff = hub.staff
    }

    func sync(daysLater: Int64 = 0, attempts: Int = 5) async throws -> SyncSummary {
      try await office.sync(
        SyncEnvironment(
          line: line, now: { SystemSource.now() + daysLater * 86_400_000 }, random: { 0 },
          pause: { _ in }), attemptsMax: attempts)
    }

    func register(_ name: String) throws {
      let request = RecordRequest(
        kind: "resident.register", fields: ["name": name], actor: staff)
      _ = try office.record(request, now: SystemSource.now(), random: SystemSource.random)
    }
  }

  @Test("what went over the line is kept by day, failures included")
  func counted() async throws {
    let hub = try ExampleHub()
    let counter = try await Counter(hub, "office", hub.code, price: 1_000)
    // The first one begins on the hub's checkpoint.
    _ = try await counter.sync()
    let now = SystemSource.now()
    let start = try counter.office.traffic(now: now)
    try counter.register("刘小娥")
    let summary = try await counter.sync()
    let count = Int64(summary.exchanges + summary.bodies)
    let before = try counter.office.traffic(now: now)
    #expect(count > 0 && before.sent - start.sent == 1_000 * count)
    #expect(before.received == before.sent)
    #expect(before.budget == nil && before.left == nil && !before.isSpent)
    hub.stop()
    await #expect(throws: OfficeError.self) { _ = try await counter.sync(attempts: 3) }
    // It is in the database: another process sees it.
    let again = try OfficeFolder(hub.folder + "/office").open()
    let after = try again.traffic(now: now)
    #expect(after.sent == before.sent + 3_000 && after.received == before.received + 3)
    #expect(try again.traffic(now: now + 86_400_000).sent == 0)
  }

  @Test("a spent budget lets own ops through, and nothing else until the next day")
  func spent() async throws {
    let hub = try ExampleHub()
    let counter = try await Counter(hub, "office", hub.code, price: 60_000)
    let other = try await Counter(hub, "other", hub.secondCode, price: 1)
    _ = try await counter.sync()
    _ = try await other.sync()
    try counter.office.keep(byteBudget: 200_000)
    for name in ["王芳", "李敏"] { try other.register(name) }
    _ = try await other.sync()

    // Nothing of its own: not a byte.
    counter.line.paths.withLock { $0 = [] }
    let idle = try await counter.sync()
    #expect(idle.exchanges == 0 && idle.isBudgetSpent)
    #expect(counter.line.paths.withLock { $0.isEmpty })
    #expect(try counter.office.poll(seconds: 25, now: SystemSource.now()) == nil)

    try counter.register("赵强")
    let push = try await counter.sync()
    #expect(push.pushed == 1 && push.exchanges == 1 && push.bodies == 0 && push.isBudgetSpent)
    #expect(counter.line.paths.withLock { $0 } == ["POST /v1/sync"])
    #expect(try !counter.office.hasUnsentOps())
    #expect(try counter.office.traffic(now: SystemSource.now()).isSpent)

    let next = try await counter.sync(daysLater: 1)
    #expect(next.bodies >= 1 && next.isDigestEqual)
    try counter.office.keep(byteBudget: nil)
    let unlimited = try await counter.sync(daysLater: 1)
    #expect(!unlimited.isBudgetSpent && unlimited.exchanges == 1)
  }

  @Test("the hub keeps a call waiting until another office brings something")
  func poll() async throws {
    let hub = try ExampleHub()
    let one = try await Counter(hub, "office", hub.code, price: 10)
    let two = try await Counter(hub, "other", hub.secondCode, price: 10)
    for _ in 0..<2 {
      _ = try await one.sync()
      _ = try await two.sync()
    }
    try one.register("王芳")
    // Own ops go first.
    #expect(try one.office.poll(seconds: 25, now: SystemSource.now()) == nil)
    _ = try await one.sync()
    _ = try await two.sync()
    let poll = try #require(try one.office.poll(seconds: 25, now: SystemSource.now()))
    #expect(poll.message.path == "/v1/sync?wait=25")
    let line = one.line
    async let waiting = line.carry(poll.message)
    try two.register("李敏")
    _ = try await two.sync()
    let result = try one.office.take(await waiting, to: poll, now: SystemSource.now())
    #expect(result.pulled >= 1)

    // Nothing comes: the answer says so when the time is over.
    _ = try await one.sync()
    let short = try #require(try one.office.poll(seconds: 1, now: SystemSource.now()))
    let nothing = try one.office.take(
      await line.carry(short.message), to: short, now: SystemSource.now())
    #expect(nothing.pulled == 0 && !nothing.mustSync)
  }
}
