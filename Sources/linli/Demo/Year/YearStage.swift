import Community
import Foundation
import Office
import OpLog
import Store
import Wire

/// Where the year is played: a hub process and the processes of ten offices, month after month.
final class YearStage {
  /// The folder of all places.
  let path: String
  let hub: HubPlace
  /// The offices' data folders.
  let offices: [OfficeFolder]
  /// The ids of what was recorded, by the plan's names.
  private(set) var ids: StoryIDs = [:]
  /// Ops that each office has recorded.
  private(set) var recorded: [Int]
  /// The most memory that any process of each office took, in KiB.
  private(set) var peakKiB: [Int]
  private var staff: [[String]] = []

  /// Sets the stage in an empty folder; nothing runs yet.
  init(path: String) throws(CommandError) {
    self.path = path
    hub = try HubPlace(folder: path + "/hub")
    offices = YearPlan.communities.indices.map { OfficeFolder("\(path)/office-\($0 + 1)") }
    recorded = offices.map { _ in 0 }
    peakKiB = recorded
  }

  /// The program on the first day after a month; 0 is the start of the year.
  func program(after month: Int) -> Program {
    Program(today: YearClosing.first(of: month + 1), errorLog: path + "/stderr.txt")
  }

  /// Makes the street and enrols all offices.
  func open() throws(CommandError) {
    let program = program(after: 0)
    try program.run(["hub", "init", "--name", "邻里街道", "--data", hub.folder])
    try hub.start(by: program)
    hub.line.set(isUp: true)
    for (index, community) in YearPlan.communities.enumerated() {
      let names = ["记录员\(index + 1)", "审核员\(index + 1)"]
      staff.append(
        try hub.enrol(
          OfficeRequest(
            community: community, label: community, staff: names,
            policy: YearPlan.policy(of: index),
            folder: offices[index].path),
          by: program))
    }
    hub.line.set(isUp: false)
    try hub.stop()
    let replicas = try CommandError.wrap { () throws(StoreError) in
      try Store(path: hub.database, mode: .readWrite).rows(of: Tables.replica)
    }
    for row in replicas {
      guard let office = YearPlan.communities.firstIndex(of: row[3].text) else { continue }
      ids["\(office).enrolment"] = row[1].id
    }
  }

  /// Ends the year's points in the communities whose rules say so, on the day after a month: in January
  /// for all but the residents of offices that had not synced on 31 December, in February for those.
  func endPoints(after month: Int) throws(CommandError) {
    for community in YearPlan.clearing {
      try program(after: month).run([
        "hub", "expire", "--community", YearPlan.communities[community],
        "--year", String(YearPlan.year), "--data", hub.folder,
      ])
    }
  }

  /// Lets all counters record a month at the same time, each office its own entries.
  func record(_ entries: [[StoryEntry]], in month: Int) throws(CommandError) {
    let program = program(after: month)
    var counters: [Counter] = []
    for (office, folder) in offices.enumerated() {
      counters.append(try Counter(at: folder.path, staff: staff[office], by: program))
    }
    for index in 0..<(entries.map(\.count).max() ?? 0) {
      for (office, counter) in counters.enumerated() where index < entries[office].count {
        try counter.record(entries[office][index], naming: &ids)
      }
    }
    for (office, counter) in counters.enumerated() {
      peakKiB[office] = max(peakKiB[office], try counter.close(naming: &ids))
      recorded[office] += entries[office].count
    }
  }

  /// Starts the hub after a month, lets every office sync in turn, and stops it again.
  func sync(after month: Int) throws(CommandError) {
    let program = program(after: month)
    try hub.start(by: program)
    hub.line.set(isUp: true)
    for (index, office) in offices.enumerated() {
      let sync = try program.start(["office", "sync", "--attempts", "1", "--data", office.path])
      let answer = try sync.readLine()
      sync.sampleMemory()
      let exit = sync.finish().exit
      let summary = try Program.decode(Program.Summary.self, from: answer)
      guard exit == ExitCode.ok, summary.digestEqual else {
        throw .storyDiffers(
          Words("\(month) 月同步不成: \(answer)", "the sync of month \(month) failed: \(answer)"))
      }
      peakKiB[index] = max(peakKiB[index], sync.peakKiB)
    }
    hub.line.set(isUp: false)
    try hub.stop()
  }

  /// Checks what every place stored.
  func verify() throws(CommandError) {
    let program = program(after: 13)
    for office in offices { try program.run(["office", "verify", "--data", office.path]) }
    try program.run(["hub", "verify", "--data", hub.folder])
    hub.line.close()
  }

  /// The bytes of all files in a folder.
  static func bytes(in folder: String) -> Int {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.reduce(0) { sum, file in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
      return sum + (attributes?[.size] as? Int ?? 0)
    }
  }
}
