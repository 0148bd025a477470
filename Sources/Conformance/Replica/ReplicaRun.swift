import Community

/// One go through the rules against one replica's program.
///
/// Each rule has a hub, a line, and replicas of its own, so that nothing of one reaches another.
package final class ReplicaRun {
  private let bench: ReplicaBench
  private let level: Int?

  /// Makes a run.
  ///
  /// - Parameters:
  ///   - bench: What it needs of the machine.
  ///   - level: How much the replica folds, 1 … 3; nil asks its program.
  package init(_ bench: ReplicaBench, level: Int?) {
    self.bench = bench
    self.level = level
  }

  /// Goes through the rules whose ids begin with one of some texts; none for all.
  ///
  /// - Returns: What became of each, also told to `report` as soon as it is known.
  package func run(
    only prefixes: [String] = [], report: (RuleResult) -> Void
  ) -> [RuleResult] {
    let driver = ReplicaDriver(start: bench.startDriver)
    defer { driver.end() }
    let rules = ConformanceRule.ofReplicas.filter { $0.begins(with: prefixes) }
    let known = knownLevel(driver)
    return rules.map { rule in
      let result = RuleResult(rule: rule, outcome: outcome(of: rule, driver, known))
      report(result)
      return result
    }
  }

  private func outcome(
    of rule: ConformanceRule, _ driver: ReplicaDriver, _ known: Result<Int, RuleFinding>
  ) -> RuleOutcome {
    if let reason = rule.reason { return .notTested(reason) }
    guard case .replica(let least, let check) = rule.test else {
      preconditionFailure("a rule for hubs among those for replicas")
    }
    do throws(RuleFinding) {
      guard try known.get() >= least else {
        return .notTested(
          Words("只对 \(least) 级以上的副本检验", "only replicas of level \(least) are held to it"))
      }
      let street = try ReplicaStreet(bench, driver)
      defer { street.close() }
      try check(street)
      return .passed
    } catch {
      if let absent = error.absent { return .notTested(absent) }
      return error.isPreparation ? .blocked(error) : .failed(error)
    }
  }

  /// The level that was given, or that the program says.
  private func knownLevel(_ driver: ReplicaDriver) -> Result<Int, RuleFinding> {
    if let level { return .success(level) }
    guard let nowhere = HubLocation("http://127.0.0.1:1"), let line = ReplicaLine(to: nowhere)
    else {
      return .failure(.noMachine("a port on loopback"))
    }
    do throws(RuleFinding) {
      let answer = try driver.ask("level", over: line)
      guard let level = answer?.level else {
        throw RuleFinding(
          sent: "`level` to the driver", expected: "`level` (conformance.md §6)",
          came: answer?.words ?? "its end", isPreparation: true)
      }
      return .success(level)
    } catch {
      return .failure(
        RuleFinding(
          sent: error.sent, expected: error.expected, came: error.came, isPreparation: true))
    }
  }
}
