import Community
import FoldKit
import OpLog

/// PCs that were copied, drawn at random: what somebody wrote is recorded again.
extension History {
  /// An office records again what it, a colleague, or a stranger wrote; of the original it knows the
  /// hash, or it was lost with the other copy.
  mutating func recordAgain(at counter: Counter) throws {
    let known = street.written.filter { delivery in
      let op = delivery.op
      return !op.id.replica.isHub && op.kind != Receipt.kind && holds(op.id, counter)
        && delivery.namedOps.allSatisfy { holds($0, counter) }
        && (street.place(of: op.id.replica) == street.place(of: counter.office)
          || op.id.seq % 8 == 0)
    }
    let again = known.filter { $0.op.was != nil }
    guard let record = pick(dice.once(in: 3) && !again.isEmpty ? again : known) else { return }
    let lost = SHA256.hash(Array(record.op.id.description.utf8))
    let id = try street.write(
      record.op.kind, by: counter.office, actor: record.op.actor, policy: record.op.policy,
      was: record.op.was ?? (dice.once(in: 3) ? record.hash : lost),
      payload: Array(record.op.bytes[record.op.payload]))
    note(id, record.op)
  }

  /// Lets later steps name the new record as they do the old one.
  private mutating func note(_ id: OpID, _ record: Op) {
    if residents.contains(record.id) { residents.append(id) }
    if activities.contains(record.id) { activities.append(id) }
    if items.contains(record.id) { items.append(id) }
    if let grant = grants.first(where: { $0.id == record.id }) {
      grants.append(
        Granted(
          id: id, resident: grant.resident, activity: grant.activity, session: grant.session,
          role: grant.role))
    }
  }
}
