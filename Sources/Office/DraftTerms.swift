import Community
import OpLog
import Store
import Wire

/// The terms of items, as staff need not type them.
extension OfficeCore {
  /// Says again of an item's terms what a change leaves as it is: a change that says one says all.
  func fillTerms(
    of item: OpID, _ fields: inout [String: String], on day: BusinessDate
  ) throws(OfficeError) {
    guard ItemTerms.names.contains(where: { fields[$0] != nil }) else { return }
    let now = try OfficeError.wrap { () throws(StoreError) in
      try ItemTerms.standing(of: item, on: Int64(day.day), in: store)
    }
    guard let now else { return }
    for (name, value) in now.texts where fields[name] == nil { fields[name] = value }
  }

  /// Names in a redemption the changes by whose terms its lines are sold.
  func naming(
    termsOn day: BusinessDate, in payload: Payload, of kind: Kind
  ) throws(OfficeError) -> Payload {
    guard kind.name == "redemption.record",
      let index = kind.schema.fields.firstIndex(where: { $0.name == "terms" }),
      payload.values[index] == nil
    else { return payload }
    var changes: Set<OpID> = []
    for item in payload.records(2).compactMap({ $0.reference(1) }) {
      let op = try OfficeError.wrap { () throws(StoreError) in
        try ItemPrices.terms(of: item, on: Int64(day.day), in: store)
      }
      if op != item { changes.insert(op) }
    }
    var named = payload
    if !changes.isEmpty { named.values[index] = .references(changes.sorted()) }
    return named
  }
}
