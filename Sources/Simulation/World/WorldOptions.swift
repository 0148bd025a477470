/// What one world is to be like, beside its seed.
package struct WorldOptions: Sendable {
  /// Decides everything that is not said here.
  package var seed: UInt64
  /// How many things staff and administrators do while faults are on.
  package var steps: Int
  /// A bug to plant.
  package var bug: PlantedBug?
  /// Whether the story's lines are kept.
  package var keepsTrace: Bool
  /// What of the seed's world there is not.
  package var leftOut: LeftOut
  /// Other clocks at the offices than this seed would have.
  var hasOtherClocks = false

  /// How many steps a world has unless said otherwise.
  package static let defaultSteps = 75

  /// A world as a long run makes it.
  package init(
    seed: UInt64, steps: Int = Self.defaultSteps, bug: PlantedBug? = nil, keepsTrace: Bool = false,
    leftOut: LeftOut = LeftOut()
  ) {
    self.seed = seed
    self.steps = steps
    self.bug = bug
    self.keepsTrace = keepsTrace
    self.leftOut = leftOut
  }

  /// Whether this seed is run twice, with other clocks, to compare the ledgers.
  package var isClockLaw: Bool { seed % 8 == 0 }

  /// Where clocks must not matter, nor may the length of a stamp, so that no byte is changed by its
  /// place.
  var absentFaults: Set<Fault> {
    isClockLaw ? leftOut.faults.union(Fault.allCases.filter(\.dependsOnLength)) : leftOut.faults
  }
}

/// What of a seed's world is left out, to see whether the rest still breaks a promise.
package struct LeftOut: Sendable, Equatable {
  /// Steps that nobody takes.
  package var steps: Set<Int> = []
  /// Faults that never strike.
  package var faults: Set<Fault> = []
  /// How many offices there may be.
  package var officesMax = Int.max

  /// Nothing.
  package init() {}
}
