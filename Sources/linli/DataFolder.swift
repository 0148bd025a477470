import Community
import Glibc
import Hub
import Office
import OpLog
import Store

/// The folder that `--data` names: an office's, or a hub's.
struct DataFolder {
  /// Its path.
  let path: String

  /// The folder that a command line names.
  init(_ arguments: Arguments) { path = arguments.dataFolder }

  /// The hub's database.
  var hubDatabase: String { path + "/hub.db" }
  /// The hub's key file.
  var hubKey: String { path + "/hub.key" }

  /// Opens the office's database, else the hub's.
  func openStore() throws(CommandError) -> Store {
    guard OfficeFolder(path).isEnrolled else { return try openHubStore() }
    return try openOffice().store
  }

  /// Opens the office.
  func openOffice() throws(CommandError) -> OfficeCore {
    try CommandError.wrap { () throws(OfficeError) in try OfficeFolder(path).open() }
  }

  /// Opens the hub's database.
  func openHubStore() throws(CommandError) -> Store {
    guard access(hubDatabase, F_OK) == 0 else {
      throw CommandError(StoreError.notInitialised)
    }
    return try CommandError.wrap { () throws(StoreError) in
      try Store(path: hubDatabase, mode: .readWrite)
    }
  }

  /// Opens the hub: its database and its key.
  func openHub() throws(CommandError) -> HubCore {
    let store = try openHubStore()
    guard let key = SmallFile.read(hubKey).flatMap({ HubKey(text: $0) }) else {
      throw .storage(
        "no-key", Words("无法读取 \(hubKey)", "cannot read \(hubKey)"),
        advice: Words("从备份恢复密钥文件", "bring the key file back from its copy"))
    }
    guard let hub = HubCore(store: store, key: key) else {
      throw .storage(
        "wrong-key", Words("密钥不属于这个街道", "the key is of another street"),
        advice: Words("把数据和密钥放在同一文件夹", "keep a database and its own key in one folder"))
    }
    return hub
  }

  /// Makes a new street's files: the key first, then the database under its name once it is whole.
  ///
  /// - Throws: A refusal when either file is there: nothing is ever overwritten.
  func makeHub(streetName: String, key: HubKey) throws(CommandError) {
    for file in [hubDatabase, hubKey, OfficeFolder(path).database] where access(file, F_OK) == 0 {
      throw CommandError(
        exit: ExitCode.refused, code: "exists",
        message: Words("\(file) 已存在", "\(file) is there already"),
        advice: Words("用 --data 指定另一个文件夹", "name another folder with --data"))
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST, SmallFile.write(key.text, to: hubKey) else {
      throw CommandError(OfficeError.folder(path))
    }
    let draft = hubDatabase + ".new"
    for suffix in ["", "-wal", "-shm"] { unlink(draft + suffix) }
    let identity = StoreIdentity(
      street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
    try CommandError.wrap { () throws(StoreError) in
      let store = try Store.create(path: draft, identity)
      try HubAdmin.define(store, streetName: streetName, now: Machine.now())
      try store.finish()
    }
    chmod(draft, 0o600)
    guard rename(draft, hubDatabase) == 0, SmallFile.syncFolder(path) else {
      throw CommandError(OfficeError.folder(path))
    }
  }
}
