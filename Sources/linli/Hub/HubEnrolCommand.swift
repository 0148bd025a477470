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
        "\(replica) 又是 \(plan.place) 的站点；\(next.chinese)",
        "\(replica) is an office of \(plan.place) again; \(next.english)")
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
        编号和社区看那里的 linli office status。不加 --yes 只说明会怎样；入错了社区撤不回。
        新社区的第一台电脑，社区也可能一起丢了: 那就不用这条命令，用 linli hub invite 重新建社区、发入网码，
        在那台电脑的新文件夹入网，旧文件夹里的记录照着重新登记。
        """,
        """
        Only behind a hub that lost its data: of an office that had just enrolled nobody else may hold the
        enrolment. linli hub status lists those that wait. The office keeps its number, its token, and what
        it recorded. Its community is that of the staff whom its records name; where none has come, name it
        with --community, and take the number and the community from linli office status there. Without
        --yes it says what would be done; a wrong community cannot be taken back.
        Of the first PC of a new community the community itself may be lost too. Then this is of no use:
        invite it anew (linli hub invite), enrol that PC in a new folder, and record there again what the
        old folder lists.
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
        advice: Words(
          "看那台电脑的 linli office status: 它的社区编号 linli hub status 也列出的，用 --community 写明；没有列出的，"
            + "社区也随旧服务器丢了，不要入别的社区，用 linli hub invite 给它新的入网码，在新文件夹入网，重新登记",
          "see linli office status on that PC: where linli hub status lists a community of that very id, name it with "
            + "--community. Where it does not, the community was lost too and no other one is right: give that "
            + "PC a new code (linli hub invite) for a new folder, and what it recorded is recorded there again"
        ))
    case .otherCommunity(let community, let name):
      .refused(
        "other-community",
        Words(
          "它的记录里是 \(community.text(named: name)) 的工作人员",
          "its records name staff of \(community.text(named: name))"),
        advice: Words("不写 --community", "leave --community out"))
    case .notConfirmed(let plan):
      .refused(
        "not-confirmed", plan.words,
        advice: Words(
          "先核对: 那台电脑上 linli office status 是这个编号、这个社区编号，电脑在站点手里(没有丢失、停用、注销过)；"
            + "入网以后撤不回。都对，再加 --yes",
          "see first that linli office status on that PC shows this number and this community's id, and that "
            + "the PC is in the office's hands and was not lost, revoked, or retired: it cannot be taken "
            + "back. Then add --yes"))
    case .store(let error): CommandError(error)
    }
  }
}

extension EnrolAgainPlan {
  /// The community, as the office's own status has it too.
  fileprivate var place: String { community.text(named: name) }

  /// What would be done.
  fileprivate var words: Words {
    guard records > 0 else {
      return Words(
        "\(replica) 会成为 \(place) 的站点；这里没有它的记录可以核对",
        "\(replica) would be an office of \(place); no record of it is here to tell by")
    }
    return isStaffKnown
      ? Words(
        "\(replica) 会重新成为 \(place) 的站点，在等的记录至少 \(records) 条，从此算数",
        "\(replica) would be an office of \(place) again, and its records that wait would count: at least "
          + "\(records)")
      : Words(
        "\(replica) 会成为 \(place) 的站点；它的记录至少 \(records) 条，经办人这里都不认得: 看不出社区，入了网也不算数",
        "\(replica) would be an office of \(place); nobody here knows the staff whom its records name (at least "
          + "\(records)): they do not tell the community, and would not count")
  }
}
