/// Leaves out of a failing world what its failure does not need, by delta debugging.
///
/// Faults, offices, and steps go one after the other, as long as the same promise is broken. Equal
/// options give an equal result.
package struct Minimiser {
  private var options: WorldOptions
  private let promise: String
  /// How many worlds were lived through.
  private var lives = 0
  private let note: (String) -> Void

  /// The smallest history that still breaks the promise which the whole one breaks.
  ///
  /// - Parameters:
  ///   - options: The whole world.
  ///   - note: Is told of the progress.
  /// - Returns: What is left; nil when the whole world breaks no promise.
  package static func smallest(
    of options: WorldOptions, note: @escaping (String) -> Void
  ) -> Regression? {
    guard let violation = Simulation.run(options).violation else { return nil }
    var search = Minimiser(options: options, promise: violation.invariant, note: note)
    return search.run()
  }

  private init(options: WorldOptions, promise: String, note: @escaping (String) -> Void) {
    self.options = options
    self.promise = promise
    self.note = note
    self.options.keepsTrace = false
    self.options.leftOut.officesMax = min(options.leftOut.officesMax, 5)
  }

  private mutating func run() -> Regression {
    while true {
      let before = options.leftOut
      leaveOutFaults()
      leaveOutOffices()
      leaveOutSteps()
      if options.leftOut == before { break }
    }
    options.keepsTrace = true
    let report = Simulation.run(options)
    return Regression(
      seed: options.seed, stepCount: options.steps, steps: steps,
      faults: Fault.allCases.filter { !options.leftOut.faults.contains($0) },
      officesMax: options.leftOut.officesMax, bug: options.bug, promise: promise,
      story: report.trace.short)
  }

  /// The steps that are still taken.
  private var steps: [Int] { (0..<options.steps).filter { !options.leftOut.steps.contains($0) } }

  private mutating func leaveOutFaults() {
    var leftOut = options.leftOut
    leftOut.faults = Set(Fault.allCases)
    guard !accept(leftOut) else { return }
    for fault in Fault.allCases where !options.leftOut.faults.contains(fault) {
      leftOut = options.leftOut
      leftOut.faults.insert(fault)
      _ = accept(leftOut)
    }
  }

  private mutating func leaveOutOffices() {
    for count in 2..<options.leftOut.officesMax {
      var leftOut = options.leftOut
      leftOut.officesMax = count
      if accept(leftOut) { return }
    }
  }

  /// Halves, then quarters, and so on down to single steps, until none can go.
  private mutating func leaveOutSteps() {
    var size = max(1, steps.count / 2)
    while true {
      var (start, hasLess) = (0, false)
      while start < steps.count {
        var leftOut = options.leftOut
        leftOut.steps.formUnion(steps[start..<min(start + size, steps.count)])
        if accept(leftOut) {
          hasLess = true
        } else {
          start += size
        }
      }
      if size == 1, !hasLess { return }
      size = max(1, size / 2)
    }
  }

  /// Leaves it out for good if the same promise is still broken.
  private mutating func accept(_ leftOut: LeftOut) -> Bool {
    guard leftOut != options.leftOut else { return false }
    var less = options
    less.leftOut = leftOut
    lives += 1
    guard Simulation.run(less).violation?.invariant == promise else { return false }
    options = less
    note(
      "\(lives) worlds: \(steps.count) steps, \(Fault.allCases.count - leftOut.faults.count) faults"
    )
    return true
  }
}
