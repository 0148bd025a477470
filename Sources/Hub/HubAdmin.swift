import Community
import OpLog
import Store

/// What the street's administrator does at the hub itself.
package enum HubAdmin {
  /// What the name of a community, an office, or a person may be: no control characters, which can make a
  /// listing lie.
  static let nameType = FieldType.text(1...60)

  /// Writes the first op of a new street.
  package static func define(
    _ store: Store, streetName: String, now: Int64
  ) throws(StoreError) {
    try store.write { () throws(StoreError) in
      try append(
        1, [.bytes(store.identity.street.bytes), .text(streetName)], to: store, now: now)
      try store.set(.streetName, Array(streetName.utf8))
    }
  }

  /// Invites an office: writes its community and rules where they are new, and appoints its staff.
  ///
  /// Somebody of this name who is appointed with these roles already stays one person: two ids would
  /// let a recorder approve what the same person recorded. So nobody is appointed by a name alone while
  /// a hub that was rebuilt lacks the names of those who stand.
  ///
  /// - Parameters:
  ///   - invitation: What to invite.
  ///   - codeHash: SHA-256 of the one-time code.
  ///   - store: The hub's database.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The ids of the staff, in the order given.
  /// - Throws: ``StaffRefusal``; nothing is written then.
  package static func invite(
    _ invitation: OfficeInvitation, codeHash: Digest, to store: Store, now: Int64
  ) throws(StaffRefusal) -> [OpID] {
    try decide(store) { () throws(StoreError) -> Result<[OpID], StaffRefusal> in
      try store.checkMayDecide()
      // It stands in the log of every office once somebody uses the code, which it would spoil.
      guard nameType.fits(.text(invitation.label)) else {
        return .failure(.store(.payload(.outOfRange(field: "label"))))
      }
      guard !PersonalData.isIn(invitation.label) else {
        return .failure(.store(.refused(.personalData(field: "label"))))
      }
      let community: OpID
      let known = try store.community(named: invitation.community)
      if invitation.staff.contains(where: { $0.identity == .byName }) {
        let nameless = try nameless(in: known, store, now: now)
        guard nameless.isEmpty else { return .failure(.namesMissing(nameless)) }
      }
      if let known {
        community = known
        for person in invitation.staff {
          if let refusal = try refusal(of: person, to: known, in: store, now: now) {
            return .failure(refusal)
          }
        }
      } else {
        community = try append(2, [.text(invitation.community)], to: store, now: now).id
      }
      let isNew = try store.policy(of: community) == nil
      if isNew || !invitation.policy.isEmpty {
        try setPolicy(invitation.policy, of: community, in: store, now: now)
      }
      var staff: [OpID] = []
      for person in invitation.staff {
        staff.append(try appointed(person, to: community, in: store, now: now))
      }
      try store.keep(
        Invitation(
          codeHash: codeHash, community: community, label: invitation.label,
          expiresAt: now + invitation.validMilliseconds))
      return .success(staff)
    }
  }

  /// Shuts a replica's door: its token is refused from now on.
  ///
  /// What it wrote stays. It takes a door away and gives nothing, so it waits for no roll-call.
  ///
  /// - Returns: False when no such replica is enrolled.
  package static func revoke(
    _ replica: ReplicaID, reason: Int64, in store: Store, now: Int64
  ) throws(StoreError) -> Bool {
    try store.write { () throws(StoreError) in
      guard let enrolment = try store.enrolment(of: replica) else { return false }
      let payload = Payload(values: [.reference(enrolment.op), .integer(reason)])
      try write(payload, 4, to: store, now: now)
      try store.setReadmission(of: replica, until: nil)
      return true
    }
  }

  /// Decides inside one transaction, on what the hub holds then; a refusal comes before any writing.
  static func decide<R, E: HubRefusal>(
    _ store: Store, _ body: () throws(StoreError) -> Result<R, E>
  ) throws(E) -> R {
    let result: Result<R, E>
    do throws(StoreError) {
      result = try store.write(body)
    } catch { throw E.store(error) }
    return try result.get()
  }

  /// Writes a decision of the administrator; inside a transaction.
  ///
  /// - Throws: ``StoreError/rollCall`` while the hub decides nothing.
  @discardableResult
  static func append(
    _ number: KindNumber, _ values: [PayloadValue?], body: Body? = nil, to store: Store, now: Int64
  ) throws(StoreError) -> Op {
    try store.checkMayDecide()
    return try write(Payload(values: values), number, body: body, to: store, now: now)
  }

  /// Writes an op of the hub's log, in a roll-call too; inside a transaction.
  ///
  /// - Throws: ``StoreError/refused(_:)`` for a text with a phone or ID number: every office would keep
  ///   it for ever. ``StoreError/clockBehind(written:)`` when the clock is before the hub's own log.
  @discardableResult
  static func write(
    _ payload: Payload, _ number: KindNumber, body: Body? = nil, to store: Store, now: Int64
  ) throws(StoreError) -> Op {
    guard let kind = Catalogue.kind(number) else {
      preconditionFailure("the catalogue has every system kind")
    }
    try HubClock.check(now, in: store)
    if let field = PersonalData.field(in: payload, of: kind) {
      throw .refused(.personalData(field: field))
    }
    var draft = Draft(kind: kind, payload: payload, occurredOn: BusinessDate(stamp: now))
    draft.body = body
    return try store.append(draft, stamp: now)
  }
}

/// Why the hub does not do what its administrator asks.
package protocol HubRefusal: Error, Sendable {
  /// The database failed.
  static func store(_ error: StoreError) -> Self
}

/// What `hub invite` takes.
package struct OfficeInvitation: Sendable {
  /// The community's name; written when it is new.
  package let community: String
  /// What the office is called.
  package let label: String
  /// Staff to appoint.
  package let staff: [NewStaff]
  /// Rules to change; any entry writes a new complete policy, in which the others stay as they are.
  package let policy: PolicyChanges
  /// How long the code holds.
  package let validMilliseconds: Int64

  /// Makes an invitation.
  package init(
    community: String, label: String, staff: [NewStaff], policy: PolicyChanges,
    validMilliseconds: Int64 = 14 * 86_400_000
  ) {
    self.community = community
    self.label = label
    self.staff = staff
    self.policy = policy
    self.validMilliseconds = validMilliseconds
  }
}
