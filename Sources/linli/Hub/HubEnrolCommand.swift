import Community
import Hub
import OpLog
import Store
import Wire

/// Enrols an office again whose enrolment was lost with a former hub.
enum HubEnrolCommand: Command {
  static let name = "hub enroll"
  static let summary = Words(
    "旧服务器丢了入网记录的站点，重新记上", "enrol an office again that the hub forgot")
  static let usage = "linli hub enroll REPLICA [--community NAME] [--label TEXT] [--yes]"
  static let example = "linli hub enroll 4098 --yes --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let store = try DataFolder(arguments).openHubStore()
    var named: OpID?
    if arguments.option("community") != nil { named = try store.communityNamed(by: arguments) }
    let plan = try CommandError.wrap { () throws(EnrolAgainRefusal) in
      try HubAdmin.enrolAgain(
        replica, in: named, label: arguments.option("label"), isSure: arguments.flag("yes"),
        store: store, now: Machine.now())
    }
    let keySince = try CommandError.wrap { () throws(StoreError) in try store.keySince() ?? 1 }
    let next =
      replica.incarnation < keySince
      ? Words(
        "若还没有换过密钥，再运行 linli hub renew \(replica)",
        "unless it has a secret by the new key already, run linli hub renew \(replica)")
      : Words("在它上面运行 linli office sync", "run linli office sync there")
    arguments.console.answer(
      Words(
        "\(replica) 又是 \(plan.name) 的站点；\(next.chinese)",
        "\(replica) is an office of \(plan.name) again; \(next.english)")
    ) { json in
      json.member("replica", replica.rawValue)
      json.member("community", plan.community)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        只用于街道服务器丢过数据之后: 刚入网的站点，它的入网记录可能没有别处存着。linli hub status 会列出在等的
        站点。它的编号、密钥、记录都不变。社区按它的记录里的工作人员确定；还没有送来过记录的，用 --community 写明，
        编号看那里的 linli office status。不加 --yes 只说明会怎样。
        """,
        """
        Only behind a hub that lost its data: of an office that had just enrolled nobody else may hold the
        enrolment. linli hub status lists those that wait. The office keeps its number, its token, and what
        it recorded. Its community is that of the staff whom its records name; where none has come, name it
        with --community, and take the number from linli office status there. Without --yes it says what
        would be done.
        """))
  }
}

extension EnrolAgainRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .enrolled(let replica):
      .refused(
        "enrolled", Words("\(replica) 已在册", "\(replica) is enrolled"),
        advice: Words("直接在它上面运行 linli office sync", "just run linli office sync on it"))
    case .unknown(let replica):
      .refused(
        "unknown-replica",
        Words("旧服务器没有发过 \(replica)", "no former hub of this street issued \(replica)"),
        advice: Words(
          "在那台电脑上运行 linli office status 看编号；新站点用 linli hub invite",
          "linli office status on that PC shows its number; a new office takes linli hub invite"))
    case .communityUnknown(let replica):
      .refused(
        "community-unknown",
        Words(
          "这里的记录看不出 \(replica) 是哪一个社区的",
          "what is here does not say of which one community \(replica) is"),
        advice: Words("用 --community 写明", "name it with --community"))
    case .otherCommunity(let name):
      .refused(
        "other-community",
        Words("它的记录里是 \(name) 的工作人员", "its records name staff of \(name)"),
        advice: Words("不写 --community", "leave --community out"))
    case .notConfirmed(let plan):
      .refused(
        "not-confirmed", plan.words,
        advice: Words(
          "先核对: 那台电脑上 linli office status 是这个编号和社区，电脑在站点手里(没有丢失、停用、注销过)；再加 --yes",
          "see first that linli office status on that PC shows this number and community, and that the PC is in "
            + "the office's hands and was not lost, revoked, or retired; then add --yes"))
    case .store(let error): CommandError(error)
    }
  }
}

extension EnrolAgainPlan {
  /// What would be done.
  fileprivate var words: Words {
    records > 0
      ? Words(
        "\(replica) 会重新成为 \(name) 的站点，在等的记录 \(records) 条从此算数",
        "\(replica) would be an office of \(name) again, and its records that wait would count: \(records)"
      )
      : Words(
        "\(replica) 会成为 \(name) 的站点；这里没有它的记录可以核对",
        "\(replica) would be an office of \(name); no record of it is here to tell by")
  }
}
