import Community
import Hub
import OpLog
import Store
import Wire

/// Lets a lost PC that was revoked and retired bring what it had not sent.
enum HubReadmitCommand: Command {
  static let name = "hub readmit"
  static let summary = Words(
    "已停用并注销的电脑找回后，补送未送的记录", "let a revoked and retired PC bring what it had not sent")
  static let usage = "linli hub readmit REPLICA [--yes]"
  static let example = "linli hub readmit 4097 --yes --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let store = try DataFolder(arguments).openHubStore()
    guard arguments.flag("yes") else {
      throw .refused(
        "not-confirmed",
        Words(
          "拿着 \(replica) 的人可以补送记录，其中发放的积分会算数",
          "whoever has \(replica) could bring records then, and points awarded in them count"),
        advice: Words(
          "先在那台电脑上用 linli log --replica \(replica) 看过；它在您手里，再加 --yes",
          "have that PC in hand and read linli log --replica \(replica) on it first; then add --yes"
        ))
    }
    let end = try CommandError.wrap { () throws(ReadmitRefusal) in
      try HubAdmin.readmit(replica, in: store, now: Machine.now())
    }
    let text = BeijingTime.text(end)
    arguments.console.answer(
      Words(
        "到 \(text) 为止，请在 \(replica) 上运行一次 linli office sync",
        "until \(text): run linli office sync once on \(replica)")
    ) { json in
      json.member("readmitted", replica.rawValue)
      json.member("until", end)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        只收不发，一天后自动关门；再次 linli hub revoke 立即关门。
        送来的都算迟到: 发放和交出的物品算数，审核不算，扣减列入待处理。
        """,
        """
        The hub takes from it and gives it nothing; the door shuts by itself after a day, or at once with
        linli hub revoke. All is late: awards and goods handed out count, approvals do not, and points
        taken are on the desk.
        """))
  }
}

extension Arguments {
  /// The replica that the first word names.
  func replica() throws(CommandError) -> ReplicaID {
    guard let text = positional(0), let number = UInt32(text),
      let replica = ReplicaID(rawValue: number)
    else {
      throw .usage(
        Words("请写明副本编号", "name the replica by its number"),
        advice: Words("linli hub status 会列出编号", "linli hub status lists the numbers"))
    }
    return replica
  }
}

extension ReadmitRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .unknown(let replica):
      .refused(
        "unknown-replica", Words("没有副本 \(replica)", "no replica \(replica) is enrolled"),
        advice: Words("linli hub status 会列出编号", "linli hub status lists the numbers"))
    case .notRevoked(let replica):
      .refused(
        "not-revoked", Words("\(replica) 没有停用", "\(replica) was not revoked"),
        advice: Words("直接在它上面运行 linli office sync", "just run linli office sync on it"))
    case .notRetired(let replica):
      .refused(
        "not-retired", Words("\(replica) 停用后还没有注销", "\(replica) was revoked and is not retired"),
        advice: Words(
          "先用 linli hub retire 由另一台接替，它送来的才算迟到",
          "put another in its place with linli hub retire first, so that what it brings is late"))
    case .store(let error): CommandError(error)
    }
  }
}
