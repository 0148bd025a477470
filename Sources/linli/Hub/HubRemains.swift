import Community
import Glibc
import Hub
import Office
import OpLog
import Store
import Wire

/// What is left of a hub's database, checked before anything is changed.
struct HubRemains {
  /// The lives of the hub that it vouches for.
  let lives: [Incarnation]
  /// The newest life that it knows of.
  let newest: UInt32
  /// The first life with the key that it is of; 1 where nothing is left.
  let since: UInt32
  /// The street that it is of; nil where nothing is left.
  let street: StreetID?
  /// The bodies of a backup that was kept for longer than it may be; they are left out.
  let leftOut: Int64

  private let folder: DataFolder
  /// The database, open: under its name, or a backup's copy beside it; nil to begin on nothing.
  private let store: Store?
  private let isDraft: Bool
  /// Whether a backup was copied beside the database.
  private let isCopied: Bool

  /// Whether nothing is left, so that a clock can be compared with nothing.
  var isNothing: Bool { store == nil }

  /// Looks at the folder's database, or at a backup, which is copied beside it.
  ///
  /// - Parameters:
  ///   - folder: The hub's folder.
  ///   - key: The street's key, of whichever life; nil where it is lost, and another takes its place.
  ///   - backup: A file to go on with; nil for what is in the folder.
  ///   - isSure: Whether a hub that is whole may begin a new life too.
  /// - Throws: A refusal when key and database are of two streets, or the file is damaged.
  init(
    of folder: DataFolder, _ key: HubKey?, from backup: String?, isSure: Bool
  ) throws(CommandError) {
    self.folder = folder
    try key.map { (key) throws(CommandError) in try Self.refuseOtherKey(than: key, in: folder) }
    let isThere = access(folder.hubDatabase, F_OK) == 0
    guard backup == nil || !isThere else { throw Self.isThere(folder.hubDatabase) }
    var source = backup
    var found: Store?
    if isThere {
      do throws(StoreError) {
        found = try Store(path: folder.hubDatabase, mode: .readWrite)
      } catch {
        guard error == .isBackup else { throw Self.unreadable(folder.hubDatabase, error) }
        source = folder.hubDatabase
      }
    }
    isDraft = found == nil
    isCopied = source != nil
    var leftOut: Int64 = 0
    if let source { (found, leftOut) = try Self.copy(source, to: folder.hubDraft) }
    self.leftOut = leftOut
    guard let found else {
      (store, lives, newest, since, street) = (nil, [], 0, 1, nil)
      return
    }
    newest = found.identity.incarnation.number
    street = found.identity.street
    do throws(CommandError) {
      let (fits, isOffices, proved, keySince) = try CommandError.wrap { () throws(StoreError) in
        (
          try key?.fits(found) ?? found.identity.replica.isHub, try found.isOffices,
          try found.provedLives(), try found.keySince()
        )
      }
      guard !isOffices else {
        throw backup.map(DataFolder.officesBackup) ?? DataFolder.officesFile(folder.hubDatabase)
      }
      since = fits && key != nil ? keySince ?? 1 : 1
      let isUsed = try Self.isUsed(found, key, fits: fits, isDraft: isDraft, isSure: isSure)
      (store, lives) = isUsed ? (found, proved) : (nil, [])
    } catch {
      if isCopied { Self.remove(folder.hubDraft) }
      throw error
    }
  }

  /// Whether the next life goes on with a database; it begins on nothing where the one before never took
  /// anything in, and so may have begun with a mistyped one before it.
  ///
  /// - Throws: A refusal when it is not that of the key, or is whole and nobody is sure.
  private static func isUsed(
    _ found: Store, _ key: HubKey?, fits: Bool, isDraft: Bool, isSure: Bool
  ) throws(CommandError) -> Bool {
    let isEmpty = try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.hasOnlyBegun(found)
    }
    if let key {
      do throws(CommandError) {
        try VoidKey.check(key, in: found)
      } catch {
        throw isDraft ? backupOfOtherKey : isEmpty ? begunByOtherKey : error
      }
    }
    let isMeant = isSure || isDraft || key?.incarnation != found.identity.incarnation
    if isMeant, isEmpty, key.map({ $0.street == found.identity.street }) ?? true { return false }
    guard fits else {
      throw .storage(
        "wrong-key", Words("密钥不属于这个街道", "the key is of another street"),
        advice: Words("把数据和密钥放在同一文件夹", "keep a database and its own key in one folder"))
    }
    guard isMeant else {
      let isOpen = try CommandError.wrap { () throws(StoreError) in try found.isRollCallOpen }
      throw isOpen ? Self.isOpen : isWhole
    }
    return true
  }

  /// Removes the copy of a backup, with everybody's data in it, where nothing came of it.
  func discard() { if isCopied { Self.remove(folder.hubDraft) } }

  /// Begins a life on what is left.
  ///
  /// The key is kept before the database is the hub's, so that the number of this life is never used
  /// again.
  ///
  /// - Returns: The hub's database.
  func begin(
    _ key: HubKey, now: Int64, clockIsRight: Bool
  ) throws(CommandError) -> Store {
    if let store {
      if clockIsRight {
        try CommandError.wrap { () throws(StoreError) in try HubClock.confirm(now, in: store) }
      } else if let written = try HubClockCommand.lead(over: now, of: store) {
        throw HubClockCommand.behind(written, atRecovery: true)
      }
    }
    if let store, !isDraft {
      try keep(key)
      try CommandError.wrap { () throws(StoreError) in
        try store.keep(ErasureList(path: folder.hubErasures))
        try HubAdmin.begin(key, in: store, now: now)
      }
      return store
    }
    let draft = folder.hubDraft
    try CommandError.wrap { () throws(StoreError) in
      let begun: Store
      if let store { begun = store } else { begun = try Self.make(draft, key) }
      // Before it is the hub's, whatever was erased since it was made is erased in it.
      try begun.keep(ErasureList(path: folder.hubErasures))
      try HubAdmin.begin(key, in: begun, now: now)
      try begun.finish()
    }
    try keep(key)
    for database in [draft, folder.hubDatabase] { Self.removeSides(of: database) }
    guard rename(draft, folder.hubDatabase) == 0, SmallFile.syncFolder(folder.path) else {
      throw CommandError(OfficeError.folder(folder.path))
    }
    return try folder.openHubStore()
  }

  private func keep(_ key: HubKey) throws(CommandError) {
    guard SmallFile.write(key.text, to: folder.hubKey) else {
      throw CommandError(OfficeError.folder(folder.path))
    }
  }

  private static func make(_ draft: String, _ key: HubKey) throws(StoreError) -> Store {
    clear(draft)
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    return try Store.create(path: draft, identity)
  }

  /// Opens a copy of a backup, or of another hub's database, as a hub's.
  private static func copy(
    _ source: String, to draft: String
  ) throws(CommandError) -> (Store, leftOut: Int64) {
    clear(draft)
    do throws(StoreError) {
      try Store.copy(source, to: draft)
      let leftOut = try Store.restore(path: draft, now: Machine.now())
      return (try Store(path: draft, mode: .readWrite), leftOut)
    } catch {
      remove(draft)
      throw unreadable(source, error)
    }
  }

  /// An empty file that only its owner can read, for SQLite to write in.
  private static func clear(_ draft: String) {
    removeSides(of: draft)
    _ = SmallFile.make(draft)
  }

  private static func remove(_ database: String) {
    unlink(database)
    removeSides(of: database)
  }

  /// Removes what SQLite keeps beside a database that nobody has open.
  private static func removeSides(of database: String) {
    for end in ["-wal", "-shm"] { unlink(database + end) }
  }

  /// Refuses to put a key in the place of another street's, which may be the only copy.
  private static func refuseOtherKey(
    than key: HubKey, in folder: DataFolder
  ) throws(CommandError) {
    guard access(folder.hubKey, F_OK) == 0 else { return }
    let kept = SmallFile.read(folder.hubKey).flatMap { HubKey(text: $0) }
    if let kept, kept.street == key.street, kept.masterKey == key.masterKey { return }
    throw .refused(
      "exists", Words("\(folder.hubKey) 是另一把密钥", "\(folder.hubKey) is another key"),
      advice: Words(
        "不会覆盖它；请换 --data，或先把它移走", "it stays: name another --data, or move it away first"))
  }

  private static func isThere(_ file: String) -> CommandError {
    .refused(
      "exists", Words("\(file) 还在", "\(file) is still there"),
      advice: Words(
        "不用 --from 就在它上面重建；或先把它移走", "leave --from out to go on with it, or move it away"))
  }

  /// Paper does not say since when a key is the street's, so neither need be the void one.
  private static let backupOfOtherKey = CommandError.storage(
    "wrong-key", Words("这份备份是另一把密钥的", "the backup was made under another key than this one"),
    advice: Words(
      "密钥是现在的，就不用 --from: 有密钥就够；作废的密钥，请换成现在的两张纸",
      "where the key is the present one, leave --from out: it is enough; where it is void, take the two "
        + "sheets of the present one"))

  /// A life that was begun on nothing, and whose key may be the void one itself.
  private static let begunByOtherKey = CommandError.storage(
    "wrong-key",
    Words("这一代是用另一把密钥开始的", "this life of the hub was begun with another key than this one"),
    advice: Words(
      "现在的密钥是换密钥时印出的两张纸；如果这一代才是误用了作废的密钥，把 hub.db 移走(请保留)，再运行一次",
      "the present key is that of the sheets which were printed last; if it is this life that was begun with "
        + "a void one, move hub.db away (keep it) and run it again"))

  private static let isWhole = CommandError.refused(
    "not-confirmed", Words("这个街道服务器完好，无需重建", "this hub is whole and needs no rebuilding"),
    advice: Words(
      "确需换代并重新点名，加 --yes", "add --yes if it is to begin a new life, with a roll-call"))

  private static let isOpen = CommandError.refused(
    "not-confirmed", Words("已经重建，正在点名", "this hub was rebuilt, and its roll-call is open already"),
    advice: Words(
      "运行 linli hub serve 让各站点同步，再运行 linli hub succeed --by A,B；确需再换一代，加 --yes",
      "run linli hub serve, let the offices sync, and end it with linli hub succeed --by A,B; add --yes "
        + "only if another life is to begin"))

  private static func unreadable(_ file: String, _ error: StoreError) -> CommandError {
    guard error.isCorrupt || error == .notInitialised || error.isNoTable else {
      return CommandError(error)
    }
    return .storage(
      "damaged-file", Words("\(file) 已损坏，或不是街道数据", "\(file) is damaged, or is no hub's database"),
      advice: Words(
        "把它移走(请保留)，再运行 linli hub recover: 有密钥就够；有完好的备份可加 --from",
        "move it away (keep it) and run linli hub recover again: the key is enough; with a sound "
          + "backup add --from"),
      detail: "\(error)")
  }
}

extension DataFolder {
  /// Where a hub's database is made before it has its name.
  var hubDraft: String { hubDatabase + ".new" }
}
