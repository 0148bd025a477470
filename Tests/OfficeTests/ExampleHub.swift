import Community
import Foundation
import Hub
import Office
import OpLog
import Store

/// A hub inside the test's process, on a free port, with one invitation.
final class ExampleHub: Sendable {
  /// The one-time code.
  let code = "7K2M-9QXA-44TD"
  /// Another one.
  let secondCode = "9D4T-3XAK-72MQ"
  /// A member of staff with every role.
  let staff: String
  /// The hub's folder, removed at the end.
  let folder: String
  private let server: HubServer

  /// Makes the hub and starts it.
  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("linli-example-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    folder = url.path
    let key = HubKey(random: SystemSource.random)
    let store = try Store.create(
      path: folder + "/hub.db",
      StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub))
    let now = SystemSource.now()
    try HubAdmin.define(store, streetName: "青龙街道", now: now)
    staff = try Self.invite(code, to: store, now: now)
    _ = try Self.invite(secondCode, to: store, now: now)
    guard let core = HubCore(store: store, key: key) else {
      preconditionFailure("the key was made for this store")
    }
    server = HubServer(core, host: "127.0.0.1", port: 0, clock: SystemSource.now)
    try server.start()
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The hub's address.
  var address: String { "http://127.0.0.1:\(server.port)" }

  /// Stops the hub.
  func stop() { server.stop() }

  private static func invite(_ code: String, to store: Store, now: Int64) throws -> String {
    guard
      let body = Body(salt: SystemSource.random(16), content: #"{"name":"李敏"}"#)
    else { preconditionFailure("a short name fits") }
    let invitation = OfficeInvitation(
      community: "青龙街", label: "一号站", staff: [NewStaff(roles: Role.allCases, body: body)],
      policy: ["award.posting": Policy.AwardPosting.onTheSpot.rawValue])
    let ids = try HubAdmin.invite(
      invitation, codeHash: SHA256.hash(Array(code.utf8)), to: store, now: now)
    return ids[0].description
  }
}
