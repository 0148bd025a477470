import Community
import OpLog
import Store
import Wire

/// How old people are: the band in the log that rules go by, and the birth date in the body.
extension OfficeCore {
  /// Says how old somebody is where staff gave a birth date, and what that replaces.
  ///
  /// - Throws: ``OfficeError/badValue(field:)`` for a band that the birth date contradicts.
  func fillAgeBand(
    _ kind: Kind, _ fields: inout [String: String], from body: [BodyValue], on day: BusinessDate
  ) throws(OfficeError) {
    guard ["resident.register", "resident.update"].contains(kind.name) else { return }
    let born = body.first { $0.name == "birth_date" && !$0.isCleared }
    if let band = born.flatMap({ AgeBand(born: $0.value, on: day) }) {
      let said = fields["age_band"].flatMap { AgeBand.names.firstIndex(of: $0) }
        .flatMap { AgeBand(rawValue: Int64($0)) }
      if let said, min(said, .adult) != min(band, .adult) { throw .badValue(field: "age_band") }
      if fields["age_band"] == nil { fields["age_band"] = band.name }
    }
    guard kind.name == "resident.update", fields["age_band"] != nil,
      fields["replaces_age_band"] == nil, let resident = fields["resident"].flatMap({ OpID($0) })
    else { return }
    let live = try OfficeError.wrap { () throws(StoreError) in
      try store.row(Tables.field, [resident.packed, AgeBand.register])
    }.map { OpList.decode($0[3].text) }
    // An update names at most 8; a wider fork takes a second one.
    fields["replaces_age_band"] =
      (live ?? [resident]).prefix(8).map(\.description).joined(separator: ",")
  }

  /// Asks for the band of who is under age by the birth date that is here, where nobody said it and a
  /// rule goes by it.
  ///
  /// What every office folds goes by the band; the body is at the person's own community alone.
  func checkAge(
    of payload: Payload, _ kind: Kind, on day: BusinessDate
  ) throws(OfficeError) {
    guard let resident = payload.reference(1) else { return }
    // Nobody asks who takes a consent back.
    if kind.name == "consent.set", payload.integer(3) == 0, payload.integer(5) ?? 0 == 0,
      let band = try bandByBirth(of: resident, on: day), band == .child
    {
      throw .refused(.ageBandNeeded(resident: resident, band: band, on: day))
    }
    guard kind.name == "redemption.record" else { return }
    if let youngest = try youngest(in: payload, on: day) {
      for person in [resident, payload.reference(7)].compactMap({ $0 }) {
        guard let band = try bandByBirth(of: person, on: day), band < youngest else { continue }
        throw .refused(.ageBandNeeded(resident: person, band: band, on: day))
      }
    }
    let isPool = payload.reference(6) != nil
    if let refusal = try ageRefusal(of: resident, fromPool: isPool, on: day) {
      throw .refused(refusal)
    }
    if try rules()?.isOn(.guardian) == true, let collector = payload.reference(7),
      let band = try bandByBirth(of: collector, on: day), band.isMinor
    {
      throw .refused(.ageBandNeeded(resident: collector, band: band, on: day))
    }
  }

  /// Why somebody redeems nothing before it is said how old that person is; nil where the rules do not ask
  /// or it is said.
  func ageRefusal(
    of resident: OpID, fromPool isPool: Bool = false, on day: BusinessDate
  ) throws(OfficeError) -> Refusal? {
    guard let rules = try rules() else { return nil }
    let limitsMinors = rules[.minorPerDay] != nil
    guard limitsMinors || rules.isOn(.guardian), let band = try bandByBirth(of: resident, on: day),
      limitsMinors && band.isMinor || band == .child || isPool && band.isMinor
    else { return nil }
    return .ageBandNeeded(resident: resident, band: band, on: day)
  }

  /// The band from which on all items of a redemption may be taken; nil where they are for everybody.
  private func youngest(
    in payload: Payload, on day: BusinessDate
  ) throws(OfficeError) -> AgeBand? {
    try OfficeError.wrap { () throws(StoreError) in
      var youngest: AgeBand?
      for item in payload.records(2).compactMap({ $0.reference(1) }) {
        let terms = try ItemTerms.standing(of: item, on: Int64(day.day), in: store)
        if let band = terms?.youngest { youngest = max(youngest ?? band, band) }
      }
      return youngest
    }
  }

  /// The rules of this office's community.
  func rules() throws(OfficeError) -> Policy? {
    try OfficeError.wrap { () throws(StoreError) in
      guard let id = try store.policy(of: community) else { return nil }
      return try store.row(Tables.policy, id: id.packed).map { Policy(row: $0) }
    }
  }

  /// The band that the birth date tells of whose band nobody said; nil for everybody else.
  private func bandByBirth(of person: OpID, on day: BusinessDate) throws(OfficeError) -> AgeBand? {
    try OfficeError.wrap { () throws(StoreError) -> AgeBand? in
      guard try AgeBand.of(person, on: Int64(day.day), in: store) == nil else { return nil }
      return try store.birthDate(of: person).flatMap { AgeBand(born: $0, on: day) }
    }
  }
}
