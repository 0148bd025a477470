import Community
import Hub
import OpLog
import Store
import Wire

/// Ends the roll-call of a rebuilt hub, by two persons.
enum HubSucceedCommand: Command {
  static let name = "hub succeed"
  static let summary = Words(
    "结束重建后的点名(两人)，此后恢复办理", "end the roll-call of a rebuilt hub, by two persons")
  static let usage = "linli hub succeed --by STAFF,STAFF [--yes]"
  static let example = "linli hub succeed --by 4096-4,4096-5 --yes --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let approvers = try arguments.twoPersons("by")
    let store = try DataFolder(arguments).openHubStore()
    let (rollCall, able, unenrolled) = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        (
          try HubAdmin.rollCall(of: store), try StandingApprovers(of: store),
          try UnenrolledOffices(of: store)
        )
      }
    }
    guard let rollCall else { throw SuccessionRefusal.notOpen.commandError }
    let console = arguments.console
    if !console.isJSON {
      for line in rollCall.words + unenrolled.words(inRollCall: true) { console.out(line) }
      able.words(inRollCall: true).map(console.out)
    }
    guard arguments.flag("yes") else {
      throw CommandError(
        exit: ExitCode.refused, code: "not-confirmed",
        message: Words("点名尚未结束", "the roll-call is still open"),
        advice: Words(
          "旧服务器在此之后写的决定不再算数；确认无误就加 --yes",
          "what the former hub decided after this counts no more; add --yes if this is right"))
    }
    let op = try CommandError.wrap { () throws(SuccessionRefusal) in
      try HubAdmin.succeed(by: approvers, in: store, now: Machine.now())
    }
    if console.isJSON {
      console.json { json in
        json.key("op")
        json.opID(op)
        json.rollCall(rollCall)
      }
    } else {
      console.out(
        Words("点名结束，恢复办理: \(op)", "the roll-call has ended, the hub decides again: \(op)"))
    }
    return ExitCode.ok
  }
}

extension RollCall {
  /// How far it has come, for people.
  var words: [Words] {
    var lines = formers.map { head in
      Words(
        "旧服务器 \(head.replica): 已收到 \(head.seq) 条",
        "former hub \(head.replica): held up to \(head.seq)")
    }
    if let given {
      lines.append(
        Words(
          "正在接收 \(given.replica)，到 \(given.seq)，尚未验证",
          "being given \(given.replica), up to \(given.seq), not proved yet"))
    }
    let lists = [(callers, Words("已点到", "called")), (away, Words("未点到", "not called"))]
    for (offices, title) in lists {
      let text = offices.map(\.description).joined(separator: ", ")
      lines.append(
        Words(
          "\(title.chinese): \(text.isEmpty ? "无" : text)",
          "\(title.english): \(text.isEmpty ? "none" : text)"))
    }
    if let branched = BranchedOffices(branched).words { lines.append(branched) }
    lines += adoption?.words ?? []
    return lines
  }
}

extension JSONWriter {
  /// Writes the member `roll_call`.
  mutating func rollCall(_ rollCall: RollCall) {
    key("roll_call")
    openObject()
    key("formers")
    openArray()
    for head in rollCall.formers {
      openObject()
      self.head(head)
      closeObject()
    }
    closeArray()
    replicas("called", rollCall.callers)
    replicas("away", rollCall.away)
    closeObject()
  }

  /// Writes a member that is a list of replicas.
  mutating func replicas(_ name: String, _ offices: [ReplicaID]) {
    key(name)
    openArray()
    for office in offices { integer(Int64(office.rawValue)) }
    closeArray()
  }
}

extension SuccessionRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .notOpen:
      CommandError(
        exit: ExitCode.refused, code: "no-roll-call",
        message: Words("没有在点名", "no roll-call is open"),
        advice: Words("无需处理", "nothing is to be done"))
    case .nobodyCalled:
      CommandError(
        exit: ExitCode.refused, code: "nobody-called",
        message: Words("还没有一个站点点到", "no office has called yet"),
        advice: Words(
          "运行 linli hub serve，让各站点先同步", "run linli hub serve and let the offices sync first"))
    case .approvers(let refusal): refusal.commandError
    case .store(let error): CommandError(error)
    }
  }
}
