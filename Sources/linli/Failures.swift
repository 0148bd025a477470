import Community
import HTTPClient
import Office
import OpLog
import Pages
import Peer
import Store
import Wire

/// Errors of the modules, as what staff read and what a script exits with.
extension CommandError {
  /// What stopped an office.
  init(_ error: OfficeError) {
    switch error {
    case .unknownKind(let name): self = .unknownKind(name)
    case .unknownField(let kind, let field): self = .unknownField(field, of: kind)
    case .badValue(let field): self = .badValue(field: field)
    case .missingField(let field):
      self = .request(
        "missing-field", Words("缺少字段 \(field)", "field \(field) is missing"),
        Words("补上 \(field)=…", "add \(field)=…"))
    case .missingActor:
      self = .request(
        "missing-actor", Words("没有写明经办人", "nobody is named as the recorder"),
        Words("加上 --as 工作人员编号", "add --as with the id of a member of staff"))
    case .dateNeeded:
      self = .request(
        "date-needed",
        Words("本机日期未经核对，请确认业务日期", "this PC's date is not confirmed, so give the date"),
        Words("加上 --on 2026-01-13，或先同步", "add --on 2026-01-13, or sync first"))
    case .badKey(let key):
      self = .request(
        "bad-key", Words("请求键不对: \(key)", "no request key of this office: \(key)"),
        Words("不写 --key，程序会生成", "leave --key out and one is made"))
    case .notReady:
      self = CommandError(
        exit: ExitCode.refused, code: "not-ready",
        message: Words("本机还没有社区规则", "this office does not have the community's rules yet"),
        advice: Words("先运行 linli office sync", "run linli office sync first"))
    case .stopped(let stop): self.init(stop)
    case .refused(let refusal): self.init(refusal)
    case .folder(let path):
      self = .storage(
        "folder", Words("无法写入文件夹 \(path)", "cannot write to the folder \(path)"),
        advice: Words("检查权限和磁盘空间", "check its permissions and the disk's space"))
    case .store(let error): self.init(error)
    case .transport(let error): self.init(error)
    case .problem(let problem): self.init(problem)
    case .wire(let error):
      self = .distrust(
        "bad-answer",
        Words("街道的回答不合协议: \(error)", "the hub's answer is not of this protocol: \(error)"),
        Words("核对地址和版本", "check the address and the versions"))
    case .untrusted(let distrust): self.init(distrust)
    }
  }

  /// What stopped a database.
  init(_ error: StoreError) {
    switch error {
    case .notInitialised:
      self = .storage(
        "not-initialised", Words("这个文件夹里没有数据", "there is no data in this folder"),
        advice: Words(
          "核对 --data，或先运行 linli office init / linli hub init",
          "check --data, or run linli office init or linli hub init first"))
    case .unknownReference(let id):
      self = CommandError(
        exit: ExitCode.refused, code: "unknown-reference",
        message: Words("本机没有记录 \(id)", "record \(id) is not here"),
        advice: Words("核对编号，或先同步", "check the id, or sync first"))
    case .envelope, .payload: self = .badValue(field: "\(error)")
    case .refused(let refusal): self.init(refusal)
    case .gap, .fork, .hashMismatch:
      self = .distrust(
        "log-mismatch", Words("记录不衔接: \(error)", "the logs do not fit: \(error)"),
        Words("保留数据，联系街道管理员", "keep the data and call the street's administrator"))
    case .newerSchema(let version):
      self = .storage(
        "newer-schema",
        Words("数据由新版本写成 (\(version))", "a newer version wrote this data (\(version))"),
        advice: Words("请升级程序", "install the newer version"))
    case .damaged(let id):
      self = .storage(
        "damaged", Words("记录 \(id) 已损坏", "record \(id) is damaged"),
        advice: Words("保留数据，运行 verify", "keep the data and run verify"))
    case .database(let failure):
      self = .storage(
        error.isBusy ? "busy" : error.isFull ? "disk-full" : "database",
        Words("数据库出错: \(failure)", "the database failed: \(failure)"),
        advice: error.isFull
          ? Words("清理磁盘后再试", "free some disk space and try again")
          : Words("稍后再试；仍出错请检查磁盘", "try again; check the disk if it stays"))
    }
  }

  /// A rule that is against it.
  init(_ refusal: Refusal) {
    self.init(
      exit: ExitCode.refused, code: refusal.code, message: refusal.words, advice: refusal.advice)
  }

  /// A line that failed.
  init(_ error: TransportError) {
    self.init(
      exit: ExitCode.unreachable, code: "unreachable",
      message: Words("连不上街道: \(error)", "the hub cannot be reached: \(error)"),
      advice: Words(
        "检查网络和地址；本机记录是安全的，稍后再同步",
        "check the line and the address; what was recorded here is safe, sync later"))
  }

  /// A hub that refused.
  init(_ problem: Problem) {
    let advice = problem.kind.advice
    self.init(
      exit: Self.exitCode(of: problem.kind), code: problem.kind.rawValue,
      message: Words("街道拒绝: \(problem.detail)", "the hub refused: \(problem.detail)"),
      advice: Words(advice.chinese, advice.english))
  }

  /// A hub's answer, or a database, that is not to be believed.
  init(_ distrust: Distrust) {
    let call = Words("保留数据，联系街道管理员", "keep the data and call the street's administrator")
    self =
      switch distrust {
      case .chain:
        .distrust("hub-chain", Words("街道的记录不衔接", "the hub's entries do not continue its log"), call)
      case .seal:
        .distrust("hub-seal", Words("街道的印章不对", "the hub's seal is wrong"), call)
      case .olderThanHub(let held):
        .distrust(
          "older-than-hub",
          Words(
            "本机数据是旧副本，街道已有 \(held) 条", "this data is an old copy: the hub holds \(held) ops of it"),
          Words("停用本机，用新入网码重新入网", "stop using it and enrol again with a new code"))
      case .fork(let id):
        .distrust(
          "fork", Words("\(id) 处另有一台电脑用了本机的副本", "another PC uses a copy of this data, from \(id)"),
          Words("停用其中一台，联系街道管理员", "stop using one of them and call the administrator"))
      case .digest:
        .distrust(
          "digest", Words("记录相同而结果不同，这是程序错误", "equal ops and other tables: a bug of this program"),
          Words("保留数据，报告开发者", "keep the data and report it"))
      }
  }

  /// A hub's address that is none.
  init(_ error: HubAddressError) {
    self = .usage(Words("街道地址不对: \(error)", "\(error)"))
  }

  private static func exitCode(of kind: ProblemKind) -> Int32 {
    switch kind {
    case .busy, .storageFull, .internal: ExitCode.unreachable
    case .unauthorized, .tokenRevoked, .forbidden, .wrongStreet, .codeInvalid, .codeUsed:
      ExitCode.refused
    default: ExitCode.checkFailed
    }
  }

  private static func request(_ code: String, _ message: Words, _ advice: Words) -> CommandError {
    CommandError(exit: ExitCode.usage, code: code, message: message, advice: advice)
  }

  private static func distrust(_ code: String, _ message: Words, _ advice: Words) -> CommandError {
    CommandError(exit: ExitCode.checkFailed, code: code, message: message, advice: advice)
  }

  private static func unknownKind(_ name: String) -> CommandError {
    let names = Catalogue.kinds.filter { !$0.isHubOnly }.map(\.name).joined(separator: ", ")
    return request(
      "unknown-kind", Words("没有这种记录: \(name)", "there is no kind \(name)"),
      Words("可用: \(names)", "kinds: \(names)"))
  }

  private static func unknownField(_ field: String, of kind: String) -> CommandError {
    let known = Catalogue.kind(named: kind)
    let fields = (known?.schema.fields.map(\.name) ?? []) + (known?.body.map(\.name) ?? [])
    let names = fields.joined(separator: ", ")
    return request(
      "unknown-field", Words("\(kind) 没有字段 \(field)", "\(kind) has no field \(field)"),
      Words("可用: \(names)", "fields: \(names)"))
  }

  private static func badValue(field: String) -> CommandError {
    request(
      "bad-value", Words("\(field) 的值不对", "the value of \(field) does not fit"),
      Words("编号如 4097-5，日期如 2026-01-13", "ids are like 4097-5, dates like 2026-01-13"))
  }
}

/// A module's error that has words for staff.
protocol WordedError: Error {
  /// The error as a command ends with it.
  var commandError: CommandError { get }
}

extension OfficeError: WordedError {
  var commandError: CommandError { CommandError(self) }
}

extension StoreError: WordedError {
  var commandError: CommandError { CommandError(self) }
}

extension CommandError {
  /// Runs a call of a module and words its error.
  static func wrap<R, E: WordedError>(
    _ body: () throws(E) -> R
  ) throws(CommandError) -> R {
    do throws(E) {
      return try body()
    } catch { throw error.commandError }
  }
}

extension CommandError {
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
      }
    self.init(
      exit: ExitCode.refused, code: "stopped-\(stop.rawValue)", message: message,
      advice: Words(
        "保留这个文件夹，联系管理员，用新的邀请码在新文件夹入网",
        "keep this folder, call the administrator, and enrol with a new code in a new folder"))
  }
}
