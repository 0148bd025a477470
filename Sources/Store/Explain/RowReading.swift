import Community
import OpLog

/// A row taken apart into the ops that it names and the values that it has.
struct RowReading {
  private let table: Table
  private let row: [Cell]

  init(_ table: Table, _ row: [Cell]) {
    self.table = table
    self.row = row
  }

  /// Columns that name one op each, the one that counts first.
  private static let opColumns = [
    "op", "id", "shown", "decision", "remedy", "ended_by", "undone_by", "erased_by", "counted",
    "against", "reversal",
  ]

  /// Columns by which a row is about an op beside its first key.
  static let aboutColumns: Set<String> = [
    "op", "id", "against", "reversal", "redemption", "household",
  ]

  /// Every role that a column gives to an op.
  static var roles: Set<String> {
    let lists = Tables.all.flatMap(\.columns).filter(isList).map(\.name)
    return Set(opColumns + lists)
  }

  /// Texts that may be absent and hold no ops: a place, and numbers of replicas.
  private static let plainTexts: Set<String> = ["place", "away"]

  /// Whether a column holds a list of ops.
  static func isList(_ column: Column) -> Bool {
    column.isText && !plainTexts.contains(column.name)
      && (column.isOptional || column.name == "live")
  }

  /// The op that counts; nil where none does.
  var counted: OpID? {
    ["op", "id", "shown"].lazy.compactMap { self[$0]?.id }.first ?? redemption
  }

  /// The redemption of a line, which has no op of its own.
  private var redemption: OpID? { self["redemption"]?.id }

  /// The ops that the row names, with the columns as their roles.
  var ops: [(role: String, id: OpID)] {
    var ops = Self.opColumns.compactMap { name in self[name]?.id.map { (name, $0) } }
    if ops.isEmpty, let redemption { ops.append(("op", redemption)) }
    for (column, cell) in zip(table.columns, row) where Self.isList(column) {
      ops += OpList.decode(cell.text).map { (column.name, $0) }
    }
    return ops
  }

  /// What the row says beside ops.
  ///
  /// - Parameters:
  ///   - entity: The entity that is explained; a column that only names it says nothing.
  ///   - schema: The kind's payload, whose fields tell what the numbers of equal columns are.
  /// - Returns: The values, in the order of the columns.
  func facts(besides entity: OpID, schema: PayloadSchema?) -> [Fact] {
    zip(table.columns, row).compactMap { column, cell in
      guard cell != .null, cell != .text(""), !Self.isList(column), cell != .id(entity),
        !Self.opColumns.contains(column.name)
      else { return nil }
      if column.name == "month", let month = month(cell.integer ?? 0) {
        return Fact(column.name, .text(String(month.description.prefix(7))))
      }
      if table === Tables.policy, let key = Policy.keys.first(where: { $0.column == column.name }) {
        return Fact(key.name, Self.value(of: cell, key.type))
      }
      let type = schema?.fields.first { $0.name == column.name }?.type
      return Fact(column.name, Self.value(of: cell, type ?? Self.type(of: column)))
    }
  }

  /// A cell as people read it.
  static func value(of cell: Cell, _ type: FieldType?) -> FactValue {
    switch (cell, type) {
    case (.null, _): return .text("off")
    case (.text(let text), _): return .text(text)
    case (.integer(let number), .choice(let names)?) where names.indices.contains(Int(number)):
      return .text(names[Int(number)])
    case (.integer(let mask), .choices(let names)?):
      let chosen = names.indices.filter { mask & (1 << Int64($0)) != 0 }
      return .text(chosen.map { names[$0] }.joined(separator: ","))
    case (.integer(let day), .date?):
      return BusinessDate(day: day).map(FactValue.date) ?? .number(day)
    case (.integer(let number), _):
      // No street issues an id below the first hub's, and no amount comes near one.
      guard number >= Int64(ReplicaID.idsPerIncarnation) << 32, let id = OpID(packed: number) else {
        return .number(number)
      }
      return .id(id)
    }
  }

  private static func type(of column: Column) -> FieldType? {
    let dates: Set<String> = ["until", "frozen_until", "valid_from", "valid_to", "day"]
    if column.name == "band" { return .choice(AgeBand.names) }
    return column.name.hasSuffix("_on") || dates.contains(column.name) ? .date : nil
  }

  /// The first day of the month in a column of that name; nil where a year stands beside it.
  ///
  /// Most tables name a month by its first day, some count the months since the year 0.
  private func month(_ number: Int64) -> BusinessDate? {
    switch table.name {
    case Tables.period.name, Tables.periodBasis.name, Tables.settlement.name:
      BusinessDate(day: number)
    case Tables.residentTake.name, Tables.householdClaim.name, Tables.householdTake.name,
      Tables.householdMonth.name:
      BusinessDate(year: Int(number / 12), month: Int(number % 12) + 1, day: 1)
    default: nil
    }
  }

  private subscript(name: String) -> Cell? {
    table.columns.firstIndex { $0.name == name }.map { row[$0] }.flatMap { cell in
      if case .integer = cell { cell } else { nil }
    }
  }
}
