import Community
import OpLog
import Store

/// Fills in forms from what an office knows: whatever a schema allows, mostly with sense.
extension World {
  /// A wish for one of several forms, by their weights; nil when there is nothing to do it with.
  func wish(for forms: [Form], at office: OfficeNode) throws(Violation) -> Wish? {
    let form = forms[random.weighted(forms.map(\.weight))]
    guard let kind = Catalogue.kind(named: form.kind) else {
      preconditionFailure("the catalogue has \(form.kind)")
    }
    guard var fields = try form.fill(self, office) else { return nil }
    for field in kind.schema.fields where fields[field.name] == nil {
      guard !Self.filledByProgram.contains(field.name),
        field.name != "basis" || form.kind != "redemption.record"
      else { continue }
      guard field.isRequired || random.happens(200) else { continue }
      if let text = try value(of: field, at: office) {
        fields[field.name] = text
      } else if field.isRequired {
        return nil
      }
    }
    for field in kind.body where field.isRequired && fields[field.name] == nil {
      fields[field.name] = "文字\(wishes.count)"
    }
    return make(
      form.kind, fields, at: office, by: try actor(for: fields, at: office),
      slip: slip(for: form.kind, fields))
  }

  private func slip(for kind: String, _ fields: [String: String]) -> Wish.Slip {
    switch kind {
    case "award.grant": .grant(sheet: Self.key(of: fields))
    case "award.reverse":
      known.grants.first { $0.id.description == fields["award"] }.map(Wish.Slip.reversal) ?? .none
    default: .none
    }
  }

  /// What an office's own program fills in where staff leave it out.
  private static let filledByProgram: Set<String> = [
    "replaces", "valid_from", "booked", "as_of", "lines", "coins", "grant", "lot", "undoes",
    "by_both",
  ]

  /// What a field may hold, small enough that things meet; nil when the office knows nothing of it.
  private func value(of field: Field, at office: OfficeNode) throws(Violation) -> String? {
    switch field.type {
    case .integer(let range):
      let span: ClosedRange<Int64> = field.name == "minutes" ? 30...300 : 0...5
      let least = max(range.lowerBound, span.lowerBound)
      let most = max(least, min(range.upperBound, span.upperBound))
      return "\(random.within(least...most))"
    case .flag: return random.happens(800) ? "true" : "false"
    case .choice(let names): return random.pick(names)
    case .choices(let names): return random.pick(names)
    case .date: return day(in: -3...20)
    case .text:
      // Once in a while a telephone number where anybody reads it.
      return random.happens(200) ? "电话13800138000" : "文字\(wishes.count)"
    case .reference(let kinds): return try any(of: kinds, at: office)?.description
    case .references(let kinds, _):
      guard let one = try any(of: kinds, at: office) else { return nil }
      let other = random.happens(200) ? try any(of: kinds, at: office) : nil
      return Set([one, other ?? one]).sorted().map(\.description).joined(separator: ",")
    case .bytes, .records, .replica: return nil
    }
  }

  /// A day around today.
  func day(in range: ClosedRange<Int64>) -> String {
    BusinessDate(stamp: time).adding(days: random.within(range)).description
  }

  /// An op of one of these kinds that the office holds, mostly a late one.
  func any(of kinds: [KindNumber], at office: OfficeNode) throws(Violation) -> OpID? {
    if kinds == [3] { return try enrolment(of: random.pick(offices), at: office) }
    if kinds == [6] {
      return random.pick(random.happens(900) ? staff[office.community] : staff.flatMap(\.self))
    }
    let all = kinds.flatMap { known.made[$0] ?? [] }
    let here = try held(all, at: office) { $0 }
    return random.pick(random.happens(600) ? Array(here.suffix(4)) : here)
  }

  /// Ops of a kind that were recorded elsewhere and that the office has not heard of.
  func unheard(_ kind: KindNumber, at office: OfficeNode) throws(Violation) -> [OpID] {
    var unheard: [OpID] = []
    for id in known.made[kind] ?? [] where try !office.holds(id) { unheard.append(id) }
    return unheard
  }

  /// What may have left an account below zero.
  struct Loss {
    let id: OpID
    let account: String
    /// What the desk proposes that the community bears of the account's debt; 0 for nothing.
    let proposed: Int64
  }

  /// What the office knows that took points that were not there.
  func losses(at office: OfficeNode) throws(Violation) -> [Loss] {
    let made = [20, 23].flatMap { known.made[$0] ?? [] }
    var losses: [Loss] = []
    for id in try held(made, at: office, id: { $0 }) {
      let sheet = sheet(of: id)
      let award = sheet["award"].flatMap { OpID($0) }
      guard let account = sheet["resident"] ?? self.sheet(of: award)["resident"] else { continue }
      let row = try must("look up a proposal") {
        try OpID(account).flatMap { (account) throws(StoreError) in
          try office.store.row(Tables.coverProposal, [account.packed])
        }
      }
      losses.append(Loss(id: id, account: account, proposed: row?[1].integer ?? 0))
    }
    return losses
  }

  /// The op that enrolled an office, if another holds it.
  func enrolment(
    of other: OfficeNode?, at office: OfficeNode
  ) throws(Violation) -> OpID? {
    guard let other else { return nil }
    return try must("look up an enrolment") {
      try office.store.row(Tables.replica, [Int64(other.replica.rawValue)])?[1].id
    }
  }

  /// Somebody who may, mostly another than the one who recorded what the form names.
  private func actor(
    for fields: [String: String], at office: OfficeNode
  ) throws(Violation) -> OpID? {
    let able = Array(staff[office.community][..<2])
    let recorders = recorders(of: fields)
    let others = able.filter { !recorders.contains($0) }
    return random.pick(others.isEmpty || random.happens(100) ? able : others)
  }

  /// Those who recorded what a form names, ascending.
  func recorders(of fields: [String: String]) -> [OpID] {
    let named = fields.values.flatMap { $0.split(separator: ",") }.compactMap { OpID($0) }
    return Set(named.compactMap { known.sheets[$0]?.actor }).sorted()
  }

  /// What was written down for an op.
  func sheet(of id: OpID?) -> [String: String] { id.flatMap { known.sheets[$0]?.fields } ?? [:] }
}
