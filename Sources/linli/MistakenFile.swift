import Community
import OpLog
import Store

/// A database under another's name: an office's where a hub's belongs, or the other way round.
extension DataFolder {
  /// A file with the name of a hub's database that is an office's.
  static func officesFile(_ file: String) -> CommandError {
    .storage(
      "wrong-file", Words("\(file) 是站点的数据，不是街道的", "\(file) is an office's database, not the hub's"),
      advice: Words(
        "把它移走(请保留)，放回街道自己的 hub.db；没有了，有密钥就够: linli hub recover",
        "move it away (keep it) and put the hub's own hub.db back; where that is gone, the key is enough: "
          + "linli hub recover"))
  }

  /// An office's database or backup that a hub is to be made of.
  static func officesBackup(_ file: String) -> CommandError {
    .storage(
      "wrong-file",
      Words(
        "\(file) 是站点的数据或备份，不是街道的",
        "\(file) is an office's database or backup, not the hub's"),
      advice: Words(
        "写明 linli hub backup 存的备份；没有就不用 --from: 有密钥就够",
        "name a backup that was made with linli hub backup; without one leave --from out: the key is enough"
      ))
  }

  /// A file with the name of an office's database that is a hub's.
  static func hubsFile(_ file: String) -> CommandError {
    .storage(
      "wrong-file", Words("\(file) 是街道的数据，不是站点的", "\(file) is the hub's database, not an office's"),
      advice: Words(
        "把它移走(请保留)，放回站点自己的 office.db；没有了，就向街道要一个新入网码，在新文件夹运行 linli office init",
        "move it away (keep it) and put the office's own office.db back; where that is gone, ask the street "
          + "for a new code and run linli office init in a new folder"))
  }
}

extension Store {
  /// Whether an office wrote this database, or the one that a backup was made of: only an office keeps the
  /// address of its hub.
  var isOffices: Bool {
    get throws(StoreError) {
      guard identity.replica.isHub else { return true }
      return try setting(.hubAddress) != nil
    }
  }
}
