import Community

/// One command of the program, such as `hub init`.
protocol Command {
  /// Its words after `linli`.
  static var name: String { get }
  /// What it does, in one line.
  static var summary: Words { get }
  /// Its whole command line; ``Grammar`` reads the options from it, so it is always right.
  ///
  /// `[--flag]` is an option without a value, `[--option VALUE]` or `--option VALUE` one with.
  static var usage: String { get }
  /// What its help says beyond the usage: all that the words after the command may name.
  ///
  /// - Throws: A usage error for a word that names nothing.
  static func details(of words: [String], in language: Language) throws(CommandError) -> String
  /// One command line that a person could type as it stands, on a line of its own in the help.
  static var example: String { get }
  /// Does it.
  ///
  /// - Returns: The exit code, ``ExitCode``.
  /// - Throws: ``CommandError``, which carries its own exit code.
  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32
}

extension Command {
  static func details(of words: [String], in language: Language) -> String { "" }
}

/// What the program's exit says to a script.
enum ExitCode {
  /// Done.
  static let ok: Int32 = 0
  /// A check failed: digests differ, a log is damaged, a hub is not to be believed.
  static let checkFailed: Int32 = 1
  /// The command line is wrong.
  static let usage: Int32 = 2
  /// A rule is against it.
  static let refused: Int32 = 3
  /// The hub did not answer.
  static let unreachable: Int32 = 4
  /// The data folder or the disk.
  static let storage: Int32 = 5
}

/// Why a command could not do what it was asked: what happened, then what to do.
struct CommandError: Error, Equatable {
  /// The exit code.
  let exit: Int32
  /// A stable code for programs.
  let code: String
  /// What happened.
  let message: Words
  /// What to do now.
  let advice: Words
  /// The words of a system or library, for whoever looks after the program.
  var detail: String?
  /// Whether the detail says in English what the message says in each language.
  var isDetailEnglish = false

  /// What people are told behind the message, in their language.
  func shownDetail(in language: Language) -> String? {
    isDetailEnglish && language != .english ? nil : detail
  }

  /// The command line is wrong.
  static func usage(
    _ message: Words, advice: Words = Words("用 --help 查看用法", "see --help")
  ) -> CommandError {
    CommandError(exit: ExitCode.usage, code: "usage", message: message, advice: advice)
  }

  /// A rule is against it.
  static func refused(_ code: String, _ message: Words, advice: Words) -> CommandError {
    CommandError(exit: ExitCode.refused, code: code, message: message, advice: advice)
  }

  /// The data folder cannot be used.
  static func storage(
    _ code: String, _ message: Words, advice: Words, detail: String? = nil
  ) -> CommandError {
    CommandError(
      exit: ExitCode.storage, code: code, message: message, advice: advice, detail: detail)
  }
}
