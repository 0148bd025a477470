import Community
import OpLog

/// The person-times of a community.
package struct Attendance: Equatable {
  /// How many there are.
  package var personTimes: Int64 = 0
  /// How long they took together.
  package var minutes: Int64 = 0

  /// Makes some; none without numbers.
  package init(personTimes: Int64 = 0, minutes: Int64 = 0) {
    self.personTimes = personTimes
    self.minutes = minutes
  }
}

/// Who took part in what, and for how long: attendance says it, and awards where there is none.
extension NaiveModel {
  /// A person's part in a session, under all files and in all roles.
  private struct Part: Hashable {
    let person: OpID
    let activity: OpID
    let session: Int64
  }

  /// A record that somebody took part.
  private struct Presence {
    let op: OpID
    let came: Bool
    let minutes: Int64?
    let isOverlapping: Bool
  }

  mutating func countAttendance() {
    let person = people()
    var parts: [Part: [Presence]] = [:]
    func add(_ presence: Presence, _ key: AwardKey) {
      guard isWork(key.activity), communities[presence.op.replica] != nil
      else { return }
      let part = Part(
        person: person[key.resident] ?? key.resident, activity: key.activity, session: key.session)
      parts[part, default: []].append(presence)
    }
    for (key, presence) in attended() { add(presence, key) }
    for award in awards {
      let presence = Presence(
        op: award.op, came: false, minutes: award.minutes,
        isOverlapping: overlapping.contains(award.op))
      add(
        presence,
        AwardKey(
          resident: award.resident, activity: award.activity, session: award.session,
          role: award.role))
    }
    for presences in parts.values {
      let first = presences.min { ($0.came ? 0 : 1, $0.op) < ($1.came ? 0 : 1, $1.op) }
      guard let community = first.flatMap({ communities[$0.op.replica] }) else { continue }
      let said = presences.filter(\.came).compactMap(\.minutes).max()
      let claimed = presences.compactMap(\.minutes).max()
      let isOverlapping = presences.contains(where: \.isOverlapping)
      attendance[community, default: Attendance()].personTimes += 1
      attendance[community, default: Attendance()].minutes +=
        isOverlapping ? 0 : said ?? claimed ?? 0
    }
  }

  /// Remembers a round that counted, with what took it back.
  mutating func note(_ number: Int, of key: AwardKey, takenBackBy reversal: OpID?) {
    guard number >= lastRounds[key]?.number ?? 0 else { return }
    let isDenied = reversal.map { ops[$0]?.integer("cause") != 0 } ?? false
    lastRounds[key] = (number, isDenied)
  }

  // MARK: Attendance

  /// The parts that attendance alone says, unless a person said that it is not so.
  private func attended() -> [(AwardKey, Presence)] {
    let fates = fates()
    var records: [AwardKey: [Fact]] = [:]
    for name in ["attendance.check_in", "attendance.check_out", "attendance.supplement"] {
      for fact in ops(name) where isEntitled(fact) {
        let named = fact.reference("check_in").flatMap { ops[$0] } ?? fact
        guard let key = key(of: named) else { continue }
        guard name != "attendance.supplement" || mayStand(fact, for: key.activity) else { continue }
        records[key, default: []].append(fact)
      }
    }
    let posted = Set(
      awards.map {
        AwardKey(
          resident: $0.resident, activity: $0.activity, session: $0.session, role: $0.role)
      })
    return records.compactMap { key, facts in
      let organiser = communities[key.activity.replica]
      func first(_ name: String) -> Fact? {
        let all = facts.filter { $0.kind?.name == name }
        let own = all.filter { communities[$0.op.id.replica] == organiser }
        return (own.isEmpty ? all : own).min {
          ($0.integer("minutes") ?? 0, $0.op.id) < ($1.integer("minutes") ?? 0, $1.op.id)
        }
      }
      let (came, late) = (first("attendance.check_in"), first("attendance.supplement"))
      let left = came == nil ? nil : first("attendance.check_out")
      guard let shown = came ?? late, late?.integer("minutes") != 0 else { return nil }
      if fates[key.activity]?.cancelledAt != nil {
        guard posted.contains(key) else { return nil }
      } else if lastRounds[key]?.isDenied == true {
        return nil
      }
      return (
        key,
        Presence(
          op: shown.op.id, came: true, minutes: (late ?? left)?.integer("minutes"),
          isOverlapping: false)
      )
    }
  }

  /// Whether a supplement counts: with a witness, in time, and not for longer than the activity was,
  /// unless an approver says so.
  private func mayStand(_ supplement: Fact, for activity: OpID) -> Bool {
    guard !isInFuture(supplement.op), let rules = rules(of: supplement),
      let witness = supplement.reference("witness"), witness != supplement.op.actor,
      ops[witness]?.kind?.name == "staff.appoint"
    else { return false }
    let isByApprover =
      supplement.op.id.replica.isHub
      || (supplement.op.actor.flatMap { ops[$0]?.integer("roles") } ?? 0) & 2 != 0
    guard !isByApprover else { return true }
    var day = Int64(supplement.op.occurredOn.day)
    if let days = rules.integer("backdate.max_days"), let received = receivedOn[supplement.op.id],
      day + days < received
    {
      day = received
    }
    if let days = rules.integer("award.supplement_days"),
      let heldOn = announced("held_on", of: activity), day > heldOn + days
    {
      return false
    }
    guard let starts = announced("starts", of: activity),
      let ends = announced("ends", of: activity)
    else { return true }
    return supplement.integer("minutes") ?? 0 <= max(0, ends - starts)
  }

  /// What an activity says now: the latest amendment's word of those that no other replaced, by name or,
  /// as older versions do, by coming later; else the publication's.
  func announced(_ field: String, of activity: OpID) -> Int64? {
    let amendments = ops("activity.amend").filter {
      $0.reference("activity") == activity && isEntitled($0) && $0.integer(field) != nil
        && communities[$0.op.id.replica] == communities[activity.replica]
        && $0.references("replaces").allSatisfy {
          $0 == activity || ops[$0]?.reference("activity") == activity
        }
    }
    let standing = amendments.filter { one in
      !amendments.contains { other in
        let named = other.references("replaces")
        return named.isEmpty
          ? isEarlier(one.op.id, other.op.id) : named.contains(one.op.id)
      }
    }
    func time(_ fact: Fact) -> Int64 { min(fact.op.stamp, receivedAt[fact.op.id] ?? .max) }
    let shown = standing.max { (time($0), $0.op.id) < (time($1), $1.op.id) }
    return (shown ?? ops[activity])?.integer(field)
  }

  /// Whether an activity is a day's work: balances from before, and points for bringing somebody along or
  /// for joining, are numbers that no day and no hours limit.
  func isWork(_ activity: OpID) -> Bool {
    !(6...8).contains(ops[activity]?.integer("category") ?? 0)
  }
}
