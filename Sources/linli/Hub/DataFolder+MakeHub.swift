import Community
import Glibc
import Hub
import Office
import OpLog
import Store

/// Making a new street's files.
extension DataFolder {
  /// Makes a new street's files: its database under another name, then the key, then the database's name.
  ///
  /// So a key beside a whole new database under that other name is what a crash in between left, and
  /// nobody has seen it: it is used. A key alone is that of a street whose database was lost.
  ///
  /// - Returns: The street's key.
  /// - Throws: A refusal when a database or another file is there: nothing is ever overwritten.
  func makeHub(streetName: String) throws(CommandError) -> HubKey {
    for file in [hubDatabase, OfficeFolder(path).database] where access(file, F_OK) == 0 {
      throw Self.exists(file)
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw CommandError(OfficeError.folder(path))
    }
    let key: HubKey
    if access(hubKey, F_OK) == 0 {
      key = try unfinishedKey(streetName: streetName)
    } else {
      key = HubKey(random: Machine.random)
      for suffix in ["-wal", "-shm"] { unlink(hubDraft + suffix) }
      guard SmallFile.make(hubDraft) else { throw CommandError(OfficeError.folder(path)) }
      let identity = StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
      try CommandError.wrap { () throws(StoreError) in
        let store = try Store.create(path: hubDraft, identity)
        try HubAdmin.define(store, streetName: streetName, now: Machine.now())
        try store.write { () throws(StoreError) in try key.keepCheck(in: store) }
        try store.finish()
      }
      guard SmallFile.write(key.text, to: hubKey) else {
        throw CommandError(OfficeError.folder(path))
      }
    }
    guard rename(hubDraft, hubDatabase) == 0, SmallFile.syncFolder(path) else {
      throw CommandError(OfficeError.folder(path))
    }
    return key
  }

  /// The key of a street that was being made under this name when the power failed.
  private func unfinishedKey(streetName: String) throws(CommandError) -> HubKey {
    guard let key = SmallFile.read(hubKey).flatMap({ HubKey(text: $0) }) else {
      throw Self.exists(hubKey)
    }
    guard access(hubDraft, F_OK) == 0 else { throw Self.databaseIsLost(path) }
    let isDraft: Bool
    do throws(StoreError) {
      isDraft = try isNew(key, streetName)
    } catch {
      // What a crash left may be no database yet; a disk that fails says nothing of it.
      guard error.isCorrupt || error.isNoTable || error == .notInitialised else {
        throw CommandError(error)
      }
      isDraft = false
    }
    guard isDraft else { throw Self.databaseIsLost(path) }
    return key
  }

  /// Whether the draft is the whole database of a street that nobody has used yet.
  private func isNew(_ key: HubKey, _ streetName: String) throws(StoreError) -> Bool {
    let store = try Store(path: hubDraft, mode: .readWrite)
    let hub = key.incarnation.hub
    let (fits, logs, head) = try (
      key.fits(store), store.replicas(), store.foldedHead(of: hub)
    )
    let name = try store.setting(.streetName)
    try store.finish()
    return fits && key.incarnation.number == 1 && logs == [hub] && head.seq == 1
      && name == Array(streetName.utf8)
  }

  /// A key without its database: making another street under the same key would hand out the same ids
  /// again.
  static func databaseIsLost(_ path: String) -> CommandError {
    .storage(
      "not-initialised",
      Words("\(path) 里有 hub.key，没有 hub.db", "hub.key is in \(path), and hub.db is not"),
      advice: Words(
        "核对 --data；hub.db 丢了，运行 linli hub recover；hub init 中断过，用同一名称再运行一次；要建另一个街道，换一个文件夹",
        "check --data; where hub.db was lost, run linli hub recover; where hub init was cut short, run it "
          + "again with the same name; for another street name another folder"))
  }

  private static func exists(_ file: String) -> CommandError {
    .refused(
      "exists", Words("\(file) 已存在", "\(file) is there already"),
      advice: Words("用 --data 指定另一个文件夹", "name another folder with --data"))
  }
}
