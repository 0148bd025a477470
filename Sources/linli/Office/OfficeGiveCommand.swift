import Community
import Office
import OpLog
import Store
import Wire

/// Hands an account to another office: of the community, or of the one to which its people moved.
enum OfficeGiveCommand: Command {
  static let name = "office give"
  static let summary = Words(
    "把居民或一户的账户转到另一站点，可随人转到别的社区", "hand an account to another office, also of another community")
  static let usage = """
    linli office give --resident ID | --household ID --to REPLICA --as STAFF [--moves] [--on DATE] \
    [--pin-file FILE] [--yes]
    """
  static let example = "linli office give --resident 4097-1 --to 4098 --as 4096-4 --data office"

  /// What would go, and to whom.
  private struct Gift {
    /// The accounts that go, each with what there is to know of it.
    let accounts: [Account]
    /// Members of the household whose accounts are at home at other offices.
    let elsewhere: [(account: OpID, home: ReplicaID)]
    let to: ReplicaID
    let label: String
    /// The community to which the people move; nil within one.
    let community: String?
    /// Whether this office takes back what came back to it.
    let isTakenBack: Bool
  }

  /// An account that goes.
  private struct Account {
    let id: OpID
    let name: String?
    let balance: Int64
    /// The offices that hold rights on it.
    let holders: [[String: String]]
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let number = try arguments.required("to")
    guard let to = UInt32(number).flatMap({ ReplicaID(rawValue: $0) }) else {
      throw .noOffice(number)
    }
    let actor = try arguments.required("as")
    let office = try DataFolder(arguments).openOffice()
    try office.checkDay(arguments.option("on"))
    let gift = try gift(arguments, to: to, at: office)
    guard arguments.flag("yes") else {
      show(gift, arguments.console)
      return ExitCode.ok
    }
    try office.signIn(arguments)
    for account in gift.accounts {
      var fields = ["account": account.id.description, "to": number]
      if gift.community != nil { fields["moves"] = "true" }
      let acknowledgement = try office.acknowledge(
        RecordRequest(
          kind: "custody.give", fields: fields, actor: actor, occurredOn: arguments.option("on")))
      arguments.console.answer(
        gift.isTakenBack
          ? Words("本站已接回 \(account.id)", "took \(account.id) back")
          : Words(
            "已把 \(account.id) 转到 \(to)；对方同步后即可兑换",
            "gave \(account.id) to \(to); it can redeem there once that office has synced")
      ) { $0.members(of: acknowledgement) }
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        不加 --yes 只显示要转什么，什么也不改。居民搬到本街道别的社区的，加 --moves：账户、档案随人转入那个社区；\
        全家一起搬的用 --household，公共账户和归本站的成员一起转。账户曾转走又转回的，先转给本站自己一次，才能再兑换。
        """,
        """
        Without --yes it shows what would move and changes nothing. --moves is for who moved to another \
        community of the street: the account and the file go there; --household takes the pool and the \
        members that are at home here. An office that gave an account away and got it back gives it to \
        itself once, and can redeem then.
        """))
  }

  /// What would go; refused where this office has nothing to give, with who has.
  private static func gift(
    _ arguments: Arguments, to: ReplicaID, at office: OfficeCore
  ) throws(CommandError) -> Gift {
    let store = office.store
    let (label, community, isOther) = try CommandError.wrap { () throws(StoreError) in
      let row = try store.row(Tables.replica, [Int64(to.rawValue)])
      let name = try row?[2].id.flatMap { (id) throws(StoreError) in
        try store.row(Tables.community, id: id.packed)?[1].text
      }
      return (row?[3].text, name, row?[2].id != office.community)
    }
    guard let label else { throw .noOffice(to.description) }
    guard isOther == arguments.flag("moves") else {
      throw CommandError(isOther ? Refusal.otherCommunityOffice : .sameCommunityOffice)
    }
    let named = arguments.option("household") == nil ? "resident" : "household"
    let text = try arguments.required(named)
    guard let first = OpID(text) else { throw .badResident(option: named, text) }
    var going: [Account] = []
    var elsewhere: [(account: OpID, home: ReplicaID)] = []
    for id in try accounts(of: first, arguments, in: store) {
      let home = try CommandError.wrap { () throws(StoreError) in try store.home(of: id) }
      guard let home else { throw CommandError(StoreError.unknownReference(id)) }
      if home == office.replica {
        going.append(try account(id, in: store, arguments.console.language))
      } else {
        elsewhere.append((id, home))
      }
    }
    if going.isEmpty, let other = elsewhere.first {
      throw .refused(
        "not-home",
        Words(
          "\(other.account) 的归属站是 \(other.home)", "\(other.account) is at home at \(other.home)"),
        advice: Words("请在 \(other.home) 办理转移", "let \(other.home) give it away"))
    }
    let isHeld = try CommandError.wrap { () throws(StoreError) in try store.holds(first) }
    guard to != office.replica || !isHeld else {
      throw .refused(
        "is-home",
        Words("\(first) 本来就归本站 \(to)", "\(first) is at home here, at \(to), already"),
        advice: Words("用 --to 写另一个站点", "name another office with --to"))
    }
    return Gift(
      accounts: going, elsewhere: elsewhere, to: to, label: label,
      community: arguments.flag("moves") ? community : nil, isTakenBack: to == office.replica)
  }

  /// A resident's account alone; with a household's the accounts of those who live there.
  private static func accounts(
    of first: OpID, _ arguments: Arguments, in store: Store
  ) throws(CommandError) -> [OpID] {
    guard arguments.option("household") != nil else { return [first] }
    let day = arguments.option("on").flatMap { BusinessDate($0) }
    return try CommandError.wrap { () throws(StoreError) in
      [first]
        + (try store.members(of: first, on: day ?? BusinessDate(stamp: Machine.now())))
    }
  }

  private static func account(
    _ id: OpID, in store: Store, _ language: Language
  ) throws(CommandError) -> Account {
    try CommandError.wrap { () throws(StoreError) in
      let rights = try store.listing(of: "rights", where: ("account", id.description))
      return Account(
        id: id, name: try DeskSubject(store, language).name(of: id),
        balance: try store.row(Tables.account, [id.packed])?[1].integer ?? 0,
        holders: rights.records.filter { $0["held"] != "0" })
    }
  }

  private static func show(_ gift: Gift, _ console: Console) {
    guard !console.isJSON else {
      return console.json { json in
        json.member("to", gift.to.rawValue)
        json.member("to_label", gift.label)
        json.member("community", gift.community)
        json.member("accounts", each: gift.accounts) { json, account in
          json.member("account", account.id)
          json.member("name", account.name)
          json.member("balance", account.balance)
          json.member("held", each: account.holders) { $0.members(ofHolder: $1) }
        }
        json.member("elsewhere", each: gift.elsewhere) { json, other in
          json.member("account", other.account)
          json.member("home", other.home.rawValue)
        }
      }
    }
    for account in gift.accounts {
      let who = account.name.map { "\(account.id) \($0)" } ?? account.id.description
      console.out(
        gift.isTakenBack
          ? Words(
            "\(who)，余额 \(account.balance) 分，由本站接回",
            "\(who), balance \(account.balance), is taken back here")
          : Words(
            "\(who)，余额 \(account.balance) 分，转到 \(gift.to) \(gift.label)",
            "\(who), balance \(account.balance), goes to \(gift.to) \(gift.label)"))
      for right in account.holders { console.out(ShowCommand.words(ofHolder: right)) }
    }
    for other in gift.elsewhere {
      console.out(
        Words(
          "\(other.account) 的归属站是 \(other.home)，请在那里办理",
          "\(other.account) is at home at \(other.home): let that office give it away"))
    }
    if let community = gift.community {
      console.out(
        Words(
          "搬到社区：\(community)。档案转由那里保管，留在这里的一户不再共用积分",
          "moves to the community \(community): the file is kept there, and who stays here shares no "
            + "pool with them"))
    }
    guard !gift.isTakenBack else {
      return console.out(
        Words(
          "接回以后本站照常兑换。还没有做任何更改；确认后加 --yes",
          "this office redeems for it as before then. Nothing is changed yet: add --yes to go on"))
    }
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
