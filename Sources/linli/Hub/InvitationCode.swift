/// A one-time code that is read from paper: 60 random bits as `XXXX-XXXX-XXXX`.
///
/// The letters are Crockford's: I, L, O, and U are not among them, and when typed they are read as
/// the digits that they look like.
enum InvitationCode {
  private static let letters = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  /// A new code.
  ///
  /// - Parameter random: Gives that many random bytes.
  /// - Returns: The code.
  static func make(random: (Int) -> [UInt8]) -> String {
    grouped(random(12).map { letters[Int($0 & 31)] })
  }

  /// A code as ``make(random:)`` writes it, from what somebody typed; other texts stay as they are.
  static func normalised(_ text: String) -> String {
    let typed = text.uppercased().filter { $0 != "-" && $0 != " " }.map { letter in
      switch letter {
      case "O": Character("0")
      case "I", "L": Character("1")
      default: letter
      }
    }
    guard typed.count == 12, typed.allSatisfy(letters.contains) else { return text }
    return grouped(typed)
  }

  private static func grouped(_ letters: [Character]) -> String {
    stride(from: 0, to: letters.count, by: 4)
      .map { String(letters[$0..<min($0 + 4, letters.count)]) }
      .joined(separator: "-")
  }
}
