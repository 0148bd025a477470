import Community
import OpLog

/// An award that counts, as the naive model sees it.
struct CountedAward {
  let resident: OpID
  let activity: OpID
  let session: Int64
  let role: Int64
  /// 0 for the organiser's record.
  let rank: Int
  let op: OpID
  /// What is credited; 0 where nobody wrote it down.
  let minutes: Int64
}

/// What decisions and departures make of the same ops.
extension NaiveModel {
  /// The earliest end of an appointment; nil for none.
  func endOfAppointment(_ staff: OpID) -> Int64? {
    let ends = ops("staff.end").filter { $0.reference("staff") == staff }
    let replaced = Set(ends.flatMap { $0.references("replaces") })
    return ends.filter { !replaced.contains($0.op.id) }.compactMap { $0.integer("ended_on") }.min()
  }

  /// The earliest day on which a resident is said to have left; nil for none.
  func dayOfLeaving(_ resident: OpID) -> Int64? {
    let departures = ops("resident.deactivate").filter {
      $0.reference("resident") == resident && isEntitled($0) && isOwn($0, of: resident)
    }
    let mistakes = Set(
      ops("resident.reactivate").filter { undoing in
        isEntitled(undoing)
          && (undoing.op.id.replica.isHub || isOwn(undoing, of: resident))
          && departures.contains {
            $0.op.id == undoing.reference("departure") && $0.op.actor != undoing.op.actor
          }
      }.compactMap { $0.reference("departure") })
    return departures.filter { !mistakes.contains($0.op.id) && !isMoveInside($0, of: resident) }
      .compactMap { $0.integer("effective_on") }.min()
  }

  /// Whether a record comes from where the resident was registered, or says by which give the resident
  /// came to its community.
  private func isOwn(_ record: Fact, of resident: OpID) -> Bool {
    let community = communities[record.op.id.replica]
    if community == communities[resident.replica] { return true }
    guard let give = record.reference("after").flatMap({ ops[$0] }), give.integer("moves") == 1,
      give.reference("account") == resident,
      let to = give.reference("to").flatMap({ ops[$0]?.integer("replica") }),
      let office = ReplicaID(rawValue: UInt32(to))
    else { return false }
    return communities[office] == community && communities[give.op.id.replica] != community
  }

  /// Whether a community notes as moved away who moved from it to another one of the street.
  private func isMoveInside(_ departure: Fact, of resident: OpID) -> Bool {
    let stays = stays(of: resident)
    guard stays.count > 1, departure.integer("cause") == 0,
      let day = departure.integer("effective_on")
    else { return false }
    let community = communities[departure.op.id.replica]
    return self.community(of: resident, on: day) != community
      || stays.indices.dropLast().contains {
        stays[$0].community == community && stays[$0 + 1].community != community
          && day <= stays[$0 + 1].from
      }
  }

  /// Requests of a kind whose first decision approves them.
  private func approved(_ kind: String) -> [Fact] {
    // Whoever was erased stays so, however late that is heard of.
    let decisions = ops("request.decide")
      .filter { !isLate($0.op.id) || kind == "resident.erase" && $0.integer("answer") == 0 }
      .sorted { $0.op.id < $1.op.id }
    return ops(kind).filter { request in
      isEntitled(request)
        && decisions.first { $0.reference("request") == request.op.id }?.integer("answer") == 0
    }
  }

  /// Of the awards that a person has under two files, all but one.
  func surplusAwards() -> Set<OpID> {
    let person = people()
    let groups = Dictionary(grouping: awards) { award in
      [
        person[award.resident]?.packed ?? award.resident.packed, award.activity.packed,
        award.session, award.role,
      ]
    }
    return Set(
      groups.values.flatMap { group in
        group.sorted { ($0.rank, $0.op) < ($1.rank, $1.op) }.dropFirst().map(\.op)
      })
  }

  /// Whether a person has an award under another file too, and there it would count before this one.
  func isBetterUnderOtherFile(_ lost: CountedAward) -> Bool {
    let person = people()
    guard let own = person[lost.resident] else { return false }
    return awards.contains {
      $0.resident != lost.resident && person[$0.resident] == own && $0.activity == lost.activity
        && $0.session == lost.session && $0.role == lost.role
        && ($0.rank, $0.op) < (lost.rank, lost.op)
    }
  }

  /// Who is one person: the lowest of the files that were merged; a file that never was is not in it.
  func people() -> [OpID: OpID] {
    let undone = Set(approved("resident.unmerge").compactMap { $0.reference("merge") })
    var person: [OpID: OpID] = [:]
    let merges = approved("resident.merge").filter { !undone.contains($0.op.id) }
    for merge in merges {
      for id in [merge.reference("keep"), merge.reference("drop")].compactMap({ $0 }) {
        person[id] = id
      }
    }
    var isChanging = true
    while isChanging {
      isChanging = false
      for merge in merges {
        guard let keep = merge.reference("keep"), let drop = merge.reference("drop"),
          let one = person[keep], let other = person[drop], one != other
        else { continue }
        for (id, old) in person where old == max(one, other) { person[id] = min(one, other) }
        isChanging = true
      }
    }
    return person
  }
}
