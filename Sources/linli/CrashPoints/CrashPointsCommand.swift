import Community
import Office
import SQLite
import Simulation
import Wire

/// `linli crash-points`: does everything that a database does with every call failing in turn.
enum CrashPointsCommand: Command {
  static let name = "crash-points"
  static let summary = Words(
    "逐次让第 N 次读写、落盘、内存分配失败或断电，检验数据不丢、不留一半",
    "fails the N-th write, sync, or allocation, or cuts the power, for every N; nothing may be lost"
  )
  static let usage = "linli crash-points [OPERATION] [--fault NAME] [--stride N]"
  static let example = "linli crash-points record --fault power-cut"

  static func details(of words: [String], in language: Language) -> String {
    let faults = CrashFault.allCases.map(\.rawValue).joined(separator: ", ")
    return language(
      Words(
        """
          OPERATION    只做一种操作；不写则全部做
          --fault      只用一种故障: \(faults)
          --stride N   每次跳过 N-1 个点；不写则每一点都试
        migrate-3-7 是第 3 版目录、第 7 版结构的数据库；只有在源码目录旁才有。
        每格是 N 到了多少，即这种调用失败过多少次；最后一列是用时。
        """,
        """
          OPERATION    one operation; all of them without it
          --fault      one fault: \(faults)
          --stride N   try every N-th point; every one without it
        migrate-3-7 opens a database of catalogue 3 and schema 7, where the clone of this program is at hand.
        Each cell is how far N went: how many calls of that kind were made to fail; the last is the time.
        """))
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let console = arguments.console
    let faults = try faults(arguments)
    let stride = try arguments.integer("stride", in: 1...1_000_000) ?? 1
    guard ScarceMemory.install() else {
      preconditionFailure("no command opens a database before this one")
    }
    var table = Table(
      [console.language(Words("操作", "operation"))] + faults.map(\.rawValue)
        + [console.language(Words("用时", "time"))])
    var violations: [CrashRow] = []
    let operations: [CrashOperation]
    do throws(Violation) {
      operations = try CrashOperation.all(databases: ShippedDatabases.oldest())
    } catch { return report(error, console) }
    for operation in try chosen(operations, arguments) {
      let start = SystemSource.now()
      let outcome: CrashOutcome
      do throws(Violation) {
        outcome = try CrashOutcome(operation)
      } catch { return report(error, console) }
      let rows = faults.map { run(operation, $0, to: outcome, stride: stride, console) }
      violations += rows.filter { $0.violation != nil }
      let milliseconds = SystemSource.now() - start
      table.add(
        [operation.name] + rows.map { "\($0.reached)\($0.violation == nil ? "" : "!")" }
          + ["\(milliseconds / 1_000).\(milliseconds / 100 % 10) s"])
    }
    console.endProgress()
    if !console.isJSON {
      for line in table.lines { console.out(line) }
      for row in violations { report(row, console) }
    }
    return violations.isEmpty ? ExitCode.ok : ExitCode.checkFailed
  }

  /// Runs one cell of the table; programs are told at once.
  private static func run(
    _ operation: CrashOperation, _ fault: CrashFault, to outcome: CrashOutcome, stride: Int,
    _ console: Console
  ) -> CrashRow {
    let start = SystemSource.now()
    let row = operation.run(fault, to: outcome, stride: stride) { number in
      console.progress("\(operation.name) \(fault.rawValue) \(number)")
    }
    if console.isJSON {
      console.json { $0.crashRow(row, milliseconds: SystemSource.now() - start) }
    }
    return row
  }

  private static func faults(_ arguments: Arguments) throws(CommandError) -> [CrashFault] {
    guard let name = arguments.option("fault") else { return CrashFault.allCases }
    guard let fault = CrashFault(rawValue: name) else {
      throw .badValue(
        option: "fault", name, CrashFault.allCases.map(\.rawValue).joined(separator: " | "))
    }
    return [fault]
  }

  private static func chosen(
    _ operations: [CrashOperation], _ arguments: Arguments
  ) throws(CommandError) -> [CrashOperation] {
    guard let name = arguments.positional(0) else { return operations }
    let chosen = operations.filter { $0.name == name }
    guard !chosen.isEmpty else {
      let names = operations.map(\.name).joined(separator: ", ")
      throw .usage(
        Words("没有操作 \(name)", "there is no operation \(name)"),
        advice: Words("可用: \(names)", "operations: \(names)"))
    }
    return chosen
  }

  private static func report(_ violation: Violation, _ console: Console) -> Int32 {
    console.out("\(violation.invariant): \(violation.finding)")
    return ExitCode.checkFailed
  }

  private static func report(_ row: CrashRow, _ console: Console) {
    guard let (number, violation) = row.violation else { return }
    console.out("\(row.operation), \(row.fault.rawValue), N = \(number): \(violation.finding)")
  }
}

extension JSONWriter {
  fileprivate mutating func crashRow(_ row: CrashRow, milliseconds: Int64) {
    key("operation")
    text(row.operation)
    key("fault")
    text(row.fault.rawValue)
    key("reached")
    integer(Int64(row.reached))
    member("milliseconds", milliseconds)
    guard let (number, violation) = row.violation else { return }
    key("violation")
    openObject()
    key("n")
    integer(Int64(number))
    key("invariant")
    text(violation.invariant)
    key("finding")
    text(violation.finding)
    closeObject()
  }
}
