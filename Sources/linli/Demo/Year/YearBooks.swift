import Community

/// What a book-keeper of the street writes down beside the offices: a second, independent reckoning
/// of points, goods, and months, with no ops, no folds, and no SQL.
struct YearBooks {
  /// What one community's office has in its books.
  struct Office {
    /// Points of each resident.
    var balances: [Int]
    /// Pieces of each item of its own list.
    var shelf: [Int]
    /// Pieces that another office sent.
    var received = 0
    /// The household's points.
    var pool = 0
    /// Awards of the month before that may be taken back.
    var reversible: [(name: String, resident: Int, points: Int)] = []
    /// Pieces on their way to the next office: the name of the sending, its month, and how many.
    var onTheWay: [(name: String, month: Int, pieces: Int)] = []
    /// What was set up on the way: the household, the coins, the offer.
    var isSetUp: Set<String> = []
  }

  /// A month's columns, of all communities together.
  struct Month: Equatable {
    var awards = 0
    var pointsGranted = 0
    var reversals = 0
    var redemptions = 0
    var pointsRedeemed = 0
    var pieces = 0
    var pointsCoined = 0
    /// What communities owe each other.
    var settled = 0
  }

  var offices: [Office]
  /// The months in which things are posted, from 1; what comes late is in the next open one.
  private(set) var months: [Int: Month] = [:]
  /// Points given, and points that left residents' accounts: for goods, coins, and pools.
  private(set) var pointsIn = 0
  private(set) var pointsOut = 0
  private(set) var reversals = 0
  private(set) var lateCount = 0
  var appealCount = 0
  var giftCount = 0

  /// Empty books.
  init(officeCount: Int, residentCount: Int, itemCount: Int) {
    let office = Office(
      balances: Array(repeating: 0, count: residentCount),
      shelf: Array(repeating: 0, count: itemCount))
    offices = Array(repeating: office, count: officeCount)
  }

  /// Everybody's balance before points end, by the resident's or household's name in the story.
  var balances: [String: Int] {
    var balances: [String: Int] = [:]
    for (number, office) in offices.enumerated() {
      for (resident, balance) in office.balances.enumerated() {
        balances["\(number).resident.\(resident)"] = balance
      }
    }
    return balances
  }

  /// Goods on all shelves.
  var stock: Int { offices.reduce(0) { $0 + $1.shelf.reduce(0, +) + $1.received } }

  mutating func receive(_ pieces: Int, of item: Int, at office: Int) {
    offices[office].shelf[item] += pieces
  }

  mutating func award(_ points: Int, to resident: Int, of office: Int, in month: Int) {
    offices[office].balances[resident] += points
    pointsIn += points
    months[month, default: Month()].awards += 1
    months[month, default: Month()].pointsGranted += points
  }

  mutating func reverse(_ points: Int, of resident: Int, of office: Int, in month: Int) {
    offices[office].balances[resident] -= points
    pointsIn -= points
    reversals += 1
    months[month, default: Month()].reversals += 1
    months[month, default: Month()].awards -= 1
    months[month, default: Month()].pointsGranted -= points
  }

  /// Somebody takes a piece of an item; `times` is −1 for one that is voided again.
  mutating func sell(
    _ item: Int, to resident: Int, of home: Int, at office: Int, in month: Int, times: Int = 1
  ) {
    let points = YearPlan.items[item].points * times
    offices[home].balances[resident] -= points
    pointsOut += points
    hand(item, at: office, points: points, in: month, times: times)
    guard home != office else { return }
    months[month, default: Month()].settled += points
  }

  /// A piece comes back; the redemption stays one.
  mutating func bringBack(_ item: Int, from resident: Int, of office: Int, in month: Int) {
    sell(item, to: resident, of: office, at: office, in: month, times: -1)
    months[month, default: Month()].redemptions += 1
  }

  /// A piece is handed out for points of the household, or for coins: then they are 0.
  mutating func hand(_ item: Int, at office: Int, points: Int, in month: Int, times: Int = 1) {
    if YearPlan.goods.contains(item) { offices[office].shelf[item] -= times }
    months[month, default: Month()].redemptions += times
    months[month, default: Month()].pieces += times
    months[month, default: Month()].pointsRedeemed += points
  }

  mutating func useOffer(_ points: Int, by resident: Int, of office: Int, in month: Int) {
    offices[office].balances[resident] -= points
    pointsOut += points
    months[month, default: Month()].pointsRedeemed += points
  }

  mutating func give(_ points: Int, from giver: Int, to receiver: Int?, of office: Int) {
    offices[office].balances[giver] -= points
    giftCount += 1
    if let receiver {
      offices[office].balances[receiver] += points
    } else {
      offices[office].pool += points
      pointsOut += points
    }
  }

  mutating func issueCoins(_ points: Int, to resident: Int, of office: Int, in month: Int) {
    offices[office].balances[resident] -= points
    pointsOut += points
    months[month, default: Month()].pointsCoined += points
  }

  mutating func noteLate() { lateCount += 1 }
}
