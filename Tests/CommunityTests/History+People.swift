import Community
import FoldKit
import OpLog

/// What the random offices wrote about people, to be named later.
struct PeopleHistory {
  var merges: [OpID] = []
  var departures: [OpID] = []
  /// Of whom a departure is.
  var left: [OpID: OpID] = [:]
  var freezes: [OpID] = []
  /// All that the hub may decide.
  var requests: [OpID] = []
  var decided: Set<OpID> = []
  var statements: [(id: OpID, resident: OpID, purpose: Int64)] = []
  /// The households, and the versions of each file.
  var households: [OpID] = []
  var versions: [(id: OpID, household: OpID)] = []
  var memberships: [(id: OpID, resident: OpID)] = []
  var enrolments: [OpID] = []
  var appeals: [OpID] = []
}

/// The kinds of people, drawn at random.
extension History {
  mutating func peopleStep(at counter: Counter) throws {
    switch roll(0...29) {
    case 0..<4: try askForMerge(at: counter)
    case 4..<6: try askToUndo(at: counter)
    case 6..<8: try askForFreeze(at: counter)
    case 8..<9: try askForErasure(at: counter)
    case 9..<15: try decide()
    case 15..<16: try leave(at: counter)
    case 16..<18: try consent(at: counter)
    case 18..<20: try file(at: counter)
    case 20..<23: try member(at: counter)
    case 23..<26: try volunteer(at: counter)
    case 26..<28: try appeal(at: counter)
    case 28..<29: try decideAppeal()
    default: try endAppointment(at: counter)
    }
  }

  /// Somebody who may ask the hub, most of the time.
  private mutating func asker(at counter: Counter) -> Counter {
    guard !dice.once(in: 6) else { return counter }
    let approver = counter.office == street.offices[0] ? street.staff[2] : street.staff[4]
    return Counter(office: counter.office, clerk: approver)
  }

  private mutating func resident(at counter: Counter) -> OpID? {
    pick(residents.filter { holds($0, counter) })
  }

  private mutating func askForMerge(at counter: Counter) throws {
    guard let keep = resident(at: counter), let drop = resident(at: counter) else { return }
    let merge = try street.merge(keep, drop, at: asker(at: counter))
    people.merges.append(merge)
    people.requests.append(merge)
    if dice.once(in: 2) { try push(counter) }
    // One person has both awards of an activity more often than chance would have it.
    if let grant = pick(grants.filter { holds($0.id, counter) && $0.resident == keep }) {
      let twin = try street.grant(
        drop, grant.activity, session: grant.session, role: grant.role, at: counter)
      grants.append(
        Granted(
          id: twin, resident: drop, activity: grant.activity, session: grant.session,
          role: grant.role))
    }
  }

  private mutating func askToUndo(at counter: Counter) throws {
    if dice.once(in: 3) {
      guard let freeze = pick(people.freezes.filter { holds($0, counter) }) else { return }
      people.requests.append(try street.unfreeze(freeze, at: asker(at: counter)))
    } else {
      guard let merge = pick(people.merges.filter { holds($0, counter) }) else { return }
      people.requests.append(try street.unmerge(merge, at: asker(at: counter)))
    }
  }

  private mutating func askForFreeze(at counter: Counter) throws {
    guard let resident = resident(at: counter) else { return }
    let until = street.today.adding(days: roll(0...30))
    let freeze = try street.freeze(resident, until: until, at: asker(at: counter))
    people.freezes.append(freeze)
    people.requests.append(freeze)
  }

  private mutating func askForErasure(at counter: Counter) throws {
    guard let resident = resident(at: counter) else { return }
    people.requests.append(try street.erase(resident, at: asker(at: counter)))
  }

  private mutating func decideAppeal() throws {
    guard let appeal = pick(people.appeals.filter(isTaken)) else { return }
    try street.decideAppeal(appeal, isUpheld: dice.once(in: 2))
  }

  /// The hub decides what it holds.
  private mutating func decide() throws {
    let known = people.requests.filter(isTaken)
    let open = known.filter { !people.decided.contains($0) }
    guard let request = pick(open.isEmpty || dice.once(in: 5) ? known : open) else { return }
    try street.decide(request, isApproved: !dice.once(in: 5))
    people.decided.insert(request)
  }

  private func isTaken(_ id: OpID) -> Bool { taken[id.replica, default: 0] >= id.seq }

  private mutating func leave(at counter: Counter) throws {
    if let departure = pick(people.departures.filter({ holds($0, counter) })), !dice.once(in: 3) {
      let give = arrival(of: people.left[departure], at: counter)
      try street.reactivate(departure, after: give, at: asker(at: counter))
      return
    }
    guard let resident = resident(at: counter) else { return }
    let day = street.today.adding(days: roll(-3...3))
    let departure = try street.leave(
      resident, cause: roll(0...2), on: day, after: arrival(of: resident, at: counter),
      at: counter)
    people.departures.append(departure)
    people.left[departure] = resident
  }

  private mutating func consent(at counter: Counter) throws {
    guard let resident = resident(at: counter) else { return }
    let purpose = roll(0...1)
    let known = people.statements.filter {
      holds($0.id, counter)
        && (dice.once(in: 12) || $0.resident == resident && $0.purpose == purpose)
    }
    let replaces = dice.once(in: 3) ? [] : Array(known.map(\.id).suffix(2))
    let id = try street.consent(
      resident, purpose: purpose, isWithdrawn: dice.once(in: 2),
      guardian: dice.once(in: 3) ? self.resident(at: counter) : nil, replaces: replaces,
      at: counter)
    people.statements.append((id, resident, purpose))
  }

  private mutating func file(at counter: Counter) throws {
    let head = dice.once(in: 2) ? resident(at: counter) : nil
    let known = people.households.filter { holds($0, counter) }
    guard let household = pick(known), known.count > 1, !dice.once(in: 3) else {
      people.households.append(try street.household(head: head, at: counter))
      return
    }
    var replaces = people.versions.filter {
      holds($0.id, counter) && (dice.once(in: 12) || $0.household == household)
    }.map(\.id)
    if replaces.isEmpty || dice.once(in: 2) { replaces.append(household) }
    let id = try street.household(
      household, head: head, replaces: Array(replaces.suffix(2)), at: counter)
    people.versions.append((id, household))
  }

  private mutating func member(at counter: Counter) throws {
    let moved = pick(people.memberships.map(\.resident).filter { holds($0, counter) })
    guard let resident = dice.once(in: 2) ? moved : resident(at: counter) else { return }
    let known = people.households.filter { holds($0, counter) }
    guard let household = pick(known), known.count > 1 else {
      return try file(at: counter)
    }
    let from = street.today.adding(days: roll(-20...5))
    let until = dice.once(in: 4) ? from.adding(days: roll(-1...20)) : nil
    let earlier = people.memberships.filter {
      holds($0.id, counter) && (dice.once(in: 12) || $0.resident == resident)
    }
    let replaces = dice.once(in: 3) ? Array(earlier.map(\.id).suffix(1)) : []
    let id = try street.member(
      resident, of: household, from: from, until: until, replaces: replaces, at: counter)
    people.memberships.append((id, resident))
    if dice.once(in: 2), let other = pick(known.filter { $0 != household }) {
      let second = try street.member(
        resident, of: other, from: from.adding(days: roll(0...3)), at: counter)
      people.memberships.append((second, resident))
      people.requests.append(second)
      // The hub settles an address soon, more often than chance would have it.
      if dice.once(in: 2) { try push(counter) }
      if isTaken(second) {
        try street.decide(second, isApproved: !dice.once(in: 3))
        people.decided.insert(second)
      }
    }
    if dice.once(in: 2) { people.requests.append(id) }
  }

  private mutating func volunteer(at counter: Counter) throws {
    if dice.once(in: 2), let enrolment = pick(people.enrolments.filter({ holds($0, counter) })) {
      try street.leaveTeam(enrolment, at: counter)
    } else if let resident = resident(at: counter) {
      people.enrolments.append(try street.enlist(resident, at: counter))
    }
  }

  private mutating func appeal(at counter: Counter) throws {
    guard let grant = pick(grants.filter { holds($0.id, counter) }) else { return }
    let resident = dice.once(in: 2) ? grant.resident : nil
    people.appeals.append(try street.appeal(against: grant.id, resident: resident, at: counter))
  }

  private mutating func endAppointment(at counter: Counter) throws {
    guard let staff = pick(street.staff) else { return }
    guard dice.once(in: 2) else {
      try street.resetPIN(of: staff, at: asker(at: counter))
      return
    }
    try street.end(staff, on: street.today.adding(days: roll(-5...5)))
  }
}
