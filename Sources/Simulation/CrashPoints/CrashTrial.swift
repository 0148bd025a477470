import Hub
import Office
import SQLite
import Store
import Wire

/// One operation with one kind of fault: strikes it, and looks at what is left.
struct CrashTrial {
  private let operation: CrashOperation
  private let fault: CrashFault
  private let outcome: CrashOutcome
  private var before: CrashImage? { outcome.before }
  private var after: CrashImage { outcome.after }

  init(_ operation: CrashOperation, _ fault: CrashFault, to outcome: CrashOutcome) {
    self.operation = operation
    self.fault = fault
    self.outcome = outcome
  }

  /// Does the operation with the N-th call failing, and checks all that follows.
  ///
  /// - Returns: False when there are fewer calls.
  func strikes(at number: Int) throws(Violation) -> Bool {
    guard fault == .powerCut else { return try fails(at: number) }
    var chance = SplitMix64(seed: UInt64(number))
    guard try cutsPower(at: number, keeping: { _ in false }) else { return false }
    _ = try cutsPower(at: number, keeping: { _ in true })
    _ = try cutsPower(at: number, keeping: { _ in chance.below(2) == 0 })
    return true
  }

  private func cutsPower(
    at number: Int, keeping: (UnsyncedSector) -> Bool
  ) throws(Violation) -> Bool {
    let process = try start()
    let (failure, hasFired) = perform(process, at: number)
    guard hasFired else { return false }
    process.store = nil
    process.disk.restorePower(keeping: keeping)
    try recover(process, isPromised: failure == nil)
    return true
  }

  private func fails(at number: Int) throws(Violation) -> Bool {
    let process = try start()
    let (failure, hasFired) = perform(process, at: number)
    guard hasFired else {
      if let failure { throw Violation("crash-free", "fails without a fault: \(failure)") }
      return false
    }
    if let failure { try check(failure) }
    if let store = process.store {
      let kept = failure == nil ? [after] : operation.failsWhole ? [before] : [before, after]
      try expect(store, kept, "in the process that goes on", isWhole: false)
    }
    if fault == .full { try readFull(process.killed()) }
    try recover(process.killed(), isPromised: failure == nil)
    process.disk.fault = nil
    // One that has nothing open keeps nothing but the files: it goes on as the last one did that had these.
    guard !process.isClosed || outcome.isNew(.goesOn, process) else { return true }
    try goOn(process, isWhole: false)
    // What was promised since is durable, whatever became of the failed call's bytes.
    process.disk.cutPower()
    process.store = nil
    process.disk.restorePower { _ in false }
    guard outcome.isNew(.end, process) else { return true }
    let store = try must("open after a power cut at the end") { try process.running() }
    try verify(store)
    try expect(store, [after], "after a power cut at the end")
    try must("record after a power cut at the end") { try operation.next(store) }
    return true
  }

  /// Another process starts on the full disk: it reads, and says why it can't write.
  private func readFull(_ process: CrashProcess) throws(Violation) {
    guard before != nil, outcome.isNew(.full, process) else { return }
    process.disk.fault = DiskFault(.full, at: 1, of: Set(DiskCall.allCases))
    do throws(StoreError) {
      _ = try process.running()
    } catch  where !operation.isReadable { return try check(error) } catch {
      throw Violation("crash-free", "a full disk cannot be read: \(error)")
    }
    let store = try must("open on the full disk") { try process.running() }
    try expect(store, [before, after], "on the full disk")
    do {
      try operation.next(store)
    } catch { return try check(error) }
    throw Violation("crash-free", "something was recorded on a full disk")
  }

  private func start() throws(Violation) -> CrashProcess {
    let process = CrashProcess(operation.disk.copy(), peer: operation.peer?.copy())
    guard operation.isOpen else { return process }
    let store = try must("open") { try process.running() }
    if fault == .read {
      // Without a cache every page that is looked at is read, and can fail.
      try must("empty the cache") {
        try store.connection.execute("PRAGMA cache_size=1; PRAGMA shrink_memory")
      }
    }
    return process
  }

  /// Does the operation; an error is what it came to.
  private func perform(
    _ process: CrashProcess, at number: Int
  ) -> (failure: (any Error)?, hasFired: Bool) {
    func act() -> (any Error)? {
      do {
        try operation.act(process)
        return nil
      } catch { return error }
    }
    guard let onDisk = fault.onDisk(at: number) else {
      let (failure, hasFired) = ScarceMemory.failing(
        at: number, isLasting: fault == .noMemory, act)
      return (failure, hasFired)
    }
    process.disk.fault = onDisk
    let failure = act()
    return (failure, process.disk.hasFired)
  }

  /// A process starts on what is left: all of it is sound, and the operation can be done again.
  private func recover(_ process: CrashProcess, isPromised: Bool) throws(Violation) {
    guard outcome.isNew(.killed(isPromised: isPromised), process) else { return }
    if process.disk.paths.contains(CrashProcess.path), before != nil {
      let store = try must("open what is left") { try process.running() }
      try verify(store)
      try expect(store, isPromised ? [after] : [before, after], "after a new start")
      try must("look at what else is left") { try inspect(process, isDone: isPromised) }
    } else if operation.isBackup {
      try must("look at what is left") { try inspect(process, isDone: isPromised) }
    }
    try goOn(process, isWhole: true)
    let store = try must("open it once more") { try process.running() }
    try must("record something else") { try operation.next(store) }
    try verify(store)
  }

  /// Does the operation again, without a fault: it comes to what it should.
  private func goOn(_ process: CrashProcess, isWhole: Bool) throws(Violation) {
    try must("do it again") {
      try operation.act(process)
      try inspect(process, isDone: true)
    }
    try expect(
      try must("open it") { try process.running() }, [after], "when done again",
      isWhole: isWhole)
  }

  /// Looks at what the operation made beside the database, unless the same files were looked at before.
  private func inspect(_ process: CrashProcess, isDone: Bool) throws {
    guard let inspect = operation.inspect, outcome.isNew(.made(isDone: isDone), process) else {
      return
    }
    try inspect(process, isDone)
  }

  private func expect(
    _ store: Store, _ images: [CrashImage?], _ place: String, isWhole: Bool = true
  ) throws(Violation) {
    let image = try must("read \(place)") { try CrashImage(store, isWhole: isWhole) }
    let isEnd = images.count == 1 && images[0]?.equals(after) == true
    guard operation.isAtomic || isEnd else { return }
    guard !images.contains(where: { $0?.equals(image) == true }) else { return }
    throw Violation("I4", "half of it is there, or what was promised is not, \(place)")
  }

  private func verify(_ store: Store) throws(Violation) {
    let report = try must("verify") { try store.verify() }
    if let finding = report.findings.first { throw Violation("I9", finding) }
  }

  /// The error must say what happened; staff act on it.
  private func check(_ error: any Error) throws(Violation) {
    let failure: SQLiteFailure? =
      switch error {
      case OfficeError.store(.database(let failure)), StoreError.database(let failure),
        StaffRefusal.store(.database(let failure)), ClosingRefusal.store(.database(let failure)),
        SuccessionRefusal.store(.database(let failure)), AdoptRefusal.store(.database(let failure)),
        RetireRefusal.store(.database(let failure)):
        failure
      default: error as? SQLiteFailure
      }
    if let failure, fault.isTold(by: failure) { return }
    if let problem = error as? Problem, [.internal, .storageFull].contains(problem.kind) { return }
    throw Violation("crash-free", "the error does not say what happened: \(error)")
  }
}
