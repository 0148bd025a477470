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
  /// The list of the bodies that the street erased; it outlives the database.
  var hubErasures: String { path + "/hub.erased" }

  /// Opens the office's database, else the hub's.
  func openStore() throws(CommandError) -> Store { try openEither().store }

  /// Opens the office, and its database, else the hub's database.
  func openEither() throws(CommandError) -> (store: Store, office: OfficeCore?) {
    guard OfficeFolder(path).isEnrolled else { return (try openHubStore(), nil) }
    let office = try openOffice()
    return (office.store, office)
  }

  /// Opens the office.
  func openOffice() throws(CommandError) -> OfficeCore {
    guard OfficeFolder(path).isEnrolled || access(hubDatabase, F_OK) != 0 else {
      throw .usage(
        Words("\(path) 是街道的数据", "\(path) is the street's data"),
        advice: Words("用 --data 指定站点的文件夹", "name an office's folder with --data"))
    }
    let folder = OfficeFolder(path, as: Machine.edition)
    try checkRights(to: folder.database)
    try check(folder.database)
    do throws(OfficeError) {
      return try folder.open()
    } catch {
      if case .store(.notInitialised) = error, folder.isEnrolled, try isHubs(folder.database) {
        throw Self.hubsFile(folder.database)
      }
      throw CommandError(error)
    }
  }

  /// Opens the hub's database.
  func openHubStore() throws(CommandError) -> Store {
    try checkRights(to: hubDatabase)
    guard access(hubDatabase, F_OK) == 0 else {
      guard OfficeFolder(path).isEnrolled else {
        throw access(hubKey, F_OK) == 0
          ? Self.databaseIsLost(path) : CommandError(StoreError.notInitialised)
      }
      throw .usage(
        Words("\(path) 是站点的数据", "\(path) is an office's data"),
        advice: Words(
          "这要在街道的电脑上做: 用 --data 指定街道的文件夹", "do it at the hub: name its folder with --data"))
    }
    try check(hubDatabase)
    let (store, isOffices) = try CommandError.wrap { () throws(StoreError) in
      let store = try Store(path: hubDatabase, mode: .readWrite, as: Machine.edition)
      return (store, try store.isOffices)
    }
    guard !isOffices else { throw Self.officesFile(hubDatabase) }
    try CommandError.wrap { () throws(StoreError) in
      try store.keep(ErasureList(path: hubErasures))
    }
    return store
  }

  /// Refuses a file of another kind.
  private func check(_ database: String) throws(CommandError) {
    guard access(database, R_OK) == 0, !Self.mayBeSQLite(database) else { return }
    throw .damagedFile(detail: database)
  }

  /// Refuses data that this user may not look at: it is there, and nothing is to be made in its place.
  private func checkRights(to file: String) throws(CommandError) {
    guard access(file, R_OK) != 0, errno == EACCES else { return }
    throw .storage(
      "no-rights", Words("没有权限读取 \(file)", "this user may not read \(file)"),
      advice: Words(
        "用平时登记的那个用户运行；或者请管理这台电脑的人，给这个用户读写 \(path) 的权限",
        "run it as the user who keeps the data; or let whoever looks after this PC give this user the "
          + "right to read and write in \(path)"))
  }

  /// Whether a file that has an office's name is a hub's database.
  private func isHubs(_ file: String) throws(CommandError) -> Bool {
    try CommandError.wrap { () throws(StoreError) in
      try Store(path: file, mode: .readWrite).identity.replica.isHub
    }
  }

  /// Whether a file starts like a database; an empty one is a database without tables.
  static func mayBeSQLite(_ file: String) -> Bool {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var start = [UInt8](repeating: 0, count: 16)
    let count = read(descriptor, &start, start.count)
    return count == 0 || start == Array("SQLite format 3\0".utf8)
  }

  /// Opens the hub: its database and its key.
  ///
  /// `onNewLife` is told when it begins a new life by itself, once its key is kept.
  func openHub(onNewLife: @escaping (HubKey) -> Void = { _ in }) throws(CommandError) -> HubCore {
    let store = try openHubStore()
    try checkRights(to: hubKey)
    guard let key = SmallFile.read(hubKey).flatMap({ HubKey(text: $0) }) else {
      throw .storage(
        "no-key", Words("无法读取 \(hubKey)", "cannot read \(hubKey)"),
        advice: Words(
          "用 linli hub key --join 和两张纸恢复；纸也丢了，用 linli hub recover --new-key",
          "bring it back from the two sheets with linli hub key --join; if they are lost too, make a new "
            + "key with linli hub recover --new-key"))
    }
    // First: one that is void is not to be mended by a new life.
    try VoidKey.check(key, in: store)
    let file = hubKey
    let renewal = HubRenewal(
      random: Machine.random,
      keep: { key in
        guard SmallFile.write(key.text, to: file) else { return false }
        onNewLife(key)
        return true
      })
    let lives = try CommandError.wrap { () throws(StoreError) in try store.provedLives() }
    guard let hub = HubCore(store: store, key: key.knowing(lives), renewal: renewal) else {
      if key.street == store.identity.street {
        let (life, known) = (store.identity.incarnation.number, key.incarnation.number)
        throw .storage(
          "former-life",
          Words(
            "数据属于第 \(life) 代，密钥属于第 \(known) 代: 有一样是旧的",
            "the database is of life \(life) and the key of life \(known): one of them is an old copy"
          ),
          advice: Words("用 linli hub recover 重建", "rebuild the hub with linli hub recover"))
      }
      throw .storage(
        "wrong-key", Words("密钥不属于这个街道", "the key is of another street"),
        advice: Words("把数据和密钥放在同一文件夹", "keep a database and its own key in one folder"))
    }
    return hub
  }
}
