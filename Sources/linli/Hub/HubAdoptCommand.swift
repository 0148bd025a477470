import Community
import Hub
import OpLog
import Store
import Wire

/// Takes the log of a former hub for right that two offices showed, by two persons.
enum HubAdoptCommand: Command {
  static let name = "hub adopt"
  static let summary = Words(
    "换密钥后，认领两个站点都出示的旧记录(两人)", "after the key was lost, adopt what two offices showed")
  static let usage = "linli hub adopt --by STAFF,STAFF [--yes]"
  static let example = "linli hub adopt --by 4096-4,4096-5 --yes --data hub"

  static func run(_ arguments: Arguments) async throws(CommandError) -> Int32 {
    try arguments.expect(atMost: 0)
    let names = try arguments.required("by")
    let approvers = try arguments.twoPersons("by")
    let store = try DataFolder(arguments).openHubStore()
    let adoption = try CommandError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try HubAdmin.adoption(of: store) }
    }
    let console = arguments.console
    if !console.isJSON { adoption?.words.forEach(console.out) }
    guard arguments.flag("yes") || adoption?.head == nil else {
      throw .refused(
        "not-confirmed", Words("还没有认领", "nothing is adopted yet"),
        advice: Words(
          "印章已无法核对: 向列出的站点核实后，加 --yes",
          "no seal can prove it any more: ask the offices named, then add --yes"))
    }
    let op = try CommandError.wrap { () throws(AdoptRefusal) in
      try HubAdmin.adopt(by: approvers, in: store, now: Machine.now())
    }
    console.answer(
      Words(
        "已认领: \(op)；各站点再同步一次，然后运行 linli hub succeed --by \(names)",
        "adopted: \(op); let the offices sync once more, then run linli hub succeed --by \(names)")
    ) { json in
      json.member("op", op)
      if let adoption { adoption.write(to: &json) }
    }
    return ExitCode.ok
  }
}

extension Adoption {
  /// What offices showed, for people.
  var words: [Words] {
    let offices = shownBy.map(\.description).joined(separator: ", ")
    var lines: [Words] = []
    if let head {
      lines.append(
        Words(
          "旧服务器 \(head.replica): 本机有 \(held.seq) 条，\(offices) 都出示到第 \(head.seq) 条，可用 linli hub adopt 认领",
          "former hub \(head.replica): \(held.seq) held here, shown alike up to \(head.seq) by "
            + "\(offices): linli hub adopt takes it"))
    }
    if beyond > 0 {
      lines.append(
        Words(
          "另有 \(beyond) 条旧服务器 \(held.replica) 的记录只有一个站点出示；没有第二个站点出示就丢失",
          "\(beyond) more entries of the former hub \(held.replica) were shown by one office only, and are "
            + "lost if no other shows them"))
    }
    if !others.isEmpty {
      let text = others.map(\.description).joined(separator: ", ")
      lines.append(
        Words(
          "\(text) 出示的旧服务器 \(held.replica) 与此不同，请先查明原因",
          "\(text) showed another log of the former hub \(held.replica): find out why first"))
    }
    return lines
  }

  /// Writes the member `adoption`.
  fileprivate func write(to json: inout JSONWriter) {
    json.member("adoption") { json in
      json.head(head ?? held)
      json.replicas("shown_by", shownBy)
      json.member("beyond", beyond)
      json.replicas("others", others)
    }
  }
}

extension AdoptRefusal: WordedError {
  var commandError: CommandError {
    switch self {
    case .notOpen:
      .refused(
        "no-roll-call", Words("没有在点名", "no roll-call is open"),
        advice: Words("无需处理", "nothing is to be done"))
    case .nothingShown:
      .refused(
        "nothing-shown", Words("没有两个站点出示同样的旧记录", "no two offices have shown the same log"),
        advice: Words(
          "让更多站点换钥并同步；本机已有全部记录时，直接运行 linli hub succeed",
          "let more offices renew and sync; where the hub has all already, go on with linli hub succeed"
        ))
    case .strangers(let offices):
      .refused(
        "strangers",
        Words(
          "按这份记录，\(Self.list(offices)) 没有入网或已停用，不能作证",
          "by that log \(Self.list(offices)) is not enrolled or was revoked, and cannot vouch for it"
        ),
        advice: Words(
          "给另一个站点发码 (linli hub renew)，让它出示",
          "hand a code to another office (linli hub renew) and let it show what it has"))
    case .approvers(let refusal): refusal.commandError
    case .store(let error): CommandError(error)
    }
  }

  private static func list(_ offices: [ReplicaID]) -> String {
    offices.map(\.description).joined(separator: ", ")
  }
}
