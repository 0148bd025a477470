import Community
import Office
import OpLog
import Store
import Wire

/// Shows what an office holds and how it stands to its hub.
enum OfficeStatusCommand: Command {
  static let name = "office status"
  static let summary = Words(
    "本站状态: 记录、待同步、最近联系、摘要", "this office: ops, waiting ops, last contact, digest")
  static let usage = "linli office status"
  static let example = "linli office status --data office"

  /// All that is shown, from one snapshot.
  private struct Status {
    /// The office's community, as people know it.
    let community: String
    let street: String
    let streetID: StreetID
    let hub: String
    let own: Head
    let logs: [Head]
    /// Own ops that the hub is not known to have.
    let waiting: UInt64
    /// How many bodies the hub does not have yet.
    let unsentBodies: Int
    /// How many residents' files are not here, or not whole.
    let unseenFiles: Int
    let lastContact: Int64?
    let clockOffset: Int64
    let digest: Digest
    /// The lives of the hub that this office knows, the oldest first.
    let lives: [Incarnation]
    /// What tells the key by which this office has its secret; nil before it has one.
    let keyCheck: KeyCheck?
    /// Why nothing more is recorded here; nil where all is well.
    let stop: Stop?
    /// What is wrong with its enrolment; nil where all is well.
    let enrolmentFault: EnrolmentFault?
    /// Whether this office holds another branch of the hub's log than the hub.
    let isBranched: Bool
    /// Rows in which this office and the hub are known to differ.
    let differences: Differences
    /// How many records of a former number cannot be recorded again.
    let refused: Int
    /// Former ids of this PC that still are the home of something.
    let former: FormerIDs
    /// What went over the line today.
    let traffic: DayTraffic
    /// How much of the history is here, while it comes in behind a checkpoint; nil once it is.
    let history: ComingHistory?
    /// Where the checkpoint was not what the history says.
    let faults: [String]

    /// Whether the PC's clock is so wrong that somebody should set it.
    var isClockWrong: Bool { clockOffset.magnitude > 300_000 }
  }

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let office = try DataFolder(arguments).openOffice()
    let (hub, stop, fault, traffic) = try CommandError.wrap { () throws(OfficeError) in
      (
        try office.hubAddress, try office.stop, try EnrolmentFault(of: office),
        try office.traffic(now: Machine.now())
      )
    }
    let status = try CommandError.wrap { () throws(StoreError) in
      try office.store.read { () throws(StoreError) -> Status in
        try Self.status(of: office.store, office.community, hub: hub, stop: stop, fault, traffic)
      }
    }
    if arguments.console.isJSON {
      showJSON(status, office.community, arguments.console)
    } else {
      show(status, arguments.console)
    }
    return ExitCode.ok
  }

  private static func status(
    of store: Store, _ community: OpID, hub: String, stop: Stop?, _ fault: EnrolmentFault?,
    _ traffic: DayTraffic
  ) throws(StoreError) -> Status {
    let own = try store.storedHead(of: store.identity.replica)
    var logs: [Head] = []
    for replica in try store.replicas() { logs.append(try store.storedHead(of: replica)) }
    var arrived = try store.receiptedSeq(of: own.replica)
    // A retired PC gets no receipts for what it brings.
    if stop == .retired { arrived = max(arrived, UInt64(try store.number(.hubHas) ?? 0)) }
    return Status(
      community: try store.communityText(community),
      street: String(decoding: try store.setting(.streetName) ?? [], as: UTF8.self),
      streetID: store.identity.street, hub: hub, own: own, logs: logs,
      waiting: own.seq - min(arrived, own.seq),
      unsentBodies: try store.unsentBodyCount(), unseenFiles: try store.unseenFiles(),
      lastContact: try store.number(.lastContact), clockOffset: try store.number(.clockOffset) ?? 0,
      digest: try store.stateDigest().value, lives: try store.incarnations(),
      keyCheck: try store.setting(.secret).map { KeyCheck(of: own.replica, secret: $0) },
      stop: stop, enrolmentFault: fault,
      isBranched: try store.number(.otherBranch) != nil,
      differences: try Differences(of: store), refused: try store.refusedFormerOps().count,
      former: try FormerIDs(of: store), traffic: traffic,
      history: try ComingHistory(of: store), faults: try store.checkpointFaults())
  }

  private static func show(_ status: Status, _ console: Console) {
    let total = status.logs.reduce(0) { $0 + $1.seq }
    let contact = status.lastContact.map { BeijingTime.text($0) }
    let lives = (status.lives.map(\.text) + [status.keyCheck?.text].compactMap(\.self))
      .joined(separator: ",")
    let lines = [
      Words(
        "副本 \(status.own.replica)，社区 \(status.community)，\(status.street) (\(status.hub))",
        "replica \(status.own.replica), community \(status.community), \(status.street) (\(status.hub))"
      ),
      Words(
        "记录 \(total) 条，本站 \(status.own.seq) 条，待同步 \(status.waiting) 条",
        "ops \(total), own \(status.own.seq), waiting \(status.waiting)"),
      Words(
        "最近联系 \(contact ?? "从未")", "last contact \(contact ?? "never")"),
      status.traffic.words,
      Words("摘要 \(status.digest)", "digest \(status.digest)"),
      Words("街道编号 \(status.streetID)", "street id \(status.streetID)"),
      Words("街道服务器的代 \(lives)", "lives of the hub \(lives)"),
    ]
    for line in lines { console.out(line) }
    // Any other stop has to be looked after first.
    if status.unsentBodies > 0, status.stop == nil || status.stop == .retired {
      console.out(
        status.traffic.left == 0
          ? UnsentBodies.wordsWhenSpent(status.unsentBodies)
          : UnsentBodies.words(status.unsentBodies))
    }
    UnseenPeople.words(status.unseenFiles).map(console.out)
    if let percent = status.history?.percent {
      console.out(
        Words(
          "历史 \(percent) %: 窗口可以登记，其余记录还要接收、整理，每次同步都会继续",
          "history \(percent) %: the counter works; the rest is yet to come and to be put in order, each sync "
            + "goes on"))
    }
    if !status.faults.isEmpty {
      let tables = status.faults.joined(separator: ", ")
      console.out(
        Words(
          "注意: 入网时收到的余额等与历史记录不符 (\(tables))，现已按历史记录改正；请告知街道管理员",
          "warning: what this office began on was not what the history says (\(tables)); it is now: "
            + "tell the street's administrator"))
    }
    if let stop = status.stop {
      let error = CommandError(stop)
      console.out(
        Words(
          "注意: \(error.message.chinese)；\(error.advice.chinese)",
          "warning: \(error.message.english); \(error.advice.english)"))
    }
    if let fault = status.enrolmentFault { console.out(fault.words) }
    if status.isBranched { console.out(branched) }
    for line in status.differences.words + status.former.words { console.out(line) }
    RefusedRecords.words(status.refused).map(console.out)
    guard status.isClockWrong else { return }
    let gap = BeijingTime.span(status.clockOffset)
    console.out(
      status.clockOffset > 0
        ? Words(
          "注意: 本机时钟比街道慢 \(gap.chinese)，请校准",
          "warning: this PC's clock is \(gap.english) behind the hub's: set it")
        : Words(
          "注意: 本机时钟比街道快 \(gap.chinese)，请校准",
          "warning: this PC's clock is \(gap.english) ahead of the hub's: set it"))
  }

  /// What an office is told whose hub wrote on from an old disk.
  private static let branched = Words(
    "注意: 上次同步时，街道的记录与本机存的对不上(街道可能用过旧数据)，本机收不到新记录。请照常登记，联系管理员: "
      + "街道的 linli hub status 会说明怎么办",
    "warning: at the last sync the hub did not know what it once told this PC (it may have gone on from old "
      + "data), so nothing comes back from it. Go on recording and call the administrator: "
      + "linli hub status there says what to do")

  private static func showJSON(_ status: Status, _ community: OpID, _ console: Console) {
    console.json { json in
      json.member("street", status.street)
      json.member("street_id", status.streetID.description)
      json.member("hub", status.hub)
      json.member("community", community)
      json.head(status.own)
      json.member("waiting", status.waiting)
      json.member("bodies_waiting", status.unsentBodies)
      json.member("files_missing", status.unseenFiles)
      json.member("last_contact", status.lastContact)
      json.member("sent_today", status.traffic.sent)
      json.member("received_today", status.traffic.received)
      json.member("budget", status.traffic.budget)
      json.member("budget_left", status.traffic.left)
      json.member("clock_offset_ms", status.clockOffset)
      json.member("clock_wrong", status.isClockWrong)
      if let stop = status.stop {
        json.member("stopped", stop.rawValue)
      }
      status.enrolmentFault?.write(to: &json)
      if status.isBranched { json.member("other_branch", true) }
      json.member("digest", status.digest.description)
      status.differences.write(to: &json)
      json.member("not_recorded_again", Int64(status.refused))
      status.former.write(to: &json)
      status.history?.write(to: &json)
      if !status.faults.isEmpty { json.member("checkpoint_faults", texts: status.faults) }
      json.member("hub_lives", texts: status.lives.map(\.text))
      if let check = status.keyCheck { json.member("key_check", check.text) }
      json.member("logs", each: status.logs) { json, head in
        json.head(head)
      }
    }
  }
}

extension DayTraffic {
  /// What went over the line, and what may still.
  fileprivate var words: Words {
    let (sent, received) = (Self.text(sent), Self.text(received))
    let today = Words(
      "今天流量: 送出 \(sent)，收到 \(received)", "on the line today: sent \(sent), received \(received)")
    guard let budget, let left else { return today }
    guard left > 0 else {
      return Words(
        today.chinese + "；上限 \(Self.text(budget)) 已用完，明天之前只送出本站记录",
        today.english + "; all of \(Self.text(budget)) is spent: until tomorrow only own ops go")
    }
    return Words(
      today.chinese + "；上限 \(Self.text(budget))，还剩 \(Self.text(left))",
      today.english + "; \(Self.text(left)) of \(Self.text(budget)) left")
  }

  /// Bytes as people read them.
  private static func text(_ bytes: Int64) -> String {
    guard bytes >= 1_000 else { return "\(bytes) B" }
    let (unit, name): (Int64, String) = bytes < 1_000_000 ? (1_000, "kB") : (1_000_000, "MB")
    let tenths = bytes * 10 / unit
    return "\(tenths / 10).\(tenths % 10) \(name)"
  }
}
