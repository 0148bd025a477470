/// Who has how many points, so that the workload draws only what its policy allows.
///
/// Residents are numbers from 0. The limits are never near: a million ops hold about 12,500
/// stand-ins of 6 points, 15 a person and 3,750 an office. Should a draw pass one, the redemption
/// goes to the home office instead.
struct Ledger {
  static let visitLimit: Int64 = 9
  static let personLimit: Int64 = 100
  static let officeLimit: Int64 = 10_000
  /// The cheapest item.
  static let leastPrice = 3

  private var balances: [Int]
  private var uncoveredOfPerson: [Int]
  private var uncoveredOfOffice: [Int]
  /// Those who can afford the cheapest item, and where each stands in that list (−1 for the others).
  private var solvent: [Int] = []
  private var places: [Int]

  init(residentCount: Int, officeCount: Int) {
    balances = Array(repeating: 0, count: residentCount)
    uncoveredOfPerson = balances
    uncoveredOfOffice = Array(repeating: 0, count: officeCount)
    places = Array(repeating: -1, count: residentCount)
  }

  func balance(of resident: Int) -> Int { balances[resident] }

  /// Draws someone who can afford the cheapest item.
  func drawSolvent(_ random: inout SplitMix64) -> Int { solvent[random.below(solvent.count)] }

  mutating func credit(_ resident: Int, _ points: Int) { change(resident, by: points) }

  mutating func debit(_ resident: Int, _ points: Int) { change(resident, by: -points) }

  /// Whether the policy lets an office give this much on trust.
  func allowsStandIn(_ points: Int, for resident: Int, at office: Int) -> Bool {
    points <= Self.visitLimit
      && uncoveredOfPerson[resident] + points <= Self.personLimit
      && uncoveredOfOffice[office] + points <= Self.officeLimit
  }

  mutating func giveOnTrust(_ points: Int, to resident: Int, at office: Int) {
    uncoveredOfPerson[resident] += points
    uncoveredOfOffice[office] += points
  }

  private mutating func change(_ resident: Int, by points: Int) {
    balances[resident] += points
    precondition(balances[resident] >= 0, "the workload spends only what is there")
    let place = places[resident]
    let isSolvent = balances[resident] >= Self.leastPrice
    if isSolvent, place < 0 {
      places[resident] = solvent.count
      solvent.append(resident)
    } else if !isSolvent, place >= 0 {
      let last = solvent.removeLast()
      if last != resident {
        solvent[place] = last
        places[last] = place
      }
      places[resident] = -1
    }
  }
}
