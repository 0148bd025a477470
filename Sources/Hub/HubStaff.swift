import Community
import OpLog
import Store

/// Appointing staff and ending appointments, without a new invitation.
extension HubAdmin {
  /// Appoints somebody to a community of the street.
  ///
  /// Somebody of this name who is appointed with these roles already stays one person: two ids would
  /// let a recorder approve what the same person recorded.
  ///
  /// - Returns: The appointment's id, which is the person's; the standing one's where there is one.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func appoint(
    _ person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    try store.write { () throws(StoreError) in
      try appointed(person, to: community, in: store, now: now)
    }
  }

  /// The same inside a transaction.
  static func appointed(
    _ person: NewStaff, to community: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID {
    let roles = person.roles.reduce(0) { $0 | $1.mask }
    let standing = try store.appointment(
      of: person.body, to: community, roles: roles, on: BusinessDate(stamp: now))
    if let standing { return standing }
    // Where nobody says from when, old paper sheets may be entered too.
    let from = person.from ?? BusinessDate(year: 2000, month: 1, day: 1)
    let values: [PayloadValue?] = [
      .reference(community), .integer(roles), .integer(Int64(from?.day ?? 0)),
      person.to.map { .integer(Int64($0.day)) },
    ]
    return try append(6, values, body: person.body, to: store, now: now).id
  }

  /// Ends an appointment: points and stock that the person records after the day wait.
  ///
  /// - Returns: The op; nil when there is no such appointment.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func end(
    _ staff: OpID, on day: BusinessDate, in store: Store, now: Int64
  ) throws(StoreError) -> OpID? {
    try about(staff, in: store) { () throws(StoreError) in
      try append(8, [.reference(staff), .integer(Int64(day.day))], to: store, now: now).id
    }
  }

  /// Takes a member of staff's PINs away at every office.
  ///
  /// - Returns: The op; nil when there is no such member of staff.
  /// - Throws: ``StoreError``; nothing is written then.
  package static func resetPIN(
    of staff: OpID, in store: Store, now: Int64
  ) throws(StoreError) -> OpID? {
    try about(staff, in: store) { () throws(StoreError) in
      try append(67, [.reference(staff)], to: store, now: now).id
    }
  }

  private static func about(
    _ staff: OpID, in store: Store, _ write: () throws(StoreError) -> OpID
  ) throws(StoreError) -> OpID? {
    try store.write { () throws(StoreError) -> OpID? in
      guard try store.row(Tables.staff, id: staff.packed) != nil else { return nil }
      return try write()
    }
  }
}

/// A member of staff to appoint.
package struct NewStaff: Sendable {
  /// What the person may do.
  package let roles: [Role]
  /// The name, as a body.
  package let body: Body
  /// The first day of the appointment; nil for any day in the past too.
  package let from: BusinessDate?
  /// Its last day; nil until it is ended.
  package let to: BusinessDate?

  /// Makes one.
  package init(
    roles: [Role], body: Body, from: BusinessDate? = nil, to: BusinessDate? = nil
  ) {
    self.roles = roles
    self.body = body
    self.from = from
    self.to = to
  }
}
