/// A place in one replica's log: everything up to `seq`, vouched for by the chain hash there.
package struct Head: Hashable, Sendable {
  /// The log's writer.
  package let replica: ReplicaID
  /// The last op included; 0 for an empty log.
  package let seq: UInt64
  /// The chain hash at `seq`.
  package let hash: Digest

  /// Makes a head from its parts.
  package init(replica: ReplicaID, seq: UInt64, hash: Digest) {
    self.replica = replica
    self.seq = seq
    self.hash = hash
  }

  // head := replica:u32be seq:u64be hash:32 bytes                 (Protocol/canonical.md §5)
  /// The 44 bytes that a seal covers.
  package var bytes: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(44)
    out.appendBigEndian(replica.rawValue)
    out.appendBigEndian(seq)
    hash.append(to: &out)
    return out
  }
}

/// One life of a hub: a number that only grows and 64 random bits that tell two lives apart.
package struct Incarnation: Hashable, Sendable {
  /// 1 at `hub init`, one more at every rebuild; at most 524,287.
  package let number: UInt32
  /// Drawn when the incarnation begins.
  package let randomBits: UInt64

  /// Makes an incarnation; nil for a number out of range.
  package init?(number: UInt32, randomBits: UInt64) {
    guard (1...524_287).contains(number) else { return nil }
    self.number = number
    self.randomBits = randomBits
  }

  /// The hub's own replica id in this incarnation.
  package var hub: ReplicaID { .hub(incarnation: number) }

  // incarnation := number:u32be random:u64be
  /// The 12 bytes that the chain and the keys use.
  package var bytes: [UInt8] {
    var out: [UInt8] = []
    out.appendBigEndian(number)
    out.appendBigEndian(randomBits)
    return out
  }
}

/// The random 128-bit id of a street.
package struct StreetID: Hashable, Sendable, CustomStringConvertible {
  /// 16 bytes.
  package let bytes: [UInt8]

  /// Makes an id; nil unless there are 16 bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.bytes = bytes
  }

  /// Lower-case hexadecimal, 32 digits.
  package var description: String { Hex.encode(bytes) }
}

/// The hash chain of a log.
package enum Chain {
  /// hash(0) = SHA-256("linli/1" ‖ street ‖ incarnation ‖ replica:u32be).
  ///
  /// For an office, `incarnation` is the one that issued its id.
  package static func start(
    street: StreetID, incarnation: Incarnation, replica: ReplicaID
  ) -> Digest {
    var bytes = Array("linli/1".utf8) + street.bytes + incarnation.bytes
    bytes.appendBigEndian(replica.rawValue)
    return SHA256.hash(bytes)
  }

  /// hash(n) = SHA-256(hash(n − 1) ‖ canonical bytes).
  package static func next(after hash: Digest, _ op: [UInt8]) -> Digest {
    SHA256.hash(hash, op)
  }

  /// The check value over named ops: the first 8 bytes of SHA-256 over their chain hashes.
  ///
  /// - Parameter hashes: The chain hash of each op of ``Op/namedOps``, in that order.
  /// - Returns: nil when there are none.
  package static func names(of hashes: [Digest]) -> UInt64? {
    guard !hashes.isEmpty else { return nil }
    var values = CheckValues()
    return values.value(of: hashes)
  }
}

/// Makes check values one after the other, see ``Chain/names(of:)``.
///
/// The ops of one office name one policy and one actor, hub ops that come first in nearly every
/// list. So the hash of the first two is kept, which is a third of the work.
package struct CheckValues: Sendable {
  private var first: Digest?
  private var second: Digest?
  private var afterTwo = DigestPairs()

  /// Makes check values from nothing.
  package init() {}

  /// The first 8 bytes of SHA-256 over the hashes; nil when there are none.
  package mutating func value(of hashes: [Digest]) -> UInt64? {
    guard hashes.count >= 2 else {
      return hashes.first.map { DigestPairs().finish($0).firstEightBytes }
    }
    if hashes[0] != first || hashes[1] != second {
      (first, second) = (hashes[0], hashes[1])
      afterTwo = DigestPairs()
      afterTwo.add(hashes[0], hashes[1])
    }
    var pairs = afterTwo
    for index in stride(from: 2, to: hashes.count - 1, by: 2) {
      pairs.add(hashes[index], hashes[index + 1])
    }
    let last = hashes.count.isMultiple(of: 2) ? nil : hashes[hashes.count - 1]
    return pairs.finish(last).firstEightBytes
  }
}

extension [UInt8] {
  /// Appends an integer, most significant byte first.
  package mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
