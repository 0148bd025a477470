import OpLog

/// What a hub keeps outside its database: the street's id and the master key of every secret.
///
/// Lose the database and this brings the street back; lose this and every office enrols again.
package struct HubKey: Equatable, Sendable {
  /// The street.
  package let street: StreetID
  /// This life of the hub.
  package let incarnation: Incarnation
  /// The lives before it, the oldest first.
  package let formers: [Incarnation]
  /// 32 random bytes.
  package let masterKey: [UInt8]
  /// The number of the first life of the hub that had this master key: an earlier one was lost with its
  /// key, and nobody can check what that one sealed.
  package let since: UInt32

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
    formers = []
    masterKey = random(32)
    since = incarnation.number
  }

  /// Makes a key from its parts; nil unless the former lives are earlier ones, one of each number.
  package init?(
    street: StreetID, incarnation: Incarnation, formers: [Incarnation], masterKey: [UInt8],
    since: UInt32 = 1
  ) {
    guard masterKey.count == 32, Set(formers.map(\.number)).count == formers.count,
      formers.allSatisfy({ $0.number < incarnation.number }),
      (1...incarnation.number).contains(since)
    else { return nil }
    self.since = since
    self.street = street
    self.incarnation = incarnation
    self.formers = formers.sorted { $0.number < $1.number }
    self.masterKey = masterKey
  }

  /// The key of the hub's next life, whose number is above all that are known.
  ///
  /// - Parameters:
  ///   - known: Lives that the key may not have heard of; of one number its own counts.
  ///   - newest: The number of another life that is known to have been.
  ///   - random: Gives that many random bytes.
  /// - Returns: nil when there is no higher number, or there are more than ``livesMax``.
  package func next(
    knowing known: [Incarnation] = [], above newest: UInt32 = 0, random: (Int) -> [UInt8]
  ) -> HubKey? {
    var lives = formers + [incarnation]
    for life in known where !lives.contains(where: { $0.number == life.number }) {
      lives.append(life)
    }
    guard lives.count <= Self.livesMax else { return nil }
    let bits = random(8).reduce(0) { $0 << 8 | UInt64($1) }
    let number = max(newest, lives.map(\.number).max() ?? 0) + 1
    return Incarnation(number: number, randomBits: bits).flatMap {
      HubKey(
        street: street, incarnation: $0, formers: lives, masterKey: masterKey, since: since)
    }
  }

  /// A new master key for a street whose former one is lost, with the next life of its hub.
  ///
  /// - Parameters:
  ///   - street: The street.
  ///   - lives: The lives that the hub had, at least one.
  ///   - newest: The number of another life that is known to have been.
  ///   - random: Gives that many random bytes.
  /// - Returns: nil when there is no higher number, or there are more than ``livesMax``.
  package static func renewed(
    _ street: StreetID, after lives: [Incarnation], above newest: UInt32 = 0,
    random: (Int) -> [UInt8]
  ) -> HubKey? {
    let ordered = lives.sorted { $0.number < $1.number }
    guard let latest = ordered.last,
      let last = HubKey(
        street: street, incarnation: latest, formers: Array(ordered.dropLast()),
        masterKey: random(32)),
      let next = last.next(above: newest, random: random)
    else { return nil }
    return HubKey(
      street: street, incarnation: next.incarnation, formers: next.formers,
      masterKey: next.masterKey, since: next.incarnation.number)
  }

  /// How many former lives `hub.begin` and `hub.succeed` can name.
  private static let livesMax = 256

  /// The same key with more former lives; of one number its own counts.
  package func knowing(_ lives: [Incarnation]) -> HubKey {
    let known = Set((formers + [incarnation]).map(\.number))
    let more = lives.filter { $0.number < incarnation.number && !known.contains($0.number) }
    guard !more.isEmpty else { return self }
    let wider = HubKey(
      street: street, incarnation: incarnation, formers: formers + more, masterKey: masterKey,
      since: since)
    guard let wider else { preconditionFailure("caller bug: two lives of one number") }
    return wider
  }

  /// The same key, which a hub's database says to be of a later life than paper can say.
  package func since(atLeast life: UInt32) -> HubKey {
    let later = HubKey(
      street: street, incarnation: incarnation, formers: formers, masterKey: masterKey,
      since: min(max(since, life), incarnation.number))
    guard let later else { preconditionFailure("a key's parts make a key") }
    return later
  }

  /// Reads the text of a key file; nil when it is not one.
  package init?(text: String) {
    var values: [Substring: Substring] = [:]
    var formers: [Incarnation] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      if parts.count == 3, parts[0] == "former" {
        guard let former = Incarnation(number: parts[1], random: parts[2]) else { return nil }
        formers.append(former)
        continue
      }
      guard parts.count == 2 else { return nil }
      values[parts[0]] = parts[1]
    }
    guard let street = values["street"].flatMap({ Hex.decode(String($0)) }).flatMap(StreetID.init),
      let number = values["incarnation"], let random = values["random"],
      let incarnation = Incarnation(number: number, random: random),
      let masterKey = values["master_key"].flatMap({ Hex.decode(String($0)) })
    else { return nil }
    // Files of former versions do not say since when; theirs is the first key.
    guard let since = UInt32(values["since"] ?? "1") else { return nil }
    self.init(
      street: street, incarnation: incarnation, formers: formers, masterKey: masterKey,
      since: since)
  }

  /// The text of the key file, mode 0600.
  package var text: String {
    let former = formers.map { life in
      "former \(life.number) \(String(life.randomBits, radix: 16))\n"
    }
    return """
      street \(street)
      incarnation \(incarnation.number)
      random \(String(incarnation.randomBits, radix: 16))
      \(former.joined())\(since > 1 ? "since \(since)\n" : "")master_key \(Hex.encode(masterKey))

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

  /// The life of the hub that issued a replica's id; nil for one that this key has not heard of.
  package func issuer(of replica: ReplicaID) -> Incarnation? {
    (formers + [incarnation]).first { $0.number == replica.incarnation }
  }

  /// The secret that an office seals its heads with; nil for an id of an unknown life.
  package func secret(of replica: ReplicaID) -> [UInt8]? {
    issuer(of: replica).map {
      Seal.secret(masterKey: masterKey, street: street, incarnation: $0, replica: replica)
    }
  }

  /// The bearer token of an office; nil for an id of an unknown life.
  package func token(of replica: ReplicaID) -> Digest? {
    issuer(of: replica).map {
      Seal.token(
        masterKey: masterKey, street: street, incarnation: $0, replica: replica, generation: 0)
    }
  }
}

extension Incarnation {
  /// Reads a number in decimal and random bits in hexadecimal digits.
  package init?(number: some StringProtocol, random: some StringProtocol) {
    guard let number = UInt32(number), let bits = UInt64(random, radix: 16) else { return nil }
    self.init(number: number, randomBits: bits)
  }
}
