import Community
import Hub
import OpLog
import Store
import Wire

/// Hands out a code with which one office gets its secret by the street's new key.
enum HubRenewCommand: Command {
  static let name = "hub renew"
  static let summary = Words("换密钥后，给一个站点发换钥码", "a code for an office after the key was lost")
  static let usage = "linli hub renew REPLICA"
  static let example = "linli hub renew 4097 --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let replica = try arguments.replica()
    let store = try DataFolder(arguments).openHubStore()
    let code = InvitationCode.make(random: Machine.random)
    let grant = try CommandError.wrap { () throws(RenewRefusal) in
      try HubAdmin.renew(
        replica, codeHash: SHA256.hash(Array(code.utf8)), in: store, now: Machine.now())
    }
    let text = BeijingTime.text(grant.expiresAt)
    let console = arguments.console
    if !grant.isEnrolled {
      console.error(
        Words(
          "注意: 这里还没有 \(replica) 的入网记录，请核对编号；多发的码无人使用就没有害处",
          "warning: no enrolment of \(replica) is here yet: check the number. A code that nobody types does "
            + "no harm"))
    }
    if grant.isRetired {
      console.error(
        Words(
          "注意: \(replica) 已注销，由别的站点接替: 用这个码只能送来它以前没有送出的记录",
          "warning: \(replica) was retired and another took its place: by this code it can only bring what "
            + "it had not sent"))
    }
    console.answer(
      Words(
        "\(replica) 的换钥码 \(code) (到 \(text)，只能用一次)；在它上面运行 linli office renew --code \(code)",
        "code \(code) for \(replica) (once, until \(text)); run linli office renew --code \(code) there"
      )
    ) { json in
      json.member("replica", replica.rawValue)
      json.member("code", code)
      json.member("expires_at", grant.expiresAt)
      json.member("enrolled", grant.isEnrolled)
      json.member("retired", grant.isRetired)
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        只用于 linli hub recover --new-key 之后。谁拿到码，谁就是这个站点: 当面交给它的工作人员，或打您认得的电话。
        站点的编号、账户、未送的记录都不变。再发一次，前一个码作废。
        """,
        """
        Only behind linli hub recover --new-key. Whoever has the code is that office: hand it to its staff,
        or call a number that you know. The office keeps its number, its accounts, and what it had not
        sent. Another code for it makes this one void.
        """))
  }
}

extension RenewRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .unknown(let replica):
      .refused(
        "unknown-replica", Words("没有副本 \(replica)", "no replica \(replica) is enrolled"),
        advice: Words(
          "在那个站点上运行 linli office status 看编号；编号对，就先运行 linli hub enroll \(replica)",
          "linli office status at that office shows its number; if it is right, run linli hub enroll "
            + "\(replica) first")
      )
    case .notNeeded(let replica):
      .refused(
        "not-needed", Words("\(replica) 的密钥没有换过", "the key of \(replica) was not lost"),
        advice: Words("直接在它上面运行 linli office sync", "just run linli office sync on it"))
    case .revoked(let replica):
      .refused(
        "revoked", Words("\(replica) 已停用", "\(replica) was revoked"),
        advice: Words(
          "给它新的入网码: linli hub invite，再用 linli hub retire 接替",
          "invite it anew with linli hub invite, and linli hub retire the former number"))
    case .store(let error): CommandError(error)
    }
  }
}
