import Community
import Office
import OpLog
import Store
import Wire

/// Lists neighbours' bundles that are kept here, or at a hub the bundles of each office.
enum BundleListCommand: Command {
  static let name = "bundle list"
  static let summary = Words(
    "代收的数据包和回执；在街道列出各站点的数据包", "neighbours' bundles kept here; at the hub, those of each office")
  static let usage = "linli bundle list"
  static let example = "linli bundle list --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let (folder, console) = (DataFolder(arguments), arguments.console)
    if OfficeFolder(folder.path).isEnrolled {
      show(BundleShelf(in: folder.path).entries(), console)
    } else {
      let store = try folder.openHubStore()
      show(try CommandError.wrap { () throws(StoreError) in try store.bundleRecords() }, console)
    }
    return ExitCode.ok
  }

  private static func show(_ entries: [BundleShelf.Entry], _ console: Console) {
    guard !console.isJSON else {
      for entry in entries { console.json { $0.entry(entry) } }
      return
    }
    guard !entries.isEmpty else {
      return console.out(Words("没有代收的数据包", "no neighbour's bundle is kept here"))
    }
    console.table(
      [Words("站点", "office"), Words("号", "number"), Words("状态", "state"), Words("文件", "file")],
      entries.map { entry in
        [
          "\(entry.office)", "\(entry.number)", console.language(entry.state.words), entry.path,
        ]
      })
  }

  private static func show(_ records: [BundleRecord], _ console: Console) {
    guard !console.isJSON else {
      for record in records {
        console.json { json in
          json.member("replica", record.office.rawValue)
          json.member("life", record.life)
          json.member("newest", record.newest)
          json.gaps(record.gaps.map { BundleGap($0.numbers, hasCome: $0.hasCome) })
        }
      }
      return
    }
    guard !records.isEmpty else {
      return console.out(Words("没有站点送来过数据包", "no office has sent a bundle"))
    }
    console.table(
      [Words("站点", "office"), Words("最新", "newest"), Words("没有到", "never arrived")],
      records.map { record in
        let gaps = record.gaps.map { gap in
          let (low, high) = (gap.numbers.lowerBound, gap.numbers.upperBound)
          return (low == high ? "\(low)" : "\(low)–\(high)")
            + (gap.hasCome ? "" : console.language(Words("(内容还缺)", " (still missing)")))
        }
        return ["\(record.office)", "\(record.newest)", gaps.joined(separator: ", ")]
      })
  }
}

extension BundleShelf.Entry.State {
  /// What became of it, for people.
  fileprivate var words: Words {
    switch self {
    case .bundle: Words("待上传", "waits for the next sync")
    case .receipt: Words("回执，请交给那个站点", "receipt file: hand it over")
    case .refused: Words("街道没有接受", "refused by the hub")
    }
  }
}
