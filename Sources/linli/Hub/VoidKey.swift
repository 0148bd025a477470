import Community
import Glibc
import Hub
import Office
import OpLog
import Store

/// A master key whose place another has taken, and what tells so.
enum VoidKey {
  /// Refuses a key that is not the present one of a hub's database.
  static func check(_ key: HubKey, in store: Store) throws(CommandError) {
    if let refusal = try refusal(of: key, in: store) { throw refusal }
  }

  /// What a key is told that is not the present one of a hub's database; nil for the present one.
  fileprivate static func refusal(
    of key: HubKey, in store: Store
  ) throws(CommandError) -> CommandError? {
    let (isVoid, since) = try CommandError.wrap { () throws(StoreError) in
      (try key.isVoid(in: store), try store.keySince())
    }
    return isVoid ? refusal(since: since) : nil
  }

  /// What a key is told that the street had before life `since` of its hub.
  private static func refusal(since: UInt32?) -> CommandError {
    let life = since ?? 1
    return .storage(
      "void-key",
      Words(
        "这把密钥已作废: 从第 \(life) 代起用的是另一把",
        "this key is void: since life \(life) the street has another"),
      advice: Words(
        "把作废的 hub.key 移走，用换密钥时印出的两张纸运行 linli hub key --join；那两张也丢了，用 linli hub recover --new-key",
        "move the void hub.key away, and type the two sheets that were printed with the new one: "
          + "linli hub key --join; if they are lost, linli hub recover --new-key"))
  }
}

extension DataFolder {
  /// What the key file beside a hub's database is told when it is void; nil where it is the present one, and
  /// where there is none.
  func voidKeyRefusal(in store: Store) throws(CommandError) -> CommandError? {
    guard access(hubKey, F_OK) == 0, let key = SmallFile.read(hubKey).flatMap({ HubKey(text: $0) })
    else { return nil }
    return try VoidKey.refusal(of: key, in: store)
  }
}
