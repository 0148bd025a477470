import OpLog
import Store

/// Why sheets of paper do not give a key back.
package enum ShareFault: Error, Equatable, Sendable {
  /// A line is not `STREET 1/2 HALF CHECK`.
  case malformed
  /// Not one line of each of the two sheets of one street.
  case notAPair
  /// A digit was read wrong, or the sheets belong to two keys.
  case wrongCheck
}

/// The master key on two sheets of paper, and back.
extension HubKey {
  /// The two lines to write on paper: those of ``paperShares(random:)`` with a check value behind.
  ///
  /// - Parameter random: Gives that many random bytes.
  /// - Returns: A line for each of two sheets.
  package func checkedShares(random: (Int) -> [UInt8]) -> [String] {
    paperShares(random: random).map { "\($0) \(Self.check(masterKey))" }
  }

  /// Joins two lines of paper, in any order; older ones may lack the check value.
  ///
  /// - Parameters:
  ///   - words: The words of both lines, one line after the other.
  ///   - incarnation: The life of the hub that the database names.
  ///   - formers: The lives before it.
  ///   - since: The first life with this master key.
  /// - Throws: ``ShareFault``.
  package init(
    shares words: [String], incarnation: Incarnation, formers: [Incarnation] = [],
    since: UInt32 = 1
  ) throws(ShareFault) {
    guard let second = words.indices.dropFirst().first(where: { words[$0] == words.first })
    else { throw words.count >= 6 ? .notAPair : .malformed }
    let (one, two) = try (Share(words[..<second]), Share(words[second...]))
    guard Set([one.part, two.part]) == ["1/2", "2/2"] else { throw .notAPair }
    let master = zip(one.half, two.half).map { $0 ^ $1 }
    for check in [one.check, two.check] where check != nil {
      guard check == Self.check(master) else { throw .wrongCheck }
    }
    guard let street = Hex.decode(one.street).flatMap(StreetID.init),
      let key = HubKey(
        street: street, incarnation: incarnation, formers: formers, masterKey: master,
        since: since)
    else { throw .malformed }
    self = key
  }

  /// 8 hex digits that tell a misread digit; they say nothing useful about the key.
  private static func check(_ masterKey: [UInt8]) -> String {
    Hex.encode(Array(SHA256.hash(Array("linli key".utf8) + masterKey).bytes.prefix(4)))
  }

  /// One line of paper.
  private struct Share {
    let street: String
    let part: String
    let half: [UInt8]
    let check: String?

    init(_ words: ArraySlice<String>) throws(ShareFault) {
      let words = Array(words)
      guard words.count == 3 || words.count == 4, let half = Hex.decode(words[2]), half.count == 32
      else { throw .malformed }
      street = words[0]
      part = words[1]
      self.half = half
      check = words.count == 4 ? words[3].lowercased() : nil
    }
  }
}
