import Conformance
import Glibc
import HTTP
import Hub
import OpLog
import Store

/// A hub in memory behind a free port, for a replica under test: this program's own, with a door.
final class TestHub {
  private let key: HubKey
  private let token: String
  private var servers: [HubServer] = []

  /// Starts one; nil when the machine has no memory or port left.
  init?() {
    key = HubKey(random: Machine.random)
    token = Base64URL.encode(Machine.random(24))
    guard serve(key, isNew: true) != nil else { return nil }
  }

  /// It as the runner sees it.
  var asReplicaHub: ReplicaHub? {
    guard let place = servers.first.flatMap(Self.place) else { return nil }
    return ReplicaHub(place: place, adminToken: token, rebuild: rebuild, stop: stop)
  }

  /// A hub that has the key and nothing else begins the next life; the former one goes on.
  private func rebuild() -> HubLocation? {
    key.next(random: Machine.random).flatMap { serve($0, isNew: false) }
  }

  private func stop() {
    for server in servers { server.stop() }
    servers = []
  }

  private func serve(_ key: HubKey, isNew: Bool) -> HubLocation? {
    guard let core = Self.core(of: key, token: token, isNew: isNew) else { return nil }
    let server = HubServer(core, host: "127.0.0.1", port: 0, clock: Machine.now)
    do {
      try server.start()
    } catch { return nil }
    servers.append(server)
    return Self.place(server)
  }

  private static func core(of key: HubKey, token: String, isNew: Bool) -> sending HubCore? {
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    do {
      let store = try Store.create(path: ":memory:", identity)
      if isNew {
        try HubAdmin.define(store, streetName: "青龙街道", now: Machine.now())
      } else {
        try HubAdmin.begin(key, in: store, now: Machine.now())
      }
      let renewal = HubRenewal(random: Machine.random, keep: { _ in true })
      let core = HubCore(store: store, key: key, renewal: renewal)
      core?.door = HubDoor(token: token, random: Machine.random)
      return core
    } catch { return nil }
  }

  private static func place(_ server: HubServer) -> HubLocation? {
    HubLocation("http://127.0.0.1:\(server.port)")
  }
}
