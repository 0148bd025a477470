import Community
import OpLog

/// People who redeem at an office of the next community: nobody can be asked, so it is on trust.
extension StoryPlanner {
  /// A visit to a counter away from home.
  private struct Visit {
    let resident: Int
    /// The office; its community's rules say how much trust there is.
    let office: Int
  }

  mutating func travel(on date: BusinessDate) {
    var guests: [Int] = []
    for visit in visits() {
      let known = books.balance(of: visit.resident, at: visit.office)
      let taken = onTrust[visit.resident, default: 0]
      let allowed = min(
        known, limit("standin.visit_limit", of: visit),
        limit("standin.person_limit", of: visit) - taken)
      guard let item = dearest(upTo: allowed, at: visit.office) else { continue }
      redeem([item], for: visit.resident, at: visit.office, on: date, answer: .posted([.standIn]))
      onTrust[visit.resident] = taken + street.items[item].points
      guests.append(visit.resident)
    }
    guard !guests.isEmpty else { return }
    tell(
      date, "\(guests.count) 位居民到邻近社区兑换，线路中断，凭信任代付",
      "\(guests.count) residents redeem in the next community, offline, on trust")
  }

  /// Who wants more than one visit may take on trust is refused.
  mutating func travelTooFar(on date: BusinessDate) {
    for visit in visits() {
      let allowed = limit("standin.visit_limit", of: visit)
      guard let item = dearest(upTo: allowed, at: visit.office) else { continue }
      let pieces = allowed / street.items[item].points + 1
      guard books.shelves[visit.office][item] >= pieces else { continue }
      let (name, label) = (street.name(of: visit.resident), street.offices[visit.office].label)
      tell(
        date, "\(label): \(name)想兑换的超过一次代付上限，先请本社区确认",
        "\(label): \(name) wants more than there is trust for in one visit; the home must answer first"
      )
      redeem(
        Array(repeating: item, count: pieces), for: visit.resident, at: visit.office, on: date,
        answer: .refused("visit-limit"))
      return
    }
  }

  private func visits() -> [Visit] {
    travellers.enumerated().flatMap { community, people in
      let next = (community + 1) % street.communities.count
      let office = street.offices(of: next).lowerBound
      return people.map { Visit(resident: $0, office: office) }
    }
  }

  /// A limit of the visited community's rules, as its fixture sets it.
  private func limit(_ key: String, of visit: Visit) -> Int {
    let community = street.communities[street.offices[visit.office].community]
    return community.policy[key].flatMap { Int($0) } ?? 0
  }

  /// What costs most among the goods on a shelf that some points buy.
  private func dearest(upTo points: Int, at office: Int) -> Int? {
    let goods = items(of: street.offices[office].community).filter {
      street.items[$0].points <= points && books.shelves[office][$0] > 0
    }
    return goods.max { (street.items[$0].points, $1) < (street.items[$1].points, $0) }
  }
}
