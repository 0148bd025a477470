import OpLog
import Store

/// Whether a key is the street's present one.
///
/// Behind a new master key the former one is void, and yet it fits all that it ever made. So the hub's
/// database keeps what only the present one makes.
extension HubKey {
  /// Keeps in a hub's database that this is its master key; inside ``Store/write(_:)``.
  package func keepCheck(in store: Store) throws(StoreError) {
    let check = Seal.check(masterKey: masterKey, street: street).bytes
    guard try store.setting(.keyCheck) != check else { return }
    try store.set(.keyCheck, check)
  }

  /// Whether another master key has taken this one's place, as the hub's database knows.
  ///
  /// A database of a life before this key knows of none: the key is newer than what it keeps.
  package func isVoid(in store: Store) throws(StoreError) -> Bool {
    guard store.identity.street == street, store.identity.incarnation.number >= since
    else { return false }
    // A database of a former version keeps none: there the seals tell, as far as there are any.
    guard let kept = try store.setting(.keyCheck).flatMap({ Digest($0) }) else {
      return try !fits(store)
    }
    return !Seal.check(masterKey: masterKey, street: street).isEqualInConstantTime(to: kept)
  }

  /// Whether this is the master key behind a hub's database: of its street, and the one that it keeps a
  /// check of; where a former version kept none, the one of its seals.
  ///
  /// A database of a life whose key was lost is told by that life alone: of its seals nobody knows.
  package func fits(_ store: Store) throws(StoreError) -> Bool {
    let own = store.identity
    guard own.street == street, own.replica.isHub else { return false }
    guard own.incarnation.number >= since else { return formers.contains(own.incarnation) }
    guard try store.setting(.keyCheck) == nil else { return try !isVoid(in: store) }
    let formers = try store.provedLives().filter { $0.number < own.incarnation.number }
    let present = HubKey(
      street: street, incarnation: own.incarnation, formers: formers, masterKey: masterKey)
    return try present.map { (key) throws(StoreError) in
      try store.sealedHeads().allSatisfy(key.hasSealed)
    } ?? false
  }

  /// Whether a seal that the hub keeps was made with a secret of this key.
  package func hasSealed(_ sealed: SealedHead) -> Bool {
    guard let secret = secret(of: sealed.head.replica) else { return false }
    return Seal.ofOffice(secret: secret, sealed.head).isEqualInConstantTime(to: sealed.seal)
  }
}
