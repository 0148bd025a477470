import Community
import Glibc
import Office
import OpLog
import Store
import Wire

/// Where the story is played: a hub process, the processes of the offices, and the line between.
final class Stage {
  /// An office on stage.
  struct OfficePlace {
    let folder: OfficeFolder
    /// Its database.
    var database: String { folder.database }
    /// The ids of its staff.
    var staff: [String] = []
    /// The year that its PC's clock shows; nil when it is right.
    var clockYear: Int?
    /// Its `record --json -` while it is open.
    var counter: ChildProcess?
  }

  let street: StreetFixture
  /// The folder of all places.
  let path: String
  private(set) var offices: [OfficePlace]
  /// The ids of what was recorded, by the story's names.
  private(set) var ids: [String: OpID] = [:]
  private let console: Console
  private let line: Line
  private var hub: ChildProcess?
  private let program: Program

  /// Sets the stage in an empty folder; nothing runs yet.
  init(_ street: StreetFixture, path: String, console: Console) throws(CommandError) {
    self.street = street
    self.path = path
    self.console = console
    line = try Line()
    // Every clock shows the morning after the half year, so that no date lies ahead of it.
    let end = BusinessDate(street.halfYear.to) ?? BusinessDate(stamp: SystemSource.now())
    program = Program(today: end.adding(days: 1), errorLog: path + "/stderr.txt")
    offices = street.offices.indices.map {
      OfficePlace(folder: OfficeFolder("\(path)/office-\($0 + 1)"))
    }
  }

  /// The hub's folder.
  var hubFolder: String { path + "/hub" }
  /// The hub's database.
  var hubDatabase: String { hubFolder + "/hub.db" }

  /// Makes the street, starts the hub, and enrols the offices.
  func open() throws(CommandError) {
    try expect(["hub", "init", "--name", street.name, "--data", hubFolder])
    try startHub()
    line.set(isUp: true)
    for (index, office) in street.offices.enumerated() {
      let community = street.communities[office.community]
      var words = ["hub", "invite", "--community", community.community, "--label", office.label]
      words += ["--staff", office.staff.joined(separator: ","), "--data", hubFolder]
      if street.offices(of: office.community).lowerBound == index {
        let policy = community.policy.sorted { $0.key < $1.key }
        words += ["--policy", policy.map { "\($0.key)=\($0.value)" }.joined(separator: ",")]
      }
      let answer = try expect(words)
      let invitation = try Program.decode(Program.Invitation.self, from: answer.last ?? "")
      offices[index].staff = invitation.staff.map(\.id)
      try expect(
        ["office", "init", "--hub", "http://127.0.0.1:\(line.port)", "--code", invitation.code]
          + ["--label", office.label, "--data", offices[index].folder.path])
    }
    line.set(isUp: false)
  }

  /// Plays one step.
  ///
  /// - Throws: What differs from the story.
  func play(_ step: Step) throws(CommandError) {
    switch step {
    case .tell(let date, let words):
      tell(date, words)
    case .record(let entry): try record(entry)
    case .sync(let office, let date): try tellSync(of: office, on: date)
    case .round(let offices, let date): try sync(round: offices, on: date)
    case .trySync(let office):
      try closeCounter(of: office)
      try expect(syncWords(office), exit: ExitCode.unreachable, at: office)
    case .killHub(let office): try killHub(duringSyncOf: office)
    case .setClock(let office, let year):
      try closeCounter(of: office)
      offices[office].clockYear = year
    case .check(.clockWarning(let office, let expected)):
      let status = try expect(
        ["office", "status", "--data", offices[office].folder.path], at: office)
      guard try Program.decode(Program.Status.self, from: status.last ?? "").clockWrong == expected
      else {
        throw .storyDiffers(Words("没有时钟提醒", "the office does not warn about its clock"))
      }
    case .check(let check):
      let finding = try Inspection(stage: self).finding(of: check)
      if let finding { throw .storyDiffers(finding) }
    }
  }

  private func tell(_ date: BusinessDate, _ words: Words) {
    console.endProgress()
    if !console.isJSON { console.out("\(date)  \(console.language(words))") }
  }

  /// Closes the counters, checks what every place stored, and stops the hub.
  func close() throws(CommandError) {
    for index in offices.indices {
      try closeCounter(of: index)
      for command in ["verify", "rebuild"] {
        try expect(["office", command, "--data", offices[index].folder.path], at: index)
      }
    }
    if let hub { kill(hub.pid, SIGTERM) }
    let exit = hub?.finish().exit ?? 0
    hub = nil
    line.close()
    guard exit == 0 else {
      throw .storyDiffers(Words("街道退出码 \(exit)", "the hub ended with \(exit)"))
    }
    try expect(["hub", "verify", "--data", hubFolder])
  }
}

/// Recording.
extension Stage {
  private func record(_ entry: StoryEntry) throws(CommandError) {
    let counter = try openCounter(of: entry.office)
    try counter.write(line: try request(entry))
    let answer = try Program.decode(Program.RecordAnswer.self, from: try counter.readLine())
    let given: StoryEntry.Answer =
      if answer.status == "recorded", answer.outcome == Outcome.posted.rawValue {
        .posted((answer.reasons ?? []).compactMap { DeskReason(rawValue: $0) })
      } else {
        .refused(answer.error?.code ?? "\(answer.status) \(answer.outcome ?? "")")
      }
    guard given == entry.answer else {
      throw .storyDiffers(
        Words(
          "\(entry.date) \(entry.kind) 应为 \(entry.answer)，实为 \(given)",
          "\(entry.date) \(entry.kind): expected \(entry.answer), got \(given)"))
    }
    if let name = entry.name { ids[name] = answer.op.flatMap { OpID($0) } }
  }

  /// The entry as a line of `record --json -`.
  private func request(_ entry: StoryEntry) throws(CommandError) -> String {
    var json = JSONWriter()
    json.openObject()
    json.key("kind")
    json.text(entry.kind)
    json.key("fields")
    json.openObject()
    for field in entry.fields {
      json.key(field.name)
      switch field.value {
      case .text(let text): json.text(text)
      case .integer(let integer): json.integer(Int64(integer))
      case .op(let name): json.opID(try id(name))
      case .ops(let names): json.text(try list(names))
      case .items(let names): json.text(try list(names))
      }
    }
    json.closeObject()
    json.key("as")
    json.text(offices[entry.office].staff[entry.staff])
    json.key("on")
    json.date(entry.date)
    json.closeObject()
    return String(decoding: json.bytes, as: UTF8.self)
  }

  private func list(_ names: [String]) throws(CommandError) -> String {
    var texts: [String] = []
    for name in names { texts.append(try id(name).description) }
    return texts.joined(separator: ",")
  }

  /// The id of something that the story named.
  func id(_ name: String) throws(CommandError) -> OpID {
    guard let id = ids[name] else {
      throw .storyDiffers(Words("没有记录过 \(name)", "\(name) was never recorded"))
    }
    return id
  }

  private func openCounter(of office: Int) throws(CommandError) -> ChildProcess {
    if let counter = offices[office].counter { return counter }
    let words = ["record", "--json", "-", "--data", offices[office].folder.path]
    let counter = try program.start(words, clockYear: offices[office].clockYear)
    offices[office].counter = counter
    return counter
  }

  private func closeCounter(of office: Int) throws(CommandError) {
    guard let counter = offices[office].counter else { return }
    offices[office].counter = nil
    let (_, exit) = counter.finish()
    // Refusals that the story wants make it 3.
    guard exit == ExitCode.ok || exit == ExitCode.refused else {
      throw .storyDiffers(Words("record 退出码 \(exit)", "record ended with \(exit)"))
    }
  }
}

/// Syncing, and the hub's life.
extension Stage {
  private func syncWords(_ office: Int) -> [String] {
    ["office", "sync", "--attempts", "1", "--data", offices[office].folder.path]
  }

  /// The line is there for one sync; the office must be equal to the hub after it.
  private func sync(
    _ office: Int, on date: BusinessDate
  ) throws(CommandError) -> Program.Summary {
    try closeCounter(of: office)
    line.set(isUp: true)
    let answer = try expect(syncWords(office), at: office)
    line.set(isUp: false)
    let summary = try Program.decode(Program.Summary.self, from: answer.last ?? "")
    guard summary.digestEqual else {
      let label = street.offices[office].label
      throw .storyDiffers(
        Words("\(date) \(label): 没有核对摘要", "\(date) \(label): the digests were not compared"))
    }
    return summary
  }

  private func tellSync(of office: Int, on date: BusinessDate) throws(CommandError) {
    let summary = try sync(office, on: date)
    let label = street.offices[office].label
    tell(
      date,
      Words(
        "\(label): 线路恢复，送出 \(summary.pushed) 条，收到 \(summary.pulled) 条，与街道一致",
        "\(label): the line is back: sent \(summary.pushed), received \(summary.pulled), equal to the hub"
      ))
  }

  private func sync(round offices: [Int], on date: BusinessDate) throws(CommandError) {
    var (pushed, pulled) = (0, 0)
    for office in offices {
      let summary = try sync(office, on: date)
      pushed += summary.pushed
      pulled += summary.pulled
    }
    tell(
      date,
      Words(
        "\(offices.count) 个站点先后通线，送出 \(pushed) 条，收到 \(pulled) 条，均与街道一致",
        "\(offices.count) offices have a line in turn: sent \(pushed), received \(pulled), each equal to the hub"
      ))
  }

  /// The hub commits what the office pushed, and dies before the office hears of it.
  private func killHub(duringSyncOf office: Int) throws(CommandError) {
    guard let dying = hub else { return }
    try closeCounter(of: office)
    let pid = dying.pid
    line.set { kill(pid, SIGKILL) }
    line.set(isUp: true)
    try expect(syncWords(office), exit: ExitCode.unreachable, at: office)
    let exit = dying.finish().exit
    hub = nil
    guard exit == 128 + SIGKILL else {
      throw .storyDiffers(
        Words("街道没有在同步途中被杀死", "the hub was not killed in mid-sync, it ended with \(exit)"))
    }
    guard try Inspection(stage: self).hubIsAhead(of: office) else {
      throw .storyDiffers(
        Words("街道死前没有存下推送", "the hub had not committed the push when it was killed"))
    }
    try startHub()
  }

  private func startHub() throws(CommandError) {
    let words = ["hub", "serve", "--listen", "127.0.0.1:0", "--data", hubFolder]
    let hub = try program.start(words)
    let answer = try Program.decode(Program.Listening.self, from: try hub.readLine())
    guard let port = answer.listening.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw .storyDiffers(Words("街道没有端口", "the hub names no port: \(answer.listening)"))
    }
    line.connect(to: port)
    self.hub = hub
  }
}

/// Running the program at a place.
extension Stage {
  @discardableResult
  private func expect(
    _ words: [String], exit: Int32 = ExitCode.ok, at office: Int? = nil
  ) throws(CommandError) -> [String] {
    try program.run(words, exit: exit, clockYear: office.flatMap { offices[$0].clockYear })
  }
}
