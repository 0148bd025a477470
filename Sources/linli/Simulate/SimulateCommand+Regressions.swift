import Community
import Foundation
import Simulation
import Wire

/// Smallest histories: made from a seed that fails, and lived through again.
extension SimulateCommand {
  /// Prints the smallest history that fails as the seed's does: a file for `Fixtures/regressions`.
  static func minimize(_ arguments: Arguments) throws(CommandError) -> Int32 {
    let console = arguments.console
    let plan = try plan(arguments)
    var options = WorldOptions(seed: plan.first, steps: plan.steps)
    if let name = arguments.option("bug") { options.bug = try bug(named: name) }
    let smallest = Minimiser.smallest(of: options) { console.progress($0) }
    console.endProgress()
    guard let smallest else {
      throw CommandError(
        exit: ExitCode.checkFailed, code: "no-violation",
        message: Words(
          "种子 \(plan.first) 没有违反任何承诺", "seed \(plan.first) breaks no promise"),
        advice: Words("换一个会失败的种子", "give a seed that fails"))
    }
    console.raw(smallest.encode())
    return ExitCode.ok
  }

  /// Lives through a file of `Fixtures/regressions`.
  static func replay(_ path: String, _ arguments: Arguments) throws(CommandError) -> Int32 {
    let console = arguments.console
    let file = try regression(path)
    let report = Simulation.run(file.options)
    if let trace = arguments.option("trace") {
      let story = try TraceFile(trace)
      story.write(report.trace.lines)
      try story.close()
    }
    console.report(report, replay: "linli simulate --replay \(path)")
    guard report.violation == nil else { return ExitCode.checkFailed }
    console.out(Words("没有违反任何承诺", "no violation"))
    return ExitCode.ok
  }

  private static func regression(_ path: String) throws(CommandError) -> Regression {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .storage(
        "replay-file", Words("无法读取 \(path)", "\(path) cannot be read"),
        advice: Words("检查文件名", "check the file's name"))
    }
    do throws(WireError) {
      return try Regression(decoding: Array(data))
    } catch {
      throw .usage(
        Words("\(path) 不是模拟记录", "\(path) is no file of linli simulate minimize"),
        advice: Words("用 simulate minimize 重新生成", "make it again with simulate minimize"))
    }
  }
}
