import OpLog

/// How much of an item one person may take, and from which age: the terms of its definition, or of a
/// later change of its price.
///
/// A redemption is held to the terms that its writer knew: it names the changes. So terms that other
/// offices hear of later take nothing back, as with the rules that an op names.
package struct ItemTerms: Equatable, Sendable {
  /// In which stretch of time a limit counts.
  package enum Period: Int64, CaseIterable, Sendable {
    case month, quarter, year

    /// The number of the stretch that a month (year × 12 + month − 1) lies in.
    func number(ofMonth month: Int64) -> Int64 {
      switch self {
      case .month: month
      case .quarter: month / 3
      case .year: month / 12
      }
    }
  }

  /// Pieces for each person and period; nil where the rules of the community say it.
  package let limit: Int64?
  /// The period of the limit.
  package let period: Period
  /// The youngest band that may take it; nil for everybody.
  package let youngest: AgeBand?

  /// The fields of a payload: 0 and `none` take off what earlier terms say.
  static let fields: [Field] = [
    .optional("limit_per_person", .integer(0...99)),
    .optional("limit_period", .choice(["month", "quarter", "year"])),
    .optional("min_age", .choice(["none", "14", "18"])),
  ]

  /// The names of those fields.
  package static let names = fields.map(\.name)

  /// The values of those fields that say the same, as the command line takes them.
  package var texts: [String: String] {
    [
      "limit_per_person": String(limit ?? 0), "limit_period": Self.text(1, period.rawValue),
      "min_age": Self.text(2, youngest?.rawValue ?? 0),
    ]
  }

  private static func text(_ field: Int, _ choice: Int64) -> String {
    guard case .choice(let names) = fields[field].type else { return "" }
    return names[Int(choice)]
  }

  /// The columns of a row.
  static let columns = fields.map { Column.optional($0.name) }

  /// The cells of a row, from the fields of a payload that begin with a key.
  static func cells(_ payload: Payload, from key: Int) -> [Cell] {
    fields.indices.map { payload.integer(key + $0).map(Cell.integer) ?? .null }
  }

  /// Whether a row of the table `item_price` says anything of terms.
  static func areSaid(in price: [Cell]) -> Bool { price[5...].contains { $0 != .null } }

  /// The terms in a row of the table `item`, or in those of a later price where they say more.
  private init(_ item: [Cell], changed price: [Cell]?) {
    func value(_ field: Int) -> Int64? { price?[5 + field].integer ?? item[6 + field].integer }
    limit = value(0).flatMap { $0 == 0 ? nil : $0 }
    period = value(1).flatMap(Period.init) ?? .month
    // The names of the choice stand in the order of the bands, the youngest being for all.
    youngest = value(2).flatMap { $0 == 0 ? nil : AgeBand(rawValue: $0) }
  }

  /// The terms that the writer of a redemption knew: those of the change that it names of an item, of
  /// several the one with the highest id.
  static func known<S: FoldState>(
    of id: OpID, _ item: [Cell], among named: [OpID], in state: S
  ) throws(S.Failure) -> ItemTerms {
    var price: [Cell]?
    for change in named {
      guard let row = try state.row(Tables.itemPrice, [id.packed, change.packed]) else { continue }
      price = row
    }
    return ItemTerms(item, changed: price)
  }

  /// The terms that stand on a day as far as they are known here; nil when there is no such item.
  package static func standing<S: FoldState>(
    of id: OpID, on day: Int64, in state: S
  ) throws(S.Failure) -> ItemTerms? {
    guard let item = try state.row(Tables.item, id: id.packed) else { return nil }
    let change = try ItemPrices.terms(of: id, on: day, in: state)
    return try known(of: id, item, among: [change], in: state)
  }
}
