import Community
import Glibc
import Hub
import Office
import OpLog
import Store
import Wire

/// Takes a file that was carried: at a hub an office's bundle, at an office a receipt file or a
/// neighbour's bundle.
enum BundleImportCommand: Command {
  static let name = "bundle import"
  static let summary = Words(
    "导入数据包或回执文件", "take a bundle at the hub, a receipt file or a neighbour's bundle at an office")
  static let usage = "linli bundle import FILE [--receipt FILE]"
  static let example =
    "linli bundle import /media/usb/4097.linli --receipt /media/usb/4097.receipt --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 1)
    let file = try arguments.bundleFile()
    let folder = DataFolder(arguments)
    guard OfficeFolder(folder.path).isEnrolled else {
      return try atHub(file, folder, arguments)
    }
    guard arguments.option("receipt") == nil else {
      throw .usage(
        Words("--receipt 只在街道用", "--receipt is for the hub's folder"),
        advice: Words("在站点直接导入文件", "at an office just import the file"))
    }
    return try atOffice(try folder.openOffice(), file, folder, arguments.console)
  }

  static func details(of words: [String], in language: Language) -> String {
    language(
      Words(
        """
        在街道: 收下站点的数据包，写出回执文件(默认 FILE.receipt)，请带回那个站点。
        在站点: 收下本站的回执；邻站的数据包先存着，下次 linli office sync 时代为上传，
        回执用 linli bundle list 找到，交给邻站。
        文件没拷全时，完整的部分照收。重复导入、先后颠倒都不要紧。
        退出码 1: 街道拒绝了其中一部分(回执里写着原因)，或者两边的表不同。
        """,
        """
        At the hub: takes an office's bundle and writes the receipt file (FILE.receipt where no other is
        named), to be carried back. At an office: takes its own receipt file; a neighbour's bundle is kept
        and goes with the next linli office sync, and linli bundle list shows the receipt file to hand
        over. Of a file that was cut off, what is whole is taken. Twice, or in another order, does no
        harm. Exit code 1: the hub refused a part, and the receipt file says why, or tables differ.
        """))
  }

  private static func atHub(
    _ file: String, _ folder: DataFolder, _ arguments: Arguments
  ) throws(CommandError) -> Int32 {
    let (hub, console) = (try folder.openHub(), arguments.console)
    let bytes = try BundlePath.read(file)
    let receipt = arguments.option("receipt") ?? file + ".receipt"
    try BundlePath.checkFree(receipt)
    console.progress(console.language(Words("正在导入", "importing")))
    defer { console.endProgress() }
    let taken: BundleImport
    do throws(Problem) {
      taken = try hub.takeBundle(
        bytes, receiptBytesMax: WireLimits.bundleBytesMax, now: Machine.now())
    } catch { throw CommandError(error, of: bytes, at: hub.key) }
    console.endProgress()
    try BundlePath.write(taken.receipt, to: receipt)
    if console.isJSON {
      console.json { $0.taken(taken, receipt: receipt) }
    } else {
      for line in taken.lines(receipt: receipt) { console.out(line) }
    }
    return taken.problem == nil ? ExitCode.ok : ExitCode.checkFailed
  }

  private static func atOffice(
    _ office: OfficeCore, _ file: String, _ folder: DataFolder, _ console: Console
  ) throws(CommandError) -> Int32 {
    let bytes = try BundlePath.read(file)
    let carried = try CommandError.wrap { () throws(OfficeError) in
      try office.carriedFile(bytes)
    }
    guard carried.header.kind == .receipt else {
      return try keep(bytes, carried, folder, console)
    }
    let taken = try CommandError.wrap { () throws(OfficeError) in
      try office.take(carried, now: Machine.now())
    }
    if console.isJSON {
      console.json { $0.taken(taken) }
    } else {
      for line in taken.lines { console.out(line) }
    }
    return taken.comparison == .different ? ExitCode.checkFailed : ExitCode.ok
  }

  private static func keep(
    _ bytes: [UInt8], _ file: BundleFile, _ folder: DataFolder, _ console: Console
  ) throws(CommandError) -> Int32 {
    let entry = try CommandError.wrap { () throws(OfficeError) in
      try BundleShelf(in: folder.path).keep(bytes, file.header)
    }
    console.answer(
      Words(
        "已代收 \(entry.office) 的第 \(entry.number) 号数据包；下次 linli office sync 时上传",
        "kept bundle \(entry.number) of \(entry.office); it goes with the next linli office sync")
    ) { $0.entry(entry) }
    if bytes.count > WireLimits.messageBytesMax, !console.isJSON {
      console.out(BundleForwarding.tooLarge)
    }
    return ExitCode.ok
  }
}

extension BundleImport {
  /// What a person at the hub is told.
  fileprivate func lines(receipt: String) -> [Words] {
    let name = Words(
      "\(header.replica) 的第 \(header.number) 号数据包", "bundle \(header.number) of \(header.replica)")
    let again = ops == 0 && newBodies == 0 && standing == .again
    var lines = [
      again
        ? Words(
          "\(name.chinese)以前导入过，没有新内容",
          "\(name.english) was imported before, with nothing new in it now")
        : Words(
          "\(name.chinese): 新记录 \(ops) 条，资料 \(bodies) 份",
          "\(name.english): \(ops) new ops, \(bodies) bodies")
    ]
    if !isWhole {
      lines.append(
        Words(
          "文件没有拷全: 完整的部分已收下，缺的随下一个数据包来",
          "the file was cut off: what is whole was taken, the rest comes with the next bundle"))
    }
    if standing == .late, ops == 0 {
      lines.append(
        Words("它到得晚，内容已随后来的到了", "it came late: what is in it had come with a later one"))
    }
    // Of a hub that was set back no bundle is missing.
    let isSetBack = problem?.kind == .unknownProgress
    if !isSetBack { lines += gaps.map { $0.words(of: header.replica, with: header.number) } }
    if isSetBack {
      lines += [
        Words(
          "没有接受: \(header.replica) 存有街道写过、这里却没有的记录，街道的数据曾被换回旧的",
          "refused: \(header.replica) holds what the hub wrote and is not here, so old data was put back here"
        ),
        Words(
          "先不要再登记或同步别的: 请 \(header.replica) 连线运行一次 linli office sync，街道会重新点名，或说明怎么办",
          "Record and sync nothing else yet: let \(header.replica) run linli office sync once over a line. The "
            + "hub calls the roll then, or it says what else to do"),
      ]
    } else if let problem {
      lines.append(
        Words("没有接受: \(problem.kind.words.chinese)", "refused: \(problem.kind.words.english)"))
      lines.append(Words(problem.kind.advice.chinese, problem.kind.advice.english))
    }
    if bodiesLeftOut > 0 {
      lines.append(
        Words(
          "正在点名，\(bodiesLeftOut) 份资料没有收: 点名结束(linli hub succeed)后，再导入这个文件，"
            + "或请 \(header.replica) 再导出、同步一次",
          "the roll-call is open, bodies left out: \(bodiesLeftOut). Once it has ended (linli hub succeed), "
            + "import this file again, or let \(header.replica) export again or sync"))
    }
    if hasMore {
      lines.append(
        Words(
          "回执装不下全部，请它导入回执后再导出一次",
          "the receipt file does not hold all: let the office import it and export again"))
    }
    lines.append(
      Words(
        "回执写入 \(receipt)，请带回 \(header.replica)",
        "the receipt file is \(receipt): carry it to \(header.replica)"))
    return lines
  }
}

extension BundleGap {
  /// What is missing, for people.
  fileprivate func words(of office: ReplicaID?, with number: UInt32) -> Words {
    let (low, high) = (numbers.lowerBound, numbers.upperBound)
    let (which, these) =
      low == high ? ("\(low)", "bundle \(low)") : ("\(low)–\(high)", "bundles \(low)–\(high)")
    let whose = office.map { ("\($0) 的", " of \($0)") } ?? ("本站", "")
    return hasCome
      ? Words(
        "\(whose.0)第 \(which) 号数据包没有到；其中的内容已随第 \(number) 号到了",
        "\(these)\(whose.1) never arrived; what was in it came with \(number)")
      : Words(
        "\(whose.0)第 \(which) 号数据包没有到，内容还缺: 请再导出一次",
        "\(these)\(whose.1) never arrived, and what was in it is still missing: export again")
  }
}

extension ReceiptTaken {
  /// What a person at the office is told.
  fileprivate var lines: [Words] {
    var lines = [
      Words(
        "第 \(number) 号数据包的回执: 收到 \(pulled) 条，资料 \(bodies) 份"
          + (comparison == .equal ? "，与街道一致" : ""),
        "receipt for bundle \(number): \(pulled) ops, \(bodies) bodies"
          + (comparison == .equal ? ", equal to the hub" : ""))
    ]
    lines += gaps.map { $0.words(of: nil, with: number) }
    if !isWhole {
      lines.append(
        Words(
          "文件没有拷全: 完整的部分已收下；再导出一次，回执会接着来",
          "the file was cut off: what is whole was taken; export again, and the answer goes on there"
        ))
    }
    if shut > 0 {
      lines.append(
        Words("有 \(shut) 部分资料已损坏，会再来", "\(shut) parts with bodies were damaged; they come again"))
    }
    if comparison == .different {
      lines.append(
        Words(
          "本机的表与街道的不同: 请连线运行一次 linli office sync，它会找出是哪一行",
          "the tables here are not the hub's: run linli office sync once over a line, it finds the row"
        ))
    } else if !isLast, isWhole {
      lines.append(
        Words(
          "还有记录在路上: 再导出一个数据包", "records are still on their way: export another bundle"))
    }
    if unsentBodies > 0 { lines.append(UnsentBodies.words(unsentBodies)) }
    return lines
  }
}

extension JSONWriter {
  fileprivate mutating func taken(_ taken: BundleImport, receipt: String) {
    member("replica", taken.header.replica.rawValue)
    member("number", taken.header.number)
    member("ops", taken.ops)
    member("bodies", taken.bodies)
    member("bodies_left_out", taken.bodiesLeftOut)
    member("whole", taken.isWhole)
    if let standing = taken.standing { member("standing", "\(standing)") }
    gaps(taken.gaps)
    if let problem = taken.problem { member("problem", problem.kind.rawValue) }
    member("more", taken.hasMore)
    member("receipt", receipt)
  }

  fileprivate mutating func taken(_ taken: ReceiptTaken) {
    member("number", taken.number)
    member("pulled", taken.pulled)
    member("bodies", taken.bodies)
    member("delivered", taken.delivered)
    member("bodies_waiting", taken.unsentBodies)
    member("whole", taken.isWhole)
    gaps(taken.gaps)
    member("last", taken.isLast)
    member("digest_equal", taken.comparison == .equal)
  }

  /// Writes the member `missing`.
  mutating func gaps(_ gaps: [BundleGap]) {
    member("missing", each: gaps) { json, gap in
      json.member("first", gap.numbers.lowerBound)
      json.member("last", gap.numbers.upperBound)
      json.member("came", gap.hasCome)
    }
  }

  /// Writes a neighbour's file.
  mutating func entry(_ entry: BundleShelf.Entry) {
    member("replica", entry.office.rawValue)
    member("number", entry.number)
    member("state", entry.state.rawValue)
    member("file", entry.path)
  }
}
