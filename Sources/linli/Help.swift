import Community

/// What `--help` prints.
enum Help {
  /// One command: its usage, what it does, and the common options.
  static func text(of command: any Command.Type, in language: Language) -> String {
    """
    \(command.usage)
      \(language(command.summary))

    \(language(common))
    """
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

      \(language(common))
      """
  }

  private static let about = Words(
    "linli — 社区志愿积分，离线记账，联网即合", "linli — volunteer points that work offline and merge")

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
