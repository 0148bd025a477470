import Community
import Office
import OpLog
import Wire

/// Says what is in a bundle or a receipt file; needs no secret, and shows nobody's data.
enum BundleInspectCommand: Command {
  static let name = "bundle inspect"
  static let summary = Words(
    "查看数据包: 谁的、第几号、多少条、是否完整", "say what is in a bundle: whose, its number, how much, whole or cut")
  static let usage = "linli bundle inspect FILE"
  static let example = "linli bundle inspect /media/usb/4097.linli"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let bytes = try BundlePath.read(try arguments.bundleFile())
    let file: BundleFile
    do throws(BundleFault) {
      file = try BundleFile(decoding: bytes)
    } catch { throw CommandError(OfficeError.bundle(.fault(error))) }
    let (content, console) = (Content(of: file), arguments.console)
    if console.isJSON {
      console.json { $0.inspected(file, content, bytes.count) }
    } else {
      for line in lines(file, content, bytes.count) { console.out(line) }
    }
    return file.isWhole ? ExitCode.ok : ExitCode.checkFailed
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        "没有完整性以外的检查: 印章只有那个站点和街道能核对。退出码 1: 文件没有拷全。",
        "Seals are not checked: only that office and the hub can. Exit code 1: the file was cut off."
      ))
  }

  /// What can be counted without a secret.
  fileprivate struct Content {
    var messages = 0
    var ops = 0
    var head: Head?
    var problem: ProblemKind?
    var boxes = 0
    /// Messages that this version of the program cannot read.
    var unread = 0

    init(of file: BundleFile) {
      let codec = OpJSON(SchemaTable(Catalogue.schemas))
      for frame in file.frames {
        switch frame {
        case .request(let bytes):
          messages += 1
          guard let request = try? SyncRequest(decoding: bytes, codec) else {
            unread += 1
            continue
          }
          ops += request.ops.count
          head = request.head
        case .reply(_, let bytes):
          messages += 1
          guard
            let reply = try? SyncReply(decoding: bytes, asker: file.header.replica, codec)
          else {
            unread += 1
            continue
          }
          ops += reply.entries.reduce(0) { $0 + 1 + $1.runs.reduce(0) { $0 + $1.ops.count } }
          head = reply.head
        case .problem(_, let document): problem = (try? Problem(decoding: document))?.kind
        case .box: boxes += 1
        }
      }
    }
  }

  private static func lines(_ file: BundleFile, _ content: Content, _ size: Int) -> [Words] {
    let header = file.header
    var lines = [
      header.kind == .bundle
        ? Words(
          "\(header.replica) 的第 \(header.number) 号数据包，给街道",
          "bundle \(header.number) of \(header.replica), for the hub")
        : Words(
          "给 \(header.replica) 的回执，答第 \(header.number) 号数据包",
          "receipt file for \(header.replica), answers bundle \(header.number)"),
      Words(
        "街道 \(header.street)，第 \(header.incarnation.number) 代",
        "street \(header.street), life \(header.incarnation.number)"),
      Words(
        "制作时间 \(BeijingTime.text(header.madeAt))，记录目录 \(header.catalogue)",
        "made at \(BeijingTime.text(header.madeAt)), catalogue \(header.catalogue)"),
      Words(
        "消息 \(content.messages) 个，记录 \(content.ops) 条，加密资料 \(content.boxes) 部分，\(size) 字节",
        "messages \(content.messages), ops \(content.ops), encrypted parts \(content.boxes), bytes \(size)"
      ),
    ]
    if let head = content.head {
      lines.append(
        Words("到 \(head.replica)-\(head.seq) 为止", "up to \(head.replica)-\(head.seq)"))
    }
    if content.unread > 0 {
      lines.append(
        Words(
          "有 \(content.unread) 个消息本版本读不了",
          "this version cannot read \(content.unread) of the messages"))
    }
    if let problem = content.problem {
      lines.append(
        Words("街道没有接受: \(problem.words.chinese)", "the hub refused: \(problem.words.english)"))
    }
    lines.append(wholeness(file.isWhole, hasMessages: content.messages > 0))
    return lines
  }
}

extension BundleInspectCommand {
  /// Whether the file came whole, and what can still be done with one that did not.
  fileprivate static func wholeness(_ isWhole: Bool, hasMessages: Bool) -> Words {
    guard !isWhole else { return Words("文件完整", "the file is whole") }
    return hasMessages
      ? Words("文件没有拷全，完整的部分仍可导入", "the file was cut off; what is whole can be imported")
      : Words(
        "文件没有拷全，里面没有可导入的内容: 请重新拷贝",
        "the file was cut off before its first message: nothing in it can be imported, so copy it again"
      )
  }
}

extension JSONWriter {
  fileprivate mutating func inspected(
    _ file: BundleFile, _ content: BundleInspectCommand.Content, _ size: Int
  ) {
    member("kind", file.header.kind.rawValue)
    member("street", file.header.street.description)
    member("life", file.header.incarnation.number)
    member("replica", file.header.replica.rawValue)
    member("number", file.header.number)
    member("made_at", file.header.madeAt)
    member("catalogue", file.header.catalogue)
    member("messages", content.messages)
    member("ops", content.ops)
    member("boxes", content.boxes)
    member("unread", content.unread)
    if let head = content.head { member("head", "\(head.replica)-\(head.seq)") }
    if let problem = content.problem { member("problem", problem.rawValue) }
    gaps(file.header.gaps)
    member("bytes", size)
    member("whole", file.isWhole)
  }
}
