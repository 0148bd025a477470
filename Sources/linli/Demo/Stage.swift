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
    /// Its counter while it is open.
    var counter: Counter?
  }

  let street: StreetFixture
  /// The folder of all places.
  let path: String
  private(set) var offices: [OfficePlace]
  /// The ids of what was recorded, by the story's names.
  private(set) var ids: StoryIDs = [:]
  private let console: Console
  private let hub: HubPlace
  private let program: Program

  /// Sets the stage in an empty folder; nothing runs yet.
  init(_ street: StreetFixture, path: String, console: Console) throws(CommandError) {
    self.street = street
    self.path = path
    self.console = console
    hub = try HubPlace(folder: path + "/hub")
    // Every clock shows the morning after the half year, so that no date lies ahead of it.
    let end = BusinessDate(street.halfYear.to) ?? BusinessDate(stamp: SystemSource.now())
    program = Program(today: end.adding(days: 1), errorLog: path + "/stderr.txt")
    offices = street.offices.indices.map {
      OfficePlace(folder: OfficeFolder("\(path)/office-\($0 + 1)"))
    }
  }

  /// The hub's database.
  var hubDatabase: String { hub.database }

  /// The id of something that the story named.
  func id(_ name: String) throws(CommandError) -> OpID { try ids.id(name) }

  /// Makes the street, starts the hub, and enrols the offices.
  func open() throws(CommandError) {
    try expect(["hub", "init", "--name", street.name, "--data", hub.folder])
    try hub.start(by: program)
    hub.line.set(isUp: true)
    for (index, office) in street.offices.enumerated() {
      let community = street.communities[office.community]
      let isFirst = street.offices(of: office.community).lowerBound == index
      offices[index].staff = try hub.enrol(
        OfficeRequest(
          community: community.community, label: office.label, staff: office.staff,
          policy: isFirst ? community.policy : [:], folder: offices[index].folder.path),
        by: program)
    }
    hub.line.set(isUp: false)
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
      for office in offices { try office.counter?.settle(naming: &ids) }
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
    try hub.stop()
    hub.line.close()
    try expect(["hub", "verify", "--data", hub.folder])
  }
}

/// Recording.
extension Stage {
  private func record(_ entry: StoryEntry) throws(CommandError) {
    let office = offices[entry.office]
    let counter: Counter
    if let open = office.counter {
      counter = open
    } else {
      counter = try Counter(
        at: office.folder.path, staff: office.staff, by: program, clockYear: office.clockYear)
      offices[entry.office].counter = counter
    }
    try counter.record(entry, naming: &ids)
  }

  private func closeCounter(of office: Int) throws(CommandError) {
    guard let counter = offices[office].counter else { return }
    offices[office].counter = nil
    _ = try counter.close(naming: &ids)
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
    hub.line.set(isUp: true)
    let answer = try expect(syncWords(office), at: office)
    hub.line.set(isUp: false)
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
    try closeCounter(of: office)
    try hub.die { () throws(CommandError) in
      try expect(syncWords(office), exit: ExitCode.unreachable, at: office)
    }
    guard try Inspection(stage: self).hubIsAhead(of: office) else {
      throw .storyDiffers(
        Words("街道死前没有存下推送", "the hub had not committed the push when it was killed"))
    }
    try hub.start(by: program)
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
