/// The routes of a hub: the addresses that it answers at, and what each takes; `Protocol/openapi.json` has the same.
package enum HubRoute: String, CaseIterable, Sendable {
  /// The hub's card.
  case card = "/v1"
  /// A code becomes a replica.
  case enroll = "/v1/enroll"
  /// A code becomes a secret by a new master key.
  case renew = "/v1/renew"
  /// One round trip of a sync.
  case sync = "/v1/sync"
  /// What became of a request for rights.
  case rights = "/v1/rights"
  /// Finding a row that differs.
  case digests = "/v1/digests"
  /// A neighbour's bundle.
  case bundles = "/v1/bundles"
  /// What a rebuilt hub lacks.
  case rollcall = "/v1/rollcall"
  /// One body.
  case body = "/v1/bodies/{digest}"
  /// The card of the checkpoint that a new office begins on.
  case checkpoint = "/v1/checkpoint"
  /// The checkpoint, or a range of it.
  case checkpointFile = "/v1/checkpoint/{digest}"
  /// An office is invited through the door.
  case invitations = "/v1/admin/invitations"
  /// An office is revoked through the door.
  case revocations = "/v1/admin/revocations"
  /// A lost office is retired through the door.
  case retirements = "/v1/admin/retirements"

  /// The address with these components; nil for none of them.
  package init?(_ path: [String]) {
    let named: [HubRoute] = [.body, .checkpointFile]
    if path.count == 3, path[0] == "v1",
      let address = named.first(where: { $0.rawValue == "/v1/\(path[1])/{digest}" })
    {
      self = address
      return
    }
    self.init(rawValue: "/" + path.joined(separator: "/"))
    // A component may hold a slash that came as %2F.
    guard path.count == rawValue.utf8.count(where: { $0 == UInt8(ascii: "/") }) else { return nil }
  }

  /// The methods that it takes.
  package var methods: [String] {
    switch self {
    case .card, .checkpoint, .checkpointFile: ["GET"]
    case .body: ["GET", "PUT"]
    default: ["POST"]
    }
  }

  /// Whether it is there only where the hub has a door (``HubDoor``).
  package var isOfDoor: Bool { rawValue.hasPrefix("/v1/admin/") }
}
