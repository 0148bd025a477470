import Foundation
import OpLog
import SQLite
import Simulation
import Store

/// The command: reads the arguments, runs one benchmark, prints its report, returns the exit code.
enum Bench {
  static let usage = """
    usage: linli-bench local|apply|raw|wire|checkpoint|line [--ops N] [--rounds R] [--data DIR] [--json] [--check]

      local   one durable op: check, chain, fold, tables, commit; beside one raw insert
      apply   ops of other offices, 500 and their receipt in a transaction; beside raw inserts
      raw     only the raw inserts of both: the same bytes, table, pragmas, and batches
      wire    bytes per op on the line, by column; beside JSON
      checkpoint   the working set for a new office, by column; beside the log's segments
      line    a first sync and a day's ops over 64 kbit/s and 600 ms, cut every 20 s, with processes:
              first the working set, then the history; some 4 min for 50,000 ops, 40 for 1,000,000

      --ops N      size of the workload, a multiple of 20 (100000)
      --rounds R   times that apply and its raw inserts take turns (3)
      --data DIR   where to put the databases (a new folder in /tmp, removed at the end)
      --json       print one JSON object
      --check      exit 1 when a figure is over its gate
      --help       print this

    """

  /// Runs the command.
  ///
  /// - Returns: 0 ok, 1 check failed, 2 usage, 5 storage.
  static func main(_ arguments: [String]) -> Int32 {
    let options: Options
    do throws(UsageError) {
      options = try Options(arguments)
    } catch {
      complain("linli-bench: \(error.message)\n\(usage)")
      return 2
    }
    guard options.mode != .help else {
      print(usage, terminator: "")
      return 0
    }
    do {
      let report = try run(options)
      print(options.isJSON ? report.json : report.text)
      return options.isChecked && !report.isPassed ? 1 : 0
    } catch {
      complain("linli-bench: \(error)\n")
      return 5
    }
  }

  private static func run(_ options: Options) throws -> Report {
    var report = Report(mode: options.mode.rawValue, opCount: options.opCount)
    report.note(WorkloadThreshold.check(opCount: options.opCount))
    let scratch = try Scratch(options.directory)
    defer { scratch.remove() }
    switch options.mode {
    case .local: try LocalBench(options, scratch).run(&report)
    case .apply: try ApplyBench(options, scratch).run(&report)
    case .raw:
      try LocalBench(options, scratch).run(&report)
      try ApplyBench(options, scratch).run(&report)
    case .wire: try WireBench(options).run(&report)
    case .line: try LineBench(options, scratch).run(&report)
    case .checkpoint: try CheckpointBench(options, scratch).run(&report)
    case .help: break
    }
    report.add("resident memory, peak", Double(Measure.peakResidentBytes) / 1e6, "MB")
    return report
  }

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
