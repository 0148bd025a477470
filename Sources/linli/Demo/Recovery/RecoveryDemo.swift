import Community
import Foundation
import Glibc
import Office
import OpLog
import Store
import Wire

/// Loses all of a hub but its key, and brings it back from its five offices, with real processes and
/// files.
struct RecoveryDemo {
  /// Ops of all offices together, unless somebody wants more.
  static let opsOfAll = 10_000

  /// One part of the play: how long it took, and the most memory that a process of it took.
  private struct Part {
    let what: Words
    let milliseconds: Int64
    let peakKiB: Int
  }

  private let plan: RecoveryPlan
  private let folder: String
  private let console: Console
  private let program: Program
  private let hub: HubPlace
  private let offices: [OfficeFolder]

  /// Prepares a play of so many ops in an empty folder.
  init(ops: Int, folder: String, console: Console) throws(CommandError) {
    plan = RecoveryPlan(opsOfEach: ops / RecoveryPlan.communities.count)
    self.folder = folder
    self.console = console
    program = Program(today: RecoveryPlan.today, errorLog: folder + "/stderr.txt")
    hub = try HubPlace(folder: folder + "/hub")
    offices = RecoveryPlan.communities.indices.map { OfficeFolder("\(folder)/office-\($0 + 1)") }
  }

  /// Plays it and prints what came of it.
  ///
  /// - Returns: ``ExitCode/ok`` when the hub is what it was, else ``ExitCode/checkFailed``.
  func run() throws(CommandError) -> Int32 {
    var parts: [Part] = []
    let staff = try open()
    parts.append(try record(staff))
    parts.append(
      try part(Words("同步", "syncing")) { () throws(CommandError) in
        // Whoever synced first learns in the second round what the others brought.
        max(try sync(), try sync())
      })
    let before = try digests()
    try hub.lose()
    parts.append(
      try part(Words("重建服务器", "recovering")) { () throws(CommandError) in
        try program.run(["hub", "recover", "--data", hub.folder])
        return 0
      })
    try hub.start(by: program)
    for (index, office) in offices.enumerated() {
      parts.append(
        try part(
          Words("站点 \(index + 1) 同步，交回记录", "office \(index + 1) syncs and gives back")
        ) { () throws(CommandError) in
          try sync(office)
        })
    }
    parts.append(
      try part(Words("结束点名", "ending the roll-call")) { () throws(CommandError) in
        let approvers = staff[0].joined(separator: ",")
        try program.run(["hub", "succeed", "--by", approvers, "--yes", "--data", hub.folder])
        return 0
      })
    parts.append(
      try part(Words("再同步", "syncing again")) { () throws(CommandError) in
        max(try sync(), try sync())
      })
    let hubKiB = try stop()
    let after = try digests()
    console.endProgress()
    return report(parts, before: before, after: after, hubKiB: hubKiB)
  }

  private func open() throws(CommandError) -> [[String]] {
    try program.run(["hub", "init", "--name", "邻里街道", "--data", hub.folder])
    try hub.start(by: program)
    hub.line.set(isUp: true)
    var staff: [[String]] = []
    for (index, community) in RecoveryPlan.communities.enumerated() {
      staff.append(
        try hub.enrol(
          OfficeRequest(
            community: community, label: community,
            staff: ["记录员\(index + 1)", "审核员\(index + 1)"], policy: YearPlan.policy(of: index),
            folder: offices[index].path), by: program))
    }
    _ = try sync()
    return staff
  }

  /// Lets all counters record at the same time.
  private func record(_ staff: [[String]]) throws(CommandError) -> Part {
    try part(Words("登记", "recording")) { () throws(CommandError) in
      var ids: StoryIDs = [:]
      var counters: [Counter] = []
      let entries = offices.indices.map { plan.entries(of: $0) }
      for (index, office) in offices.enumerated() {
        counters.append(try Counter(at: office.path, staff: staff[index], by: program))
      }
      for place in 0..<plan.opsOfEach {
        for (index, counter) in counters.enumerated() {
          try counter.record(entries[index][place], naming: &ids)
        }
      }
      var peak = 0
      for counter in counters { peak = max(peak, try counter.close(naming: &ids)) }
      return peak
    }
  }

  /// Lets every office sync in turn; returns the most memory that one took, in KiB.
  private func sync() throws(CommandError) -> Int {
    var peak = 0
    for office in offices { peak = max(peak, try sync(office)) }
    return peak
  }

  private func sync(_ office: OfficeFolder) throws(CommandError) -> Int {
    let sync = try program.start(["office", "sync", "--attempts", "3", "--data", office.path])
    let answer = try sync.readLine()
    sync.sampleMemory()
    let exit = sync.finish().exit
    guard exit == ExitCode.ok else {
      throw .storyDiffers(Words("同步不成: \(answer)", "a sync failed: \(answer)"))
    }
    return sync.peakKiB
  }

  private func stop() throws(CommandError) -> Int {
    hub.line.set(isUp: false)
    try hub.stop()
    hub.line.close()
    return hub.peakKiB
  }

  /// The digests of the hub's state and of each office's, in order.
  private func digests() throws(CommandError) -> [Digest] {
    try CommandError.wrap { () throws(StoreError) in
      var digests: [Digest] = []
      for file in [hub.database] + offices.map(\.database) {
        let store = try Store(path: file, mode: .readWrite)
        digests.append(
          try store.read { () throws(StoreError) in try store.stateDigest().value })
        try store.finish()
      }
      return digests
    }
  }

  private func part(
    _ what: Words, _ body: () throws(CommandError) -> Int
  ) throws(CommandError) -> Part {
    console.progress(console.language(what))
    let start = SystemSource.now()
    let peak = try body()
    return Part(what: what, milliseconds: SystemSource.now() - start, peakKiB: peak)
  }
}

/// Printing.
extension RecoveryDemo {
  private func report(
    _ parts: [Part], before: [Digest], after: [Digest], hubKiB: Int
  ) -> Int32 {
    // All six are one state, and it is the one before the loss.
    let isEqual = Set(before + after).count == 1
    let (ops, peak) = (plan.opsOfEach * offices.count, parts.map(\.peakKiB).max() ?? 0)
    if console.isJSON {
      console.json { json in
        json.member("ops", ops)
        json.member("before", texts: before.map(\.description))
        json.member("after", texts: after.map(\.description))
        json.member("equal", isEqual)
        json.member("parts", each: parts) { json, part in
          json.member("part", part.what.english)
          json.member("milliseconds", part.milliseconds)
        }
        json.member("hub_kib", hubKiB)
        json.member("office_kib", peak)
      }
    } else {
      for part in parts {
        let seconds = "\(part.milliseconds / 1_000).\(part.milliseconds / 100 % 10) s"
        console.out(
          Words("\(part.what.chinese): \(seconds)", "\(part.what.english): \(seconds)"))
      }
      console.out(
        Words(
          "内存峰值: 街道 \(hubKiB >> 10) MiB，站点 \(peak >> 10) MiB",
          "peak RSS: hub \(hubKiB >> 10) MiB, office \(peak >> 10) MiB"))
      console.out(Words("丢失前的摘要 \(before[0])", "digest before the loss \(before[0])"))
      console.out(Words("重建后的摘要 \(after[0])", "digest after it        \(after[0])"))
      console.out(
        isEqual
          ? Words(
            "\(ops) 条记录全部回来，街道与 \(offices.count) 个站点一致",
            "all \(ops) ops are back; hub and \(offices.count) offices are equal")
          : Words("摘要不一致", "the digests differ"))
    }
    return isEqual ? ExitCode.ok : ExitCode.checkFailed
  }
}

extension HubPlace {
  /// Kills it where it stands, and deletes all that it had but its key.
  fileprivate func lose() throws(CommandError) {
    try kill()
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for file in files where file != "hub.key" {
      guard unlink("\(folder)/\(file)") == 0 else {
        throw CommandError(OfficeError.folder(folder))
      }
    }
  }
}
