import Community
import OpLog
import Store
import Wire

/// Whether a request with a used key is the earlier one again, or another under its key by mistake.
extension OfficeCore {
  /// Whether all that a request states is what an op says.
  ///
  /// What the program had filled in, such as present prices, may differ by now and is not compared;
  /// nor is the body while it is not here.
  func isRepeat(_ request: RecordRequest, of id: OpID) throws(OfficeError) -> Bool {
    let made = try OfficeError.wrap { () throws(StoreError) in try store.op(id) }
    // What was recorded again may name other ids than the request did.
    if made.was != nil { return Catalogue.kind(made.kind)?.name == request.kind }
    guard let kind = Catalogue.kind(made.kind), kind.name == request.kind,
      let payload = kind.schema.payload(of: made)
    else { return false }
    var fields = request.fields
    if let items = fields.removeValue(forKey: "items") {
      guard payload.items == RequestedItem.list(items) else { return false }
      fields["lines"] = nil
    }
    guard try isBody(of: made, kind, statedBy: &fields) else { return false }
    for (index, field) in kind.schema.fields.enumerated() {
      guard let stated = fields.removeValue(forKey: field.name) else { continue }
      let text = ShortForm.plain(stated, of: field)
      guard FieldText.parse(text, as: field.type) == payload.values[index] else { return false }
    }
    return fields.isEmpty
  }

  /// Whether an op's body has the values that are stated, which are taken out of the fields.
  private func isBody(
    of op: Op, _ kind: Kind, statedBy fields: inout [String: String]
  ) throws(OfficeError) -> Bool {
    let stated = kind.body.map { fields.removeValue(forKey: $0.name) ?? "" }
    guard let digest = op.body else { return stated.allSatisfy(\.isEmpty) }
    let body = try OfficeError.wrap { () throws(StoreError) in try store.body(digest) }
    guard let body else { return true }
    return kind.body.map { BodyJSON.member($0.name, of: body.content) ?? "" } == stated
  }
}

/// An item of a redemption as people ask for it: without its price.
struct RequestedItem: Equatable {
  let item: OpID
  let quantity: Int64

  /// Reads `4097-5*2,4097-8`; nil where a part is no item with a quantity of 1 to 99.
  static func list(_ text: String) -> [RequestedItem]? {
    var list: [RequestedItem] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "*", omittingEmptySubsequences: false)
      guard let item = OpID(pieces[0]), pieces.count <= 2,
        let quantity = pieces.count == 2 ? Int64(pieces[1]) : 1, (1...99).contains(quantity)
      else { return nil }
      list.append(RequestedItem(item: item, quantity: quantity))
    }
    return list
  }
}

extension Payload {
  /// The lines of a `redemption.record` without their prices.
  fileprivate var items: [RequestedItem] {
    records(2).compactMap { line in
      guard let item = line.reference(1), let quantity = line.integer(2) else { return nil }
      return RequestedItem(item: item, quantity: quantity)
    }
  }
}
