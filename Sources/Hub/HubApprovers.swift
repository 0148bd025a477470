import Community
import OpLog
import Store

/// Who can sign for the street.
///
/// Two persons end a roll-call, so a street that has fewer could not go on after its hub was rebuilt.
extension HubAdmin {
  /// How many persons have to sign.
  package static let signers = 2

  /// The approvers of the street, or of one community, who stand on a day, each person once by the
  /// earliest appointment, ascending; without one appointment where `left` names it.
  package static func approvers(
    on day: BusinessDate, of community: OpID? = nil, without left: OpID? = nil, in store: Store
  ) throws(StoreError) -> [OpID] {
    let day = Int64(day.day)
    var persons: Set<Cell> = []
    var approvers: [OpID] = []
    for row in try store.staffRows() {
      guard let id = row[0].id, id != left, community == nil || row[1].id == community,
        (row[2].integer ?? 0) & Role.approver.mask != 0,
        row[3].integer ?? 0 <= day, day <= min(row[4].integer ?? .max, row[5].integer ?? .max),
        persons.insert(row[6]).inserted
      else { continue }
      approvers.append(id)
    }
    return approvers
  }

  /// How many approvers of the street, or of one community, stand behind a day on which an appointment
  /// ends; nil where it is as many as without the end.
  static func approversLeft(
    behind day: BusinessDate, of community: OpID? = nil, without staff: OpID, in store: Store
  ) throws(StoreError) -> Int? {
    let next = day.adding(days: 1)
    let left = try approvers(on: next, of: community, without: staff, in: store).count
    return left < (try approvers(on: next, of: community, in: store).count) ? left : nil
  }

  /// Why nobody is appointed while the roll-call is open; nil when nothing is against it.
  ///
  /// Nothing else is decided then. But a street with fewer than two approvers, or whose approvers
  /// cannot be reached, would never come to an end of it.
  static func refusalInRollCall(
    of person: NewStaff, isSure: Bool, in store: Store, now: Int64
  ) throws(StoreError) -> StaffRefusal? {
    // Who stands as an approver is known from what the offices give.
    guard try !store.callers().isEmpty else { return .nobodyCalled }
    guard person.roles == [.approver] else { return .onlyApprover }
    let standing = try approvers(on: BusinessDate(stamp: now), in: store)
    return isSure ? nil : .rollCallIsOpen(standing: standing)
  }
}
