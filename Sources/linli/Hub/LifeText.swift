import Hub
import OpLog

/// How a life of the hub is printed for people and typed again, such as `1:89abcdef01234567:f1`.
///
/// The two digits at the end find a slip: a life with other random bits would shut every office out.
extension Incarnation {
  /// Its number, its random bits, and two digits that follow from both.
  var text: String {
    let life = "\(number):\(String(randomBits, radix: 16))"
    return "\(life):\(Self.check(of: life))"
  }

  /// Reads a life; nil for what is none, and for one with a slip in it.
  init?(text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    self.init(number: parts[0], random: parts[1].lowercased())
    guard self.text == text.lowercased() else { return nil }
  }

  private static func check(of life: String) -> String {
    Hex.encode(Array(SHA256.hash(Array(life.utf8)).bytes.prefix(1)))
  }
}
