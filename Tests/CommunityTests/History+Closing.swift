import Community
import OpLog

/// What random histories know of months, years, and rules by which points end.
struct ClosingHistory {
  /// The rules of each community by which points end.
  var expiring: [OpID] = []
}

/// Years end, months are closed, and people act on dates of other years.
extension History {
  mutating func setUpClosing() throws {
    for (community, rule) in [Policy.Expiry.yearEnd, .carryOneYear].enumerated() {
      closing.expiring.append(
        try street.setPolicy(posting: .onTheSpot, expiry: rule, in: community))
    }
  }

  /// Rules of an office's community by which points end.
  func expiring(at counter: Counter) -> OpID { closing.expiring[street.place(of: counter.office)] }

  mutating func closingStep() throws {
    let today = BusinessDate(stamp: street.now)
    defer { street.today = today }
    switch roll(0...9) {
    case 0..<4:
      street.today = today.adding(days: roll(-1_100...0))
      try grant(at: try anyCounter())
    case 4..<7:
      street.today = today.adding(days: roll(-1_100...0))
      try redeem(at: try anyCounter())
    default: try endYear()
    }
  }

  private mutating func endYear() throws {
    // Now and then before the deadline, or by an office, which has no right to it.
    street.today = BusinessDate(stamp: street.now).adding(days: roll(-400...400))
    let community = street.communities[Int(roll(0...1))]
    let writer = dice.once(in: 9) ? street.offices[0] : Street.hub
    let actor = writer == Street.hub ? nil : street.staff[0]
    try street.write(
      "points.expire_year", by: writer, actor: actor,
      [
        "community": .reference(community), "year": .integer(roll(2022...2026)),
        "rule": .integer(roll(0...1)),
      ])
  }
}
