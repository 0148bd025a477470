import Community
import Office
import OpLog
import Wire

/// Writes what the hub lacks into a file that anybody may carry there.
enum BundleExportCommand: Command {
  static let name = "bundle export"
  static let summary = Words(
    "把要送街道的记录写成文件，可用 U 盘带去", "write what the hub lacks into a file to carry")
  static let usage = "linli bundle export FILE [--max-mib N]"
  static let example = "linli bundle export /media/usb/4097.linli --data office"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let file = try arguments.bundleFile()
    let limits = (WireLimits.messageBytesMax >> 20)...(WireLimits.bundleBytesMax >> 20)
    let size = (try arguments.integer("max-mib", in: limits) ?? limits.upperBound) << 20
    let office = try DataFolder(arguments).openOffice()
    try BundlePath.checkFree(file)
    // A number that no file ever had would be missing at the hub for good.
    try BundlePath.checkWritable(file)
    let made = try CommandError.wrap { () throws(OfficeError) in
      try office.exportBundle(maxBytes: size, now: Machine.now())
    }
    try BundlePath.write(made.bytes, to: file)
    let console = arguments.console
    guard !console.isJSON else {
      console.json { json in
        json.member("file", file)
        json.member("number", made.number)
        json.member("ops", made.ops)
        json.member("bodies", made.bodies)
        json.member("bytes", made.bytes.count)
        json.member("complete", made.isComplete)
      }
      return ExitCode.ok
    }
    console.out(
      Words(
        "第 \(made.number) 号数据包: 记录 \(made.ops) 条，资料 \(made.bodies) 份(已加密)，写入 \(file)",
        "bundle \(made.number): \(made.ops) ops, \(made.bodies) bodies (encrypted), in \(file)"))
    if !made.isComplete {
      console.out(
        Words(
          "还有一部分放不下，收到街道的回执后再导出一次",
          "more is left than fits: export again when the hub's receipt file is here"))
    }
    if made.bytes.count > WireLimits.messageBytesMax {
      console.out(
        Words(
          "文件超过 2 MiB，邻站不能代为上传: 请带到街道，或加 --max-mib 2 重新导出",
          "it has more than 2 MiB, so no neighbour can forward it over a line: carry it to the hub, or "
            + "export again with --max-mib 2"))
    }
    return ExitCode.ok
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        文件里是街道还没有回执的全部记录，每次都从头带起，所以丢一个、晚到、导入两次都不要紧。
        资料已加密，只有街道能读；谁都可以带。在街道运行 linli bundle import FILE，把回执文件带回来，
        再在本站运行 linli bundle import。邻站也可以代收: 在那里导入，它下次同步时代为上传。
        """,
        """
        The file holds all that the hub has given no receipt for, each time from there on: one that is
        lost, late, or imported twice does no harm. Bodies in it are encrypted for the hub, and anybody
        may carry it. At the hub: linli bundle import FILE; bring the receipt file back and import it
        here. A neighbour may import it, too, and forwards it with its next sync.
        """))
  }
}

extension Arguments {
  /// The file of a bundle that the first word names.
  func bundleFile() throws(CommandError) -> String {
    guard let file = positional(0) else {
      throw .usage(Words("请写明数据包文件", "name the file of the bundle"))
    }
    return file
  }
}

/// Bundles as files.
enum BundlePath {
  /// Reads a file that may be a bundle.
  static func read(_ path: String) throws(CommandError) -> [UInt8] {
    do throws(WholeFile.Fault) {
      return try WholeFile.read(path, max: WireLimits.bundleBytesMax)
    } catch {
      switch error {
      case .tooLarge: throw CommandError(OfficeError.bundle(.fault(.tooLarge(bytes: .max))))
      case .system(let words):
        throw .storage(
          "no-file", Words("无法读取 \(path)", "cannot read \(path)"),
          advice: Words("核对文件名；文件可能在 U 盘上没有拷全", "check the file's name and where it is"),
          detail: words)
      }
    }
  }

  /// Refuses to write over a file that is no bundle.
  static func checkFree(_ path: String) throws(CommandError) {
    let isOther: Bool
    do throws(WholeFile.Fault) {
      isOther = try !BundleFile.isBegun(by: WholeFile.read(path, max: WireLimits.bundleBytesMax))
    } catch { isOther = error == .tooLarge }
    guard isOther else { return }
    throw .refused(
      "exists", Words("\(path) 已存在，不是数据包", "\(path) is there already and is no bundle"),
      advice: Words("换一个文件名", "name another file"))
  }

  /// Refuses a place where no file can be made.
  static func checkWritable(_ path: String) throws(CommandError) {
    do throws(WholeFile.Fault) {
      try WholeFile.checkWritable(path)
    } catch { throw unwritable(path, error) }
  }

  private static func unwritable(_ path: String, _ fault: WholeFile.Fault) -> CommandError {
    let detail = if case .system(let words) = fault { words } else { String?.none }
    return .storage(
      "no-file", Words("无法写入 \(path)", "cannot write \(path)"),
      advice: Words(
        "核对文件夹和 U 盘的空间；什么都没有丢，再运行一次即可",
        "check the folder and the space on the stick; nothing is lost, just run it again"),
      detail: detail)
  }

  /// Writes a bundle or a receipt file; all may read it: what is in it proves and hides itself.
  static func write(_ bytes: [UInt8], to path: String) throws(CommandError) {
    do throws(WholeFile.Fault) {
      try WholeFile.write(bytes, to: path, mode: 0o644)
    } catch {
      throw unwritable(path, error)
    }
  }
}
