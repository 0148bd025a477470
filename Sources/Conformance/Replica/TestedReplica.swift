import OpLog
import Wire

/// A replica under test: its folder, and what the runner knows of it.
final class TestedReplica {
  /// What came of recording something.
  enum Recorded: Equatable {
    /// The op's id.
    case op(OpID)
    /// Nothing was recorded, and why.
    case refused(String)
  }

  private let street: ReplicaStreet
  /// The code that it enrols with.
  let code: String
  /// Its staff, by the ids of their appointments.
  let staff: [OpID]
  /// Where it keeps its data.
  let data: String
  /// What the hub issued; nil before.
  private var identity: EnrolReply?

  init(_ street: ReplicaStreet, code: String, staff: [OpID], data: String) {
    self.street = street
    self.code = code
    self.staff = staff
    self.data = data
  }

  /// A copy of it, in a folder of its own; the program is stopped for that.
  func copy() throws(RuleFinding) -> TestedReplica {
    street.driver.end()
    let path = street.bench.newFolder()
    guard street.bench.copy(data, path) else { throw .noMachine("a copy of a folder") }
    let copy = TestedReplica(street, code: code, staff: staff, data: path)
    copy.identity = identity
    return copy
  }

  /// What the hub issued; a rule asks only behind its enrolment.
  var issued: EnrolReply {
    guard let identity else { preconditionFailure("the replica is not enrolled yet") }
    return identity
  }

  /// Its id.
  var id: ReplicaID { issued.replica }

  // MARK: Asking its program

  /// Enrols it, which must succeed.
  func enrol() throws(RuleFinding) {
    let answer = try tryToEnrol()
    guard let identity, answer?.replica == identity.replica else {
      throw RuleFinding(
        sent: "`enrol` to the driver", expected: "the id that the hub issued",
        came: answer?.words ?? "its end")
    }
  }

  /// Asks it to enrol; nil when the program was killed meanwhile.
  func tryToEnrol() throws(RuleFinding) -> DriverAnswer? {
    let answer = try ask("enrol") { json in
      json.key("hub")
      json.text(self.street.address)
      json.key("code")
      json.text(self.code)
    }
    for (_, reply) in street.line.exchanges(at: "/v1/enroll") {
      guard let reply, reply.status == 201 else { continue }
      identity = try? EnrolReply(decoding: reply.body)
    }
    return answer
  }

  /// Asks it to sync; nil when the program was killed meanwhile.
  @discardableResult
  func sync() throws(RuleFinding) -> DriverAnswer.End? {
    let answer = try ask("sync")
    guard let answer else { return nil }
    guard let end = answer.end else {
      throw RuleFinding(
        sent: "`sync` to the driver", expected: "`end` (conformance.md §6)", came: answer.words)
    }
    lastWords = answer.words
    return end
  }

  /// What it said of its last sync.
  private(set) var lastWords = ""

  /// Syncs it until nothing is left.
  func syncToEnd() throws(RuleFinding) {
    let end = try sync()
    guard end == .done else {
      throw RuleFinding(
        sent: "`sync` over a good line", expected: "`done`", came: lastWords,
        isPreparation: true)
    }
  }

  /// Asks it to record something.
  ///
  /// - Returns: What came of it; nil when the program was killed meanwhile.
  func record(_ draft: Draft) throws(RuleFinding) -> Recorded? {
    let answer = try ask("record") { json in
      json.key("kind")
      json.text(draft.kind)
      json.key("fields")
      draft.write(to: &json)
      json.key("as")
      json.opID(draft.actor ?? self.staff[0])
      json.key("on")
      json.date(self.street.today)
    }
    guard let answer else { return nil }
    if let op = answer.op { return .op(op) }
    guard let refused = answer.refused else {
      throw RuleFinding(
        sent: "`record` of \(draft.kind)", expected: "`op` or `refused` (conformance.md §6)",
        came: answer.words)
    }
    return .refused(refused)
  }

  /// Records something that must be taken.
  @discardableResult
  func mustRecord(_ draft: Draft) throws(RuleFinding) -> OpID {
    let came = try record(draft)
    guard case .op(let id) = came else {
      throw RuleFinding(
        sent: "`record` of \(draft.kind)", expected: "an op",
        came: came.map { "\($0)" } ?? "its end", isPreparation: true)
    }
    return id
  }

  /// Records an activity, which must be taken.
  @discardableResult
  func publish(_ title: String = "扫雪") throws(RuleFinding) -> OpID {
    try mustRecord(.activity(title, on: street.today))
  }

  /// The heads of the logs that it holds.
  func heads() throws(RuleFinding) -> [ReplicaID: Head] {
    let answer = try ask("heads")
    guard let heads = answer?.heads else {
      throw RuleFinding(
        sent: "`heads` to the driver", expected: "`heads` (conformance.md §6)",
        came: answer?.words ?? "its end")
    }
    return Dictionary(heads.map { ($0.replica, $0) }) { first, _ in first }
  }

  /// The balance of each account that it holds, nil where it does not know it.
  func balances() throws(RuleFinding) -> [OpID: Int64?] {
    let answer = try ask("balances")
    guard let balances = answer?.balances else {
      throw RuleFinding(
        sent: "`balances` to the driver", expected: "`balances` (conformance.md §6)",
        came: answer?.words ?? "its end")
    }
    return balances
  }

  private func ask(
    _ verb: String, _ members: (inout JSONWriter) -> Void = { _ in }
  ) throws(RuleFinding) -> DriverAnswer? {
    try street.driver.ask(verb, over: street.line) { json in
      json.key("data")
      json.text(self.data)
      members(&json)
    }
  }
}
