import Hub
import Office
import OpLog
import Store
import Testing

/// A street whose master key is lost, with both sheets of paper.
extension Street {
  /// Makes a new key, on what is left of the hub's database, or on nothing.
  func loseKey(keeping rest: Store? = nil) throws {
    let lives = key.formers + [key.incarnation]
    let next = try #require(HubKey.renewed(key.street, after: lives, random: random))
    let identity = StoreIdentity(
      street: next.street, incarnation: next.incarnation, replica: next.incarnation.hub)
    let store = try rest ?? Store.create(path: ":memory:", identity)
    try HubAdmin.begin(next, in: store, now: now)
    try start(store, next)
  }

  /// Hands a code out for an office.
  func code(for replica: ReplicaID, _ code: String) throws {
    _ = try HubAdmin.renew(
      replica, codeHash: SHA256.hash(Array(code.utf8)), in: hub.store, now: now)
  }

  /// Has somebody type a code at an office.
  ///
  /// - Returns: The office with its new secret.
  @discardableResult
  func type(
    _ code: String, at office: OfficeCore, nonce: [UInt8] = [UInt8](repeating: 7, count: 16)
  ) throws -> OfficeCore {
    let request = try office.renewRequest(code: code, nonce: nonce)
    try office.renew(send(request), hubAddress: nil)
    return try OfficeCore(office.store)
  }

  /// Gives offices their new secrets.
  func renew(_ offices: [OfficeCore]) throws -> [OfficeCore] {
    try offices.map { office in
      try code(for: office.replica, "CODE-\(office.replica)")
      return try type("CODE-\(office.replica)", at: office)
    }
  }
}
