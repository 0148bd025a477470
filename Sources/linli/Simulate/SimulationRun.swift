import Community
import Glibc
import OpLog
import Simulation
import Wire

/// Which worlds are to be lived through.
struct SimulationPlan {
  /// The first seed; the others follow it.
  var first: UInt64
  /// How many seeds; nil goes on until the minutes are over.
  var count: Int?
  /// Steps of one world.
  var steps: Int
  /// How long to go on; nil until all seeds are done.
  var minutes: Int?
  /// Worlds at once; the result does not depend on it.
  var jobs: Int
  /// Where the stories go.
  var traceFile: String?
  /// A bug to plant; the run ends when it is found.
  var bug: PlantedBug?
}

/// What came of the worlds of one run, in the order of their seeds.
struct SimulationRun {
  /// How many worlds were lived through.
  private(set) var seeds = 0
  /// Reports of the seeds that broke a promise; the run ends after ``violationsMax``.
  private(set) var violations: [SeedReport] = []
  /// What was hit.
  private(set) var marks = Marks()
  /// The digest of the last story.
  private(set) var traceDigest: Digest?
  /// Seconds that it took.
  private(set) var seconds = 0.0

  private static let violationsMax = 10

  /// Lives through the worlds of a plan.
  ///
  /// - Throws: When the stories cannot be written down.
  static func of(
    _ plan: SimulationPlan, _ console: Console
  ) async throws(CommandError) -> SimulationRun {
    let file = try plan.traceFile.map { (path) throws(CommandError) in try TraceFile(path) }
    let clock = ContinuousClock()
    let start = clock.now
    let end = plan.minutes.map { start + .seconds(60 * $0) }
    let options = WorldOptions(
      seed: plan.first, steps: plan.steps, bug: plan.bug, keepsTrace: file != nil)
    let run = await withTaskGroup(of: SeedReport.self) { group in
      var run = SimulationRun()
      var begun = 0
      var early: [UInt64: SeedReport] = [:]
      func isDue() -> Bool {
        let isEnough = plan.bug == nil ? violationsMax : 1
        return run.violations.count < isEnough && begun < plan.count ?? .max
          && end.map { clock.now < $0 } ?? true
      }
      for _ in 0..<plan.jobs where isDue() {
        group.live(options, plan.first + UInt64(begun))
        begun += 1
      }
      while let report = await group.next() {
        early[report.seed] = report
        while let next = early.removeValue(forKey: plan.first + UInt64(run.seeds)) {
          run.add(next, to: file)
        }
        run.seconds = (clock.now - start) / .seconds(1)
        console.progress(run.progress)
        guard isDue() else { continue }
        group.live(options, plan.first + UInt64(begun))
        begun += 1
      }
      return run
    }
    console.endProgress()
    try file?.close()
    return run
  }

  private mutating func add(_ report: SeedReport, to file: TraceFile?) {
    seeds += 1
    marks.add(report.marks)
    traceDigest = report.trace.digest
    if report.violation != nil { violations.append(report) }
    file?.write(report.trace.lines)
  }

  private var seedsPerSecond: Double { seconds > 0 ? Double(seeds) / seconds : 0 }

  private var progress: String {
    let rate = Int(seedsPerSecond.rounded())
    return "\(seeds) seeds, \(rate) a second, \(violations.count) violations"
  }

  /// Prints the totals: every mark, or only the faults.
  func summarise(to console: Console, withMarks: Bool) {
    let shown = marks.all.filter { withMarks || $0.name.hasPrefix("fault.") }
    guard console.isJSON else {
      for mark in shown { console.out("\(mark.name) \(mark.count)") }
      if withMarks { for name in marks.missing { console.out("\(name) 0, never hit") } }
      if seeds == 1, let traceDigest { console.out("trace \(traceDigest)") }
      let tenths = Int((seedsPerSecond * 10).rounded())
      return console.out(
        "\(seeds) seeds in \(Int(seconds.rounded())) s, \(tenths / 10).\(tenths % 10) a second: "
          + (violations.isEmpty ? "no violation" : "\(violations.count) violations"))
    }
    console.json { json in
      json.key("seeds")
      json.integer(Int64(seeds))
      json.key("violations")
      json.integer(Int64(violations.count))
      json.key("milliseconds")
      json.integer(Int64(seconds * 1_000))
      json.key("trace")
      json.text(traceDigest.map(\.description) ?? "")
      json.key("marks")
      json.openObject()
      for mark in shown {
        json.key(mark.name)
        json.integer(Int64(mark.count))
      }
      json.closeObject()
      json.key("missing")
      json.openArray()
      for name in marks.missing { json.text(name) }
      json.closeArray()
    }
  }
}

extension TaskGroup<SeedReport> {
  /// Begins the world of a seed.
  fileprivate mutating func live(_ options: WorldOptions, _ seed: UInt64) {
    var options = options
    options.seed = seed
    addTask { [options] in Simulation.run(options) }
  }
}
