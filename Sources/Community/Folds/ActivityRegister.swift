import OpLog

/// What an amendment may change of an activity: a register each, whose first value is in the
/// publication.
package enum ActivityRegister: Int64, CaseIterable, Sendable {
  case points, heldOn, title, place, starts, ends, capacity

  /// The field of both records.
  package var name: String { AmendFold.schema.fields[amendKey - 1].name }

  /// Its key in an amendment.
  var amendKey: Int { Int(rawValue) + 2 }

  /// Its key in the publication.
  var publishKey: Int {
    switch self {
    case .points: 3
    case .heldOn: 4
    case .title: 1
    case .place: 7
    case .starts: 5
    case .ends: 6
    case .capacity: 8
    }
  }

  /// Its column of the table `activity`.
  private var column: Int {
    switch self {
    case .points: 4
    case .heldOn: 5
    case .title: 3
    case .place: 13
    case .starts: 7
    case .ends: 8
    case .capacity: 14
    }
  }

  /// The ops whose value stands, ascending; more than one is a fork.
  package func live<S: FoldState>(of activity: OpID, in state: S) throws(S.Failure) -> [OpID] {
    let row = try state.row(Tables.field, [activity.packed, rawValue])
    return row.map { OpList.decode($0[3].text) } ?? [activity]
  }

  /// Settles the register by the amendments that count, in canonical order, and shows its value in the
  /// activity's row.
  ///
  /// An amendment takes the place of what it names; one of an older version names nothing, and takes
  /// the place of all that came before it.
  func settle<S: FoldState>(
    _ activity: (id: OpID, payload: Payload), _ amendments: [(op: Op, payload: Payload)],
    into row: inout [Cell], in state: S
  ) throws(S.Failure) {
    var live = [activity.id]
    var values = [activity.id: Self.cell(activity.payload, publishKey)]
    for (op, payload) in amendments where payload.values[amendKey - 1] != nil {
      let replaced = payload.references(AmendFold.replacesKey)
      live.removeAll { replaced.isEmpty || replaced.contains($0) }
      live.append(op.id)
      values[op.id] = Self.cell(payload, amendKey)
    }
    live.sort()
    let shown = try UpdateFold.shown(live, first: activity.id, in: state) ?? activity.id
    row[column] = values[shown] ?? .null
    let isFirst = live == [activity.id]
    try Facts.set(
      isFirst
        ? nil
        : [.id(activity.id), .integer(rawValue), .id(shown), .text(OpList.encode(live))],
      [activity.id.packed, rawValue], in: Tables.field, state)
  }

  /// A value of a payload; null where it is absent.
  static func cell(_ payload: Payload, _ key: Int) -> Cell {
    switch payload.values[key - 1] {
    case .integer(let number): .integer(number)
    case .text(let text): .text(text)
    default: .null
    }
  }
}
