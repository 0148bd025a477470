import Office
import SQLite
import Store

extension CrashOperation {
  /// A new office takes the checkpoint, records, and gets the history.
  ///
  /// It is many transactions; behind each the office is where an undisturbed one is at some time, with
  /// exactly so much of the file, or will be once it has folded the history that is here.
  static func beginning(_ street: CrashStreet) throws -> CrashOperation {
    let newcomer = try street.newcomer()
    var begin = office("begin", street, newcomer.office) { process in
      let hub = try CrashStreet.core(try process.peerStore(), street.key)
      try street.begin(try OfficeCore(try process.running()), hub)
    } next: { store in
      try store.write { () throws(StoreError) in try store.set(.clockOffset, 0) }
      // Before it has begun it records nothing.
      if try !store.isBlank { try defineItem(street, at: try OfficeCore(store)) }
    }
    begin.peer = newcomer.hub
    begin.isAtomic = false
    let undisturbed = CrashProcess(newcomer.office.copy(), peer: newcomer.hub.copy())
    let store = try undisturbed.running()
    var steps = [try BeginningStep(store)]
    try street.begin(
      try OfficeCore(store), try CrashStreet.core(try undisturbed.peerStore(), street.key),
      seen: { steps.append(try BeginningStep($0)) })
    begin.inspect = { [steps] process, isDone in
      func isStep(_ store: Store) throws -> Bool {
        steps.contains(where: try BeginningStep(store).equals)
      }
      guard !isDone, try !isStep(try process.running()) else { return }
      let next = try process.killed().running()
      try next.foldHistory()
      guard try isStep(next) else {
        throw Violation("I4", "the office is between two steps of its beginning")
      }
    }
    return begin
  }
}

/// How far an office is that begins on a checkpoint.
private struct BeginningStep {
  private let image: CrashImage
  /// What has come of the file.
  private let file: [UInt8]

  init(_ store: Store) throws(StoreError) {
    image = try CrashImage(store)
    file = try store.checkpointBytes(in: 0...Int(Int32.max))
  }

  func equals(_ other: BeginningStep) -> Bool { image.equals(other.image) && file == other.file }
}
