import OpLog

/// What came of one seed.
package struct SeedReport: Sendable {
  /// The seed.
  package let seed: UInt64
  /// The promise that was not kept; nil when all were.
  package let violation: Violation?
  /// What the world hit.
  package let marks: Marks
  /// The story, with its lines if they were kept.
  package let trace: Trace
}

/// Seeded worlds of offices, a hub, bad lines, crashes, and wrong clocks.
package enum Simulation {
  /// Lives through one seed and checks everything; equal options give equal reports.
  package static func run(_ options: WorldOptions) -> SeedReport {
    let first = live(options)
    guard options.isClockLaw, first.violation == nil, let ledger = first.ledger else {
      return first.report(options.seed, first.violation)
    }
    var others = options
    others.hasOtherClocks = true
    let second = live(others)
    if let violation = second.violation { return second.report(options.seed, violation) }
    guard let other = second.ledger, other != ledger else {
      return first.report(options.seed, nil)
    }
    let finding = "other clocks give another ledger: \(ledger.difference(from: other))"
    return first.report(options.seed, Violation("I11", finding))
  }

  private struct Life {
    var violation: Violation?
    var ledger: LedgerText?
    var marks = Marks()
    var trace: Trace

    func report(_ seed: UInt64, _ violation: Violation?) -> SeedReport {
      SeedReport(seed: seed, violation: violation, marks: marks, trace: trace)
    }
  }

  private static func live(_ options: WorldOptions) -> Life {
    var life = Life(trace: Trace(isKept: options.keepsTrace))
    var world: World?
    do throws(Violation) {
      let made = try World(options)
      world = made
      try made.run()
      if options.isClockLaw { life.ledger = try LedgerText(made.hub.store) }
    } catch {
      life.violation = error
      world?.note("violation of \(error.invariant): \(error.finding)")
    }
    if let world {
      life.marks = world.marks
      life.trace = world.trace
    }
    return life
  }
}
