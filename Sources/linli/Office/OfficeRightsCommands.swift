import Community
import Office
import OpLog
import Pages
import Store
import Wire

/// Lists what this office was granted and asked for, and what other offices hold of its accounts.
enum OfficeRightsListCommand: Command {
  static let name = "office rights list"
  static let summary = Words(
    "列出本站的额度和申请，以及他站持有的本站账户额度",
    "list rights and requests: this office's, and others' on its accounts")
  static let usage = "linli office rights list"
  static let example = "linli office rights list --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    for (view, isOpen) in views {
      let listing = try CommandError.wrap { () throws(StoreError) -> Listing in
        try office.store.read { () throws(StoreError) -> Listing in
          try Self.listing(of: view, isOpen: isOpen, at: office)
        }
      }
      ShowCommand.write(Sheet(view, listing), of: view, to: arguments.console)
    }
    return ExitCode.ok
  }

  /// The views, and which rows of other offices are worth telling.
  private static let views: [(name: String, isOpen: @Sendable ([String: String]) -> Bool)] = [
    ("rights", { $0["held"] != "0" }), ("rights_requests", { $0["state"] == "waiting" }),
  ]

  /// All rows of this office, and the open ones of others on accounts whose home it is.
  private static func listing(
    of view: String, isOpen: ([String: String]) -> Bool, at office: OfficeCore
  ) throws(StoreError) -> Listing {
    var listing = try office.store.listing(of: view, limit: Int.max)
    var rows: [[String?]] = []
    for (row, record) in zip(listing.rows, listing.records) {
      let isOwn = record["office"] == office.replica.description
      guard !isOwn else {
        rows.append(row)
        continue
      }
      guard isOpen(record), let account = record["account"].flatMap({ OpID($0) }),
        try office.store.home(of: account) == office.replica
      else { continue }
      rows.append(row)
    }
    listing.rows = rows
    return listing
  }
}

/// Takes back what was asked for and not answered.
enum OfficeRightsWithdrawCommand: Command {
  static let name = "office rights withdraw"
  static let summary = Words("撤回还没有答复的额度申请", "take back a request that was not answered")
  static let usage = "linli office rights withdraw --resident ID"
  static let example = "linli office rights withdraw --resident 4097-2 --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let text = try arguments.required("resident")
    guard let account = OpID(text) else { throw .badResident(option: "resident", text) }
    let office = try DataFolder(arguments).openOffice()
    let withdrawn = try CommandError.wrap { () throws(OfficeError) in
      try office.withdrawRights(on: account, now: Machine.now())
    }
    guard !withdrawn.isEmpty else {
      throw .refused(
        "nothing-asked",
        Words(
          "没有等待答复的申请: \(account)", "no request of this office for \(account) waits for an answer"),
        advice: Words(
          "已批准的额度用 linli office rights return 退还",
          "what was granted goes back with linli office rights return"))
    }
    for open in withdrawn {
      arguments.console.answer(
        Words(
          "已撤回申请 \(open.request)，\(open.points) 分；同步后归属站得知，批准了也不算数",
          "withdrew request \(open.request) of \(open.points) points; its office hears of it with a sync, "
            + "and an answer counts no more")
      ) { json in
        json.member("request", open.request)
        json.member("points", open.points)
      }
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
