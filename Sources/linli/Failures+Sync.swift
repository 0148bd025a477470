import Community
import Office
import Peer
import Wire

/// What the line, the hub, or its answers bring about, as what staff read.
extension CommandError {
  /// A line that failed.
  init(_ error: TransportError) {
    let (message, detail): (Words, String?) =
      switch error {
      case .unreachable(let text): (Words("连不上街道", "the hub cannot be reached"), text)
      case .timedOut: (Words("街道没有及时回答", "the hub did not answer in time"), nil)
      case .broken(let text):
        (Words("街道的回答中断或不完整", "the hub's answer was cut off or is none"), text)
      }
    self.init(
      exit: ExitCode.unreachable, code: "unreachable", message: message,
      advice: Words(
        "检查网络和地址；本机记录是安全的，稍后再同步",
        "check the line and the address; what was recorded here is safe, sync later"),
      detail: detail)
  }

  /// A hub that refused.
  init(_ problem: Problem) {
    let advice = problem.kind.advice
    self.init(
      exit: Self.exitCode(of: problem.kind), code: problem.kind.rawValue,
      message: Words(
        "街道没有接受: \(problem.kind.words.chinese)", "the hub refused: \(problem.kind.words.english)"),
      advice: Words(advice.chinese, advice.english), detail: problem.detail,
      isDetailEnglish: true)
  }

  /// A hub's answer, or a database, that is not to be believed.
  init(_ distrust: Distrust) {
    let call = Words("保留数据，联系街道管理员", "keep the data and call the street's administrator")
    self =
      switch distrust {
      case .chain:
        .distrust(
          "hub-chain", Words("街道的记录不衔接", "the hub's entries do not continue its log"),
          Words(
            "再同步一次；仍这样，说明街道的数据曾被换成旧的: 可以继续登记，记录会送到，居民资料也会，但要等街道结束点名；"
              + "请街道给新入网码，在新文件夹 linli office init --from 这个文件夹，再由街道 linli hub retire 旧号 --to 新号。"
              + "在这之前，让这个文件夹在点名结束后再同步一次",
            "sync again; if it stays, the hub's data was once set back: go on recording, it still arrives, "
              + "the files of people once the street has ended its roll-call; ask the street for a new "
              + "code, run linli office init --from THIS in a new folder, and let the street run linli hub "
              + "retire OLD --to NEW. Before that, sync this folder once more after the roll-call"))
      case .seal:
        .distrust("hub-seal", Words("街道的印章不对", "the hub's seal is wrong"), call)
      case .formerHub:
        .distrust(
          "former-hub",
          Words(
            "这是旧的街道服务器，本机已经跟上更新的一个", "this is a former hub: this office has met a newer one"),
          Words(
            "核对街道地址；旧服务器须停用，联系街道管理员",
            "check the hub's address; the former hub must be stopped, call the administrator"))
      case .olderThanHub(let held):
        .distrust(
          "older-than-hub",
          Words(
            "本机数据是旧副本，或者另一台电脑用了它的副本: 街道已有本机编号的 \(held) 条",
            "this data is an old copy, or another PC uses a copy of it: the hub holds \(held) ops under its "
              + "number"),
          Self.oldCopyAdvice)
      case .fork(let id):
        .distrust(
          "fork", Words("\(id) 处另有一台电脑用了本机的副本", "another PC uses a copy of this data, from \(id)"),
          Self.rejoinAdvice)
      case .digest:
        .distrust(
          "digest",
          Words(
            "已全部同步，但本机的表与街道的不同", "all is synced, but the tables here are not the hub's"),
          Words(
            "运行 linli office status，看是哪一行、该怎么办",
            "run linli office status: it names the row and says what to do"))
      }
  }

  /// What to do with a PC whose database was copied.
  private static let rejoinAdvice = Words(
    "向街道要一个新入网码，运行 linli office rejoin；本机的记录不会丢。" + inRollCall.chinese,
    "ask the street for a new code and run linli office rejoin: nothing that was recorded is lost. "
      + inRollCall.english)

  /// What a rebuilt hub says of copies before the former hubs' logs are here is not its last word.
  private static let inRollCall = Words(
    "街道重建后正在点名时先别这样做: 也许是别的电脑上的副本先连上了，本机才是该用的；点名结束后再同步一次",
    "While a rebuilt hub calls the roll do none of it: a copy on another PC may have called first, and this "
      + "PC may be the one that goes on; sync again once the roll-call has ended")

  /// What to do with a database that is an old copy.
  private static let oldCopyAdvice = Words(
    "有较新的数据文件就放回去；没有就向街道要一个新入网码，运行 linli office rejoin: 这份数据里有而街道没有的，"
      + "它会自动补录，列在 linli desk 里，不要再录一遍；纸面上有、补录后 linli show 仍查不到的，才按纸面补登。"
      + inRollCall.chinese,
    "put the newer file back if there is one; else ask the street for a new code and run linli office rejoin: "
      + "it records again by itself what is in this data and not at the hub, and linli desk lists that, so "
      + "do not type it in once more. Then record from paper only what linli show lists nowhere. "
      + inRollCall.english)

  /// A database that a sync found unfit to go on.
  init(_ stop: Stop) {
    let message =
      switch stop {
      case .old:
        Words("这份数据是旧的备份，不能再登记", "this data is an old copy and records nothing more")
      case .copied:
        Words("另一台电脑也在用这份数据，不能再登记", "another PC uses this data too: nothing more is recorded")
      case .revoked:
        Words("街道已停用本站，不能再登记", "the street has revoked this office: nothing more is recorded")
      case .retired:
        Words("街道已注销本机，不能再登记", "the street has retired this PC: nothing more is recorded")
      case .rejoining:
        Words("本机正在重新入网，还没有完成", "this PC is rejoining and has not finished yet")
      }
    let advice =
      switch stop {
      case .old: Self.oldCopyAdvice
      case .copied: Self.rejoinAdvice
      case .rejoining:
        Words(
          "运行 linli office sync；仍未完成，就要一个新入网码，再运行 linli office rejoin",
          "run linli office sync; if that does not end it, ask for a new code and run linli office rejoin"
        )
      case .revoked, .retired:
        Words(
          "保留这个文件夹，联系管理员；继续使用要新的入网码: linli office rejoin",
          "keep this folder and call the administrator; to go on it takes a new code: "
            + "linli office rejoin")
      }
    self.init(
      exit: ExitCode.refused, code: "stopped-\(stop.rawValue)", message: message, advice: advice)
  }

  /// The same at the end of a sync that the hub found nothing wrong with.
  static func afterSync(_ stop: Stop) -> CommandError {
    let error = CommandError(stop)
    return .distrust(error.code, error.message, error.advice)
  }

  private static func exitCode(of kind: ProblemKind) -> Int32 {
    switch kind {
    case .busy, .storageFull, .internal: ExitCode.unreachable
    case .unauthorized, .tokenRevoked, .retired, .forbidden, .codeInvalid, .codeUsed:
      ExitCode.refused
    default: ExitCode.checkFailed
    }
  }

  /// What is not to be believed: a hub's answer, or what is kept here.
  static func distrust(
    _ code: String, _ message: Words, _ advice: Words
  ) -> CommandError {
    CommandError(exit: ExitCode.checkFailed, code: code, message: message, advice: advice)
  }
}
