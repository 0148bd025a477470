/// What staff do at a counter.
enum Deed: Int, CaseIterable {
  case register, update, publish, award, reverse, grantAgain, defineItem, receive, redeem, blunder
  case retry, repeatOld
  case work, people, counter, closing, hubAct, careless

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
    case .work: 50
    case .people: 40
    case .counter: 60
    case .closing: 10
    case .hubAct: 22
    case .careless: 20
    }
  }

  /// The forms of a family of kinds, of which a deed takes one; nil for a deed of the first kinds.
  var forms: [Form]? {
    switch self {
    case .work: Form.work
    case .people: Form.people
    case .counter: Form.counter + Form.rights
    case .closing: Form.closing
    default: nil
    }
  }

  /// How likely each is in one world, by raw value; awards and redemptions never stop.
  ///
  /// Factors reach far apart, so that some worlds do little but one family of kinds.
  static func drawnWeights(from random: inout SplitMix64, isPlain: Bool) -> [Int] {
    allCases.map { deed in
      let (isOff, factor) = (random.happens(200), random.below(3) + 1)
      if deed == .award || deed == .redeem { return deed.usual * factor }
      let isWide = deed.forms != nil || deed == .hubAct || deed == .careless
      if isOff || isWide && isPlain { return 0 }
      return deed.usual * factor * (isWide && factor == 3 ? 2 : 1)
    }
  }
}
