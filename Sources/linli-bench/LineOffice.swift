import Foundation
import OpLog
import Store

/// The office of the benchmark.
struct LineOffice {
  private let program: Program
  private let folder: String
  private let code: String
  private let staff: String
  private let scratch: Scratch

  init(_ program: Program, hubFolder: String, folder: String, _ scratch: Scratch) throws {
    self.scratch = scratch
    self.program = program
    self.folder = folder
    let invited = try program.must([
      "hub", "invite", "--community", "Line", "--staff", "Wang Min", "--policy",
      "award.posting=on_the_spot,award.max_per_day=off,backdate.max_days=off", "--data", hubFolder,
      "--json",
    ]).object()
    guard let code = invited["code"] as? String,
      let people = invited["staff"] as? [[String: String]], let id = people.first?["id"]
    else { throw Program.Failure(description: "no code: \(invited)") }
    self.code = code
    staff = id
  }

  /// Starts to become an office and to pull everything; a code that was used in vain is used again.
  func beginEnrolling(through hub: String) throws -> RunningProgram {
    try program.start([
      "office", "init", "--hub", hub, "--code", code, "--attempts", "100", "--data", folder,
      "--json",
    ])
  }

  /// What the office shows of itself; nil before there is one.
  func status() throws -> [String: Any]? {
    let result = try program.run(["office", "status", "--data", folder, "--json"])
    return result.exit == 0 ? try result.object() : nil
  }

  /// What its database says of its state.
  func stateDigest() throws -> StateDigest {
    try LineBench.stateDigest(in: folder + "/office.db")
  }

  func sync() throws -> [String: Any] {
    try program.must([
      "office", "sync", "--attempts", "20", "--data", folder, "--json",
    ]).object()
  }

  /// Starts to sync without end, and waits for the first.
  func watch() throws -> (process: RunningProgram, line: String) {
    try program.serve(["office", "sync", "--watch", "1", "--data", folder, "--json"])
  }

  /// Records so many ops.
  func recordDay(_ count: Int) throws {
    let lines = (1...count).map { number in
      #"{"kind":"activity.publish","fields":{"title":"Sweeping \#(number)","category":"labour","#
        + #""points":3,"held_on":"2026-01-13"}}"#
    }
    let input = scratch.path + "/day.jsonl"
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: input))
    _ = try program.must(
      ["record", "--json", "-", "--as", staff, "--data", folder], input: input)
  }

  /// One command of the staff; the workload's days are long ago, so the day is given.
  ///
  /// - Returns: How long it took, in ns.
  func command() throws -> Double {
    try Measure.time {
      _ = try program.must([
        "record", "activity.publish", "title=Sweeping", "category=labour", "points=3",
        "held_on=2026-01-13", "--on", "2026-01-13", "--as", staff, "--data", folder, "--json",
      ])
    }
  }
}
