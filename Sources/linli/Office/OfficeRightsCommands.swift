import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Asks an account's home for the right to spend some points here, and waits for its answer.
enum OfficeRightsAskCommand: Command {
  static let name = "office rights ask"
  static let summary = Words(
    "为外站居民向归属站申请额度", "ask an account's own office for points to spend here")
  static let usage = """
    linli office rights ask --resident ID --points N --as STAFF [--wait SECONDS] [--pin-file FILE]
    """
  static let example =
    "linli office rights ask --resident 4097-2 --points 9 --as 4096-5 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let (text, actor) = (try arguments.required("resident"), try arguments.required("as"))
    guard let account = OpID(text) else { throw .badValue(option: "resident", text, "4097-2") }
    _ = try arguments.required("points")
    let points = Int64(try arguments.integer("points", in: 1...10_000) ?? 1)
    let wait = try arguments.integer("wait", in: 0...600) ?? 10
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    let asked = RecordRequest(
      kind: "rights.request", fields: ["account": text, "points": String(points)], actor: actor)
    let request: OpID
    do throws(OfficeError) {
      request = try office.requestRights(
        text, points: points, actor: actor, now: Machine.now(), random: Machine.random
      ).op
    } catch { throw CommandError(error, of: asked, in: office.store) }
    let answer = try await answer(to: request, seconds: wait, at: office, arguments.console)
    try show(answer, request, account, office, arguments.console)
    if case .granted = answer { return ExitCode.ok }
    return ExitCode.refused
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        居民或家庭(--resident 也可写家庭编号)的归属站批准后，这些分只能在本站使用，不算代付。
        归属站的电脑须联网，并运行 linli office sync --watch 5。没用完的，次日同步时自动退还；
        也可用 linli office rights return 提前退还。最多等 --wait 秒(默认 10)。
        """,
        """
        Once the own office of a resident (or of a household: --resident takes either id) has granted
        them, these points can be spent here alone, and are not on trust. Its PC must be online and run
        linli office sync --watch 5. What is left goes back by itself with a sync on the next day, or
        at once with linli office rights return. Waits for --wait seconds at most, 10 by default.
        """))
  }

  /// Carries the request to the hub, asks each second, and brings the answer home.
  private static func answer(
    to request: OpID, seconds: Int, at office: OfficeCore, _ console: Console
  ) async throws(CommandError) -> RightsAnswer {
    let hub = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let line = try HubLine.open(hub)
    _ = try await HubLine.sync(office, through: line, attempts: 3, console)
    var left = seconds
    while true {
      let answer: RightsAnswer
      do throws(OfficeError) {
        answer = try await office.ask(what: request, through: line)
      } catch { throw CommandError(error) }
      switch answer {
      case .granted, .refused:
        _ = try await HubLine.sync(office, through: line, attempts: 3, console)
        return answer
      case .homeOffline: return answer
      case .waiting: guard left > 0 else { return answer }
      }
      left -= 1
      await Machine.pause(1_000)
    }
  }

  private static func show(
    _ answer: RightsAnswer, _ request: OpID, _ account: OpID, _ office: OfficeCore,
    _ console: Console
  ) throws(CommandError) {
    let promise = try CommandError.wrap { () throws(StoreError) in
      try office.store.promise(of: account, on: BusinessDate(stamp: Machine.now()))
    }
    guard console.isJSON else {
      console.out(answer.words)
      if let promise { console.out(promise.words) }
      return
    }
    console.json { json in
      json.key("request")
      json.opID(request)
      json.key("state")
      json.text(answer.state)
      if case .granted(let points) = answer {
        json.key("points")
        json.integer(points)
      }
      if let promise { json.promise(promise) }
    }
  }
}

/// Lists what this office was granted and still holds, and what it asked for.
enum OfficeRightsListCommand: Command {
  static let name = "office rights list"
  static let summary = Words("列出本站持有的额度和申请", "list the rights and the requests of this office")
  static let usage = "linli office rights list"
  static let example = "linli office rights list --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    for view in ["rights", "rights_requests"] {
      let listing = try CommandError.wrap { () throws(StoreError) in
        try office.store.listing(
          of: view, where: ("office", office.replica.description), limit: Int.max)
      }
      ShowCommand.write(Sheet(view, listing), of: view, to: arguments.console)
    }
    return ExitCode.ok
  }
}

/// Gives back all that this office was granted and did not use.
enum OfficeRightsReturnCommand: Command {
  static let name = "office rights return"
  static let summary = Words("退还本站没用完的额度", "give back the rights that were not used here")
  static let usage = "linli office rights return"
  static let example = "linli office rights return --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    let returned: [Store.HeldRight]
    do throws(OfficeError) {
      returned = try office.returnRights(now: Machine.now())
    } catch { throw CommandError(error) }
    let console = arguments.console
    for right in returned {
      if console.isJSON {
        console.json { json in
          json.key("account")
          json.opID(right.account)
          json.key("points")
          json.integer(right.points)
        }
      } else {
        console.out(
          Words(
            "已退还 \(right.account) 的 \(right.points) 分，同步后归属站可用",
            "gave back \(right.points) points of \(right.account); its office has them after a sync"
          ))
      }
    }
    if returned.isEmpty, !console.isJSON {
      console.out(Words("本站没有可退还的额度", "this office holds no rights"))
    }
    return ExitCode.ok
  }
}

extension RightsAnswer {
  /// What became of a request, and what to do next.
  fileprivate var words: Words {
    switch self {
    case .granted(let points):
      Words("归属站已批准 \(points) 分，现在可以兑换", "granted: \(points) points, redeem now")
    case .refused:
      Words("归属站未批准: 可用积分不够，或账户不能使用", "refused: the account has not so many points to spend")
    case .waiting:
      Words(
        "归属站在线，尚未答复；稍后再同步，linli office rights list 会显示结果",
        "its office is online and has not answered; sync again, linli office rights list shows it")
    case .homeOffline: Words("归属站不在线，现在不能批准", "its office is offline and cannot grant now")
    }
  }
}

extension JSONWriter {
  /// Writes a member `promise`: what a counter may tell a person.
  mutating func promise(_ promise: SpendingPromise) {
    key("promise")
    openObject()
    key("guaranteed")
    integer(promise.guaranteed)
    key("on_trust")
    integer(promise.onTrust)
    closeObject()
  }
}
