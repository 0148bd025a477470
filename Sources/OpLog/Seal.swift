/// The keys of a street, all derived from one master key, and the seals made with them.
///
/// Nothing here is stored with the database: whoever has the master key has every secret again.
package enum Seal {
  /// An office's secret: HMAC(master key, street ‖ incarnation ‖ replica:u32be).
  package static func secret(
    masterKey: [UInt8], street: StreetID, incarnation: Incarnation, replica: ReplicaID
  ) -> [UInt8] {
    var message = street.bytes + incarnation.bytes
    message.appendBigEndian(replica.rawValue)
    return HMAC.sha256(key: masterKey, message).bytes
  }

  /// An office's bearer token: HMAC(master key, "token" ‖ street ‖ incarnation ‖ replica:u32be ‖
  /// generation:u32be).
  package static func token(
    masterKey: [UInt8], street: StreetID, incarnation: Incarnation, replica: ReplicaID,
    generation: UInt32
  ) -> Digest {
    var message = Array("token".utf8) + street.bytes + incarnation.bytes
    message.appendBigEndian(replica.rawValue)
    message.appendBigEndian(generation)
    return HMAC.sha256(key: masterKey, message)
  }

  /// A head that an office seals for the hub: HMAC(office's secret, head).
  package static func ofOffice(secret: [UInt8], _ head: Head) -> Digest {
    HMAC.sha256(key: secret, head.bytes)
  }

  /// A hub head sealed for an office: HMAC(office's secret, head ‖ successor seal).
  ///
  /// The office cannot check the successor seal that it keeps; so its own seal is over that, too.
  package static func ofHub(secret: [UInt8], _ head: Head, successorSeal: Digest) -> Digest {
    HMAC.sha256(key: secret, head.bytes + successorSeal.bytes)
  }

  /// A checkpoint of the hub's, sealed for an office: HMAC(office's secret, "linli checkpoint" ‖ head ‖
  /// digest of the file); 92 bytes, as long as no other message of these.
  package static func ofCheckpoint(secret: [UInt8], _ head: Head, digest: Digest) -> Digest {
    HMAC.sha256(key: secret, Array("linli checkpoint".utf8) + head.bytes + digest.bytes)
  }

  /// What tells a street's master key from any other and says nothing of it: HMAC(master key, "key check" ‖
  /// street); 25 bytes, as long as no other message of these.
  package static func check(masterKey: [UInt8], street: StreetID) -> Digest {
    HMAC.sha256(key: masterKey, Array("key check".utf8) + street.bytes)
  }

  /// A hub head sealed for later incarnations: HMAC(master key, "hub" ‖ head).
  package static func ofSuccessor(masterKey: [UInt8], _ head: Head) -> Digest {
    HMAC.sha256(key: masterKey, Array("hub".utf8) + head.bytes)
  }
}
