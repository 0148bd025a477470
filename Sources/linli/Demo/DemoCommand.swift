import Community
import Foundation
import Glibc
import Office
import OpLog
import Wire

/// Plays the half year of real communities with real processes, files, and sockets.
enum DemoCommand: Command {
  static let name = "demo"
  static let summary = Words(
    "演示: 五个社区、一个街道、半年的真实数字", "play half a year of five real communities and their hub")
  static let usage = """
    linli demo [--keep DIR] [--fixture FILE] [--check-order N] [--seed N] [--from DIR] \
    [--fault last-record-counts]
    linli demo --year [--ops N] [--keep DIR]
    linli demo --recover [--ops N] [--keep DIR]
    """
  static let example = "linli demo"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let order = try OrderRequest(arguments)
    if let played = arguments.option("from") {
      return try await check(order ?? OrderRequest(), in: played, arguments.console)
    }
    let play = try player(arguments)
    let folder = try DemoFolder(kept: arguments.option("keep"))
    // What went wrong is looked for in the files, so they go only when all is well.
    var isWell = false
    defer {
      if isWell {
        folder.remove()
      } else {
        arguments.console.error(Words("数据留在 \(folder.path)", "the files are in \(folder.path)"))
      }
    }
    var exit = try play(folder)
    if let order, exit == ExitCode.ok {
      exit = try await check(order, in: folder.path, arguments.console)
    }
    isWell = exit == ExitCode.ok
    return exit
  }

  /// What plays what is asked for into a folder: the half year, a year of ten communities, or the loss
  /// of a hub.
  private static func player(
    _ arguments: Arguments
  ) throws(CommandError) -> (DemoFolder) throws(CommandError) -> Int32 {
    let console = arguments.console
    let (ops, fixture) = (
      try arguments.integer("ops", in: 240...100_000), arguments.option("fixture")
    )
    if arguments.flag("recover") {
      guard fixture == nil, !arguments.flag("year") else {
        throw .usage(Words("--recover 单独使用", "--recover goes with --ops and --keep only"))
      }
      return { (folder) throws(CommandError) in
        try RecoveryDemo(
          ops: ops ?? RecoveryDemo.opsOfAll, folder: folder.path, console: console
        ).run()
      }
    }
    guard arguments.flag("year") else {
      guard ops == nil else {
        throw .usage(
          Words("--ops 只用于 --year 和 --recover", "--ops goes with --year or --recover only"))
      }
      let street =
        if let fixture {
          StreetFixture([try CommunityFixture(path: fixture)])
        } else {
          try StreetFixture.standard()
        }
      return { (folder) throws(CommandError) in try play(street, in: folder, console) }
    }
    guard fixture == nil else {
      throw .usage(Words("--year 不用 --fixture", "--year takes no --fixture"))
    }
    let year = { (folder: DemoFolder) throws(CommandError) in
      try YearDemo(
        opsOfEach: ops ?? YearDemo.opsOfEach, folder: folder.path, console: console
      ).run()
    }
    return year
  }

  /// Plays the story, prints what came of it, and says whether it is right.
  private static func play(
    _ street: StreetFixture, in folder: DemoFolder, _ console: Console
  ) throws(CommandError) -> Int32 {
    let start = SystemSource.now()
    let story = StoryPlanner.story(of: street)
    let stage = try Stage(street, path: folder.path, console: console)
    if !console.isJSON {
      let names = street.communities.map(\.community).joined(separator: "、")
      console.out(
        Words(
          "\(names)，\(street.halfYear.from) 至 \(street.halfYear.to)",
          "\(names), \(street.halfYear.from) to \(street.halfYear.to)"
        ))
    }
    try stage.open()
    for (index, step) in story.steps.enumerated() {
      if index.isMultiple(of: 50) {
        console.progress("\(index * 100 / story.steps.count) %")
      }
      try stage.play(step)
    }
    console.endProgress()
    try stage.close()
    let report = try DemoReport(stage, story)
    let seconds = DemoReport.seconds(since: start)
    if console.isJSON {
      console.json { json in
        report.write(to: &json)
        json.key("milliseconds")
        json.integer(SystemSource.now() - start)
      }
    } else {
      console.out("")
      for line in report.lines(in: console.language) { console.out(line) }
      console.out(Words("用时 \(seconds) 秒", "took \(seconds) s"))
    }
    return report.differences.isEmpty ? ExitCode.ok : ExitCode.checkFailed
  }

  /// Delivers the ops of a played story in many orders and says whether all gave one state.
  private static func check(
    _ order: OrderRequest, in folder: String, _ console: Console
  ) async throws(CommandError) -> Int32 {
    let start = SystemSource.now()
    let check = try OrderCheck(hubDatabase: folder + "/hub/hub.db", fault: order.fault)
    let outcome = try await check.run(seeds: order.seeds) { done in
      console.progress("\(done)/\(order.seeds.count)")
    }
    console.endProgress()
    if console.isJSON {
      console.json { json in
        outcome.write(to: &json, order, opCount: check.opCount)
        json.key("milliseconds")
        json.integer(SystemSource.now() - start)
      }
    } else {
      let seconds = DemoReport.seconds(since: start)
      for line in outcome.lines(order, opCount: check.opCount, seconds) { console.out(line) }
    }
    return outcome.isOne ? ExitCode.ok : ExitCode.checkFailed
  }
}

extension DemoReport {
  /// Seconds since a time of the wall clock, with one decimal.
  static func seconds(since start: Int64) -> String {
    let tenths = (SystemSource.now() - start) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }
}

/// Where the demo's files are: a folder that somebody wants to keep, or one that goes.
struct DemoFolder {
  let path: String
  private let isKept: Bool

  /// Makes the folder.
  ///
  /// - Throws: A refusal when the folder to keep is there and not empty.
  init(kept: String?) throws(CommandError) {
    isKept = kept != nil
    if let kept {
      let entries = try? FileManager.default.contentsOfDirectory(atPath: kept)
      guard entries?.isEmpty ?? true else {
        throw CommandError(
          exit: ExitCode.refused, code: "exists",
          message: Words("\(kept) 不是空文件夹", "\(kept) is not empty"),
          advice: Words("用 --keep 指定一个新文件夹", "name a new folder with --keep"))
      }
      path = kept
    } else {
      path = FileManager.default.temporaryDirectory.path + "/linli-demo-\(getpid())"
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandError(OfficeError.folder(path))
    }
  }

  /// Takes the folder away, unless it is to be kept.
  func remove() {
    if !isKept { try? FileManager.default.removeItem(atPath: path) }
  }
}
