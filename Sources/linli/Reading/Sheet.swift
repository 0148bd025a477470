import Community
import OpLog
import Store
import Wire

/// Rows that a command shows: column names, and each cell as text.
struct Sheet {
  /// The columns, as in JSON.
  var columns: [String]
  /// The rows; nil is nothing.
  var rows: [[String?]]

  /// Rows of a documented view as people read them: hashes, roles, and ids in their text forms.
  init(_ view: String, _ listing: Listing) {
    columns = listing.columns
    rows = listing.rows
    switch view {
    case "ops":
      change("hash") { Hex.decode($0).map(Base64URL.encode) }
    case "awards", "attendances":
      change("role") {
        Int($0).flatMap { Self.awardRoles.indices.contains($0) ? Self.awardRoles[$0] : nil }
      }
    case "file_values":
      change("resident") { Int64($0).flatMap(OpID.init(packed:))?.description }
    default: break
    }
  }

  /// Rows made by a command itself.
  init(columns: [String], rows: [[String?]] = []) {
    self.columns = columns
    self.rows = rows
  }

  /// The headings and rows as people read them in a language.
  func worded(as list: String, in language: Language) -> (headings: [String], rows: [[String?]]) {
    (
      columns.map { Headings.text($0, of: list, in: language) },
      rows.map { row in
        zip(columns, row).map { column, cell in
          cell.map { CellWords.text($0, in: column, of: list, language) }
        }
      }
    )
  }

  /// The parts that volunteers may have in an activity.
  private static let awardRoles: [String] = {
    let field = Catalogue.kind(named: "award.grant")?.schema.fields.first { $0.name == "role" }
    guard case .choice(let names)? = field?.type else { return [] }
    return names
  }()

  private mutating func change(_ column: String, _ change: (String) -> String?) {
    guard let index = columns.firstIndex(of: column) else { return }
    for row in rows.indices {
      rows[row][index] = rows[row][index].flatMap { change($0) ?? $0 }
    }
  }
}

/// How much of a list is shown.
struct Cut {
  /// The most rows to show.
  let limit: Int
  /// The place behind which the list goes on, as an earlier list named it; nil from its start.
  let after: String?
  /// Rows shown where nobody says how many.
  private static let limitUsual = 1_000

  /// Reads `--limit` and `--after`; for programs there is no limit where none is given.
  init(_ arguments: Arguments) throws(CommandError) {
    let given = try arguments.integer("limit", in: 1...10_000_000)
    limit = given ?? (arguments.console.isJSON ? Int.max : Self.limitUsual)
    after = arguments.option("after")
  }

  /// Takes the part of a sheet that is shown.
  ///
  /// - Returns: How many rows are left behind it, and the place behind which they begin.
  /// - Throws: A usage error when no row is at the place of `--after`.
  func apply(to sheet: inout Sheet) throws(CommandError) -> (more: Int, last: String?) {
    let places = Self.places(of: sheet)
    var start = 0
    if let after {
      guard let place = places.firstIndex(of: after) else {
        throw .badValue(
          option: "after", after, Words("上一次列表末尾给出的值", "what the end of an earlier list named"))
      }
      start = place + 1
    }
    let end = min(sheet.rows.count, start + min(limit, sheet.rows.count))
    let more = sheet.rows.count - end
    sheet.rows = Array(sheet.rows[start..<end])
    return (more, end > start ? places[end - 1] : nil)
  }

  /// Says on stderr that a list goes on.
  static func tell(_ more: Int, after place: String?, _ console: Console) {
    guard more > 0 else { return }
    let next = place.map { ", --after \($0)" } ?? ""
    console.error(
      Words("… 还有 \(more) 条；--limit N\(next)", "… \(more) more; --limit N\(next)"))
  }

  /// Where each row stands: the last with an id by the id alone, those before it by their number too:
  /// `4097-3:1`, `4097-3:2`, `4097-3`.
  private static func places(of sheet: Sheet) -> [String] {
    let column = keys.compactMap { sheet.columns.firstIndex(of: $0) }.first ?? 0
    let ids = sheet.rows.map { $0[column] ?? "-" }
    let counts = Dictionary(ids.map { ($0, 1) }, uniquingKeysWith: +)
    var seen: [String: Int] = [:]
    return ids.map { id in
      seen[id, default: 0] += 1
      return seen[id] == counts[id] ? id : "\(id):\(seen[id] ?? 1)"
    }
  }

  /// The columns that tell rows apart, the best first; else it is the first.
  private static let keys = ["id", "op", "subject", "resident", "item", "key"]
}
