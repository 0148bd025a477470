import Community
import Glibc
import Hub
import OpLog

/// `linli hub recover --new-key`: the key file and both sheets of paper are lost, or in other hands.
enum LostKey {
  /// What the help says of it.
  static let details = Words(
    """
    --new-key: 密钥文件和两张纸都丢了，或落到别人手里时换密钥。本机还有 hub.db，或用 --from 给出备份，就在它上面接着用；
    都没有时加 --street 和 --former，linli office status 会列出，用列出代数最多的那个站点。
    换密钥后每个站点都要一个码 (linli hub renew，linli office renew)，编号、账户、记录都不变。
    旧服务器写过而这里没有的，要两个站点出示同样的内容，再由两人用 linli hub adopt 认领。
    """,
    """
    --new-key is for a key file and two sheets that are lost, or in other hands. It goes on with the hub.db
    in the folder, or with a backup that --from names; with neither, add --street and --former as
    linli office status prints them at the office that lists most lives.
    Each office then needs a code (linli hub renew, linli office renew) and keeps its number, its accounts,
    and its records. What the former hub wrote and this one lacks counts again when two offices show the
    same and two persons adopt it with linli hub adopt.
    """)

  /// Refuses where a key is at hand, or where nobody confirmed.
  static func check(_ arguments: Arguments, _ folder: DataFolder) throws(CommandError) {
    try arguments.expect(atMost: 0)
    guard arguments.option("key") == nil, arguments.option("join") == nil else {
      throw .usage(
        Words("--new-key 不能与 --key 或 --join 同用", "--new-key goes with neither --key nor --join"))
    }
    guard access(folder.hubKey, F_OK) != 0 else {
      throw .refused(
        "exists", Words("\(folder.hubKey) 还在", "\(folder.hubKey) is still there"),
        advice: Words(
          "不加 --new-key，用它重建；确实不能再用，先把它移走",
          "rebuild the hub with it, without --new-key; if it must not be used any more, move it away"
        ))
    }
    guard arguments.flag("yes") else {
      throw .refused(
        "not-confirmed",
        Words(
          "换密钥后，每个站点都要由人输入一个新码才能再同步",
          "behind a new key no office syncs before somebody typed a code there"),
        advice: Words(
          "密钥文件和两张纸有一样还在就不要换；都没有了，加 --yes",
          "do not where the key file or both sheets can be found; if all are lost, add --yes"))
    }
  }

  /// The new key of a street.
  ///
  /// - Returns: nil when the hub has had too many lives.
  static func renewed(
    _ arguments: Arguments, knowing known: [Incarnation], _ remains: HubRemains
  ) throws(CommandError) -> HubKey? {
    let typed = try arguments.option("street").map { (text) throws(CommandError) in
      guard let street = Hex.decode(text.lowercased()).flatMap(StreetID.init) else {
        throw .usage(
          Words("街道编号是 32 位十六进制数字", "a street's id has 32 hex digits"), advice: whereToLook)
      }
      return street
    }
    if let typed, let street = remains.street, typed != street {
      throw .usage(
        Words("--street 不是这些数据的街道", "--street is not the street of this database"),
        advice: Words("去掉 --street", "leave --street out"))
    }
    var lives = remains.lives
    for life in known where !lives.contains(where: { $0.number == life.number }) {
      lives.append(life)
    }
    guard let street = remains.street ?? typed, !lives.isEmpty else {
      throw .usage(
        Words(
          "没有数据也没有密钥，要写明街道编号和服务器的代",
          "with neither database nor key, the street and the lives of its hub have to be named"),
        advice: whereToLook)
    }
    return HubKey.renewed(street, after: lives, above: remains.newest, random: Machine.random)
  }

  private static let whereToLook = Words(
    "加上 --street 和 --former，照抄 linli office status；用列出代数最多的那个站点",
    "add --street and --former as linli office status prints them, at the office that lists most lives"
  )
}
