import Community
import OpLog
import Store
import Wire

/// From the words of a request to a draft: types, defaults, and the body.
extension OfficeCore {
  /// One field of a body as staff gave it; an empty value clears the field.
  struct BodyValue {
    let name: String
    let value: String
    var isCleared: Bool { value.isEmpty }
  }

  func draft(
    _ request: RecordRequest, now: Int64, random: (Int) -> [UInt8]
  ) throws(OfficeError) -> Draft {
    guard let kind = Catalogue.kind(named: request.kind),
      store.edition.kind(kind.number) != nil
    else {
      throw .unknownKind(request.kind)
    }
    guard !kind.isHubOnly else { throw .refused(.onlyHub) }
    guard !kind.isByProgram else { throw .refused(.byProgram) }
    guard let actor = request.actor else { throw .missingActor }
    guard let actorID = OpID(actor) else { throw .badValue(field: "as") }
    let (policy, isKnown) = try OfficeError.wrap { () throws(StoreError) in
      (try store.policy(of: community), try store.enrolment(of: store.identity.replica) != nil)
    }
    if let other = try otherCommunity { throw .otherCommunity(other) }
    guard let policy, isKnown else { throw .notReady }
    var fields = request.fields
    let body = try takeBody(of: kind, from: &fields)
    var occurredOn = try date(request.occurredOn, now: now)
    if kind.name == "award.grant", request.occurredOn == nil {
      occurredOn = try dayOfAward(fields, by: actorID, today: occurredOn)
    }
    try checkBirthDate(in: body, recordedOn: occurredOn)
    try fillAgeBand(kind, &fields, from: body, on: occurredOn)
    try fillDefaults(kind, &fields, updated: body, on: occurredOn)
    let payload = try naming(termsOn: occurredOn, in: try payload(kind, fields), of: kind)
    try checkAge(of: payload, kind, on: occurredOn)
    var draft = Draft(kind: kind, payload: payload, occurredOn: occurredOn)
    draft.actor = actorID
    draft.policy = policy
    draft.body = try content(of: body).map { (content) throws(OfficeError) in
      guard let made = Body(salt: random(16), content: content) else {
        throw .badValue(field: "body")
      }
      return made
    }
    return draft
  }

  /// The body as JSON; nil where no field has a value.
  private func content(of body: [BodyValue]) -> String? {
    guard body.contains(where: { !$0.isCleared }) else { return nil }
    var json = JSONWriter()
    json.openObject()
    for field in body where !field.isCleared {
      json.key(field.name)
      json.text(field.value)
    }
    json.closeObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func payload(_ kind: Kind, _ fields: [String: String]) throws(OfficeError) -> Payload {
    for name in fields.keys.sorted() where !kind.schema.fields.contains(where: { $0.name == name })
    {
      throw .unknownField(kind: kind.name, field: name)
    }
    var values: [PayloadValue?] = []
    for field in kind.schema.fields {
      guard let text = fields[field.name].map({ ShortForm.plain($0, of: field) }) else {
        guard !field.isRequired else { throw .missingField(field.name) }
        values.append(nil)
        continue
      }
      let parsed =
        try enrolment(named: text, by: field.type) ?? FieldText.parse(text, as: field.type)
      guard let value = parsed, try isMeant(value, by: field.type) else {
        throw .badValue(field: field.name)
      }
      values.append(value)
    }
    return Payload(values: values)
  }

  /// The enrolment that a field means by an office's number; nil for other fields and texts.
  private func enrolment(
    named text: String, by type: FieldType
  ) throws(OfficeError) -> PayloadValue? {
    guard case .reference([3]) = type, let number = UInt32(text) else { return nil }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.row(Tables.replica, id: Int64(number))?[1].id.map { .reference($0) }
    }
  }

  /// Whether staff can have meant a value that its field takes: no blank text, and no reference to a
  /// record of another kind.
  private func isMeant(
    _ value: PayloadValue, by type: FieldType
  ) throws(OfficeError) -> Bool {
    switch (value, type) {
    case (.text(let text), _): return !text.isBlank
    case (.reference(let id), .reference(let kinds)):
      // A record that is not here is refused later, as one that is not here.
      guard !kinds.isEmpty, let named = try record(id) else { return true }
      return kinds.contains(named.kind)
    default: return true
    }
  }

  /// What is wrong with an id: it names another kind of record, or one that is not here.
  private func unfit(_ id: OpID, field: String) throws(OfficeError) -> OfficeError {
    try record(id) == nil ? .store(.unknownReference(id)) : .badValue(field: field)
  }

  /// The record of an id; nil for one that is not here.
  ///
  /// Nothing else is passed over: where a read finds no memory SQLite ends the transaction, and what is
  /// read next would be of another moment.
  private func record(_ id: OpID) throws(OfficeError) -> Op? {
    do throws(StoreError) {
      return try store.op(id)
    } catch {
      if case .damaged = error { return nil }
      throw .store(error)
    }
  }

  /// Takes the body's fields out of the request, in catalogue order.
  ///
  /// An empty value of an update clears the field: the update replaces the value and has none.
  private func takeBody(
    of kind: Kind, from fields: inout [String: String]
  ) throws(OfficeError) -> [BodyValue] {
    var body: [BodyValue] = []
    for field in kind.body {
      guard let value = fields.removeValue(forKey: field.name) else {
        // An update leaves out what it does not change; a household's file is replaced as a whole.
        let isUpdate = kind.schema.fields.contains { $0.name == "replaces_" + field.name }
        guard !field.isRequired || isUpdate else { throw .missingField(field.name) }
        continue
      }
      let isCleared = value.isEmpty && kind.merge == .register && !field.isRequired
      guard isCleared || Self.isMeant(value, by: field) else {
        throw .badValue(field: field.name)
      }
      guard !PersonalData.freeTextFields.contains(field.name) || !PersonalData.isIn(value) else {
        throw .refused(.personalData(field: field.name))
      }
      body.append(BodyValue(name: field.name, value: value))
    }
    return body
  }

  /// Whether staff can have meant a text for a field of a body: it has the length, a name has a letter,
  /// and a phone number is one.
  package static func isMeant(_ text: String, by field: BodyField) -> Bool {
    guard FieldType.text(field.length).fits(.text(text)) else { return false }
    return switch field.name {
    case "name": PersonName.isReadable(text)
    case "phone": PhoneNumber.isOne(text)
    default: !text.isBlank
    }
  }

  /// Whether a text is a real day, and a record of another day is not older than the person.
  package static func isBirthDate(_ text: String, recordedOn date: BusinessDate) -> Bool {
    // The calendar repeats after 400 years, and business dates start in 1970.
    let later = Int(text.prefix(4)).map { "\($0 + 400)" + text.dropFirst(4) }
    guard let later, BusinessDate(later) != nil else { return false }
    return text <= date.description
  }

  private func checkBirthDate(
    in body: [BodyValue], recordedOn date: BusinessDate
  ) throws(OfficeError) {
    guard let field = body.first(where: { $0.name == "birth_date" }), !field.isCleared else {
      return
    }
    guard Self.isBirthDate(field.value, recordedOn: date) else {
      throw .badValue(field: field.name)
    }
  }

  /// Fills in what staff need not type: what an update replaces, an award's points, a basis.
  private func fillDefaults(
    _ kind: Kind, _ fields: inout [String: String], updated body: [BodyValue],
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
      // An unknown field is told by its name, and not as nothing to change.
      let isKnown = { (name: String) in kind.schema.fields.contains { $0.name == name } }
      let isSaid = !body.isEmpty || fields["replaces_age_band"] != nil
      guard isSaid || !fields.keys.allSatisfy(isKnown) else {
        throw .missingField(kind.body[0].name)
      }
    case "activity.publish": try fillAnnouncement(&fields)
    case "activity.amend": try fillAmended(&fields)
    case "award.grant":
      if fields["minutes"] == nil { fields["minutes"] = try attendedMinutes(kind, fields) }
      guard fields["points"] == nil, let activity = fields["activity"].flatMap({ OpID($0) }) else {
        return
      }
      let points = try OfficeError.wrap { () throws(StoreError) in
        try store.points(ofActivity: activity)
      }
      guard let points else { throw try unfit(activity, field: "activity") }
      fields["points"] = String(points)
    case "redemption.record":
      if let items = fields.removeValue(forKey: "items") {
        fields["lines"] = try lines(items, on: day)
      }
      let payer = fields["pool"] ?? fields["resident"]
      if fields["basis"] == nil, let payer = payer.flatMap({ OpID($0) }) {
        try fillBasis(of: payer, kind, &fields)
      }
    case "resident.merge", "resident.unmerge", "resident.erase":
      guard fields["by_two"] ?? "true" == "true" else { throw .badValue(field: "by_two") }
      fields["by_two"] = "true"
    case "account.freeze" where fields["reason"] == "fraud": try fillSanction(&fields, on: day)
    case "points.transfer": try fillHeirs(&fields)
    case "stock.write_off" where fields["transfer"] != nil:
      guard fields["by_both"] ?? "true" == "true" else { throw .badValue(field: "by_both") }
      fields["by_both"] = "true"
    case "consent.set", "household.upsert_file": try fillReplaced(kind, &fields)
    case "custody.give", "offer.use", "coin.issue": try fillHome(kind, &fields)
    case "resident.deactivate", "resident.reactivate", "desk.resolve": try fillArrival(&fields)
    default: try fillShelfDefaults(kind, &fields, on: day)
    }
  }

  /// The same for homes that move: the op that made this office the account's home.
  private func fillHome(_ kind: Kind, _ fields: inout [String: String]) throws(OfficeError) {
    let named = fields[kind.name == "custody.give" ? "account" : "resident"]
    guard let account = named.flatMap({ OpID($0) }) else { return }
    let (home, maker) = try OfficeError.wrap { () throws(StoreError) in
      (try store.home(of: account), try store.homeMaker(of: account))
    }
    guard let maker else { throw try unfit(account, field: "account") }
    if kind.name == "custody.give" {
      if fields["after"] == nil { fields["after"] = maker.description }
    } else if home == replica, maker != account, fields["basis"] == nil {
      fields["basis"] = "home"
    }
  }

  /// The same for who moved here: the give that says so.
  private func fillArrival(_ fields: inout [String: String]) throws(OfficeError) {
    guard fields["after"] == nil else { return }
    var resident = (fields["resident"] ?? fields["subject"]).flatMap { OpID($0) }
    if let departure = fields["departure"].flatMap({ OpID($0) }) {
      resident = try record(departure).flatMap(DepartureFold.resident(of:))
    }
    guard let resident else { return }
    let give = try OfficeError.wrap { () throws(StoreError) in
      try store.arrival(of: resident, in: community)
    }
    if let give { fields["after"] = give.description }
  }

  /// The same for prices and shelves: what a price replaces and when, what the books say.
  private func fillShelfDefaults(
    _ kind: Kind, _ fields: inout [String: String], on day: BusinessDate
  ) throws(OfficeError) {
    guard let item = fields["item"].flatMap({ OpID($0) }) else { return }
    switch kind.name {
    case "item.reprice":
      if fields["valid_from"] == nil { fields["valid_from"] = day.description }
      try fillTerms(of: item, &fields, on: day)
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

  /// The minutes of the attendance that an award is for; nil when nobody checked out.
  private func attendedMinutes(
    _ kind: Kind, _ fields: [String: String]
  ) throws(OfficeError) -> String? {
    guard let activity = fields["activity"].flatMap({ OpID($0) }),
      let resident = fields["resident"].flatMap({ OpID($0) })
    else { return nil }
    func number(_ name: String) -> Int64? {
      guard let field = kind.schema.fields.first(where: { $0.name == name }),
        case .integer(let number)? = fields[name].flatMap({ FieldText.parse($0, as: field.type) })
      else { return nil }
      return number
    }
    let (session, role) = (number("session") ?? 1, number("role") ?? 0)
    return try OfficeError.wrap { () throws(StoreError) in
      try store.minutes(of: resident, at: activity, session: session, role: role)
    }.map(String.init)
  }

  /// Fills in what a consent or a version of a household's file replaces: all that stands here.
  private func fillReplaced(
    _ kind: Kind, _ fields: inout [String: String]
  ) throws(OfficeError) {
    guard fields["replaces"] == nil else { return }
    var live: [OpID] = []
    if kind.name == "consent.set", let resident = fields["resident"].flatMap({ OpID($0) }),
      let type = kind.schema.fields.first(where: { $0.name == "purpose" })?.type,
      case .integer(let purpose)? = fields["purpose"].flatMap({ FieldText.parse($0, as: type) })
    {
      live = try OfficeError.wrap { () throws(StoreError) in
        try store.liveConsents(of: resident, purpose: purpose)
      }
    } else if let household = fields["household"].flatMap({ OpID($0) }) {
      let file = try OfficeError.wrap { () throws(StoreError) in try store.household(household) }
      live = file?.versions ?? []
      if fields["head"] == nil, let head = file?.head { fields["head"] = head.description }
    }
    if !live.isEmpty { fields["replaces"] = live.map(\.description).joined(separator: ",") }
  }

  /// `4097-5*2,4097-8` as lines at the present prices.
  private func lines(_ items: String, on day: BusinessDate) throws(OfficeError) -> String {
    var json = JSONWriter()
    json.openArray()
    guard let wanted = RequestedItem.list(items) else { throw .badValue(field: "items") }
    for (item, quantity) in wanted.map({ ($0.item, $0.quantity) }) {
      let price = try OfficeError.wrap { () throws(StoreError) in
        try store.points(ofItem: item, on: day)
      }
      guard let price else { throw try unfit(item, field: "items") }
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

extension String {
  /// Whether there is nothing to read in it.
  fileprivate var isBlank: Bool { !isEmpty && allSatisfy(\.isWhitespace) }
}
