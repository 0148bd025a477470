/// What staff do at a counter.
enum Deed: Int, CaseIterable {
  case register, update, publish, award, reverse, grantAgain, defineItem, receive, redeem, blunder
  case retry, repeatOld

  private var usual: Int {
    switch self {
    case .register: 5
    case .update: 14
    case .publish: 3
    case .award: 26
    case .reverse: 7
    case .grantAgain: 6
    case .defineItem: 2
    case .receive: 6
    case .redeem: 24
    case .blunder: 4
    case .retry: 10
    case .repeatOld: 4
    }
  }

  /// How likely each is in one world, by raw value; awards and redemptions never stop.
  static func drawnWeights(from random: inout SplitMix64) -> [Int] {
    allCases.map { deed in
      let (isOff, factor) = (random.happens(200), random.below(3) + 1)
      return isOff && deed != .award && deed != .redeem ? 0 : deed.usual * factor
    }
  }
}
