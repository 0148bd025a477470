import Community
import Office
import OpLog
import Store
import Wire

/// Hands an account to another office of the community.
enum OfficeGiveCommand: Command {
  static let name = "office give"
  static let summary = Words("把居民账户转到本社区另一站点", "hand an account to another office of the community")
  static let usage = """
    linli office give --resident ID --to REPLICA --as STAFF [--on DATE] [--pin-file FILE] [--yes]
    """
  static let example = "linli office give --resident 4097-1 --to 4098 --as 4096-4 --data office"

  /// What would move, and to whom.
  private struct Move {
    let account: OpID
    let name: String?
    let balance: Int64
    /// The offices that hold rights on it.
    let holders: [[String: String]]
    let to: ReplicaID
    let label: String
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let text = try arguments.required("resident")
    guard let account = OpID(text) else { throw .badResident(option: "resident", text) }
    let number = try arguments.required("to")
    guard let to = UInt32(number).flatMap({ ReplicaID(rawValue: $0) }) else {
      throw .noOffice(number)
    }
    let actor = try arguments.required("as")
    let office = try DataFolder(arguments).openOffice()
    let move = try move(of: account, to: to, at: office, arguments.console.language)
    guard arguments.flag("yes") else {
      show(move, arguments.console)
      return ExitCode.ok
    }
    try office.signIn(arguments)
    let request = RecordRequest(
      kind: "custody.give", fields: ["account": text, "to": number], actor: actor,
      occurredOn: arguments.option("on"))
    let acknowledgement = try office.acknowledge(request)
    arguments.console.answer(
      Words(
        "已把 \(account) 转到 \(to)；对方同步后即可兑换",
        "gave \(account) to \(to); it can redeem there once that office has synced")
    ) { $0.members(of: acknowledgement) }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        "不加 --yes 只显示要转什么，什么也不改。账户曾转走又转回的，先转给本站自己一次，才能再兑换。",
        """
        Without --yes it shows what would move and changes nothing. An office that gave an account away \
        and got it back gives it to itself once, and can redeem then.
        """))
  }

  /// What would move; refused where this office has nothing to give, with who has.
  private static func move(
    of account: OpID, to: ReplicaID, at office: OfficeCore, _ language: Language
  ) throws(CommandError) -> Move {
    let store = office.store
    let (home, isHeld, move) = try CommandError.wrap { () throws(StoreError) in
      let rights = try store.listing(of: "rights", where: ("account", account.description))
      let label = try store.row(Tables.replica, [Int64(to.rawValue)])?[3].text
      let move = try label.map { (label) throws(StoreError) in
        Move(
          account: account, name: try DeskSubject(store, language).name(of: account),
          balance: try store.row(Tables.account, [account.packed])?[1].integer ?? 0,
          holders: rights.records.filter { $0["held"] != "0" }, to: to, label: label)
      }
      return (try store.home(of: account), try store.holds(account), move)
    }
    guard let home else { throw CommandError(StoreError.unknownReference(account)) }
    guard let move else { throw .noOffice(to.description) }
    guard home == office.replica else {
      throw .refused(
        "not-home", Words("\(account) 的归属站是 \(home)", "\(account) is at home at \(home)"),
        advice: Words("请在 \(home) 办理转移", "let \(home) give it away"))
    }
    guard to != office.replica || !isHeld else {
      throw .refused(
        "is-home",
        Words("\(account) 本来就归本站 \(to)", "\(account) is at home here, at \(to), already"),
        advice: Words("用 --to 写另一个站点", "name another office with --to"))
    }
    return move
  }

  private static func show(_ move: Move, _ console: Console) {
    guard !console.isJSON else {
      return console.json { json in
        json.member("account", move.account)
        json.member("name", move.name)
        json.member("balance", move.balance)
        json.member("to", move.to.rawValue)
        json.member("to_label", move.label)
        json.member("held", each: move.holders) { $0.members(ofHolder: $1) }
      }
    }
    let who = move.name.map { "\(move.account) \($0)" } ?? move.account.description
    console.out(
      Words(
        "\(who)，余额 \(move.balance) 分，转到 \(move.to) \(move.label)",
        "\(who), balance \(move.balance), goes to \(move.to) \(move.label)"))
    for right in move.holders { console.out(ShowCommand.words(ofHolder: right)) }
    console.out(
      Words(
        "转走以后本站不能再为此人兑换(只能代付)。还没有做任何更改；确认后加 --yes",
        "this office can redeem for this account on trust only from then on. Nothing is changed yet: add "
          + "--yes to go on"))
  }
}

extension CommandError {
  /// What is no office's number, or of none that is known here.
  fileprivate static func noOffice(_ text: String) -> CommandError {
    .refused(
      "unknown-office", Words("本机没有站点 \(text)", "no office \(text) is known here"),
      advice: Words(
        "linli show offices 可查站点编号；刚入网的，先同步",
        "linli show offices lists the numbers; one that is new comes with a sync"))
  }
}
