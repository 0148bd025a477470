import Community
import OpLog
import Store

/// Why the hub does not appoint somebody, or does not end an appointment.
package enum StaffRefusal: HubRefusal, Equatable {
  /// Somebody of this name has this appointment, with other roles or days: one person or two?
  case namesake(Appointment)
  /// Of these who stand here nobody knows the name: each may be the one who is to be appointed.
  case namesMissing([OpID])
  /// The person who is named has another name there: one person, or a slip?
  case otherName(OpID)
  /// The last day is before the first.
  case endsBeforeStart(BusinessDate)
  /// Somebody should look at what would come of it, and be sure.
  case notConfirmed(StaffEnding)
  /// The roll-call is open, and these approvers stand: somebody should be sure.
  case rollCallIsOpen(standing: [OpID])
  /// In a roll-call nobody is appointed but an approver.
  case onlyApprover
  /// In a roll-call nobody is appointed before an office has called.
  case nobodyCalled
  /// Nobody ended the appointment.
  case notEnded(OpID)
  /// There is no such appointment.
  case unknown(OpID)
  /// The database failed.
  case store(StoreError)
}

/// What the end of an appointment comes to.
package struct StaffEnding: Sendable, Equatable {
  /// The last day.
  package let day: BusinessDate
  /// Records about points and stock that the person dated after the day: they wait for an approver.
  package let waiting: Int
  /// How many approvers the street has behind the day; nil where it has as many as without the end.
  package let approversLeft: Int?
  /// How many approvers the person's community has behind the day; nil where it has as many as without
  /// the end.
  ///
  /// What one of them records only another approves.
  package let communityLeft: Int?

  /// Whether it can be done without a question.
  var isHarmless: Bool {
    waiting == 0
      && [approversLeft, communityLeft].allSatisfy { $0 ?? HubAdmin.signers >= HubAdmin.signers }
  }
}

/// Appointing staff and ending appointments, without a new invitation.
extension HubAdmin {
  /// Appoints somebody to a community of the street.
  ///
  /// Somebody of this name who has these roles already stays one person: two ids would let a recorder
  /// approve what the same person recorded. With other roles the caller has to say who it is.
  ///
  /// While a roll-call is open only an approver is appointed, by an op that says so.
  ///
  /// - Parameters:
  ///   - person: Whom.
  ///   - community: For which community.
  ///   - isSure: Whether to appoint in a roll-call, too.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The appointment's id; the standing one's where there is one.
  /// - Throws: ``StaffRefusal``; nothing is written then.
  package static func appoint(
    _ person: NewStaff, to community: OpID, isSure: Bool = false, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
      if try store.isRollCallOpen,
        let refusal = try refusalInRollCall(of: person, isSure: isSure, in: store, now: now)
      {
        return .failure(refusal)
      }
      if person.identity == .byName {
        let nameless = try nameless(in: community, store, now: now)
        guard nameless.isEmpty else { return .failure(.namesMissing(nameless)) }
      }
      if let refusal = try refusal(of: person, to: community, in: store, now: now) {
        return .failure(refusal)
      }
      return .success(try appointed(person, to: community, in: store, now: now))
    }
  }

  /// Why somebody is not appointed; nil when nothing is against it.
  static func refusal(
    of person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> StaffRefusal? {
    if let to = person.to, let from = person.from ?? firstDay, to < from {
      return .endsBeforeStart(from)
    }
    switch person.identity {
    case .sameAs(let id):
      guard try store.row(Tables.staff, id: id.packed) != nil else { return .unknown(id) }
      // Of a body that is not here nobody knows the name.
      guard let known = try store.tidiedName(of: id) else { return nil }
      return try store.tidiedName(in: person.body) == known ? nil : .otherName(id)
    case .renamed(let id):
      return try store.row(Tables.staff, id: id.packed) == nil ? .unknown(id) : nil
    case .somebodyElse: return nil
    case .byName:
      let standing = try standing(person, in: community, store, now: now)
      guard let first = standing.first, !standing.contains(where: person.isMeant) else {
        return nil
      }
      return .namesake(first)
    }
  }

  /// Appoints inside a transaction somebody against whom ``refusal(of:to:in:now:)``, and in a roll-call
  /// ``refusalInRollCall(of:isSure:in:now:)``, has nothing.
  static func appointed(
    _ person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    var same: OpID?
    switch person.identity {
    case .sameAs(let id), .renamed(let id): same = id
    case .somebodyElse: break
    case .byName:
      let standing = try standing(person, in: community, store, now: now)
      if let known = standing.first(where: person.isMeant) { return known.id }
      // Who comes back after an appointment ended is the same person, not a new one.
      same = try store.appointments(of: person.body, to: community).first?.id
    }
    // Where nobody says from when, old paper sheets may be entered too.
    let from = person.from ?? firstDay
    let values: [PayloadValue?] = [
      .reference(community), .integer(person.mask), .integer(Int64(from?.day ?? 0)),
      person.to.map { .integer(Int64($0.day)) }, same.map(PayloadValue.reference),
      try store.isRollCallOpen ? .integer(1) : nil,
    ]
    return try write(Payload(values: values), 6, body: person.body, to: store, now: now).id
  }

  private static let firstDay = BusinessDate(year: 2000, month: 1, day: 1)

  private static func standing(
    _ person: NewStaff, in community: OpID, _ store: Store, now: Int64
  ) throws(StoreError) -> [Appointment] {
    let today = Int64(BusinessDate(stamp: now).day)
    return try store.appointments(of: person.body, to: community).filter {
      today <= $0.days.upperBound
    }
  }

  /// Who stands in a community (nil: a new one), or for the street as an approver, and has no name here: a hub that was
  /// rebuilt from its key has no bodies until offices bring them.
  static func nameless(
    in community: OpID?, _ store: Store, now: Int64
  ) throws(StoreError) -> [OpID] {
    let today = BusinessDate(stamp: now)
    var standing = Set(try approvers(on: today, in: store))
    for row in try store.staffRows() where community.map({ row[1].id == $0 }) ?? false {
      guard let id = row[0].id,
        Int64(today.day) <= min(row[4].integer ?? .max, row[5].integer ?? .max)
      else { continue }
      standing.insert(id)
    }
    var nameless: [OpID] = []
    for id in standing.sorted() where try store.tidiedName(of: id) == nil { nameless.append(id) }
    return nameless
  }

  /// What ending an appointment on a day would do.
  ///
  /// - Throws: ``StaffRefusal/unknown(_:)``, ``StaffRefusal/endsBeforeStart(_:)``.
  package static func ending(
    of staff: OpID, on day: BusinessDate, in store: Store
  ) throws(StaffRefusal) -> StaffEnding {
    try decide(store) { () throws(StoreError) -> Result<StaffEnding, StaffRefusal> in
      if let refusal = try refusal(toEnd: staff, on: day, in: store) { return .failure(refusal) }
      return .success(try endingInside(of: staff, on: day, in: store))
    }
  }

  /// Ends an appointment, or corrects the day on which it ended: points and stock that the person
  /// records after the day wait.
  ///
  /// - Parameters:
  ///   - staff: The appointment.
  ///   - day: Its last day.
  ///   - isSure: Whether to end it although records would wait for an approver, or fewer approvers
  ///     than have to sign would stand.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The op.
  /// - Throws: ``StaffRefusal``; nothing is written then.
  package static func end(
    _ staff: OpID, on day: BusinessDate, isSure: Bool = false, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
      if let refusal = try refusal(toEnd: staff, on: day, in: store) { return .failure(refusal) }
      let ending = try endingInside(of: staff, on: day, in: store)
      guard isSure || ending.isHarmless else { return .failure(.notConfirmed(ending)) }
      return .success(try writeEnd(of: staff, on: day, in: store, now: now))
    }
  }

  /// Takes the end of an appointment back: it goes on.
  ///
  /// - Returns: The op, an end on the last day of all.
  /// - Throws: ``StaffRefusal``; nothing is written then.
  package static func undoEnd(
    of staff: OpID, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
      guard let row = try store.row(Tables.staff, id: staff.packed) else {
        return .failure(.unknown(staff))
      }
      let never = BusinessDate(stamp: 0).adding(days: BusinessDate.range.upperBound)
      guard let last = row[5].integer, last < Int64(never.day) else {
        return .failure(.notEnded(staff))
      }
      return .success(try writeEnd(of: staff, on: never, in: store, now: now))
    }
  }

  private static func writeEnd(
    of staff: OpID, on day: BusinessDate, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    let replaced = try StaffEndFold.standing(of: staff, in: store).map(\.op).sorted()
    let values: [PayloadValue?] = [
      .reference(staff), .integer(Int64(day.day)),
      replaced.isEmpty ? nil : .references(replaced),
    ]
    return try append(8, values, to: store, now: now).id
  }

  private static func endingInside(
    of staff: OpID, on day: BusinessDate, in store: Store
  ) throws(StoreError) -> StaffEnding {
    let community = try store.row(Tables.staff, id: staff.packed)?[1].id
    return StaffEnding(
      day: day, waiting: try store.datedOps(by: staff, after: Int64(day.day)).count,
      approversLeft: try approversLeft(behind: day, without: staff, in: store),
      communityLeft: try approversLeft(behind: day, of: community, without: staff, in: store))
  }

  private static func refusal(
    toEnd staff: OpID, on day: BusinessDate, in store: Store
  ) throws(StoreError) -> StaffRefusal? {
    guard let row = try store.row(Tables.staff, id: staff.packed) else { return .unknown(staff) }
    guard let from = row[3].integer.flatMap(BusinessDate.init(day:)), day < from else { return nil }
    return .endsBeforeStart(from)
  }

  /// Takes a member of staff's PINs away at every office.
  ///
  /// - Returns: The op.
  /// - Throws: ``StaffRefusal/unknown(_:)``; nothing is written then.
  package static func resetPIN(
    of staff: OpID, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
      guard try store.row(Tables.staff, id: staff.packed) != nil else {
        return .failure(.unknown(staff))
      }
      return .success(try append(67, [.reference(staff)], to: store, now: now).id)
    }
  }
}

/// A member of staff to appoint.
package struct NewStaff: Sendable {
  /// Who it is, where somebody of this name is known already.
  package enum Identity: Sendable, Equatable {
    /// Whoever has this name and these roles; with other roles it has to be said.
    case byName
    /// The person of this appointment, who has this name there too.
    case sameAs(OpID)
    /// The person of this appointment, who had another name then.
    case renamed(OpID)
    /// Nobody who was appointed before.
    case somebodyElse
  }

  /// What the person may do.
  package let roles: [Role]
  /// The name, as a body.
  package let body: Body
  /// The first day of the appointment; nil for any day in the past too.
  package let from: BusinessDate?
  /// Its last day; nil until it is ended.
  package let to: BusinessDate?
  /// Who it is.
  package let identity: Identity

  /// Makes one.
  package init(
    roles: [Role], body: Body, from: BusinessDate? = nil, to: BusinessDate? = nil,
    identity: Identity = .byName
  ) {
    self.roles = roles
    self.body = body
    self.from = from
    self.to = to
    self.identity = identity
  }

  /// The roles as a bit mask.
  var mask: Int64 { roles.reduce(0) { $0 | $1.mask } }

  /// Whether an appointment that stands is what is asked for: these roles, and no other days.
  func isMeant(_ appointment: Appointment) -> Bool {
    appointment.roles & mask == mask
      && (from.map { Int64($0.day) == appointment.days.lowerBound } ?? true)
      && (to.map { Int64($0.day) == appointment.days.upperBound } ?? true)
  }
}
