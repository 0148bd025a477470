import Community
import Hub
import OpLog
import Store
import Wire

/// Changes the rules of a community, at the hub.
enum PolicySetCommand: Command {
  static let name = "policy set"
  static let summary = Words("修改社区规则", "change the rules of a community")
  static let usage = "linli policy set KEY=VALUE … --community NAME [--preview]"
  static let example = """
    linli policy set award.max_per_day=3 --community 青龙街 --preview \
    --data hub
    """

  /// The rules with their meaning.
  static func details(of words: [String], in language: Language) -> String {
    let width = Policy.keys.map(\.name.count).max() ?? 0
    return
      ([language(Words("规则 (KEY)；VALUE 为 off 即不设:", "KEY; a VALUE of off is none:"))]
      + Policy.keys.map { "  \($0.name.padded(to: width))  \(language($0.meaning))" })
      .joined(separator: "\n")
  }

  /// One rule that changes.
  private struct Change {
    let key: PolicyKey
    let before: String
    let after: String
  }

  /// What waits for somebody under the rules that it names.
  private struct Open {
    let pending: Int64
    let uncovered: Int64
    /// Residents who hold more than the new cap; nil where it does not change.
    let aboveCap: Int64?
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let changes = try PolicyText.changes(arguments.positionals)
    guard !changes.isEmpty else {
      throw .usage(Words("没有写明要改的规则", "no rule to change is named"))
    }
    _ = try arguments.required("community")
    let store = try DataFolder(arguments).openHubStore()
    let community = try store.communityNamed(by: arguments)
    let cap = changes[Policy.keys[Policy.Name.balanceCap.rawValue].name] ?? nil
    let (list, open) = try CommandError.wrap { () throws(StoreError) in
      (
        try Self.list(changes, of: community, in: store),
        Open(
          pending: try store.pendingCount(of: community),
          uncovered: try store.uncoveredPoints(of: community),
          aboveCap: try cap.map { (cap) throws(StoreError) in
            try store.accounts(of: community, above: cap)
          })
      )
    }
    var op: OpID?
    if !arguments.flag("preview"), !list.isEmpty {
      op = try CommandError.wrap { () throws(StoreError) in
        try store.write { () throws(StoreError) in
          try HubAdmin.setPolicy(changes, of: community, in: store, now: Machine.now())
        }
      }
    }
    if arguments.console.isJSON {
      showJSON(list, open, op, arguments.console)
    } else {
      show(list, open, op, arguments.console)
    }
    return ExitCode.ok
  }

  private static func list(
    _ changes: PolicyChanges, of community: OpID, in store: Store
  ) throws(StoreError) -> [Change] {
    let before = try HubAdmin.policyValues(of: community, after: [:], in: store)
    let after = try HubAdmin.policyValues(of: community, after: changes, in: store)
    return Policy.keys.indices.compactMap { index in
      guard before[index] != after[index] else { return nil }
      let key = Policy.keys[index]
      return Change(
        key: key, before: PolicyText.text(before[index], of: key),
        after: PolicyText.text(after[index], of: key))
    }
  }

  private static func show(_ list: [Change], _ open: Open, _ op: OpID?, _ console: Console) {
    guard !list.isEmpty else { return console.out(Words("没有变化", "nothing changes")) }
    console.table(
      [Words("规则", "rule"), Words("现在", "before"), Words("以后", "after")],
      list.map { [$0.key.name, $0.before, $0.after] })
    console.out(
      Words(
        "\(open.pending) 条待处理记录和 \(open.uncovered) 分代付仍按原规则处理",
        "\(open.pending) pending records and \(open.uncovered) points on trust keep the rules they name"
      ))
    if let above = open.aboveCap {
      console.out(
        Words(
          "\(above) 位居民的余额超过新上限，超出部分转赠以后才能兑换",
          "\(above) residents hold more than the new cap, and give the excess away before they redeem"
        ))
    }
    guard let op else { return console.out(Words("仅预览，未保存", "a preview: nothing is written")) }
    console.out(Words("已保存 \(op)", "written as \(op)"))
  }

  private static func showJSON(_ list: [Change], _ open: Open, _ op: OpID?, _ console: Console) {
    console.json { json in
      json.member("changes", each: list) { json, change in
        json.member("key", change.key.name)
        json.member("before", change.before)
        json.member("after", change.after)
      }
      json.member("pending", open.pending)
      json.member("uncovered", open.uncovered)
      json.member("above_cap", open.aboveCap)
      guard let op else { return }
      json.member("op", op)
    }
  }
}
