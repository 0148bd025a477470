import SQLite
import Store

/// Something that a process does with its database, to be done again with every call failing.
package struct CrashOperation {
  /// Its name in the table.
  package let name: String
  /// The files before it.
  let disk: FaultyDisk
  /// The files of the other side, where it is a sync.
  var peer: FaultyDisk?
  /// Whether the process has opened its database before anything fails.
  var isOpen = true
  /// Whether it is one transaction: all of it is done, or nothing.
  var isAtomic = true
  /// Whether an error says that nothing was done, as long as the process lives; else it may be done.
  var failsWhole = true
  /// Whether its files can be read on a full disk; those of an older version must be upgraded first.
  var isReadable = true
  /// Whether its file is a backup before it, which nobody can open as it is.
  var isBackup = false
  /// Does it; doing it twice is as good as once.
  let act: (CrashProcess) throws -> Void
  /// Records something else afterwards.
  let next: (Store) throws -> Void
  /// Looks at the files that it made beside the database; the flag says whether they have to be there.
  var inspect: ((CrashProcess, _ isDone: Bool) throws -> Void)?
}

/// What came of one operation under one kind of fault.
package struct CrashRow: Sendable {
  /// The operation.
  package let operation: String
  /// What failed.
  package let fault: CrashFault
  /// The highest N at which it still struck.
  package let reached: Int
  /// What was not kept, and at which N; nil when all was well.
  package let violation: (number: Int, Violation)?
}

extension CrashOperation {
  /// Does the operation with the first, the second, … call failing, until none fails any more.
  ///
  /// - Parameters:
  ///   - fault: What fails.
  ///   - outcome: What it comes to otherwise.
  ///   - stride: How far N moves each time; 1 tries every call.
  ///   - progress: Told each N.
  /// - Returns: How far N went; it ends at the first violation.
  package func run(
    _ fault: CrashFault, to outcome: CrashOutcome, stride: Int = 1,
    progress: (Int) -> Void = { _ in }
  ) -> CrashRow {
    let trial = CrashTrial(self, fault, to: outcome)
    var number = 1
    var reached = 0
    do throws(Violation) {
      while try trial.strikes(at: number) {
        reached = number
        progress(number)
        number += stride
      }
    } catch {
      return CrashRow(
        operation: name, fault: fault, reached: reached, violation: (number, error))
    }
    return CrashRow(operation: name, fault: fault, reached: reached, violation: nil)
  }
}
