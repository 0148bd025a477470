import Community
import Glibc
import OpLog
import Simulation
import Wire

/// `linli simulate`: lives through seeded worlds and checks every promise in each.
enum SimulateCommand: Command {
  static let name = "simulate"
  static let summary = Words(
    "模拟: 断网、崩溃、错钟下检验每一条承诺",
    "seeded worlds with bad lines, crashes, and wrong clocks; checks every promise in each")
  static let usage = """
    linli simulate [marks | minimize] [--seeds N] [--seed S] [--steps N] [--minutes M] [--jobs N] \
    [--trace FILE] [--bug NAME] [--replay FILE]
    """
  static let example = "linli simulate --seeds 100"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    if let file = arguments.option("replay") { return try replay(file, arguments) }
    switch arguments.positional(0) {
    case nil, "marks": break
    case "minimize": return try minimize(arguments)
    case let word?: throw .usage(Words("没有 simulate \(word)", "there is no simulate \(word)"))
    }
    switch arguments.option("bug") {
    case "list": return list(arguments.console)
    case "all": return try await findBugs(PlantedBug.allCases, arguments)
    case let name?: return try await findBugs([try bug(named: name)], arguments)
    case nil: return try await checkWorlds(arguments)
    }
  }

  // MARK: Worlds

  private static func checkWorlds(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let console = arguments.console
    let run = try await SimulationRun.of(try plan(arguments), console)
    for report in run.violations { console.report(report) }
    let wantsMarks = arguments.positional(0) == "marks"
    run.summarise(to: console, withMarks: wantsMarks)
    let isComplete = !wantsMarks || run.marks.missing.isEmpty
    return run.violations.isEmpty && isComplete ? ExitCode.ok : ExitCode.checkFailed
  }

  static func plan(_ arguments: Arguments) throws(CommandError) -> SimulationPlan {
    let seed = try arguments.integer("seed", in: 0...Int.max)
    let minutes = try arguments.integer("minutes", in: 1...10_000)
    let seeds = try arguments.integer("seeds", in: 1...100_000_000)
    let usual = arguments.positional(0) == "marks" ? Marks.seedsToHit : 100
    return SimulationPlan(
      first: UInt64(seed ?? 1), count: seeds ?? (seed == nil ? minutes == nil ? usual : nil : 1),
      steps: try arguments.integer("steps", in: 0...100_000) ?? WorldOptions.defaultSteps,
      minutes: minutes,
      jobs: try arguments.integer("jobs", in: 1...64)
        ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
      traceFile: arguments.option("trace"), bug: nil)
  }

  // MARK: Planted bugs

  static func bug(named name: String) throws(CommandError) -> PlantedBug {
    if let bug = PlantedBug(rawValue: name) { return bug }
    let names = PlantedBug.allCases.map(\.rawValue) + ["list", "all"]
    throw .badValue(option: "bug", name, names.joined(separator: ", "))
  }

  private static func list(_ console: Console) -> Int32 {
    for bug in PlantedBug.allCases {
      if console.isJSON {
        console.json { json in
          json.key("bug")
          json.text(bug.rawValue)
          json.key("summary")
          json.text(bug.summary)
        }
      } else {
        console.out("\(bug.rawValue): \(bug.summary)")
      }
    }
    return ExitCode.ok
  }

  /// Plants each bug and looks for it; one that stays hidden says that the checks are blind.
  private static func findBugs(
    _ bugs: [PlantedBug], _ arguments: Arguments
  ) async throws(CommandError) -> Int32 {
    let console = arguments.console
    var areFound = true
    for bug in bugs {
      var plan = try plan(arguments)
      plan.bug = bug
      if arguments.option("seeds") == nil, arguments.option("seed") == nil {
        plan.count = PlantedBug.seedsToFind
      }
      let run = try await SimulationRun.of(plan, console)
      areFound = areFound && !run.violations.isEmpty
      console.report(bug, run)
    }
    return areFound ? ExitCode.ok : ExitCode.checkFailed
  }
}

extension Console {
  /// Says which promise a seed broke and how to see it again.
  func report(_ report: SeedReport, replay: String? = nil) {
    guard let violation = report.violation else { return }
    let replay = replay ?? "linli simulate --seed \(report.seed)"
    guard isJSON else {
      out("\(violation.invariant): \(violation.finding)")
      return out("  \(replay)")
    }
    json { json in
      json.key("seed")
      json.text(String(report.seed))
      json.key("invariant")
      json.text(violation.invariant)
      json.key("finding")
      json.text(violation.finding)
      json.key("replay")
      json.text(replay)
    }
  }

  /// Says whether a planted bug was found, and by which seed.
  fileprivate func report(_ bug: PlantedBug, _ run: SimulationRun) {
    let found = run.violations.first
    guard isJSON else {
      guard let found, let violation = found.violation else {
        return out("\(bug.rawValue): NOT found in \(run.seeds) seeds")
      }
      out("\(bug.rawValue): found by seed \(found.seed), \(violation.invariant)")
      return out("  \(violation.finding)")
    }
    json { json in
      json.key("bug")
      json.text(bug.rawValue)
      json.key("found")
      json.flag(found != nil)
      json.key("seeds")
      json.integer(Int64(run.seeds))
      guard let found, let violation = found.violation else { return }
      json.key("seed")
      json.text(String(found.seed))
      json.key("invariant")
      json.text(violation.invariant)
    }
  }
}
