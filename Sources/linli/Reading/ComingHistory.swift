import Community
import OpLog
import Store
import Wire

/// How much of the history is at an office that began on a working set; what is read there is not the whole
/// truth until all of it is.
struct ComingHistory {
  /// How many ops of others are here.
  let held: UInt64
  /// How many there are to be.
  let total: UInt64

  /// What a store says, inside its read; nil where the history is here, as at every hub.
  init?(of store: Store) throws(StoreError) {
    guard let history = try store.history() else { return nil }
    (held, total) = history
  }

  /// What a store says now; nil where the history is here.
  static func read(from store: Store) throws(CommandError) -> ComingHistory? {
    try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try ComingHistory(of: store) }
    }
  }

  /// The same as parts of a hundred.
  var percent: UInt64 { total == 0 ? 0 : min(held * 100 / total, 99) }

  /// What is said beside a listing at the counter.
  var ofListing: Words {
    Words(
      "注意: 历史记录还在接收(\(percent) %)，这里可能不全，姓名也可能还没有；收完后再看(linli office status)",
      "warning: the history is still coming (\(percent) %), so rows and names may be missing here: look again "
        + "once it is (linli office status)")
  }

  /// What is said beside a report.
  var ofReport: Words {
    Words(
      "注意: 历史记录还在接收(\(percent) %)，这份报表不全，不要张贴或上报；收完后重新出(linli office status)",
      "warning: the history is still coming (\(percent) %), so this report is not the whole truth: put it on "
        + "no wall, and make it again once the history is here (linli office status)")
  }

  /// An id that cannot be explained, and may only not be here yet.
  func missing(_ id: OpID) -> CommandError {
    .refused(
      "history-coming",
      Words("本机还没有记录 \(id)", "record \(id) is not here yet"),
      advice: Words(
        "历史记录还在接收(\(percent) %): 收完后再查，进度见 linli office status；编号也请核对",
        "the history is still coming (\(percent) %): ask again once it is here, see linli office status; check "
          + "the id too"))
  }

  /// Writes the members of it.
  func write(to json: inout JSONWriter) {
    json.member("history_percent", percent)
    json.member("history_held", held)
    json.member("history_total", total)
  }
}

extension ComingHistory {
  /// Tells a person who lists something; nothing where the history is here.
  static func warn(of store: Store, _ console: Console) throws(CommandError) {
    if let history = try read(from: store) { console.error(history.ofListing) }
  }
}
