import Hub
import Office
import OpLog
import SQLite
import Store

/// A process that works on one database, until it dies.
final class CrashProcess {
  let disk: FaultyDisk
  /// The disk of the other side of a sync; it never fails.
  let peer: FaultyDisk?
  /// The database, while it is open.
  var store: Store?

  init(_ disk: FaultyDisk, peer: FaultyDisk?) {
    self.disk = disk
    self.peer = peer
  }

  /// The path of every database.
  static let path = "linli.db"

  /// The same files in a process that starts now, as if this one had been killed.
  func killed() -> CrashProcess { CrashProcess(disk.copy(), peer: peer?.copy()) }

  /// Whether it has no file open, on neither side.
  var isClosed: Bool { store == nil && disk.isClosed && peer?.isClosed != false }

  /// What is left of both sides now.
  var left: [FaultyDisk.State] { [disk.left] + (peer.map { [$0.left] } ?? []) }

  /// The other side's database, opened anew.
  func peerStore() throws -> Store {
    guard let peer else { preconditionFailure("this operation has another side") }
    return try CrashStreet.store(on: peer)
  }

  /// The open database, opened if need be.
  func running() throws(StoreError) -> Store {
    if let store { return store }
    let opened = try Store(path: Self.path, mode: .readWrite, on: disk)
    store = opened
    return opened
  }
}

/// What a database holds, as far as a reader can tell.
struct CrashImage {
  private let heads: [String]
  /// The sums that are kept of the tables.
  private let kept: StateDigest
  /// Every row; nil where the sums will do.
  private let tables: String?
  private let progress: [Int64?]
  private let bodies: [String]

  /// Looks at a database.
  ///
  /// - Parameters:
  ///   - store: The database.
  ///   - isWhole: Whether each row is read. A process that goes on reads what its files hold, and
  ///     those are read whole once they are another's.
  /// - Throws: ``StoreError`` when it cannot be read.
  init(_ store: Store, isWhole: Bool = true) throws(StoreError) {
    kept = try store.read { () throws(StoreError) in try store.stateDigest() }
    var heads: [String] = []
    for replica in try store.replicas() {
      heads.append("\(try store.storedHead(of: replica)) \(try store.foldedHead(of: replica))")
    }
    self.heads = heads
    tables = try isWhole ? store.tablesDigest().description : nil
    progress = [
      try store.number(.wholeSeq), try store.number(.partRun), try store.number(.partSeq),
      try store.number(.lastContact),
    ]
    bodies =
      try store.missingBodies(limit: 1_000).map { "- \($0)" }.sorted()
      + store.unsentBodies(limit: 1_000).map { "+ \($0)" }
  }

  /// Whether two databases hold the same, as far as was looked.
  func equals(_ other: CrashImage) -> Bool {
    let isSame = heads == other.heads && kept == other.kept && progress == other.progress
    guard isSame, bodies == other.bodies else { return false }
    guard let tables, let others = other.tables else { return true }
    return tables == others
  }
}
