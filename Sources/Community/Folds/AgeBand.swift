import OpLog

/// How old a resident is said to be: the registration says it, and updates from their date on.
///
/// Two updates that don't know of each other, or two files of one person, leave the younger band until
/// a later one names both: a child is protected while staff disagree.
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

  /// The name in JSON and on the command line.
  package var name: String { Self.names[Int(rawValue)] }

  /// Whether it is under 18.
  package var isMinor: Bool { self < .adult }

  /// The band of a resident on a day, by all files of the person; nil where nobody said it.
  package static func of<S: FoldState>(
    _ resident: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> AgeBand? {
    var said: [OpID: AgeBand] = [:]
    var replaced: Set<OpID> = []
    for file in try PersonFiles.of(resident, in: state) {
      for row in try state.rows(Tables.ageBand, under: [file]) {
        guard let id = row[1].id, row[3].integer ?? 0 <= day else { continue }
        said[id] = row[2].integer.flatMap(AgeBand.init)
        replaced.formUnion(OpList.decode(row[4].text))
      }
    }
    return said.filter { !replaced.contains($0.key) }.values.min()
  }

  /// Whether a resident is said to be under 14 on a day or a later one: who is a child then was one
  /// before.
  ///
  /// O(what is said of the person's age).
  static func isChild<S: FoldState>(
    _ resident: OpID, from day: Int64, in state: S
  ) throws(S.Failure) -> Bool {
    var said: [OpID: Int64] = [:]
    var replacedFrom: [OpID: Int64] = [:]
    for file in try PersonFiles.of(resident, in: state) {
      for row in try state.rows(Tables.ageBand, under: [file]) {
        guard let id = row[1].id, let from = row[3].integer else { continue }
        if row[2].integer == AgeBand.child.rawValue { said[id] = max(day, from) }
        for old in OpList.decode(row[4].text) {
          replacedFrom[old] = min(from, replacedFrom[old] ?? from)
        }
      }
    }
    return said.contains { $1 < replacedFrom[$0] ?? .max }
  }

  /// Whether a resident is said to be under 18 on a day.
  static func isMinor<S: FoldState>(
    _ resident: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> Bool { try of(resident, on: day, in: state)?.isMinor == true }

  package static func < (left: AgeBand, right: AgeBand) -> Bool { left.rawValue < right.rawValue }
}

/// The redemptions of a person, or those that the person collected, when it is said how old they are,
/// or files are found to be one person's.
enum AgedSales: Derivation {
  static func settle<S: FoldState>(_ key: AccountKey, in state: S) throws(S.Failure) {
    var sales: Set<Int64> = []
    for file in try ResidentStatus.merged(with: key.first, in: state) {
      for row in try state.rows(Tables.guardedSale, under: [file]) {
        if let sale = row[1].integer { sales.insert(sale) }
      }
    }
    for id in sales.sorted() {
      guard let row = try state.row(Tables.redemption, id: id) else { continue }
      try RedemptionSteps.settle(row, adding: nil, in: state)
    }
  }
}
