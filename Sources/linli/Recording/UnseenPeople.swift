import Community
import Office
import Store
import Wire

/// Why somebody who has a file already may not be found here: nothing tells whether a person is new.
enum UnseenPeople {
  /// The history is still coming.
  case history(ComingHistory)
  /// So many residents' files are not here, or not whole.
  case files(Int)

  /// What an office lacks; nil where it can tell.
  static func read(from store: Store) throws(CommandError) -> UnseenPeople? {
    if let history = try ComingHistory.read(from: store) { return .history(history) }
    let count = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.unseenFiles() }
    }
    return count > 0 ? .files(count) : nil
  }

  /// What programs are told.
  var code: String {
    switch self {
    case .history: "history-coming"
    case .files: "files-missing"
    }
  }

  private var lack: Words {
    switch self {
    case .history(let history):
      Words("历史记录还在接收(\(history.percent) %)", "the history is still coming (\(history.percent) %)")
    case .files(let count):
      Words(
        "\(count) 位居民的档案还没有到本机", "the files of \(count) residents are not here yet")
    }
  }

  /// What an office's status and an import say of files that are not here; nil for none.
  static func words(_ files: Int) -> Words? {
    guard files > 0 else { return nil }
    return Words(
      "\(files) 位居民的档案还没有到本机: 同步；街道也没有的，由建档的站点送来",
      "files of \(files) residents are not here yet: sync; those that the hub lacks too come from the "
        + "office that wrote them")
  }

  /// What is said behind a registration.
  var warning: Words {
    Words(
      "注意: \(lack.chinese)，此人可能已建档而本机看不到；同步后用 linli show residents 姓名 核对",
      "warning: \(lack.english), so this person may have a file that is not here: look with "
        + "linli show residents NAME after a sync")
  }

  /// Why nothing is imported while the history is coming.
  var refusal: CommandError {
    .refused(
      code,
      Words(
        "\(lack.chinese)，看不出谁已建档、谁已有期初余额；没有导入任何一行",
        "\(lack.english), so nothing tells who has a file or a balance already: nothing was recorded"
      ),
      advice: Words(
        "先运行 linli office sync，收完再导入，进度见 linli office status",
        "run linli office sync until it is here, see linli office status, then import"))
  }
}
