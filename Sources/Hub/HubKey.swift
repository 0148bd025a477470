import OpLog

/// What a hub keeps outside its database: the street's id and the master key of every secret.
///
/// Lose the database and this brings the street back; lose this and every office enrols again.
package struct HubKey: Equatable, Sendable {
  /// The street.
  package let street: StreetID
  /// This life of the hub.
  package let incarnation: Incarnation
  /// 32 random bytes.
  package let masterKey: [UInt8]

  /// Makes the key of a new street.
  ///
  /// - Parameter random: Gives that many random bytes.
  package init(random: (Int) -> [UInt8]) {
    let bits = random(8).reduce(0) { $0 << 8 | UInt64($1) }
    guard let street = StreetID(random(16)),
      let incarnation = Incarnation(number: 1, randomBits: bits)
    else { preconditionFailure("the random source gave too few bytes") }
    self.street = street
    self.incarnation = incarnation
    masterKey = random(32)
  }

  /// Reads the text of a key file; nil when it is not one.
  package init?(text: String) {
    var values: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 2 else { return nil }
      values[parts[0]] = parts[1]
    }
    guard let street = values["street"].flatMap({ Hex.decode(String($0)) }).flatMap(StreetID.init),
      let number = values["incarnation"].flatMap({ UInt32($0) }),
      let random = values["random"].flatMap({ UInt64($0, radix: 16) }),
      let incarnation = Incarnation(number: number, randomBits: random),
      let masterKey = values["master_key"].flatMap({ Hex.decode(String($0)) }),
      masterKey.count == 32
    else { return nil }
    self.street = street
    self.incarnation = incarnation
    self.masterKey = masterKey
  }

  /// The text of the key file, mode 0600.
  package var text: String {
    """
    street \(street)
    incarnation \(incarnation.number)
    random \(String(incarnation.randomBits, radix: 16))
    master_key \(Hex.encode(masterKey))

    """
  }

  /// Two shares for paper, each a random-looking half: both together give the master key back.
  ///
  /// - Parameter random: Gives that many random bytes.
  /// - Returns: A line for each of two sheets.
  package func paperShares(random: (Int) -> [UInt8]) -> [String] {
    let pad = random(masterKey.count)
    let rest = zip(masterKey, pad).map { $0 ^ $1 }
    return [("1/2", pad), ("2/2", rest)].map { "\(street) \($0) \(Hex.encode($1))" }
  }

  /// The secret that an office of this incarnation seals its heads with.
  package func secret(of replica: ReplicaID) -> [UInt8] {
    Seal.secret(
      masterKey: masterKey, street: street, incarnation: incarnation, replica: replica)
  }

  /// The bearer token of an office of this incarnation.
  package func token(of replica: ReplicaID) -> Digest {
    Seal.token(
      masterKey: masterKey, street: street, incarnation: incarnation, replica: replica,
      generation: 0)
  }
}
