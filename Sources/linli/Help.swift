import Community

/// What `--help` prints.
enum Help {
  /// One command: its usage, what it does, what it can name, and the common options.
  ///
  /// - Throws: A usage error when the words behind the command name nothing.
  static func text(
    of command: any Command.Type, _ words: [String], in language: Language
  ) throws(CommandError) -> String {
    let details = try command.details(of: words, in: language)
    let example = language(Words("例如:", "Example:")) + "\n  \(command.example)"
    let parts = [
      "\(command.usage)\n  \(language(command.summary))", example, details, language(common),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// Several commands, a line each.
  static func text(of commands: [any Command.Type], in language: Language) -> String {
    let width = commands.map { $0.name.count }.max() ?? 0
    let lines = commands.map { command in
      "  linli \(command.name.padded(to: width))  \(language(command.summary))"
    }
    return """
      \(language(about))

      \(lines.joined(separator: "\n"))

      \(language(more))

      \(language(common))
      """
  }

  private static let about = Words(
    "linli — 社区志愿积分，离线记账，联网即合", "linli — volunteer points that work offline and merge")

  private static let more = Words(
    """
    linli help COMMAND  一个命令；help record 列出记录种类，help show 列出可看的内容
    linli help KIND     一种记录的字段，例如 linli help award.grant
    linli --version     版本
    """,
    """
    linli help COMMAND  one command; help record lists the kinds, help show the views
    linli help KIND     the fields of a kind, for example linli help award.grant
    linli --version     the version
    """)

  private static let common = Words(
    """
    通用选项:
      --data DIR    数据文件夹(或 LINLI_DATA; 默认 ./linli-data)
      --json        输出 JSON，每个结果一行
      --lang zh|en  语言
      --help        用法
    退出码: 0 成功  1 检查不通过  2 用法错误  3 规则不允许  4 连不上街道  5 存储故障
    """,
    """
    Common options:
      --data DIR    the data folder (or LINLI_DATA; ./linli-data by default)
      --json        one JSON object per result
      --lang zh|en  the language
      --help        this text
    Exit codes: 0 ok  1 check failed  2 usage  3 refused by a rule  4 hub not reachable  5 storage
    """)
}
