import Hub
import Office
import OpLog
import SQLite
import Store

/// A process that works on one database, until it dies.
final class CrashProcess {
  let disk: FaultyDisk
  /// The disk of the hub that an office syncs with; it never fails.
  let hub: FaultyDisk?
  /// The database, while it is open.
  var store: Store?

  init(_ disk: FaultyDisk, hub: FaultyDisk?) {
    self.disk = disk
    self.hub = hub
  }

  /// The path of every database.
  static let path = "linli.db"

  /// The same files in a process that starts now, as if this one had been killed.
  func killed() -> CrashProcess { CrashProcess(disk.copy(), hub: hub?.copy()) }

  /// The open database, opened if need be.
  func running() throws(StoreError) -> Store {
    if let store { return store }
    let opened = try Store(path: Self.path, mode: .readWrite, on: disk)
    store = opened
    return opened
  }
}

/// What a database holds, as far as a reader can tell.
struct CrashImage: Equatable {
  private let heads: [String]
  private let tables: String
  private let progress: [Int64?]
  private let bodies: [String]

  init(_ store: Store) throws(StoreError) {
    var heads: [String] = []
    for replica in try store.replicas() {
      heads.append("\(try store.storedHead(of: replica)) \(try store.foldedHead(of: replica))")
    }
    self.heads = heads
    tables = try store.tablesDigest().description
    progress = [
      try store.number(.wholeSeq), try store.number(.partRun), try store.number(.partSeq),
      try store.number(.lastContact),
    ]
    bodies =
      try store.missingBodies(limit: 1_000).map { "- \($0)" }.sorted()
      + store.unsentBodies(limit: 1_000).map { "+ \($0)" }
  }
}
