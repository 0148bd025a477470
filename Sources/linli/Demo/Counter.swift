import Community

/// A counter on stage: `record --json -` at an office, with lines ahead of its answers.
///
/// Several counters so work at the same time, each in its own order.
final class Counter {
  /// Lines whose answers may be outstanding: with their answers they fit into the pipes.
  private static let linesAhead = 64

  private let process: ChildProcess
  private let staff: [String]
  private var awaited: [StoryEntry] = []

  /// Opens the counter of a data folder.
  ///
  /// - Parameters:
  ///   - folder: The office's data folder.
  ///   - staff: The ids of its staff.
  ///   - program: What runs it.
  ///   - clockYear: What a wrong clock shows; nil for a right one.
  /// - Throws: A storage error when the system has no process or pipe left.
  init(
    at folder: String, staff: [String], by program: Program, clockYear: Int? = nil
  ) throws(CommandError) {
    process = try program.start(["record", "--json", "-", "--data", folder], clockYear: clockYear)
    self.staff = staff
  }

  /// Hands in an entry, after the answers to those that it refers to.
  ///
  /// - Throws: When an entry before it was answered otherwise than the story says.
  func record(_ entry: StoryEntry, naming ids: inout StoryIDs) throws(CommandError) {
    let names = entry.references
    let mustWait = awaited.contains { $0.name.map { names.contains($0) } ?? false }
    if mustWait || awaited.count == Self.linesAhead { try settle(naming: &ids) }
    try process.write(line: try entry.line(staff: staff, ids))
    awaited.append(entry)
  }

  /// Reads the answers to all that was handed in.
  ///
  /// - Throws: When one is another answer than the story's.
  func settle(naming ids: inout StoryIDs) throws(CommandError) {
    for entry in awaited {
      let op = try entry.op(answeredBy: try process.readLine())
      if let name = entry.name { ids[name] = op }
    }
    awaited = []
  }

  /// Reads what is outstanding, and closes.
  ///
  /// - Returns: The most memory that it took, in KiB.
  func close(naming ids: inout StoryIDs) throws(CommandError) -> Int {
    try settle(naming: &ids)
    process.sampleMemory()
    let exit = process.finish().exit
    // Refusals that the story wants make it 3.
    guard exit == ExitCode.ok || exit == ExitCode.refused else {
      throw .storyDiffers(Words("record 退出码 \(exit)", "record ended with \(exit)"))
    }
    return process.peakKiB
  }
}
