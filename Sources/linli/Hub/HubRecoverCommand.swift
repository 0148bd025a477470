import Community
import Glibc
import Hub
import Office
import OpLog
import Store
import Wire

/// Begins the hub's next life from its key and what is left of its database.
enum HubRecoverCommand: Command {
  static let name = "hub recover"
  static let summary = Words(
    "街道服务器坏了以后重建: 只要有密钥", "rebuild a hub that died, from its key and whatever is left")
  static let usage = """
    linli hub recover [--from BACKUP] [--key FILE] [--join SHARE] [--former NUMBER:RANDOM,…]
    """
  static let example = "linli hub recover --from /media/usb/hub-2026-01.db --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let folder = DataFolder(arguments)
    let known = try formers(arguments.option("former"))
    let old = try key(arguments, folder, known)
    guard let next = old.next(knowing: known, random: Machine.random) else {
      throw .storage(
        "no-key", Words("密钥已不能再换代", "the key has no higher life"),
        advice: Words("建立新街道", "make a new street"))
    }
    let store = try folder.recover(next, from: arguments.option("from"), now: Machine.now())
    let held = try CommandError.wrap { () throws(StoreError) -> UInt64 in
      var count: UInt64 = 0
      for replica in try store.replicas() { count += try store.foldedHead(of: replica).seq }
      return count
    }
    let console = arguments.console
    if console.isJSON {
      console.json { json in
        json.key("street")
        json.text(next.street.description)
        json.key("life")
        json.integer(Int64(next.incarnation.number))
        json.key("ops")
        json.integer(Int64(held))
      }
    } else {
      let number = next.incarnation.number
      console.out(
        Words("街道服务器第 \(number) 代，现有记录 \(held) 条", "life \(number) of the hub, \(held) ops held"))
      console.out(
        Words(
          "运行 linli hub serve，各站点同步后会自动交回记录；再由两人运行 linli hub succeed --by A,B",
          "run linli hub serve: offices give it their records as they sync; then two persons end the "
            + "roll-call with linli hub succeed --by A,B"))
    }
    return ExitCode.ok
  }

  /// `1:89abcdef01234567,…` as lives of the hub.
  private static func formers(_ text: String?) throws(CommandError) -> [Incarnation] {
    var found: [Incarnation] = []
    for part in (text ?? "").split(separator: ",") {
      let halves = part.split(separator: ":")
      guard halves.count == 2, let life = Incarnation(number: halves[0], random: halves[1]) else {
        throw .badValue(option: "former", String(part), "1:89abcdef01234567")
      }
      found.append(life)
    }
    return found
  }

  /// The key of the former life: from its file, or from two sheets of paper and what an office knows.
  private static func key(
    _ arguments: Arguments, _ folder: DataFolder, _ known: [Incarnation]
  ) throws(CommandError) -> HubKey {
    guard let first = arguments.option("join") else {
      try arguments.expect(atMost: 0)
      let file = arguments.option("key") ?? folder.hubKey
      guard let key = SmallFile.read(file).flatMap({ HubKey(text: $0) }) else {
        throw .storage(
          "no-key", Words("无法读取 \(file)", "cannot read \(file)"),
          advice: Words(
            "用 --key 指定密钥文件，或用 --join 和两张纸，加 --former",
            "name the key file with --key, or type the two sheets with --join, and --former"))
      }
      return key
    }
    guard let newest = known.max(by: { $0.number < $1.number }) else {
      throw .usage(
        Words("纸上没有服务器的代数", "the sheets do not say which lives the hub had"),
        advice: Words(
          "加上 --former，任一站点的 linli office status 会列出",
          "add --former; linli office status of any office lists them"))
    }
    let words = ([first] + arguments.positionals).flatMap { text in
      text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    do throws(ShareFault) {
      return try HubKey(
        shares: words, incarnation: newest, formers: known.filter { $0.number < newest.number })
    } catch { throw CommandError(error) }
  }
}

extension DataFolder {
  /// Begins a life of the hub here: on a backup, on the database that is there, or on nothing.
  ///
  /// The key is kept first, so that the number of this life is never used again.
  ///
  /// - Returns: The hub's database.
  func recover(
    _ key: HubKey, from backup: String?, now: Int64
  ) throws(CommandError) -> Store {
    guard backup == nil || access(hubDatabase, F_OK) != 0 else {
      throw CommandError(
        exit: ExitCode.refused, code: "exists",
        message: Words("\(hubDatabase) 还在", "\(hubDatabase) is still there"),
        advice: Words(
          "不用 --from 就在它上面重建；或先把它移走", "leave --from out to go on with it, or move it away"))
    }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST, SmallFile.write(key.text, to: hubKey) else {
      throw CommandError(OfficeError.folder(path))
    }
    guard backup != nil || access(hubDatabase, F_OK) != 0 else {
      return try begin(key, hubDatabase, now)
    }
    let draft = hubDatabase + ".new"
    for suffix in ["", "-wal", "-shm"] { unlink(draft + suffix) }
    let store = try CommandError.wrap { () throws(StoreError) -> Store? in
      if let backup {
        try Store.copy(backup, to: draft)
        return nil
      }
      guard SmallFile.make(draft) else { return nil }
      let identity = StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub)
      return try Store.create(path: draft, identity)
    }
    if let store {
      try CommandError.wrap { () throws(StoreError) in
        try HubAdmin.begin(key, in: store, now: now)
        try store.finish()
      }
    } else {
      let store = try begin(key, draft, now)
      try CommandError.wrap { () throws(StoreError) in try store.finish() }
    }
    for suffix in ["-wal", "-shm"] { unlink(draft + suffix) }
    guard rename(draft, hubDatabase) == 0, SmallFile.syncFolder(path) else {
      throw CommandError(OfficeError.folder(path))
    }
    return try openHubStore()
  }

  /// Begins a life on a hub's database or backup.
  private func begin(
    _ key: HubKey, _ file: String, _ now: Int64
  ) throws(CommandError) -> Store {
    let store = try CommandError.wrap { () throws(StoreError) in
      try Store.restore(path: file)
      return try Store(path: file, mode: .readWrite)
    }
    guard store.identity.street == key.street, store.identity.replica.isHub else {
      throw .storage(
        "wrong-key", Words("密钥不属于这个街道", "the key is of another street"),
        advice: Words("把数据和密钥放在同一文件夹", "keep a database and its own key in one folder"))
    }
    try CommandError.wrap { () throws(StoreError) in
      try HubAdmin.begin(key, in: store, now: now)
    }
    return store
  }
}
