/// Personal data as it may stand on a public output: a board, a print, a list on the wall.
package enum Masking {
  /// The age from which a name may be shown at all, in years.
  package static let ageMin = 14

  /// A name with its middle hidden: 刘*, 刘*娥, 欧**明; nil for a person under 14.
  ///
  /// - Parameters:
  ///   - name: The name; blanks around it don't count.
  ///   - age: The person's age in years; nil when nobody knows it.
  /// - Returns: The label, or nil when the person must not appear.
  package static func name(_ name: String, age: Int?) -> String? {
    if let age, age < ageMin { return nil }
    let characters = Array(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    guard let first = characters.first, let last = characters.last else { return "*" }
    switch characters.count {
    case 1: return "*"
    case 2: return "\(first)*"
    default: return "\(first)\(stars(characters.count - 2))\(last)"
    }
  }

  /// A phone number: 138****1234 for a mobile, only the last four digits of any other.
  package static func phone(_ number: String) -> String {
    let digits = number.filter { $0.isASCII && $0.isNumber }
    switch digits.count {
    case 11: return "\(digits.prefix(3))****\(digits.suffix(4))"
    case 8...: return "****\(digits.suffix(4))"
    default: return "****"
    }
  }

  /// An ID number: 35*************123 for one of 18 characters, and in the same way for one of 15.
  package static func idNumber(_ number: String) -> String {
    guard number.count == 18 || number.count == 15 else { return stars(number.count) }
    return "\(number.prefix(2))\(stars(number.count - 5))\(number.suffix(3))"
  }

  private static func stars(_ count: Int) -> String { String(repeating: "*", count: count) }
}
