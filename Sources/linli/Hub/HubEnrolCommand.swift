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
  static let usage = "linli hub enroll REPLICA [--community NAME] [--label TEXT]"
  static let example = "linli hub enroll 4098 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let store = try DataFolder(arguments).openHubStore()
    var named: OpID?
    if arguments.option("community") != nil { named = try store.communityNamed(by: arguments) }
    let (community, isKeyLost) = try CommandError.wrap { () throws(EnrolAgainRefusal) in
      let community = try HubAdmin.enrolAgain(
        replica, in: named, label: arguments.option("label"), store: store, now: Machine.now())
      do throws(StoreError) {
        return (community, replica.incarnation < (try store.keySince() ?? 1))
      } catch { throw .store(error) }
    }
    let names = try CommandError.wrap { () throws(StoreError) in try store.communityNames() }
    let name = names[community] ?? community.description
    let next =
      isKeyLost
      ? Words(
        "密钥换过，再运行 linli hub renew \(replica)",
        "its key was lost too: run linli hub renew \(replica)")
      : Words("在它上面运行 linli office sync", "run linli office sync there")
    arguments.console.answer(
      Words(
        "\(replica) 又是 \(name) 的站点，它的记录从此算数；\(next.chinese)",
        "\(replica) is an office of \(name) again, and what it recorded counts; \(next.english)")
    ) { json in
      json.member("replica", replica.rawValue)
      json.member("community", community)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        只用于街道服务器丢过数据之后: 刚入网的站点，它的入网记录可能没有别处存着。linli hub status 会列出在等的
        站点。它的编号、密钥、记录都不变。社区按在那里登记的工作人员确定；还没有登记过的，用 --community 写明，
        编号看那里的 linli office status。
        """,
        """
        Only behind a hub that lost its data: of an office that had just enrolled nobody else may hold the
        enrolment. linli hub status lists those that wait. The office keeps its number, its token, and what
        it recorded. Its community is that of the staff who recorded there; where none did, name it with
        --community, and take the number from linli office status there.
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
          "这里的记录看不出 \(replica) 是哪个社区的", "nothing here says of which community \(replica) is"),
        advice: Words("用 --community 写明", "name it with --community"))
    case .otherCommunity(let community):
      .refused(
        "other-community",
        Words(
          "在那里登记的是 \(community) 的工作人员", "it was staff of \(community) who recorded there"),
        advice: Words("不写 --community", "leave --community out"))
    case .store(let error): CommandError(error)
    }
  }
}
