import Community
import OpLog
import Store
import Wire

/// Words for rows that are known to differ between an office and the hub, although their logs are equal.
struct Differences {
  private let rows: [KnownDifference]
  private let own: ReplicaID
  private var isHub: Bool { own.isHub }

  /// Reads what a replica knows; inside a read of its store or outside.
  init(of store: Store) throws(StoreError) {
    rows = try store.differences()
    own = store.identity.replica
  }

  /// Whether nothing is known to differ.
  var isEmpty: Bool { rows.isEmpty }

  /// A line for each row, and what to do about them; none where nothing differs.
  var words: [Words] {
    guard !isEmpty else { return [] }
    return rows.map(words(of:)) + [isHub ? Self.hubAdvice : Self.officeAdvice]
  }

  private func words(of difference: KnownDifference) -> Words {
    let (row, time) = (difference.row, BeijingTime.text(difference.foundAt))
    let table = Self.name(of: row.partition)
    guard !row.key.isEmpty else {
      return Words(
        "注意: 表 \(table) 中 \(row.partition.replica) 的行与存下的校验和不符 (\(time) 发现)",
        "warning: in table \(table) the rows of \(row.partition.replica) are not what their sums say, "
          + "found \(time)")
    }
    let (key, office, hub) = (Self.text(of: row.key), Self.text(row.office), Self.text(row.hub))
    let place = isHub ? difference.finder : own
    return Words(
      "注意: 表 \(table) 的行 \(key)，站点 \(place) 与街道不一致 (站点 \(office.chinese)，街道 \(hub.chinese)，\(time) 发现)",
      "warning: row \(key) of table \(table) differs between office \(place) and the hub "
        + "(office \(office.english), hub \(hub.english)), found \(time)")
  }

  /// The table's name; its number where this program has no such table.
  private static func name(of partition: Partition) -> String {
    Tables.all.first { $0.number == partition.table }?.name ?? "#\(partition.table)"
  }

  /// A row's key: ids as people read them, other numbers as they are.
  private static func text(of key: [Int64]) -> String {
    key.map { value in
      guard value >> 32 > 0, let id = OpID(packed: value) else { return String(value) }
      return id.description
    }.joined(separator: ",")
  }

  private static func text(_ sum: LaneSum?) -> Words {
    guard let sum else { return Words("无此行", "no such row") }
    let digits = String(Hex.encode(sum.bytes).prefix(8))
    return Words(digits, digits)
  }

  /// What to do at an office whose tables are not the hub's.
  static let officeAdvice = Words(
    """
    怎么办: 由记录算出的表有一处不对。在本机运行 linli office rebuild，再同步一次；若仍有这条注意，
    运行 linli office verify: 它发现不对，就照它说的做；没有发现，就是街道那边不对，请街道管理员运行
    linli hub verify 和 linli hub rebuild。
    """,
    """
    What to do: a table made from the records is wrong somewhere. Run linli office rebuild here and
    sync again. If the warning comes back, run linli office verify: where it finds something, do what
    it says; else the hub is wrong, and its administrator runs linli hub verify and linli hub rebuild.
    """)

  /// What to do at a hub whose tables are not an office's.
  static let hubAdvice = Words(
    """
    怎么办: 由记录算出的表有一处不对。先停止街道服务，运行 linli hub rebuild；前后一致，就是该站点不对，
    请它运行 linli office rebuild，再同步一次；仍不对，请它运行 linli office verify，照它说的做。
    """,
    """
    What to do: a table made from the records is wrong somewhere. Stop the hub and run
    linli hub rebuild. If the tables are equal before and after, the office is wrong: it runs
    linli office rebuild and syncs again, and if that does not help, linli office verify.
    """)

  /// Writes the member `differences`; nothing where nothing differs.
  func write(to json: inout JSONWriter) {
    guard !isEmpty else { return }
    json.member("differences", each: rows) { json, difference in
      let row = difference.row
      json.member("finder", difference.finder.rawValue)
      json.member("table", Self.name(of: row.partition))
      json.member("replica", row.partition.replica)
      json.member("row", row.key.isEmpty ? nil : Self.text(of: row.key))
      json.member("office", row.office.map { Hex.encode($0.bytes) })
      json.member("hub", row.hub.map { Hex.encode($0.bytes) })
      json.member("found_at", difference.foundAt)
    }
  }
}
