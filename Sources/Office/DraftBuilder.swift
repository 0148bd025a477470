import Community
import OpLog
import Store
import Wire

/// From the words of a request to a draft: types, defaults, and the body.
extension OfficeCore {
  func draft(
    _ request: RecordRequest, now: Int64, random: (Int) -> [UInt8]
  ) throws(OfficeError) -> Draft {
    guard let kind = Catalogue.kind(named: request.kind) else {
      throw .unknownKind(request.kind)
    }
    guard !kind.isHubOnly else { throw .refused(.onlyHub) }
    guard let actor = request.actor else { throw .missingActor }
    guard let actorID = OpID(actor) else { throw .badValue(field: "as") }
    let policy = try OfficeError.wrap { () throws(StoreError) in try store.policy(of: community) }
    guard let policy else { throw .notReady }
    var fields = request.fields
    let body = try takeBody(of: kind, from: &fields)
    let occurredOn = try date(request.occurredOn, now: now)
    try fillDefaults(kind, &fields, updated: body, on: occurredOn)
    let payload = try payload(kind, fields)
    var draft = Draft(kind: kind, payload: payload, occurredOn: occurredOn)
    draft.actor = actorID
    draft.policy = policy
    if !body.isEmpty {
      var json = JSONWriter()
      json.openObject()
      for field in body {
        json.key(field.name)
        json.text(field.value)
      }
      json.closeObject()
      let content = String(decoding: json.bytes, as: UTF8.self)
      guard let made = Body(salt: random(16), content: content) else {
        throw .badValue(field: "body")
      }
      draft.body = made
    }
    return draft
  }

  private func payload(_ kind: Kind, _ fields: [String: String]) throws(OfficeError) -> Payload {
    for name in fields.keys.sorted() where !kind.schema.fields.contains(where: { $0.name == name })
    {
      throw .unknownField(kind: kind.name, field: name)
    }
    var values: [PayloadValue?] = []
    for field in kind.schema.fields {
      guard let text = fields[field.name] else {
        guard !field.isRequired else { throw .missingField(field.name) }
        values.append(nil)
        continue
      }
      guard let value = FieldText.parse(text, as: field.type), field.type.fits(value) else {
        throw .badValue(field: field.name)
      }
      values.append(value)
    }
    return Payload(values: values)
  }

  /// Takes the body's fields out of the request, in catalogue order.
  private func takeBody(
    of kind: Kind, from fields: inout [String: String]
  ) throws(OfficeError) -> [(name: String, value: String)] {
    var body: [(name: String, value: String)] = []
    for field in kind.body {
      guard let value = fields.removeValue(forKey: field.name) else {
        guard !field.isRequired || kind.merge == .register else {
          throw .missingField(field.name)
        }
        continue
      }
      guard FieldType.text(field.length).fits(.text(value)) else {
        throw .badValue(field: field.name)
      }
      body.append((field.name, value))
    }
    return body
  }

  /// Fills in what staff need not type: what an update replaces, an award's points, a basis.
  private func fillDefaults(
    _ kind: Kind, _ fields: inout [String: String], updated body: [(name: String, value: String)],
    on day: BusinessDate
  ) throws(OfficeError) {
    switch kind.name {
    case "resident.update":
      guard let resident = fields["resident"].flatMap({ OpID($0) }) else { return }
      for field in body where fields["replaces_" + field.name] == nil {
        let live = try OfficeError.wrap { () throws(StoreError) in
          try store.liveValues(of: resident, field: field.name)
        }
        // An update names at most 8; a wider fork takes a second one.
        let named = live.prefix(8).map(\.description)
        fields["replaces_" + field.name] = named.joined(separator: ",")
      }
      guard fields.count > 1 else { throw .missingField(kind.body[0].name) }
    case "award.grant" where fields["points"] == nil:
      guard let activity = fields["activity"].flatMap({ OpID($0) }) else { return }
      let points = try OfficeError.wrap { () throws(StoreError) in
        guard let points = try store.points(ofActivity: activity) else {
          throw .unknownReference(activity)
        }
        return points
      }
      fields["points"] = String(points)
    case "redemption.record":
      if fields["basis"] == nil, let resident = fields["resident"].flatMap({ OpID($0) }) {
        let home = try OfficeError.wrap { () throws(StoreError) in try store.home(of: resident) }
        fields["basis"] = home == nil || home == replica ? "home" : "stand_in"
      }
      if let items = fields.removeValue(forKey: "items") {
        fields["lines"] = try lines(items, on: day)
      }
    default: try fillShelfDefaults(kind, &fields, on: day)
    }
  }

  /// The same for prices and shelves: what a price replaces and when, what the books say.
  private func fillShelfDefaults(
    _ kind: Kind, _ fields: inout [String: String], on day: BusinessDate
  ) throws(OfficeError) {
    guard let item = fields["item"].flatMap({ OpID($0) }) else { return }
    switch kind.name {
    case "item.reprice":
      if fields["valid_from"] == nil { fields["valid_from"] = day.description }
      guard fields["replaces"] == nil else { return }
      let live = try OfficeError.wrap { () throws(StoreError) in
        try store.livePrices(of: item)
      }
      fields["replaces"] = live.prefix(8).map(\.description).joined(separator: ",")
    case "stock.count" where fields["booked"] == nil:
      let asOf = fields["as_of"].flatMap { UInt64($0) }
      let book = try OfficeError.wrap { () throws(StoreError) in
        try store.booked(item, at: replica, asOf: asOf)
      }
      fields["as_of"] = String(book.asOf)
      fields["booked"] = String(book.booked)
    default: break
    }
  }

  /// `4097-5*2,4097-8` as lines at the present prices.
  private func lines(_ items: String, on day: BusinessDate) throws(OfficeError) -> String {
    var json = JSONWriter()
    json.openArray()
    for part in items.split(separator: ",", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "*", omittingEmptySubsequences: false)
      guard let item = OpID(pieces[0]), pieces.count <= 2,
        let quantity = pieces.count == 2 ? Int64(pieces[1]) : 1, (1...99).contains(quantity)
      else { throw .badValue(field: "items") }
      let price = try OfficeError.wrap { () throws(StoreError) in
        try store.points(ofItem: item, on: day)
      }
      guard let price else { throw .badValue(field: "items") }
      json.openObject()
      json.key("item")
      json.opID(item)
      json.key("quantity")
      json.integer(quantity)
      json.key("price")
      json.integer(price)
      json.closeObject()
    }
    json.closeArray()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// The business date: what staff said, else the PC's where the hub was heard of a day ago at most.
  ///
  /// What staff say is never judged by the PC's clock: the ledger is the same under any clock.
  private func date(_ text: String?, now: Int64) throws(OfficeError) -> BusinessDate {
    if let text {
      guard let date = BusinessDate(text) else { throw .badValue(field: "on") }
      return date
    }
    let heard = try OfficeError.wrap { () throws(StoreError) in try store.number(.lastContact) }
    guard let heard, abs(now - heard) <= 86_400_000 else { throw .dateNeeded }
    return BusinessDate(stamp: now)
  }
}
