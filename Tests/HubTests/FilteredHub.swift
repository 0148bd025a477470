import Community
import Conformance
import Foundation
import HTTP
import Hub
import OpLog
import SQLite
import Store
import Synchronization
import Testing
import Wire

/// A hub in memory that a filter may speak for.
struct FilteredHub {
  private(set) var core: HubCore
  private let kept: KeptKey
  /// What a filter wants to remember.
  var notes: [String: [UInt8]] = [:]
  /// What a filter holds back.
  var late: [HubCall] = []
  /// Where the copy is to which the database can be set back.
  private var copy = ""
  private let fault: HubFault?
  let codec = OpJSON(SchemaTable(Catalogue.schemas))

  init(_ fault: HubFault?) throws {
    self.fault = fault
    var seed: UInt8 = 0
    kept = KeptKey(
      HubKey { count in
        seed &+= 1
        return [UInt8](repeating: seed, count: count)
      })
    let store = try Self.store(of: kept.key)
    try HubAdmin.define(store, streetName: "青龙街道", now: Street.now)
    core = try Self.core(store, kept)
  }

  /// The key of its present life.
  var key: HubKey { kept.key }

  /// The key file: the hub itself writes it when it begins another life.
  private final class KeptKey {
    var key: HubKey

    init(_ key: HubKey) { self.key = key }
  }

  private static func store(of key: HubKey) throws -> Store {
    try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate),
      StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub))
  }

  private static func core(_ store: Store, _ kept: KeptKey) throws -> HubCore {
    let renewal = HubRenewal(
      random: HubBench.random,
      keep: { key in
        kept.key = key
        return true
      })
    guard let core = HubCore(store: store, key: kept.key, renewal: renewal) else { throw NoHub() }
    core.door = HubDoor(token: HubBench.token, random: HubBench.random)
    return core
  }

  private struct NoHub: Error {}

  /// Does what the runner's control command would.
  mutating func perform(_ step: HubStep) -> Bool {
    late = []  // What was in memory alone is gone.
    do {
      switch step {
      case .restart: core = try Self.core(core.store, kept)
      case .rebuild:
        guard let next = key.next(random: HubBench.random) else { return false }
        let store = try Self.store(of: next)
        try HubAdmin.begin(next, in: store, now: Street.now)
        kept.key = next
        core = try Self.core(store, kept)
      case .keep:
        copy = FileManager.default.temporaryDirectory.path + "/linli-test-\(UUID().uuidString)"
        try core.store.copy(to: copy)
      case .back:
        defer {
          for end in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: copy + end)
          }
        }
        core = try Self.core(try Store(path: copy, mode: .readWrite), kept)
      }
      return true
    } catch { return false }
  }

  /// Answers as the filter wants.
  mutating func answer(_ call: HubCall) -> HubAnswer {
    guard let fault else { return real(call) }
    return fault.answer(&self, call)
  }

  /// Answers as the hub does.
  func real(_ call: HubCall) -> HubAnswer { core.handle(call, now: Street.now) }
}

/// The filtered hub behind the real HTTP server, on a free port.
final class HubBench: Sendable {
  /// The token of its door.
  static let token = "0123456789abcdefghijklmnop"
  /// Random bytes.
  static let random: @Sendable (Int) -> [UInt8] = { count in
    (0..<count).map { _ in UInt8.random(in: 0...255) }
  }

  private let server: HTTPServer
  private let hub: Locked

  /// Starts one; without a fault it is the hub as it is.
  init(_ fault: HubFault?) throws {
    let hub = Locked(try FilteredHub(fault))
    self.hub = hub
    server = HTTPServer(
      host: "127.0.0.1", port: 0, limits: HTTPLimits(bodyBytesMax: WireLimits.messageBytesMax),
      problem: { status, reason in
        guard status == 413 else { return .problem(status: status, detail: reason) }
        return HTTPResponse(
          status: status, contentType: MediaType.problem,
          body: Problem(.tooLarge, detail: reason).encode())
      },
      handler: { hub.respond(to: $0) })
    try server.start()
  }

  deinit { server.stop() }

  /// Goes through the rules whose ids begin with one of some texts; none for all.
  func results(only prefixes: [String] = []) -> [RuleResult] {
    guard let place = HubLocation("http://127.0.0.1:\(server.port)") else { return [] }
    let run = ConformanceRun(
      place, adminToken: Self.token, seed: 1, random: Self.random,
      control: { [hub] in hub.perform($0) })
    return run.run(only: prefixes) { _ in }
  }

  private final class Locked: Sendable {
    private let hub: Mutex<FilteredHub>

    init(_ hub: sending FilteredHub) { self.hub = Mutex(hub) }

    func perform(_ step: HubStep) -> Bool { hub.withLock { $0.perform(step) } }

    func respond(to request: HTTPRequest) -> HTTPResponse {
      let call = HubCall(request)
      let answer = hub.withLock { $0.answer(call) }
      var response = HTTPResponse(
        status: answer.status, contentType: answer.contentType, body: answer.body)
      response.headers += answer.headers
      return response
    }
  }
}

/// How a hub breaks rules, and which.
struct HubFault: Sendable, CustomTestStringConvertible {
  /// What it does wrong.
  let name: String
  /// The ids of the rules that must fail; no other may.
  let breaks: Set<String>
  /// Whether rules that stand on it cannot be tested then.
  let blocks: Bool
  /// Answers in place of the hub.
  let answer: @Sendable (inout FilteredHub, HubCall) -> HubAnswer

  init(
    _ name: String, _ breaks: Set<String>, blocks: Bool = false,
    _ answer: @escaping @Sendable (inout FilteredHub, HubCall) -> HubAnswer
  ) {
    self.name = name
    self.breaks = breaks
    self.blocks = blocks
    self.answer = answer
  }

  var testDescription: String { name }
}
