import Simulation
import Testing

/// The checks can fail: each planted bug is found.
@Suite struct PlantedBugTests {
  @Test("a planted bug is found", arguments: PlantedBug.allCases)
  func found(bug: PlantedBug) {
    let seeds = 1...UInt64(PlantedBug.seedsToFind)
    let finder = seeds.first { seed in
      Simulation.run(WorldOptions(seed: seed, bug: bug)).violation != nil
    }
    #expect(finder != nil, "\(bug.rawValue) stays hidden in \(seeds)")
  }
}
