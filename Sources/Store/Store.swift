import Community
import OpLog
import SQLite

/// One replica's database: the log, and the tables that are folded from it.
///
/// Everything runs on the caller's thread. Changes happen inside ``write(_:)``: one transaction,
/// durable when it returns, nothing of it left when it throws. What is kept in memory is dropped
/// when a transaction fails or another process has written to the file.
package final class Store {
  /// The database.
  package let connection: Connection
  /// Whose database this is.
  package private(set) var identity: StoreIdentity
  /// What it knows of the catalogue.
  package let edition: Edition
  let log: LogTable
  let model: ReadModel
  let receipts: ReceiptTable
  let hubRuns: HubRunTable
  let branches: BranchTable
  let ahead: AheadTable
  let meta: MetaTable
  let bodies: BodyTable
  let waiting: WaitingTable
  var heads: [ReplicaID: LogHead] = [:]
  var hashes: [Int64: Digest] = [:]
  var latestRun: CoveredRun?
  var checkValues = CheckValues()
  /// The op of a foreign log whose turn it is; its log's head moves when the whole run is folded.
  var folding: OpID?
  var hasWaiting = true
  /// The logs of which something is held beside them or was put away; nil until somebody asks.
  var branchedCache: BranchedLogs?
  /// The logs of which a receipt names ops that were put away; see ``settleUndecided()``.
  var undecided: Set<ReplicaID> = []
  /// Whether the WAL may still hold bytes of deleted bodies, as `meta` says.
  package internal(set) var mustScrub = false
  var knownIncarnationsCache: [UInt32: Incarnation]?
  var logBoundsCache: LogBounds?
  /// What was recorded again; nil until somebody asks.
  var rerecordingsCache: Rerecordings? {
    didSet { mayBeRerecorded = rerecordingsCache.map { !$0.isEmpty } ?? true }
  }
  /// False once it is known that nothing was recorded again, as on most streets for ever: each op asks.
  private(set) var mayBeRerecorded = true
  /// What the op before named, and the hashes: the ops of one office name one policy and one actor.
  var lastNamed: (ids: [OpID], hashes: [Digest]) = ([], [])
  /// Whether the logs are to be folded anew: a bound came after what stands behind it was folded, or a
  /// record that counts in place of one that was.
  var mustRefold = false
  /// Whether ops were put away that a receipt may have been taken for: the tables are to be folded anew,
  /// at the end of what comes in at the latest.
  var mustRefoldLater = false
  /// The same of earlier transactions, as `meta` says; nil until somebody asks.
  private var isRefoldOwed: Bool?
  /// How often the tables were folded anew through this object; tests count it.
  package internal(set) var refolds = 0
  /// Is told of each own op that is durable; nil where nothing is beside the database.
  var mark: HighWaterMark?
  /// Is told of each body that is erased; nil where nothing is beside the database.
  var erasures: ErasureList?
  /// The bodies that the present transaction erased.
  var buried: [Digest] = []
  /// Why the file was opened for reading only; nil when it can be written.
  var obstacle: SQLiteFailure?
  /// What this office works on while the history comes in, as `meta` says; nil for one that has it.
  var keptBootstrap: Bootstrap?
  private(set) var changedHeads: Set<ReplicaID> = []
  private var dataVersion: Int64 = -1

  /// Chain hashes kept in memory: what awards and redemptions name, 5 MB at most.
  static let hashesMax = 65_536

  /// Makes the tables of a new replica in an empty file.
  ///
  /// - Throws: ``StoreError``; ``StoreError/database(_:)`` with `isConstraint` when the file holds a
  ///   replica, which stays as it is.
  package static func create(
    _ connection: Connection, _ identity: StoreIdentity, as edition: Edition = .present
  ) throws(StoreError) -> Store {
    let isNew = try Schema.migrate(connection, to: edition)
    try connection.transaction(wrapping: StoreError.database) { () throws(StoreError) in
      try StoreError.wrap { () throws(SQLiteFailure) in
        try MetaTable.insert(identity, connection)
      }
    }
    return try Store(migrated: connection, to: edition, isNew: isNew)
  }

  /// Makes the tables of a replica that is still nobody's; copies of such a file are filled by
  /// ``create(_:_:)`` in a tenth of the time.
  ///
  /// - Throws: ``StoreError/database(_:)``.
  package static func prepare(_ connection: Connection) throws(StoreError) {
    guard try Schema.migrate(connection, to: .present) else { return }
    // No log, so nothing to fold.
    try connection.transaction(wrapping: StoreError.database) { () throws(StoreError) in
      try StoreError.wrap { () throws(SQLiteFailure) in
        try MetaTable(connection).set("catalogue", Int64(Catalogue.version))
      }
    }
  }

  /// Opens a replica's database, migrates it, and folds the log anew after an upgrade.
  ///
  /// - Throws: ``StoreError/notInitialised`` when there is no replica in it.
  package convenience init(
    _ connection: Connection, as edition: Edition = .present
  ) throws(StoreError) {
    let isNew = try Schema.migrate(connection, to: edition)
    try self.init(migrated: connection, to: edition, isNew: isNew)
  }

  private init(
    migrated connection: Connection, to edition: Edition, isNew: Bool
  ) throws(StoreError) {
    self.connection = connection
    self.edition = edition
    var parts:
      (
        LogTable, ReadModel, ReceiptTable, MetaTable, BodyTable, WaitingTable, HubRunTable,
        BranchTable, AheadTable
      )
    do throws(SQLiteFailure) {
      parts = (
        try LogTable(connection), try ReadModel(connection), try ReceiptTable(connection),
        try MetaTable(connection), try BodyTable(connection), try WaitingTable(connection),
        try HubRunTable(connection), try BranchTable(connection),
        try AheadTable(connection)
      )
    } catch { throw .database(error) }
    (log, model, receipts, meta, bodies, waiting, hubRuns, branches, ahead) = parts
    guard
      let identity = try StoreError.wrap({ () throws(SQLiteFailure) in
        try parts.3.identity()
      })
    else {
      let isBackup = try StoreError.wrap { () throws(SQLiteFailure) in
        try parts.3.integer(SettingName.backup.rawValue) != nil
      }
      throw isBackup ? .isBackup : .notInitialised
    }
    self.identity = identity
    keptBootstrap = try StoreError.wrap { () throws(SQLiteFailure) in
      try parts.3.bytes(SettingName.bootstrap.rawValue).flatMap(Bootstrap.init)
    }
    if identity.replica.isHub {
      try StoreError.wrap { () throws(SQLiteFailure) in
        try connection.execute(BodyTable.hubIndex)
      }
    }
    if isNew { try rebuild() }
  }

  /// Runs a change in one `BEGIN IMMEDIATE` transaction with synchronous=FULL.
  ///
  /// - Parameters:
  ///   - hasMore: Whether more comes in soon, so that what was put away may wait to be unfolded until
  ///     then; the next write of another sort does it, should that never come.
  ///   - body: The change.
  /// - Returns: What `body` returned, once it is durable.
  /// - Throws: What `body` throws, or ``StoreError/database(_:)``; nothing is changed then.
  package func write<R>(
    hasMore: Bool = false, _ body: () throws(StoreError) -> R
  ) throws(StoreError) -> R {
    if let obstacle, obstacle.isFull { throw .database(obstacle) }
    let (before, begun) = (identity, keptBootstrap)
    do throws(StoreError) {
      let result = try connection.transaction(wrapping: StoreError.database) {
        () throws(StoreError) in
        try refresh()
        let result = try body()
        try flush()
        try settleUndecided()
        try refoldIfOwed(hasMore: hasMore)
        undecided.removeAll()
        return result
      }
      if mustScrub { scrub() }
      listErasures()
      if let mark, let own = heads[identity.replica] {
        mark.advance(to: own.stored, in: identity.street)
      }
      return result
    } catch {
      forget()
      buried = []
      // A hub's new life was taken back with the transaction, as was the beginning or the end of a
      // bootstrap; the next one reads who this is.
      identity = before
      keptBootstrap = begun
      dataVersion = -1
      throw error
    }
  }

  /// Folds all logs anew where something of the transaction asks for it, or of one before.
  private func refoldIfOwed(hasMore: Bool) throws(StoreError) {
    let isOwed: Bool
    if let isRefoldOwed {
      isOwed = isRefoldOwed
    } else {
      isOwed = try number(.refold) != nil
    }
    isRefoldOwed = isOwed
    if mustRefold || !hasMore && (mustRefoldLater || isOwed) {
      try refoldAll { _ in }
    } else if mustRefoldLater, !isOwed {
      try set(.refold, 1)
      isRefoldOwed = true
    }
    mustRefoldLater = false
  }

  /// The tables are what the logs say now.
  func noteRefolded() throws(StoreError) {
    refolds += 1
    mustRefold = false
    mustRefoldLater = false
    isRefoldOwed = false
    try clear(.refold)
  }

  /// Runs reads on one snapshot of the database.
  package func read<R>(_ body: () throws(StoreError) -> R) throws(StoreError) -> R {
    try StoreError.wrap { () throws(SQLiteFailure) in try connection.beginReading() }
    defer { try? connection.rollback() }
    try refresh()
    return try body()
  }

  /// How far a log is held and folded; the empty log's head when nothing of it is held.
  func head(of replica: ReplicaID) throws(StoreError) -> LogHead {
    if let head = heads[replica] { return head }
    let stored = try StoreError.wrap { () throws(SQLiteFailure) in try log.head(of: replica) }
    let head: LogHead
    if let stored {
      head = stored
    } else {
      let start = try start(of: replica)
      head = LogHead(stored: start, folded: start)
    }
    heads[replica] = head
    return head
  }

  func set(_ head: LogHead) {
    heads[head.stored.replica] = head
    changedHeads.insert(head.stored.replica)
  }

  /// Writes what the transaction gathered.
  func flush() throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in
      for replica in changedHeads.sorted() {
        guard let head = heads[replica] else { continue }
        try log.set(head)
      }
      changedHeads.removeAll(keepingCapacity: true)
    }
    try settleReaders()
    try StoreError.wrap { () throws(SQLiteFailure) in try model.flush() }
  }

  /// Settles what reads the rows that the transaction changed.
  private func settleReaders() throws(StoreError) {
    while true {
      let readers = try StoreError.wrap { () throws(SQLiteFailure) in try model.nextReaders() }
      guard !readers.isEmpty else { return }
      for reader in readers { try reader.derived.type.settle(reader.key, in: self) }
    }
  }

  /// Whose database this is from now on; inside ``write(_:)``.
  func adopt(_ identity: StoreIdentity) throws(StoreError) {
    try StoreError.wrap { () throws(SQLiteFailure) in try meta.set(identity) }
    self.identity = identity
  }

  /// Forgets everything kept in memory.
  func forget() {
    heads.removeAll()
    hashes.removeAll(keepingCapacity: true)
    lastNamed = ([], [])
    changedHeads.removeAll()
    knownIncarnationsCache = nil
    logBoundsCache = nil
    rerecordingsCache = nil
    branchedCache = nil
    undecided.removeAll()
    mustRefold = false
    mustRefoldLater = false
    isRefoldOwed = nil
    latestRun = nil
    folding = nil
    hasWaiting = true
    model.reset()
  }

  /// Forgets everything kept in memory when another connection has written.
  private func refresh() throws(StoreError) {
    let version = try StoreError.wrap { () throws(SQLiteFailure) in try connection.dataVersion() }
    if version != dataVersion {
      forget()
      try StoreError.wrap { () throws(SQLiteFailure) in
        // Another process may have begun a hub's new life, or rejoined.
        if let kept = try meta.identity() { identity = kept }
        mustScrub = try meta.integer(Self.scrubKey) != nil
        keptBootstrap = try meta.bytes(SettingName.bootstrap.rawValue).flatMap(Bootstrap.init)
      }
    }
    dataVersion = version
    if hasWaiting {
      hasWaiting = try StoreError.wrap { () throws(SQLiteFailure) in try !waiting.isEmpty }
    }
  }
}
