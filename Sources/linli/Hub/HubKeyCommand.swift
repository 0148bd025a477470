import Community
import Glibc
import Hub
import Office
import OpLog
import Store
import Wire

/// Brings a hub's key file back from its two sheets of paper.
enum HubKeyCommand: Command {
  static let name = "hub key"
  static let summary = Words("用两张纸质密钥恢复密钥文件", "bring the key file back from its two paper shares")
  static let usage = "linli hub key --join SHARE SHARE"
  static let example = "linli hub key --join SHARE SHARE --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let first = try arguments.required("join")
    let words = ([first] + arguments.positionals).flatMap { text in
      text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    let folder = DataFolder(arguments)
    guard access(folder.hubDatabase, F_OK) == 0 else {
      throw .storage(
        "not-initialised",
        Words("这个文件夹里没有街道的数据 hub.db", "the hub's database hub.db is not in this folder"),
        advice: Words(
          "把 hub.db 放进来；数据也没了，用 linli hub recover --join 重建，不要用 hub init",
          "put hub.db here; if it is lost too, linli hub recover --join makes both again: "
            + "hub init would make another street"))
    }
    let store = try folder.openHubStore()
    let (lives, since) = try CommandError.wrap { () throws(StoreError) in
      (try store.incarnations(), try store.keySince())
    }
    let key: HubKey
    do throws(ShareFault) {
      key = try HubKey(
        shares: words, incarnation: store.identity.incarnation,
        formers: lives.filter { $0.number < store.identity.incarnation.number },
        since: since ?? 1)
    } catch { throw CommandError(error) }
    try VoidKey.check(key, in: store)
    try check(key, fits: store)
    let isWritten = try folder.keep(key)
    let console = arguments.console
    console.answer(
      isWritten
        ? Words("已恢复 \(folder.hubKey)", "brought \(folder.hubKey) back")
        : Words("\(folder.hubKey) 完好，无需恢复", "\(folder.hubKey) is there and the same")
    ) { json in
      json.member("street", key.street.description)
      json.member("written", isWritten)
    }
    return ExitCode.ok
  }

  /// Refuses a key of another street, or one that did not make the seals that the hub holds.
  private static func check(_ key: HubKey, fits store: Store) throws(CommandError) {
    let fits = try CommandError.wrap { () throws(StoreError) in try key.fits(store) }
    if fits { return }
    throw .refused(
      "wrong-key", Words("两张纸的密钥不属于这个街道的数据", "the shares are not of this street's key"),
      advice: Words("核对 --data 和两张纸", "check --data and the two sheets"))
  }
}

extension DataFolder {
  /// Writes a hub's key file where it is missing.
  ///
  /// - Returns: Whether it was written; false when it was there already.
  /// - Throws: A refusal when another key is there.
  fileprivate func keep(_ key: HubKey) throws(CommandError) -> Bool {
    if let text = SmallFile.read(hubKey) {
      guard let kept = HubKey(text: text), kept.street == key.street,
        kept.masterKey == key.masterKey
      else {
        throw .refused(
          "exists", Words("\(hubKey) 已有另一把密钥", "\(hubKey) holds another key"),
          advice: Words("先把它移到别处，再试一次", "move it away first, and try again"))
      }
      guard kept.incarnation == key.incarnation else {
        let (life, known) = (key.incarnation.number, kept.incarnation.number)
        throw .refused(
          "former-life",
          Words(
            "\(hubKey) 是同一把密钥，记到第 \(known) 代；数据是第 \(life) 代",
            "\(hubKey) is the same key, as of life \(known); the database is of life \(life)"),
          advice: Words(
            "运行 linli hub recover，它会按两者中较新的换代",
            "run linli hub recover: it goes on behind the newer of the two"))
      }
      return false
    }
    guard SmallFile.write(key.text, to: hubKey) else {
      throw CommandError(OfficeError.folder(path))
    }
    return true
  }
}

extension CommandError {
  /// Two sheets of paper that do not give a key.
  init(_ fault: ShareFault) {
    let message =
      switch fault {
      case .malformed:
        Words("纸质密钥的格式不对", "a share is not written as on its sheet")
      case .notAPair:
        Words("需要同一街道的 1/2 和 2/2 两张", "both sheets of one street are needed, 1/2 and 2/2")
      case .wrongCheck:
        Words(
          "校验值不符: 有一位抄错，或两张不成对",
          "the check value differs: a digit is wrong, or the sheets are no pair")
      }
    self = .usage(
      message,
      advice: Words(
        "每张一行，照抄: 街道 1/2 密钥 校验值", "type each line as written: STREET 1/2 HALF CHECK"))
  }
}
