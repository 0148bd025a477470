import Community
import OpLog

/// What ends of residents' points, as the hub declared it and took it back.
extension NaiveModel {
  mutating func countExpiry() {
    let ends = yearEnds().sorted { $0.op.id < $1.op.id }
    for (resident, lots) in lots {
      for end in ends {
        guard let last = lastDay(of: end),
          end.reference("community") == community(of: resident, on: Int64(last.day)),
          let whole = end.integer("office") == nil
            ? end : ends.first(where: { isWhole($0, of: end) })
        else { continue }
        // Of an account at an office that was away only that office's own end says when; of any other
        // only the whole community's.
        let away = Set(whole.records("away").compactMap { $0.integer(1) })
        let late = home(of: resident, on: last).flatMap { away.contains($0) ? $0 : nil }
        guard end.integer("office") == late else { continue }
        let spentBy = max(last, end.integer("until").flatMap { BusinessDate(day: $0) } ?? last)
        let earned = lots.reduce(0) { $0 + ($1.lastDay <= last ? $1.points : 0) }
        let spent = (debits[resident] ?? []).reduce(0) { $0 + ($1.day <= spentBy ? $1.points : 0) }
        let more = earned - spent - accounts[resident, default: Account()].expired
        if more > 0 { accounts[resident, default: Account()].ended[end.op.id] = more }
      }
    }
  }

  /// The ends that count: of each community, year, rule, and office the first since it was last taken
  /// back.
  private func yearEnds() -> [Fact] {
    var standing: [[Int64]: Fact] = [:]
    let declared = ops("points.expire_year") + ops("closing.reverse")
    for fact in declared.sorted(by: { $0.op.id < $1.op.id }) where fact.op.id.replica.isHub {
      guard fact.kind?.name == "points.expire_year" else {
        guard let named = fact.reference("closing").flatMap({ ops[$0] }),
          areTwo(fact, about: named),
          let key = yearKey(of: named), standing[key]?.op.id == named.op.id
        else { continue }
        standing[key] = nil
        continue
      }
      guard let key = yearKey(of: fact), standing[key] == nil else { continue }
      let until = fact.integer("until").flatMap { BusinessDate(day: $0) }
      guard let last = lastDay(of: fact), fact.op.occurredOn > max(last, until ?? last),
        (fact.integer("office") == nil) == (until == nil)
      else { continue }
      standing[key] = fact
    }
    return Array(standing.values)
  }

  /// Whether an end is that of the whole community for the same year and rule as an office's.
  private func isWhole(_ end: Fact, of late: Fact) -> Bool {
    end.integer("office") == nil && end.integer("year") == late.integer("year")
      && end.integer("rule") == late.integer("rule")
      && end.reference("community") == late.reference("community")
  }

  private func yearKey(of end: Fact) -> [Int64]? {
    guard let community = end.reference("community"), exists(community, "community.define"),
      let year = end.integer("year"), let rule = end.integer("rule")
    else { return nil }
    return [community.packed, year, rule, end.integer("office") ?? 0]
  }

  private func lastDay(of end: Fact) -> BusinessDate? {
    guard let year = end.integer("year"), let rule = end.integer("rule") else { return nil }
    return lastDay(of: Int(year), isCarried: rule == 1)
  }

  /// Whether two approvers of the community signed, who are two persons.
  private func areTwo(_ reversal: Fact, about end: Fact) -> Bool {
    let signed = reversal.references("approvers")
    let persons = Set(signed.map(person(of:)))
    let day = Int64(reversal.op.occurredOn.day)
    return persons.count == 2
      && signed.allSatisfy { id in
        guard let staff = ops[id], staff.kind?.name == "staff.appoint",
          staff.reference("community") == end.reference("community"),
          (staff.integer("roles") ?? 0) & Self.approver != 0
        else { return false }
        return staff.integer("valid_from") ?? 0 <= day && day <= staff.integer("valid_to") ?? .max
      }
  }

  /// The first appointment of a person.
  func person(of staff: OpID) -> OpID {
    var first = staff
    while let earlier = ops[first]?.reference("person") { first = earlier }
    return first
  }

  /// The office that held an account at the end of a day, by the dates of the gives that count.
  private func home(of account: OpID, on day: BusinessDate) -> Int64? {
    let homes = homes(of: account)
    let given = homes.last { ops[$0.maker]?.kind?.name == "custody.give" && isBy($0.maker, day) }
    return (given ?? homes.first).map { Int64($0.home.rawValue) }
  }

  private func isBy(_ op: OpID, _ day: BusinessDate) -> Bool {
    ops[op].map { $0.op.occurredOn <= day } ?? false
  }
}
