import Community
import Hub
import OpLog
import Store
import Wire

/// Puts another PC in the place of one that is lost.
enum HubRetireCommand: Command {
  static let name = "hub retire"
  static let summary = Words("注销丢失的电脑，由另一台接替(两人)", "put another PC in a lost one's place, by two")
  static let usage = """
    linli hub retire REPLICA --to REPLICA --by STAFF,STAFF \
    [--reason lost|broken|copied|closed] [--yes]
    """
  static let example = "linli hub retire 4097 --to 4098 --by 4096-4,4096-5 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let retirement = Retirement(
      replica: try replica(arguments.positional(0)),
      successor: try replica(arguments.required("to")),
      approvers: try arguments.twoPersons("by"), reason: try reason(arguments))
    let store = try DataFolder(arguments).openHubStore()
    let now = Machine.now()
    let plan = try CommandError.wrap { () throws(RetireRefusal) in
      try HubAdmin.plan(retirement, in: store, now: now)
    }
    let lastReceived = try CommandError.wrap { () throws(StoreError) in
      try store.lastReceived(of: plan.head)
    }
    guard arguments.flag("yes") else {
      show(plan, retirement, as: nil, arguments.console)
      if !arguments.console.isJSON, let lastReceived {
        warn(of: lastReceived, now, arguments.console)
      }
      return ExitCode.ok
    }
    let op = try CommandError.wrap { () throws(RetireRefusal) in
      try HubAdmin.retire(retirement, in: store, now: now)
    }
    show(plan, retirement, as: op, arguments.console)
    return ExitCode.ok
  }

  private static func replica(_ text: String?) throws(CommandError) -> ReplicaID {
    guard let text, let number = UInt32(text), let replica = ReplicaID(rawValue: number) else {
      throw .usage(
        Words("请写明副本编号", "name the replica by its number"),
        advice: Words("linli hub status 会列出编号", "linli hub status lists the numbers"))
    }
    return replica
  }

  private static func reason(_ arguments: Arguments) throws(CommandError) -> Int64 {
    let text = arguments.option("reason") ?? "lost"
    guard let reason = RetireFold.reasons.firstIndex(of: text) else {
      throw .badValue(option: "reason", text, RetireFold.reasons.joined(separator: " | "))
    }
    return Int64(reason)
  }

  /// Says when the PC was heard of: one that sent something today may not be lost.
  private static func warn(of lastReceived: Int64, _ now: Int64, _ console: Console) {
    let text = BeijingTime.text(lastReceived)
    console.out(
      now - lastReceived < 86_400_000
        ? Words(
          "注意: 它最近一次送来记录是 \(text)。确实不再使用了吗？",
          "warning: it sent records at \(text). Is it really out of use?")
        : Words("它最近一次送来记录是 \(text)", "it sent records last at \(text)"))
  }

  /// Shows what moves, and the op that moved it.
  private static func show(
    _ plan: RetirementPlan, _ retirement: Retirement, as op: OpID?, _ console: Console
  ) {
    guard !console.isJSON else {
      return console.json { json in
        json.head(plan.head)
        json.member("successor", retirement.successor.rawValue)
        json.member("accounts", plan.accounts)
        json.member("shelf", each: plan.shelf) { json, line in
          json.member("item", line.item)
          json.member("name", line.name)
          json.member("on_hand", line.onHand)
        }
        json.member("files_absent", plan.filesAbsent)
        json.member("retired_by", op)
      }
    }
    let (lost, heir) = (retirement.replica, retirement.successor)
    console.out(
      plan.shelf.isEmpty
        ? Words(
          "街道有 \(lost) 的记录 \(plan.head.seq) 条；\(plan.accounts) 个账户归 \(heir)，没有库存",
          "the hub holds \(plan.head.seq) ops of \(lost); \(heir) gets its accounts (\(plan.accounts)); "
            + "its shelf is empty")
        : Words(
          "街道有 \(lost) 的记录 \(plan.head.seq) 条；\(plan.accounts) 个账户和下列库存归 \(heir)",
          "the hub holds \(plan.head.seq) ops of \(lost); \(heir) gets its accounts (\(plan.accounts)) "
            + "and its shelf:"))
    for line in plan.shelf { console.out("  \(line.item)  \(line.name)  \(line.onHand)") }
    if plan.filesAbsent > 0 {
      console.out(
        Words(
          "注意: \(lost) 登记的人员资料有 \(plan.filesAbsent) 份没有送到。",
          "warning: of the files of people that \(lost) recorded \(plan.filesAbsent) have not come."
        ))
      console.out(
        plan.isRevoked
          ? Words(
            "它已停用: 注销以后用 linli hub readmit 放行，再在它的文件夹同步一次，还在那里的就会送到",
            "It is revoked: let it in with linli hub readmit once it is retired, sync its folder then, and "
              + "it brings those that it still has")
          : Words(
            "在它的文件夹再同步一次，还在那里的就会送到，注销之后也可以",
            "Sync its folder once more and it brings those that it still has, also after it is retired"
          ))
    }
    if op == nil {
      console.out(
        Words(
          "还没有注销。不能撤销；确认无误后加 --yes",
          "nothing is done yet. It cannot be undone: add --yes when it is right"))
    } else if plan.isRevoked {
      console.out(
        Words(
          "已注销 \(lost)。请 \(heir) 同步一次并盘点；\(lost) 已停用，旧电脑若找回，先运行 "
            + "linli hub readmit \(lost)，再同步一次，未送的记录就不会丢",
          "retired \(lost). Sync \(heir) and count its shelf; \(lost) was revoked: if the old PC turns up, "
            + "run linli hub readmit \(lost), then sync it once, and what it had not sent is not lost"
        ))
    } else {
      console.out(
        Words(
          "已注销 \(lost)。请 \(heir) 同步一次并盘点；旧电脑若找回，连上街道同步一次，未送的记录就不会丢",
          "retired \(lost). Sync \(heir) and count its shelf; if the old PC turns up, sync it once, and "
            + "what it had not sent is not lost"))
    }
  }
}

extension RetireRefusal: WordedError {
  var commandError: CommandError {
    let list = Words("linli hub status 会列出编号", "linli hub status lists the numbers")
    let (code, message, advice): (String, Words, Words)
    switch self {
    case .unknown(let replica):
      (code, message, advice) = (
        "unknown-replica", Words("没有副本 \(replica)", "no replica \(replica) is enrolled"), list
      )
    case .notEnrolled(let replica): return .notEnrolled(replica)
    case .retiredBefore(let replica):
      (code, message, advice) = (
        "retired-before", Words("\(replica) 已经注销", "\(replica) is retired already"), list
      )
    case .unfitSuccessor(let replica):
      (code, message, advice) = (
        "unfit-successor",
        Words("\(replica) 不能接替: 已停用、已注销，或就是它自己", "\(replica) cannot take its place"),
        Words("请选本社区在用的站点", "name an office of this community that is in use")
      )
    case .otherCommunity(let replica):
      (code, message, advice) = (
        "other-community-office",
        Words("\(replica) 属于其他社区", "\(replica) belongs to another community"),
        Words(
          "请先为本社区邀请一台新电脑，再由它接替",
          "invite a new PC for this community first, and let it take the place")
      )
    case .approvers(let refusal): return refusal.commandError
    case .store(let error): return CommandError(error)
    }
    return .refused(code, message, advice: advice)
  }
}
