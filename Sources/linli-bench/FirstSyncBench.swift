import Foundation
import LineKit

/// A new office pulls a whole street over a bad line: first what its counter needs, then the history.
struct FirstSyncBench {
  /// The share of the final bytes that may come twice.
  static let wastedGate = 0.05
  /// How often the counter is tried while the history comes in, in seconds.
  private static let commandEvery = 10

  private let office: LineOffice
  private let line: LineSimulator
  private let opCount: Int
  private let clock = ContinuousClock()

  /// What was seen while it was under way.
  private struct Sight {
    /// When a command of the staff succeeded first, in seconds, and what the line had moved by then.
    var counter: (seconds: Double, counts: LineCounts)?
    /// How long commands of the staff took while the history came in, in ns.
    var commands: [Double] = []
    /// Commands that failed: when, in seconds, and why.
    var failures: [(seconds: Double, why: String)] = []
  }

  init(_ office: LineOffice, _ line: LineSimulator, opCount: Int) {
    self.office = office
    self.line = line
    self.opCount = opCount
  }

  func run(_ report: inout Report) throws {
    let start = clock.now
    var sight = Sight()
    let summary = try enrol(since: start, &sight)
    let seconds = seconds(since: start)
    guard let checkpoint = summary["checkpoint"] as? [String: Any], let counter = sight.counter
    else { throw Program.Failure(description: "no working set came: \(summary)") }
    add(checkpoint, counter, &report)
    let number = { (name: String) in Self.number(name, summary) - Self.number(name, checkpoint) }
    let received = number("bytes_received")
    let useful = received - number("bytes_wasted")
    let counts = line.counts
    report.add("history, s till it is whole and folded", seconds - counter.seconds, "s")
    report.add("history, at the line's full speed", useful / 8_000, "s")
    report.add("history, cuts", Double(counts.cuts - counter.counts.cuts), "")
    report.add("history, tries that failed", number("failures"), "")
    report.add("history, round trips", Self.number("exchanges", summary), "")
    report.add("history, ops that came", Self.number("pulled", summary), "ops")
    report.add("history, bytes that came", received, "B")
    report.add("history, per op", useful / Double(opCount), "B/op")
    report.add(
      "history, came twice / final", number("bytes_wasted") / useful, "", gate: Self.wastedGate)
    let down = Double(counts.down)
    report.add("first sync, bytes that the line brought", down, "B")
    report.add("first sync, s", seconds, "s")
    let wasted = Self.number("bytes_wasted", summary)
    report.add(
      "first sync, came twice / final", wasted / (down - wasted), "", gate: Self.wastedGate)
    report.add("commands while the history came", Double(sight.commands.count), "")
    report.add("commands that failed", Double(sight.failures.count), "", gate: 0)
    report.add(
      "command while the history came, median", Measure.median(sight.commands) / 1e6, "ms")
    report.add(
      "command while the history came, slowest", (sight.commands.max() ?? 0) / 1e6, "ms")
    for (seconds, why) in sight.failures {
      report.note(Note(text: "a command failed after \(Int(seconds)) s: \(why)", isGood: false))
    }
    let isEqual = summary["digest_equal"] as? Bool == true
    report.note(
      Note(text: "after the first sync: digest_equal \(isEqual)", isGood: isEqual))
  }

  /// Becomes an office, with somebody at the counter who tries it now and then.
  private func enrol(
    since start: ContinuousClock.Instant, _ sight: inout Sight
  ) throws -> [String: Any] {
    for _ in 1...3 {
      let sync = try office.beginEnrolling(through: line.url)
      defer { sync.end() }
      while !sync.hasEnded(withinSeconds: sight.counter == nil ? 1 : Self.commandEvery) {
        if sight.counter == nil, try office.status()?["history_total"] == nil { continue }
        do {
          sight.commands.append(try office.command())
        } catch {
          sight.failures.append((seconds(since: start), "\(error)"))
          continue
        }
        sight.counter = sight.counter ?? (seconds(since: start), line.counts)
      }
      let result = sync.result()
      if result.exit == 0 { return try result.object() }
      // Where the cut hits the enrolment, the code is used again.
      guard result.exit == 4, sight.counter == nil else {
        throw Program.Failure(description: "linli office init: \(result.out)")
      }
    }
    throw Program.Failure(description: "no office came of it")
  }

  private func add(
    _ checkpoint: [String: Any], _ counter: (seconds: Double, counts: LineCounts),
    _ report: inout Report
  ) {
    let number = { (name: String) in Self.number(name, checkpoint) }
    let (bytes, counts) = (number("bytes"), counter.counts)
    report.add("working set", bytes, "B")
    report.add("working set, s till the counter works", counter.seconds, "s")
    report.add("working set, at the line's full speed", bytes / 8_000, "s")
    report.add("working set, cuts", Double(counts.cuts), "")
    report.add("working set, tries that failed", number("failures"), "")
    report.add("working set, round trips", number("exchanges"), "")
    report.add("working set, bytes that came", number("bytes_received"), "B")
    report.add(
      "working set, came twice / final", number("bytes_wasted") / bytes, "",
      gate: Self.wastedGate)
    report.add("working set, files begun anew", number("restarts"), "", gate: 0)
    // What the line saw, whatever the office counts.
    let starts = counts.rangeStarts
    let again = zip(starts, starts.dropFirst()).count { $1 <= $0 }
    report.add("working set, ranges asked for", Double(starts.count), "")
    report.add("working set, ranges asked for from zero", Double(starts.count { $0 == 0 }), "")
    report.add("working set, ranges asked for again", Double(again), "")
    report.note(
      Note(
        text: "ranges began at "
          + starts.map { "\($0)" }.joined(separator: " "), isGood: true))
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (clock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) / 1e18
  }

  private static func number(_ name: String, _ object: [String: Any]) -> Double {
    (object[name] as? NSNumber)?.doubleValue ?? 0
  }
}
