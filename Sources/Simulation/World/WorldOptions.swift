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
  /// Other clocks at the offices than this seed would have.
  var hasOtherClocks = false

  /// How many steps a world has unless said otherwise.
  package static let defaultSteps = 75

  /// A world as a long run makes it.
  package init(
    seed: UInt64, steps: Int = Self.defaultSteps, bug: PlantedBug? = nil, keepsTrace: Bool = false
  ) {
    self.seed = seed
    self.steps = steps
    self.bug = bug
    self.keepsTrace = keepsTrace
  }

  /// Whether this seed is run twice, with other clocks, to compare the ledgers.
  package var isClockLaw: Bool { seed % 8 == 0 }
}
