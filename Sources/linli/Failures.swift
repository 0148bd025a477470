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
        Words(
          "加上 --as 工作人员编号；用 linli show staff 查看",
          "add --as with the id of a member of staff; linli show staff lists them"))
    case .dateNeeded:
      self = .request(
        "date-needed",
        Words("本机日期未经核对，请确认业务日期", "this PC's date is not confirmed, so give the date"),
        Words("加上 --on 业务日期(年-月-日)，或先同步", "add --on DATE, or sync first"))
    case .badKey(let key):
      self = .request(
        "bad-key", Words("请求键不对: \(key)", "no request key of this office: \(key)"),
        Words(
          "本站编号、一点、16 个 base64url 字符，如 4097.AAECAwQFBgcICQoL；不写 --key，程序会生成",
          "the office's number, a dot, and 16 characters of base64url, like 4097.AAECAwQFBgcICQoL; leave "
            + "--key out and one is made"))
    case .notReady:
      self = .refused(
        "not-ready", Words("本机还没有社区规则", "this office does not have the community's rules yet"),
        advice: Words(
          "先运行 linli office sync；仍这样，linli office status 会说明",
          "run linli office sync first; if it stays, linli office status says why"))
    case .otherCommunity(let community): self = .enrolledElsewhere(community)
    case .stopped(let stop): self.init(stop)
    case .refused(let refusal): self.init(refusal)
    case .pin(let fault): self.init(fault)
    case .folder(let path):
      self = .storage(
        "folder", Words("无法写入文件夹 \(path)", "cannot write to the folder \(path)"),
        advice: Words("检查权限和磁盘空间", "check its permissions and the disk's space"))
    case .notStopped:
      self = .refused(
        "not-stopped", Words("本机可以照常使用，不必重新入网", "this office is in order and need not rejoin"),
        advice: Words("运行 linli office sync", "run linli office sync"))
    case .otherBranch: self = .otherBranch
    case .otherOffice: self = .otherOffice
    case .sameNumber(let replica): self = .sameNumber(replica)
    case .enrolled(let path):
      self = .refused(
        "enrolled", Words("\(path) 已经是一个站点", "\(path) is an office already"),
        advice: Words("用 --data 指定另一个文件夹", "name another folder with --data"))
    case .store(let error): self.init(error)
    case .transport(let error): self.init(error)
    case .problem(let problem): self.init(problem)
    case .wire(let error):
      self = .distrust(
        "bad-answer",
        Words(
          "对方的回答不合协议: \(error.words.chinese)",
          "the answer is not that of a hub of this protocol: \(error.words.english)"),
        Words("核对街道地址和程序版本", "check the hub's address and the versions"))
    case .untrusted(let distrust): self.init(distrust)
    case .bundle(let refusal): self.init(refusal)
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
      self = .refused(
        "unknown-reference", Words("本机没有记录 \(id)", "record \(id) is not here"),
        advice: Words("核对编号，或先同步", "check the id, or sync first"))
    case .notYet(let id):
      self = .refused(
        "history-coming",
        id.map {
          Words("记录 \($0) 还在接收中", "record \($0) has not come yet")
        } ?? Words("那一天的记录还在接收中", "the records of that day have not come yet"),
        advice: Words(
          "历史记录还在从街道接收，进度见 linli office status；收完再登记",
          "the history is still coming from the hub, see linli office status; record it then"))
    case .envelope, .payload:
      let what = error.particulars
      self = .request(
        "bad-value",
        Words(
          "记录的内容超出限度: \(what.chinese)",
          "the record is beyond the limits of its kind: \(what.english)"),
        Words("减少内容，或分成几条记录", "say less, or make several records"))
    case .refused(let refusal): self.init(refusal)
    case .rollCall:
      self = CommandError(
        exit: ExitCode.refused, code: "roll-call",
        message: Words(
          "街道服务器刚重建，点名还没有结束，现在不能作决定",
          "the hub was rebuilt and its roll-call is open: it decides nothing yet"),
        advice: Words(
          "等各站点同步后，运行 linli hub succeed --by A,B",
          "wait until the offices have synced, then run linli hub succeed --by A,B"))
    case .clockBehind(let written): self = HubClockCommand.behind(written)
    case .isBackup:
      self = .storage(
        "backup", Words("这是备份，不能直接使用", "this is a backup and is not used as it is"),
        advice: Words(
          "街道的备份用 linli hub recover --from 恢复；站点的备份只供查阅 (sqlite3 文件 'SELECT * FROM residents')，"
            + "要继续登记请用新入网码重新入网",
          "bring a hub's back with linli hub recover --from; an office's is only to be read, with sqlite3 "
            + "FILE 'SELECT * FROM residents': to record, enrol again with a new code"))
    case .gap, .fork, .hashMismatch, .unknownIncarnation, .otherIncarnation:
      let what = error.particulars
      self = .distrust(
        "log-mismatch",
        Words(
          "两处的记录不衔接: \(what.chinese)", "the logs do not fit each other: \(what.english)"),
        Words(
          "保留这个文件夹，运行 verify，联系街道管理员",
          "keep this folder, run verify, and call the street's administrator"))
    case .newerSchema(let version):
      self = .storage(
        "newer-schema",
        Words("数据由新版本写成 (\(version))", "a newer version wrote this data (\(version))"),
        advice: Words("请升级程序", "install the newer version"))
    case .damaged(let id):
      self = .storage(
        "damaged", Words("记录 \(id) 已损坏", "record \(id) is damaged"),
        advice: Words("保留数据，运行 verify", "keep the data and run verify"))
    case .database(let failure): self = .database(error, detail: "\(failure)")
    }
  }

  private static func database(_ error: StoreError, detail: String) -> CommandError {
    if error.isBusy {
      return .storage(
        "busy", Words("另一个程序正在使用这份数据", "another program is using this data"),
        advice: Words("稍后再试", "try again in a moment"), detail: detail)
    }
    if error.isFull {
      return .storage(
        "disk-full", Words("磁盘已满，没有记录", "the disk is full: nothing was recorded"),
        advice: Words("清理磁盘后再试", "free some disk space and try again"), detail: detail)
    }
    if error.isReadOnly {
      return .storage(
        "read-only", Words("数据只能读，不能写", "the data can only be read here"),
        advice: Words(
          "把文件夹复制到可写的位置，或更改权限",
          "copy the folder to where it can be written, or change its permissions"),
        detail: detail)
    }
    if error.isCorrupt { return .damagedFile(detail: detail) }
    return .storage(
      "database", Words("数据文件读写出错", "the database file could not be read or written"),
      advice: Words(
        "再试一次；仍出错请检查磁盘，复制这个文件夹，再运行 verify",
        "try again; if it stays, check the disk, copy this folder, and run verify"),
      detail: detail)
  }

  /// A code that is not for this office.
  private static let otherOffice = CommandError.refused(
    "other-office", Words("这个码是另一个站点或社区的", "the code is for another office or community"),
    advice: Words(
      "请管理员为本社区另发一个码: linli hub invite，换密钥后用 linli hub renew",
      "ask the administrator for a code of this community: linli hub invite, or behind a new key "
        + "linli hub renew"))

  /// A number that a hub gave a second time.
  private static func sameNumber(_ replica: ReplicaID) -> CommandError {
    .refused(
      "same-number",
      Words(
        "街道给的号 \(replica) 已经有人用过: 街道的数据退回过，它自己还不知道",
        "the hub gave number \(replica), which was in use before: its data was set back, and it does not "
          + "know so"),
      advice: Words(
        "先让别的站点同步，街道会由此知道；再要一个入网码，用它再来一次",
        "let the other offices sync first, so that the hub learns of it; then come back with another "
          + "code"))
  }

  /// A PC that no hub's log leads on from.
  private static let otherBranch = CommandError.refused(
    "other-branch",
    Words(
      "本机存有街道已经没有的记录(街道用过旧数据)，在这个文件夹里重新入网完成不了",
      "this PC holds what the hub has no more (it went on from old data): rejoining in this folder could "
        + "not end"),
    advice: Words(
      "向街道要一个新入网码，另用一个文件夹: linli office init --from 这个文件夹 --data 新文件夹；"
        + "这里登记过而街道没有的会补录",
      "ask the street for a new code and use another folder: linli office init --from THIS --data NEW; "
        + "what was recorded here and the hub lacks is recorded again"))

  /// A file that SQLite cannot read.
  static func damagedFile(detail: String) -> CommandError {
    .storage(
      "damaged-file", Words("数据文件已损坏，或不是数据库", "the data file is damaged or is no database"),
      advice: Words(
        "保留这个文件夹。站点: 请街道管理员给新的入网码，在新文件夹入网 (linli office init)，再由街道用 linli hub retire "
          + "让新号接替旧号；街道已收到的记录会回来，没有送到的按纸面补登。街道: 把 hub.db 移走，运行 linli hub recover",
        "keep this folder. An office: ask the street's administrator for a new code, enrol in a new folder "
          + "(linli office init), and let linli hub retire put it in the old one's place; what reached the "
          + "hub comes back, what had not is recorded again from paper. A hub: move hub.db away and run "
          + "linli hub recover"),
      detail: detail)
  }

  /// A rule that is against it.
  init(_ refusal: Refusal) {
    self.init(
      exit: ExitCode.refused, code: refusal.code, message: refusal.words, advice: refusal.advice)
  }

  /// A hub's address that is none.
  init(_ error: HubAddressError) {
    let chinese =
      switch error {
      case .notHTTP: "街道地址要以 http:// 或 https:// 开头"
      case .noHost: "街道地址里没有主机"
      case .surplus: "街道地址只能有主机、端口和路径"
      default: "街道地址不是网址"
      }
    self = .usage(
      Words(chinese, error.description),
      advice: Words("例如 http://192.168.1.10:8420", "for example http://192.168.1.10:8420"))
  }

  private static func request(
    _ code: String, _ message: Words, _ advice: Words
  ) -> CommandError {
    CommandError(exit: ExitCode.usage, code: code, message: message, advice: advice)
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
    let wanted =
      switch field {
      case "code": Words("入网码如 40PN-VX9T-0EQ7", "codes are like 40PN-VX9T-0EQ7")
      case "label": Words("最多 20 个汉字的文字", "a text of at most 60 letters, or 20 Chinese characters")
      default: Words("编号如 4097-5，日期如 2026-01-13", "ids are like 4097-5, dates like 2026-01-13")
      }
    return request(
      "bad-value", Words("\(field) 的值不对", "the value of \(field) does not fit"), wanted)
  }
}
