import Community
import OpLog
import Store
import Wire

/// What a redemption says of its right, where staff say nothing.
extension OfficeCore {
  /// By what right the points are taken: the home's own, else a grant that covers them, else trust.
  func fillBasis(
    of payer: OpID, _ kind: Kind, _ fields: inout [String: String]
  ) throws(OfficeError) {
    let (home, held, grant) = try OfficeError.wrap { () throws(StoreError) in
      (
        try store.home(of: payer), try store.heldRight(on: payer),
        try store.latestGrant(on: payer)
      )
    }
    guard home != nil, home != replica else {
      fields["basis"] = "home"
      return
    }
    guard held > 0, let grant, fields["grant"] == nil,
      let points = price(kind, fields), points <= held
    else {
      fields["basis"] = fields["grant"] == nil ? "stand_in" : "grant"
      return
    }
    fields["basis"] = "grant"
    fields["grant"] = grant.description
  }

  /// What the lines of a redemption cost, less the coins; nil where they cannot be read.
  private func price(_ kind: Kind, _ fields: [String: String]) -> Int64? {
    func records(_ name: String) -> [Payload]? {
      guard let text = fields[name] else { return [] }
      guard let field = kind.schema.fields.first(where: { $0.name == name }),
        case .records(let values)? = FieldText.parse(text, as: field.type)
      else { return nil }
      return values.map(Payload.init(values:))
    }
    guard let lines = records("lines"), let coins = records("coins") else { return nil }
    let price = lines.reduce(0) { $0 + ($1.integer(2) ?? 0) * ($1.integer(3) ?? 0) }
    return price - coins.reduce(0) { $0 + ($1.integer(1) ?? 0) * ($1.integer(2) ?? 0) }
  }
}
