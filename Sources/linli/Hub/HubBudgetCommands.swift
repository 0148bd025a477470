import Community
import Hub
import OpLog
import Store
import Wire

/// Sets how many points an office may have out on trust.
enum HubBudgetSetCommand: Command {
  static let name = "hub budget set"
  static let summary = Words(
    "设置一个站点的代付限额，先于社区规则", "set how much an office may give on trust, before its rules")
  static let usage = "linli hub budget set OFFICE --limit N"
  static let example = "linli hub budget set 4097 --limit 200 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    guard let text = arguments.positional(0) else {
      throw .usage(Words("请写明站点", "name the office"), advice: list)
    }
    guard let replica = UInt32(text).flatMap(ReplicaID.init(rawValue:)) else {
      throw .usage(Words("\(text) 不是站点编号", "\(text) is no office's number"), advice: list)
    }
    _ = try arguments.required("limit")
    let limit = try arguments.integer("limit", in: 0...1_000_000) ?? 0
    let store = try DataFolder(arguments).openHubStore()
    let op = try CommandError.wrap { () throws(BudgetRefusal) in
      try HubAdmin.setBudget(of: replica, to: Int64(limit), in: store, now: Machine.now())
    }
    let console = arguments.console
    guard console.isJSON else {
      console.out(
        Words(
          "\(replica) 未结代付最多 \(limit) 分，该站同步后生效",
          "\(replica) may have \(limit) points out on trust, from its next sync on"))
      return ExitCode.ok
    }
    console.json { json in
      json.key("op")
      json.opID(op)
    }
    return ExitCode.ok
  }

  fileprivate static let list = Words(
    "linli hub status 会列出编号", "linli hub status lists the numbers")
}

extension BudgetRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .unknown(let replica):
      .refused(
        "unknown-office", Words("没有站点 \(replica)", "there is no office \(replica)"),
        advice: HubBudgetSetCommand.list)
    case .retired(let replica):
      .refused(
        "retired", Words("\(replica) 已注销", "\(replica) was retired"),
        advice: Words(
          "给接替它的站点设置；linli hub status 会列出编号",
          "set that of the office in its place; linli hub status lists the numbers"))
    case .store(let error): CommandError(error)
    }
  }
}

/// Lists what the street set, and how much of it is out.
enum HubBudgetListCommand: Command {
  static let name = "hub budget list"
  static let summary = Words("列出各站点的代付限额", "list the offices' limits on trust")
  static let usage = "linli hub budget list"
  static let example = "linli hub budget list --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let store = try DataFolder(arguments).openHubStore()
    let listing = try CommandError.wrap { () throws(StoreError) in
      try store.listing(of: "budgets", limit: Int.max)
    }
    ShowCommand.write(Sheet("budgets", listing), of: "budgets", to: arguments.console)
    return ExitCode.ok
  }
}
