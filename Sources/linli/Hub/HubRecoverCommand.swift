import Community
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
    linli hub recover [--from BACKUP] [--key FILE] [--join SHARE SHARE] \
    [--former NUMBER:RANDOM:CHECK,…] [--new-key] [--street ID] \
    [--clock-is-right] [--yes]
    """
  static let example = "linli hub recover --from /media/usb/hub-2026-01.db --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let folder = DataFolder(arguments)
    let (known, keyChecks) = try formers(arguments.option("former"))
    let isRenewed = arguments.flag("new-key")
    let old = isRenewed ? nil : try key(arguments, folder, known)
    if let old { for check in keyChecks { try check.check(old) } }
    if isRenewed { try LostKey.check(arguments, folder) }
    try folder.lockHub()
    let remains = try HubRemains(
      of: folder, old, from: arguments.option("from"), isSure: arguments.flag("yes"))
    let next: HubKey
    let store: Store
    do throws(CommandError) {
      next = try key(after: old, knowing: known, remains, arguments)
      store = try remains.begin(
        next, now: Machine.now(), clockIsRight: arguments.flag("clock-is-right"))
    } catch {
      remains.discard()
      throw error
    }
    let held = try CommandError.wrap { () throws(StoreError) -> UInt64 in
      var count: UInt64 = 0
      for replica in try store.replicas() { count += try store.foldedHead(of: replica).seq }
      return count
    }
    if remains.leftOut > 0 {
      let console = arguments.console
      console.error(
        console.language(
          Words(
            "这份备份已超过 30 天，其中 \(remains.leftOut) 份个人资料没有恢复，各站点同步时会重新送来；请删除这份备份",
            "the backup is older than 30 days: \(remains.leftOut) files of persons in it are left out, and "
              + "offices bring them again as they sync; delete that backup")))
    }
    if arguments.flag("clock-is-right"), remains.isNothing {
      let console = arguments.console
      console.error(
        console.language(
          Words(
            "没有旧数据可与时钟比较，--clock-is-right 没有作用；站点交回的记录若比时钟还晚，再运行 linli hub clock --confirm",
            "nothing is left that the clock could be compared with, so --clock-is-right had no effect; where "
              + "offices bring what is later than the clock, run linli hub clock --confirm then")))
    }
    show(next, held: held, isRenewed ? next.checkedShares(random: Machine.random) : nil, arguments)
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(LostKey.details)
  }

  /// The key of the next life; a new one where the old is lost.
  private static func key(
    after old: HubKey?, knowing known: [Incarnation], _ remains: HubRemains, _ arguments: Arguments
  ) throws(CommandError) -> HubKey {
    let next: HubKey?
    if let old {
      // Paper does not say since when the key is the street's; the database does.
      next = old.next(
        knowing: known + remains.lives, above: remains.newest, random: Machine.random
      )?.since(atLeast: remains.since)
    } else {
      next = try LostKey.renewed(arguments, knowing: known, remains)
    }
    guard let next else {
      throw .storage(
        "no-key", Words("密钥已不能再换代", "the key has no higher life"),
        advice: Words("建立新街道", "make a new street"))
    }
    return next
  }

  /// Says what the hub is now; with the two sheets of a new key.
  private static func show(
    _ key: HubKey, held: UInt64, _ shares: [String]?, _ arguments: Arguments
  ) {
    let console = arguments.console
    guard !console.isJSON else {
      return console.json { json in
        json.member("street", key.street.description)
        json.member("life", key.incarnation.number)
        json.member("ops", held)
        if let shares { json.member("paper_shares", texts: shares) }
      }
    }
    let number = key.incarnation.number
    console.out(
      Words("街道服务器第 \(number) 代，现有记录 \(held) 条", "life \(number) of the hub, \(held) ops held"))
    guard let shares else {
      return console.out(
        Words(
          "运行 linli hub serve，各站点同步后会自动交回记录；再由两人运行 linli hub succeed --by A,B",
          "run linli hub serve: offices give it their records as they sync; then two persons end the "
            + "roll-call with linli hub succeed --by A,B"))
    }
    console.out(
      Words(
        "新密钥；把下面两行分别抄在纸上，由两人保管，旧的两张作废:",
        "a new key: write each line on paper, two people keep them; the former two sheets are void:"
      ))
    for share in shares { console.out(share) }
    console.out(
      Words(
        "运行 linli hub serve；为每个站点运行 linli hub renew 编号，把码当面或电话告诉它，在它上面运行 linli office renew",
        "run linli hub serve; for each office run linli hub renew NUMBER, tell it the code in person or "
          + "by phone, and run linli office renew there"))
  }

  /// `1:89abcdef01234567:f1,…,4097:5f3a9c01` as lives of the hub, and what offices tell of its key.
  private static func formers(
    _ text: String?
  ) throws(CommandError) -> ([Incarnation], [KeyCheck]) {
    var found: [Incarnation] = []
    var keyChecks: [KeyCheck] = []
    for part in (text ?? "").split(separator: ",") {
      if let check = KeyCheck(text: part) {
        keyChecks.append(check)
        continue
      }
      guard let life = Incarnation(text: part) else {
        throw .usage(
          Words("\(part) 有一位抄错", "a digit of \(part) is wrong"),
          advice: Words(
            "照抄 linli office status 的「街道服务器的代」，连同最后两位",
            "type it as linli office status prints the lives of the hub, the last two digits too"))
      }
      found.append(life)
    }
    return (found, keyChecks)
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
            "用 --key 指定密钥文件，或用 --join 和两张纸，加 --former；都没有了，用 --new-key 换密钥",
            "name the key file with --key, or type the two sheets with --join, and --former; if all "
              + "are lost, make a new key with --new-key"))
      }
      return key
    }
    guard let newest = known.max(by: { $0.number < $1.number }) else {
      throw .usage(
        Words("纸上没有服务器的代数", "the sheets do not say which lives the hub had"),
        advice: Words(
          "加上 --former，linli office status 会列出；用列出最多的那个站点",
          "add --former: linli office status lists them; take the office that lists most"))
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
