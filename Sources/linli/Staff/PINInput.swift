import Community
import Glibc
import Office
import OpLog

/// Where a PIN comes from: a file, the environment, or a person at a terminal; never the command
/// line, which every user of the PC can read.
enum PINInput {
  /// The PIN that somebody has.
  static func present(_ arguments: Arguments) throws(CommandError) -> String {
    try read(
      arguments.option("pin-file"), variable: "LINLI_PIN", arguments.console,
      prompt: Words("口令: ", "PIN: "), orElse: .pinNeeded)
  }

  /// The PIN that somebody wants; at a terminal it is typed twice.
  static func new(_ arguments: Arguments) throws(CommandError) -> String {
    let first = try read(
      arguments.option("new-pin-file"), variable: "LINLI_NEW_PIN", arguments.console,
      prompt: Words("新口令(4–12 位数字): ", "new PIN (4–12 digits): "), orElse: .newPINNeeded)
    let isTyped =
      arguments.option("new-pin-file") == nil && environmentVariable("LINLI_NEW_PIN") == nil
    guard isTyped else { return first }
    let second = try ask(
      Words("再输一次: ", "once more: "), arguments.console, orElse: .newPINNeeded)
    guard first == second else {
      throw .usage(
        Words("两次输入的口令不同", "the two PINs differ"),
        advice: Words("没有更改；请再试一次", "nothing was changed; try again"))
    }
    return first
  }

  private static func read(
    _ file: String?, variable: String, _ console: Console, prompt: Words,
    orElse missing: CommandError
  ) throws(CommandError) -> String {
    if let file {
      guard let text = SmallFile.read(file) else {
        throw .usage(Words("无法读取 \(file)", "cannot read \(file)"))
      }
      return text.withoutLineEnd
    }
    if let value = environmentVariable(variable) { return value }
    return try ask(prompt, console, orElse: missing)
  }

  private static let controlC: UInt8 = 3

  /// Asks a person who sits at a terminal; what they type is not shown.
  private static func ask(
    _ prompt: Words, _ console: Console, orElse missing: CommandError
  ) throws(CommandError) -> String {
    guard isatty(STDIN_FILENO) == 1 else { throw missing }
    let bytes = Array(console.language(prompt).utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    var hidden = shown
    // Without signals Ctrl-C is a character, and here one that ends the line: a signal would end the
    // program and leave the terminal dumb.
    hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
    hidden.c_cc.11 = controlC
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    var typed = [UInt8](repeating: 0, count: 256)
    let count = max(0, Glibc.read(STDIN_FILENO, &typed, typed.count))
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
    console.error("")
    guard !typed[..<count].contains(controlC) else {
      throw .refused(
        "pin-needed", Words("已取消，没有记录", "stopped: nothing was recorded"),
        advice: missing.advice)
    }
    return String(decoding: typed[..<count], as: UTF8.self).withoutLineEnd
  }
}

extension OfficeCore {
  /// Has the one whom `--as` names sign in, where they have a PIN here.
  func signIn(_ arguments: Arguments) throws(CommandError) {
    guard let staff = arguments.option("as").flatMap({ OpID($0) }) else { return }
    let needsPIN = try CommandError.wrap { () throws(OfficeError) in try self.needsPIN(staff) }
    guard needsPIN else { return }
    let pin = try PINInput.present(arguments)
    try CommandError.wrap { () throws(OfficeError) in
      try signIn(staff, pin: pin, now: Machine.realNow())
    }
  }
}

extension CommandError {
  /// How somebody gives a PIN without a terminal.
  static let howToGivePIN = Words(
    "在终端输入，或用 --pin-file 文件 或环境变量 LINLI_PIN；忘记了请审核员用 linli staff pin reset 重设",
    "type it at a terminal, or give --pin-file FILE or LINLI_PIN; if it is forgotten, an approver "
      + "resets it with linli staff pin reset")

  /// Nobody sits at a terminal to type the present PIN.
  fileprivate static let pinNeeded = refused(
    "pin-needed", Words("需要口令", "a PIN is needed"), advice: howToGivePIN)

  /// The same for a new one.
  fileprivate static let newPINNeeded = refused(
    "pin-needed", Words("需要新口令", "a new PIN is needed"),
    advice: Words(
      "在终端输入，或用 --new-pin-file 文件 或环境变量 LINLI_NEW_PIN；--pin-file 是原口令",
      "type it at a terminal, or give --new-pin-file FILE or LINLI_NEW_PIN; --pin-file is for the present "
        + "one"))

  /// What is wrong with a PIN.
  init(_ fault: PINFault) {
    let (message, advice): (Words, Words) =
      switch fault {
      case .needed(let staff):
        (
          Words("\(staff) 在本站设有口令", "\(staff) has a PIN at this office"),
          Self.howToGivePIN
        )
      case .wrong(let wait) where wait == 0:
        (Words("口令不对", "the PIN is wrong"), Words("请再试一次", "try again"))
      case .wrong(let wait):
        (Words("口令不对", "the PIN is wrong"), Self.waiting(wait))
      case .mustWait(let wait):
        (Words("输错次数太多", "too many wrong tries"), Self.waiting(wait))
      case .ownNeeded(let staff):
        (
          Words(
            "\(staff) 在本站没有口令，不能重设他人的口令",
            "\(staff) has no PIN at this office, and so takes nobody's away"),
          Words(
            "请先用 linli staff pin set 设自己的口令，或请街道重设: linli hub staff reset-pin",
            "set one first with linli staff pin set, or have the street do it: "
              + "linli hub staff reset-pin")
        )
      case .unfit:
        (
          Words("口令要 4–12 位数字，且不全相同", "a PIN has 4–12 digits, not all the same"),
          Words("请另选一个", "choose another one")
        )
      }
    self.init(exit: ExitCode.refused, code: fault.code, message: message, advice: advice)
  }

  private static func waiting(_ milliseconds: Int64) -> Words {
    let seconds = (milliseconds + 999) / 1_000
    return Words(
      "请等 \(seconds) 秒再试，或请审核员用 linli staff pin reset 重设",
      "wait \(seconds) seconds, or have an approver reset it with linli staff pin reset")
  }
}

extension String {
  /// The text without the line end that editors put behind it.
  fileprivate var withoutLineEnd: String {
    String(reversed().drop { $0.isNewline }.reversed())
  }
}
