import Community
import HTTPClient
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
    guard let account = OpID(text) else { throw .badResident(option: "resident", text) }
    _ = try arguments.required("points")
    let points = Int64(try arguments.integer("points", in: 1...10_000) ?? 1)
    let wait = try arguments.integer("wait", in: 0...600) ?? 10
    let office = try DataFolder(arguments).openOffice()
    try office.signIn(arguments)
    let hub = try CommandError.wrap { () throws(OfficeError) in try office.hubAddress }
    let (line, console) = (try HubLine.open(hub), arguments.console)
    // Nothing is asked for over a line that is down: the request would be answered later.
    _ = try await HubLine.sync(office, through: line, attempts: 3, console)
    let request = try request(points, of: account, by: actor, at: office)
    let answer = try await answer(
      to: request, seconds: wait, at: office, through: line, console)
    try show(answer, request, account, office, console)
    if case .granted = answer { return ExitCode.ok }
    return ExitCode.refused
  }

  /// The request that is to be answered: the one that asks for as much already, else a new one.
  private static func request(
    _ points: Int64, of account: OpID, by actor: String, at office: OfficeCore
  ) throws(CommandError) -> OpID {
    let today = Int64(BusinessDate(stamp: Machine.now()).day)
    let bar = try CommandError.wrap { () throws(StoreError) in
      try ResidentRule.refusal(of: account, on: today, in: office.store)
    }
    // Its own office would only say no.
    if let bar { throw CommandError(bar) }
    let open = try CommandError.wrap { () throws(OfficeError) in
      try office.openRights(on: account, now: Machine.now())
    }
    if let same = open.first(where: { $0.points == points }) { return same.request }
    let asked = RecordRequest(
      kind: "rights.request",
      fields: ["account": account.description, "points": String(points)], actor: actor)
    do throws(OfficeError) {
      return try office.requestRights(
        account.description, points: points, actor: actor, now: Machine.now(),
        random: Machine.random
      ).op
    } catch { throw CommandError(error, of: asked, in: office.store) }
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        居民或家庭(--resident 也可写家庭编号)的归属站批准后，这些分只能在本站使用，不算代付。
        归属站的电脑须联网，并运行 linli office sync --watch 5。没用完的，次日同步时自动退还；
        也可用 linli office rights return 提前退还。最多等 --wait 秒(默认 10)。
        没等到答复，申请当天仍有效；再运行一次会接着等同一项申请，不会多申请。
        不要了就撤回: linli office rights withdraw。
        """,
        """
        Once the own office of a resident (or of a household: --resident takes either id) has granted
        them, these points can be spent here alone, and are not on trust. Its PC must be online and run
        linli office sync --watch 5. What is left goes back by itself with a sync on the next day, or
        at once with linli office rights return. Waits for --wait seconds at most, 10 by default.
        A request without an answer stays open until the end of its day; the same line again waits for
        the same request and asks for nothing more. linli office rights withdraw takes it back.
        """))
  }

  /// Carries the request to the hub, asks each second, and brings the answer home.
  private static func answer(
    to request: OpID, seconds: Int, at office: OfficeCore, through line: HTTPTransport,
    _ console: Console
  ) async throws(CommandError) -> RightsAnswer {
    _ = try await HubLine.sync(office, through: line, attempts: 3, console)
    var left = seconds
    while true {
      let answer: RightsAnswer
      do throws(OfficeError) {
        answer = try await office.ask(what: request, through: line, now: Machine.now())
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
    let promise = try CounterPromise(
      of: account, at: office, on: BusinessDate(stamp: Machine.now()))
    let isOpen = try CommandError.wrap { () throws(OfficeError) in
      try office.openRights(on: account, now: Machine.now()).contains { $0.request == request }
    }
    guard console.isJSON else {
      console.out(answer.words)
      if isOpen { console.out(staysOpen(request, account)) }
      if let promise { console.out(promise.words) }
      return
    }
    console.json { json in
      json.key("request")
      json.opID(request)
      json.key("state")
      json.text(answer.state)
      json.member("is_open", isOpen)
      if case .granted(let points) = answer {
        json.key("points")
        json.integer(points)
      }
      if let promise { json.promise(promise) }
    }
  }

  /// What a clerk tells a resident whose request nobody answered yet.
  private static func staysOpen(_ request: OpID, _ account: OpID) -> Words {
    Words(
      """
      申请 \(request) 今天仍有效: 归属站今天同步后会批准，批准的分只能在本站用，直到退还。
      不要了就撤回: linli office rights withdraw --resident \(account)
      """,
      """
      request \(request) stays open today: if its office syncs, it grants the points, and they can be \
      spent here alone until they go back.
      not wanted any more: linli office rights withdraw --resident \(account)
      """)
  }
}

extension RightsAnswer {
  /// What became of a request, and what to do next.
  fileprivate var words: Words {
    switch self {
    case .granted(let points):
      Words("归属站已批准 \(points) 分，现在可以兑换", "granted: \(points) points, redeem now")
    case .refused:
      Words(
        "归属站未批准: 可用积分不够，或账户不能使用",
        "refused: the account has not so many points to spend, or may not be used")
    case .waiting:
      Words("归属站刚才还在线，尚未答复", "its office was online a moment ago and has not answered yet")
    case .homeOffline: Words("归属站不在线，现在不能批准", "its office is offline and cannot grant now")
    }
  }
}
