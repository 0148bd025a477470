import OpLog

/// The two persons who answer for a decision of the hub that nobody can take back: approvers on its
/// day, ends of appointments aside.
///
/// Read from the ops alone, because the bounds of logs are known before any table is.
enum TwoApprovers {
  /// What two persons decide while a roll-call is open.
  private static let ofRollCall: Set<KindNumber> = [HubSucceedFold.kind, HubAdoptFold.kind]

  /// Whether two approvers of the street, and not one person twice, signed an op.
  ///
  /// Whom a hub appointed itself before its roll-call ended signs in it only where the appointment says
  /// so, and with that stands on every desk.
  static func signed<E: Error>(
    _ op: Op, _ approvers: [OpID], reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Bool {
    try persons(op, approvers, reading: read).map { $0.count >= 2 } ?? false
  }

  /// Whether two approvers of the street grant a request in a decision, and neither asked for it.
  static func grant<E: Error>(
    _ request: Op, in decision: Op, _ approvers: [OpID], reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Bool {
    guard let persons = try persons(decision, approvers, reading: read), persons.count >= 2 else {
      return false
    }
    guard let asker = request.actor, let appointment = appointed(by: try read(asker)) else {
      return true
    }
    return !persons.contains(try person(of: asker, appointment, reading: read))
  }

  /// The persons who signed an op, each by the first appointment; nil where one of them is no approver.
  private static func persons<E: Error>(
    _ op: Op, _ approvers: [OpID], reading read: (OpID) throws(E) -> Op
  ) throws(E) -> Set<OpID>? {
    var persons: Set<OpID> = []
    for id in approvers {
      let appointment = try read(id)
      guard id.replica.isHub, let payload = appointed(by: appointment),
        (payload.integer(2) ?? 0) & Role.approver.mask != 0,
        payload.integer(3) ?? 0 <= Int64(op.occurredOn.day),
        Int64(op.occurredOn.day) <= payload.integer(4) ?? .max,
        !Self.ofRollCall.contains(op.kind) || id.replica != op.id.replica
          || StaffFold.isInRollCall(payload)
      else { return nil }
      persons.insert(try person(of: id, payload, reading: read))
    }
    return persons
  }

  /// The first appointment of whom an appointment names.
  private static func person<E: Error>(
    of id: OpID, _ payload: Payload, reading read: (OpID) throws(E) -> Op
  ) throws(E) -> OpID {
    var (person, next) = (id, payload.reference(5))
    while let earlier = next, earlier.replica.isHub,
      let payload = appointed(by: try read(earlier))
    { (person, next) = (earlier, payload.reference(5)) }
    return person
  }

  private static func appointed(by op: Op) -> Payload? {
    guard let payload = StaffFold.schema.payload(of: op) else { return nil }
    return payload
  }
}
