import Community
import Conformance
import Glibc
import Wire

/// `linli conform`: holds a hub, or a replica, to every rule of the protocol.
enum ConformCommand: Command {
  static let name = "conform"
  static let summary = Words(
    "逐条检验任何一个街道服务或副本是否遵守协议", "hold any hub or replica to every rule of the protocol")
  static let usage = """
    linli conform [--hub URL] [--admin-token-file FILE] [--control COMMAND] [--seed N]
      [--replica COMMAND] [--level N] [--only ID,ID]
    """
  static let example = """
    linli conform --hub http://127.0.0.1:8420 --admin-token-file admin.token
    """

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        只用来检验: 它在街道的记录里新增社区和站点，不要对正在使用的街道运行。规则和编号见 Protocol/conformance.md。
        --admin-token-file 与 linli hub serve 的同名选项是同一个文件；没有它，需要站点的规则不测。
        --control 是一条 sh 命令，后面会加上 restart、rebuild、keep、back 之一，对街道服务做这件事；没有它，
        关于重启和重建的规则不测。
        --replica 检验一个副本(站点程序): 本命令自己扮演街道，把线路弄断、把回答改坏。COMMAND 是它的驱动程序，
        从标准输入每行读一个 JSON 问题，每行答一个 JSON，见 Protocol/conformance.md §6；例如
          linli conform --replica "python3 -B Fixtures/reference/linli_ref.py drive"
        --level 1 只转发，2 还算出余额，3 还比对摘要；不写就问驱动程序。
        --only 可写几个编号的开头，用逗号隔开。
        """,
        """
        For tests only: it adds communities and offices to the street's log, so never run it on a street
        that is in use. Protocol/conformance.md has the rules and their ids. --admin-token-file is the
        file of the same option of linli hub serve; without it, rules that need an office are not tested.
        --control is a command for sh that does to the hub what the word added to it says: restart,
        rebuild, keep, or back; without it, rules about killed and rebuilt hubs are not tested.
        --replica tests a replica, the program of an office: this command plays the hub, cuts the line, and
        spoils answers. COMMAND is a driver for it, which reads a question in JSON from each line of stdin
        and answers with a line of JSON (Protocol/conformance.md §6), such as
          linli conform --replica "python3 -B Fixtures/reference/linli_ref.py drive"
        --level 1 relays, 2 knows balances too, 3 compares digests too; without it the driver is asked.
        --only takes the beginnings of several ids, with commas between them.
        """))
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    if let command = arguments.option("replica") {
      guard arguments.option("hub") == nil else {
        throw .usage(
          Words("--hub 和 --replica 只能写一个", "--hub and --replica exclude each other"))
      }
      return try runReplica(command, arguments)
    }
    let text = try arguments.required("hub")
    guard let place = HubLocation(text) else {
      throw .badValue(option: "hub", text, example: "http://127.0.0.1:8420")
    }
    let only = try prefixes(arguments, of: ConformanceRule.all)
    let token = try arguments.option("admin-token-file").map { (file) throws(CommandError) in
      try AdminToken.read(file)
    }
    let run = ConformanceRun(
      place, adminToken: token, seed: UInt64(try arguments.integer("seed") ?? 1),
      random: Machine.random,
      control: arguments.option("control").map { command in { shell("\(command) \($0.rawValue)") } }
    )
    guard run.isAnswered else {
      throw CommandError(
        exit: ExitCode.unreachable, code: "unreachable",
        message: Words("连不上 \(text)", "nobody answers at \(text)"),
        advice: Words("核对地址，先启动街道服务", "check the address, and start the hub first"))
    }
    guard !run.isInRollCall else {
      throw .refused(
        "roll-call",
        Words(
          "街道服务器正在点名，许多规则要等点名结束才适用；没有检验",
          "the hub is in its roll-call, in which many rules do not hold: nothing was tested"),
        advice: Words(
          "先结束点名(linli hub succeed)，或换一个没有记录的街道服务器",
          "end it first (linli hub succeed), or take a fresh hub"))
    }
    let console = arguments.console
    let results = run.run(only: only) { console.tell($0) }
    return end(results, console)
  }

  /// Plays the hub for a replica.
  private static func runReplica(
    _ command: String, _ arguments: Arguments
  ) throws(CommandError) -> Int32 {
    let only = try prefixes(arguments, of: ConformanceRule.ofReplicas)
    let level = try arguments.integer("level", in: 1...3)
    let program = try TestedProgram(command)
    let console = arguments.console
    let results = ReplicaRun(program.bench, level: level).run(only: only) { console.tell($0) }
    return end(results, console)
  }

  /// What `--only` names; nothing for all.
  private static func prefixes(
    _ arguments: Arguments, of rules: [ConformanceRule]
  ) throws(CommandError) -> [String] {
    let prefixes = arguments.list("only")
    for prefix in prefixes where !rules.contains(where: { $0.id.hasPrefix(prefix) }) {
      throw .badValue(option: "only", prefix, example: "sync.4.2.a, sync.6")
    }
    return prefixes
  }

  /// Sums up.
  private static func end(_ results: [RuleResult], _ console: Console) -> Int32 {
    let sums = ConformanceSums(results)
    console.answer(
      Words(
        "通过 \(sums.passed)，未通过 \(sums.failed)，未测 \(sums.notTested)",
        "\(sums.passed) passed, \(sums.failed) failed, \(sums.notTested) not tested")
    ) { json in
      json.member("passed", sums.passed)
      json.member("failed", sums.failed)
      json.member("not_tested", sums.notTested)
    }
    return sums.isConform ? ExitCode.ok : ExitCode.checkFailed
  }

  /// Runs a command to its end; false where it fails.
  private static func shell(_ command: String) -> Bool {
    let spawned = Spawn(
      "/bin/sh", ["sh", "-c", command], environment: Machine.variables,
      streams: (.reading("/dev/null"), .writing("/dev/null"), .inherited))
    guard let end = spawned?.wait() else { return false }
    return end.code == 0 && !end.isSignal
  }
}

extension Console {
  /// One line per rule; what was sent and came behind one that failed.
  fileprivate func tell(_ result: RuleResult) {
    let (state, finding, reason) = result.outcome.parts
    if isJSON {
      return json { json in
        json.member("rule", result.rule.id)
        json.member("outcome", state.english)
        json.member("text", language(result.rule.words))
        if let reason { json.member("because", language(reason)) }
        guard let finding else { return }
        json.member("sent", finding.sent)
        json.member("expected", finding.expected)
        json.member("came", finding.came)
      }
    }
    out("\(language(state)) \(result.rule.id)  \(language(result.rule.words))")
    if let reason { out("  \(language(Words("原因: ", "because ")))\(language(reason))") }
    guard let finding else { return }
    out(Words("  发送: \(finding.sent)", "  sent: \(finding.sent)"))
    out(Words("  应得: \(finding.expected)", "  expected: \(finding.expected)"))
    out(Words("  实得: \(finding.came)", "  came: \(finding.came)"))
  }
}

extension RuleOutcome {
  /// Its word, what was found, and why it was not tested.
  fileprivate var parts: (state: Words, finding: RuleFinding?, reason: Words?) {
    let notTested = Words("未测", "not tested")
    return switch self {
    case .passed: (Words("通过", "passed"), nil, nil)
    case .failed(let finding): (Words("未通过", "failed"), finding, nil)
    case .blocked(let finding):
      (notTested, finding, Words("前一步不成", "what it stands on failed"))
    case .notTested(let reason): (notTested, nil, reason)
    }
  }
}
