import OpLog

/// How old a resident is said to be: the registration says it, and updates from their date on.
///
/// Two updates that don't know of each other leave the younger band until a later one names both: a
/// child is protected while staff disagree.
package enum AgeBand: Int64, Sendable, Comparable {
  /// Under 14.
  case child
  /// Under 18.
  case minor
  case adult
  case senior

  /// The names in JSON and on the command line, in the order of the cases.
  package static let names = ["child", "minor", "adult", "senior"]

  /// The register of a resident's file that holds it, behind those of the body's fields.
  package static let register = Int64(UpdateFold.fields.count)

  /// The band of who was born on a day, seen from another; nil for a day that is none.
  package init?(born text: String, on day: BusinessDate) {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    let (year, month, today) = day.civil
    let hadBirthday = (Int(month), Int(today)) >= (parts[1], parts[2])
    switch Int(year) - parts[0] - (hadBirthday ? 0 : 1) {
    case ..<14: self = .child
    case ..<18: self = .minor
    case ..<60: self = .adult
    default: self = .senior
    }
  }

  /// Whether it is under 18.
  package var isMinor: Bool { self < .adult }

  /// The band of a resident on a day; nil where nobody said it.
  package static func of<S: FoldState>(
    _ resident: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> AgeBand? {
    var said: [OpID: AgeBand] = [:]
    var replaced: Set<OpID> = []
    for row in try state.rows(Tables.ageBand, under: [resident.packed]) {
      guard let id = row[1].id, row[3].integer ?? 0 <= day else { continue }
      said[id] = row[2].integer.flatMap(AgeBand.init)
      replaced.formUnion(OpList.decode(row[4].text))
    }
    return said.filter { !replaced.contains($0.key) }.values.min()
  }

  /// Whether a resident is said to be under 18 on a day.
  static func isMinor<S: FoldState>(
    _ resident: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> Bool { try of(resident, on: day, in: state)?.isMinor == true }

  package static func < (left: AgeBand, right: AgeBand) -> Bool { left.rawValue < right.rawValue }
}

/// The redemptions of a person, or those that the person collected, when it is said how old they are.
///
/// A scan, where anybody ever said that the person is under age: birthdays are rare.
enum AgedSales: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    let said = try state.rows(Tables.ageBand, under: [key.first])
    guard said.contains(where: { $0[2].integer.flatMap(AgeBand.init)?.isMinor == true }) else {
      return
    }
    let sales =
      try state.scan(Tables.redemption, where: 2, is: key.first)
      + state.scan(Tables.redemption, where: 10, is: key.first)
    for id in Set(sales.compactMap { $0[0].integer }).sorted() {
      guard let row = try state.row(Tables.redemption, id: id) else { continue }
      try RedemptionSteps.settle(row, adding: nil, in: state)
    }
  }
}
