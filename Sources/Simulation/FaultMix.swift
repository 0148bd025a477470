/// How often each fault strikes in one world, in cases of a thousand.
///
/// Each seed draws its own mix (swarm testing): a world with everything at once seldom gets far
/// enough to break anything deep.
struct FaultMix {
  private var rates: [Fault: Int] = [:]

  /// No faults.
  static let none = FaultMix()

  private init() {}

  /// A mix of about half of the faults.
  ///
  /// - Parameters:
  ///   - random: Draws as often whatever is left out.
  ///   - leftOut: Faults that this world has not.
  init(drawnFrom random: inout SplitMix64, without leftOut: Set<Fault>) {
    var others = random
    var apart = SplitMix64(seed: ~others.next())
    for fault in Fault.allCases {
      switch fault.rate {
      case .always(let rate): rates[fault] = rate
      case .drawn(let most):
        let (isOn, rate) = (random.happens(500), random.below(most) + 1)
        rates[fault] = isOn ? rate : 0
      case .apart(let most):
        let (isOn, rate) = (apart.happens(250), apart.below(most) + 1)
        rates[fault] = isOn ? rate : 0
      }
      if leftOut.contains(fault) { rates[fault] = 0 }
    }
  }

  /// How often a fault strikes.
  subscript(fault: Fault) -> Int { rates[fault] ?? 0 }
}
