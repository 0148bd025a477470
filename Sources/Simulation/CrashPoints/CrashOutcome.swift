import SQLite

/// What an operation comes to without a fault, and what was looked at: the same under every fault.
package final class CrashOutcome {
  /// What the database holds before; nil before it is made, and for a backup.
  let before: CrashImage?
  /// What it holds afterwards.
  let after: CrashImage
  /// The same files come to the same whatever call failed.
  ///
  /// Their hashes are kept, not the files, which are some megabytes after each call: of 100,000 any two
  /// are mistaken for each other once in 10⁹.
  private var known: Set<Int> = []

  /// What happened before a process starts on the files.
  enum Event: Hashable {
    case killed(isPromised: Bool)
    case full
    case goesOn
    case end
    case made(isDone: Bool)
  }

  private struct Leftovers: Hashable {
    let event: Event
    let files: [FaultyDisk.State]
  }

  /// Does the operation once.
  ///
  /// - Throws: ``Violation`` when it fails.
  package init(_ operation: CrashOperation) throws(Violation) {
    before = try must("look before \(operation.name)") {
      guard !operation.disk.paths.isEmpty, !operation.isBackup else { return nil }
      return try CrashImage(
        try CrashProcess(operation.disk.copy(), peer: operation.peer?.copy()).running())
    }
    after = try must("do \(operation.name) without a fault") {
      let process = CrashProcess(operation.disk.copy(), peer: operation.peer?.copy())
      try operation.act(process)
      try operation.inspect?(process, true)
      return try CrashImage(try process.running())
    }
  }

  /// Whether nobody has looked at such files after such an event.
  func isNew(_ event: Event, _ process: CrashProcess) -> Bool {
    known.insert(Leftovers(event: event, files: process.left).hashValue).inserted
  }
}
