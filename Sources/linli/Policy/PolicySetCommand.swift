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
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    let changes = try PolicyText.changes(arguments.positionals)
    guard !changes.isEmpty else {
      throw .usage(Words("没有写明要改的规则", "no rule to change is named"))
    }
    _ = try arguments.required("community")
    let store = try DataFolder(arguments).openHubStore()
    let community = try store.communityNamed(by: arguments)
    let (list, open) = try CommandError.wrap { () throws(StoreError) in
      (
        try Self.list(changes, of: community, in: store),
        Open(
          pending: try store.pendingCount(of: community),
          uncovered: try store.uncoveredPoints(of: community))
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
    var table = Table(
      [Words("规则", "rule"), Words("现在", "before"), Words("以后", "after")].map {
        console.language($0)
      })
    for change in list { table.add([change.key.name, change.before, change.after]) }
    for line in table.lines { console.out(line) }
    console.out(
      Words(
        "\(open.pending) 条待处理记录和 \(open.uncovered) 分代付仍按原规则处理",
        "\(open.pending) pending records and \(open.uncovered) points on trust keep the rules they name"
      ))
    guard let op else { return console.out(Words("仅预览，未保存", "a preview: nothing is written")) }
    console.out(Words("已保存 \(op)", "written as \(op)"))
  }

  private static func showJSON(_ list: [Change], _ open: Open, _ op: OpID?, _ console: Console) {
    console.json { json in
      json.key("changes")
      json.openArray()
      for change in list {
        json.openObject()
        json.key("key")
        json.text(change.key.name)
        json.key("before")
        json.text(change.before)
        json.key("after")
        json.text(change.after)
        json.closeObject()
      }
      json.closeArray()
      json.key("pending")
      json.integer(open.pending)
      json.key("uncovered")
      json.integer(open.uncovered)
      guard let op else { return }
      json.key("op")
      json.opID(op)
    }
  }
}
