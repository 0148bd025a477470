import Community
import OpLog
import Store

/// Why the hub does not appoint somebody, or does not end an appointment.
package enum StaffRefusal: HubRefusal, Equatable {
  /// Somebody of this name has this appointment, with other roles or days: one person or two?
  case namesake(Appointment)
  /// The last day is before the first.
  case endsBeforeStart(BusinessDate)
  /// Records about points and stock that are dated after the day would wait for an approver.
  case recordsWouldWait(Int, after: BusinessDate)
  /// There is no such appointment.
  case unknown(OpID)
  /// The database failed.
  case store(StoreError)
}

/// What `hub staff end` would do.
package struct StaffEnding: Sendable, Equatable {
  /// Records about points and stock that the person dated after the day: they wait for an approver.
  package let waiting: Int
  /// The day that holds now; nil while the appointment is not ended.
  package let before: BusinessDate?
}

/// Appointing staff and ending appointments, without a new invitation.
extension HubAdmin {
  /// Appoints somebody to a community of the street.
  ///
  /// Somebody of this name who has these roles already stays one person: two ids would let a recorder
  /// approve what the same person recorded. With other roles the caller has to say who it is.
  ///
  /// - Returns: The appointment's id; the standing one's where there is one.
  /// - Throws: ``StaffRefusal``; nothing is written then.
  package static func appoint(
    _ person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
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

  /// Appoints inside a transaction somebody against whom ``refusal(of:to:in:now:)`` has nothing.
  static func appointed(
    _ person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    var same: OpID?
    switch person.identity {
    case .sameAs(let id): same = id
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
    ]
    return try append(6, values, body: person.body, to: store, now: now).id
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

  /// What ending an appointment on a day would do.
  ///
  /// - Throws: ``StaffRefusal/unknown(_:)``, ``StaffRefusal/endsBeforeStart(_:)``.
  package static func ending(
    of staff: OpID, on day: BusinessDate, in store: Store
  ) throws(StaffRefusal) -> StaffEnding {
    try decide(store) { () throws(StoreError) -> Result<StaffEnding, StaffRefusal> in
      if let refusal = try refusal(toEnd: staff, on: day, in: store) { return .failure(refusal) }
      let before = try store.row(Tables.staff, id: staff.packed)?[5].integer
      let waiting = try store.datedOps(by: staff, after: Int64(day.day)).count
      return .success(
        StaffEnding(waiting: waiting, before: before.flatMap(BusinessDate.init(day:))))
    }
  }

  /// Ends an appointment, or corrects the day on which it ended: points and stock that the person
  /// records after the day wait.
  ///
  /// - Returns: The op.
  /// - Throws: As for ``ending(of:on:in:)``; nothing is written then.
  package static func end(
    _ staff: OpID, on day: BusinessDate, in store: Store, now: Int64
  ) throws(StaffRefusal) -> OpID {
    try decide(store) { () throws(StoreError) -> Result<OpID, StaffRefusal> in
      if let refusal = try refusal(toEnd: staff, on: day, in: store) { return .failure(refusal) }
      let replaced = try StaffEndFold.standing(of: staff, in: store).map(\.op).sorted()
      let values: [PayloadValue?] = [
        .reference(staff), .integer(Int64(day.day)),
        replaced.isEmpty ? nil : .references(replaced),
      ]
      return .success(try append(8, values, to: store, now: now).id)
    }
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
    /// The person of this appointment.
    case sameAs(OpID)
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
