import Community
import OpLog
import Wire

/// One go through the rules against one hub.
///
/// It talks to the one address that it was given and to nobody else. Each rule has its own offices, so
/// that what a hub does wrong in one says nothing about another, and a time after which it ends.
package final class ConformanceRun {
  /// By which catalogue the runner's ops are written.
  static let catalogue = Catalogue.version
  /// Kinds and keys by their names.
  static let allNames = OpJSON(SchemaTable(Catalogue.schemas))
  /// How long one rule may take, in seconds.
  private static let ruleSeconds = 60
  /// How long the line may stay silent, in seconds.
  private static let lineSeconds = 10
  /// How many round trips a pull may take.
  private static let tripsMax = 10_000

  /// Where the hub is.
  let place: HubLocation
  private let adminToken: String?
  private let control: ((HubStep) -> Bool)?
  private let random: (Int) -> [UInt8]
  private var seed: UInt64
  private var deadline = 0
  private var communities: [String: String] = [:]
  /// The hub's life, as its card said when an office was enrolled first.
  private var life: Incarnation?
  /// An office that was just enrolled, for what it holds of the street's logs.
  private var reader: TestOffice?
  /// Whether the hub ever said that it gives a checkpoint.
  private(set) var hasGivenCheckpoint = false
  /// Whether the hub lost its database, and what was enrolled before.
  private(set) var aftermath: Aftermath?
  /// Whether its database was set back, and what was found then.
  private(set) var setBack: SetBack?
  let codec: OpJSON

  /// Makes a run.
  ///
  /// - Parameters:
  ///   - place: Where the hub is.
  ///   - adminToken: The token of the hub's door; nil leaves out what needs offices.
  ///   - seed: Picks the seeded places of cuts.
  ///   - random: Gives that many random bytes.
  ///   - control: Does something to the hub at its own computer, and waits until it serves again; false
  ///     when it could not. Nil leaves out what needs that.
  package init(
    _ place: HubLocation, adminToken: String?, seed: UInt64, random: @escaping (Int) -> [UInt8],
    control: ((HubStep) -> Bool)?
  ) {
    self.place = place
    self.adminToken = adminToken
    self.seed = seed
    self.random = random
    self.control = control
    codec = Self.allNames
  }

  /// Goes through the rules whose ids begin with one of some texts; none for all.
  ///
  /// - Returns: What became of each, also told to `report` as soon as it is known.
  package func run(
    only prefixes: [String] = [], report: (RuleResult) -> Void
  ) -> [RuleResult] {
    ConformanceRule.all.filter { $0.begins(with: prefixes) }.map { rule in
      let result = RuleResult(rule: rule, outcome: outcome(of: rule))
      report(result)
      return result
    }
  }

  private func outcome(of rule: ConformanceRule) -> RuleOutcome {
    guard case .check(let check) = rule.test else {
      guard case .untestable(let reason) = rule.test else { return .passed }
      return .notTested(reason)
    }
    if rule.needs.contains(.offices), adminToken == nil {
      return .notTested(
        Words(
          "没有 --admin-token-file，不能让站点入网", "without --admin-token-file no office can be enrolled"))
    }
    if rule.needs.contains(.control), control == nil {
      return .notTested(
        Words(
          "没有 --control，不能重启服务器或让它丢失数据",
          "without --control the hub cannot be restarted or lose its database"))
    }
    allow(seconds: Self.ruleSeconds)
    do throws(RuleFinding) {
      try check(self)
      return .passed
    } catch {
      if let absent = error.absent { return .notTested(absent) }
      return error.isPreparation ? .blocked(error) : .failed(error)
    }
  }

  /// Lets calls from now on take so long, all together.
  func allow(seconds: Int) { deadline = CutLine.now() + seconds }

  // MARK: The hub

  /// Does something to the hub at its own computer; how long that takes is not the rule's time.
  func perform(_ step: HubStep) throws(RuleFinding) {
    let begin = CutLine.now()
    let isDone = control?(step) == true
    deadline += CutLine.now() - begin
    guard !isDone else { return }
    throw RuleFinding(
      sent: "the control command with `\(step.rawValue)`",
      expected: "its end with exit code 0 (conformance.md §2.3)", came: "a failure",
      isPreparation: true)
  }

  /// Keeps that the hub gives checkpoints, for the rules to come.
  func rememberCheckpoint() { hasGivenCheckpoint = true }

  /// Keeps what stands behind the loss of the hub's database, for the rules to come.
  func keep(_ found: Aftermath) { aftermath = found }

  /// Keeps what was found when its database was set back, for the rules to come.
  func keep(_ found: SetBack) { setBack = found }

  /// Whether anybody takes a connection at the hub's address.
  package var isAnswered: Bool { CutLine(to: place, seconds: Self.lineSeconds) != nil }

  /// A new line to the hub.
  func line() throws(RuleFinding) -> CutLine {
    let left = deadline - CutLine.now()
    guard left > 0 else {
      throw RuleFinding(
        sent: "all of a rule", expected: "answers within \(Self.ruleSeconds) s",
        came: "not all of them")
    }
    guard let line = CutLine(to: place, seconds: min(left, Self.lineSeconds)) else {
      throw RuleFinding(
        sent: "a TCP connection", expected: "a hub at \(place.authority)", came: "nobody",
        isPreparation: true)
    }
    return line
  }

  /// Sends a request and takes the whole answer.
  func call(_ request: LineRequest) throws(RuleFinding) -> LineAnswer {
    try call(request.head(for: place) + request.body, request.words)
  }

  /// Sends bytes as they are and takes the whole answer.
  func call(_ bytes: [UInt8], _ sent: String) throws(RuleFinding) -> LineAnswer {
    let line = try line()
    line.send(bytes)
    return try answer(line.receive(), to: sent)
  }

  /// Sends several requests at once, each on its own connection, and takes the answers then.
  func callAtOnce(_ requests: [LineRequest]) throws(RuleFinding) -> [LineAnswer] {
    var lines: [CutLine] = []
    for _ in requests { lines.append(try line()) }
    for (line, request) in zip(lines, requests) {
      line.send(request.head(for: place) + request.body)
    }
    var answers: [LineAnswer] = []
    for (line, request) in zip(lines, requests) {
      answers.append(try answer(line.receive(), to: request.words))
    }
    return answers
  }

  /// Calls the hub's door (conformance.md §3).
  func callDoor(_ name: String, _ body: [UInt8]) throws(RuleFinding) -> LineAnswer {
    try call(.post("/v1/admin/\(name)", body, as: adminToken))
  }

  private func answer(_ bytes: [UInt8], to sent: String) throws(RuleFinding) -> LineAnswer {
    guard let answer = LineAnswer(bytes), answer.isWhole else {
      throw RuleFinding(
        sent: sent, expected: "a whole HTTP answer", came: "\(bytes.count) bytes, then nothing")
    }
    return answer
  }

  // MARK: Enrolling and syncing

  /// The hub's card, as it stands.
  func card() throws(RuleFinding) -> HubCard {
    let answer = try call(.get("/v1"))
    return try decoded("the card (sync.md §1.1)", "GET /v1", answer, status: 200) {
      (bytes) throws(WireError) in try HubCard(decoding: bytes)
    }
  }

  /// A code for a new office of a community, which is made where this run has not asked for it yet.
  func invite(_ community: String) throws(RuleFinding) -> (code: String, staff: [OpID]) {
    let name = communities[community] ?? "一致\(community)\(letters(8))"
    communities[community] = name
    var json = JSONWriter()
    json.openObject()
    json.key("community")
    json.text(name)
    json.key("label")
    json.text("一致性")
    json.key("staff")
    json.openArray()
    for person in ["王敏", "李强"] { json.text(person + community) }
    json.closeArray()
    json.closeObject()
    let answer = try callDoor("invitations", json.bytes)
    return try prepared {
      () throws(RuleFinding) in
      try decoded("an invitation (conformance.md §3)", "an invitation", answer, status: 201) {
        (bytes) throws(WireError) in try Self.invitation(bytes)
      }
    }
  }

  /// Enrols a new office and pulls the hub's log.
  func office(_ community: String = "甲") throws(RuleFinding) -> TestOffice {
    try prepared { () throws(RuleFinding) in
      var office = try enrolled(community)
      if let reader { office.takeOver(from: reader) }
      try sync(&office)
      reader = office.disorder.isEmpty ? office : nil
      return office
    }
  }

  /// Enrols a new office, which has pulled nothing.
  func enrolled(_ community: String = "甲") throws(RuleFinding) -> TestOffice {
    try prepared { () throws(RuleFinding) in
      let life = if let life { life } else { try card().incarnation }
      self.life = life
      let (code, staff) = try invite(community)
      let request = try enrolRequest(code)
      let answer = try call(.post("/v1/enroll", request.encode()))
      let reply = try enrolReply(answer)
      return TestOffice(reply, request, staff: staff, life: life)
    }
  }

  /// A request with a code, of a PC that may give up an id.
  func enrolRequest(
    _ code: String, insteadOf former: ReplicaID? = nil
  ) throws(RuleFinding) -> EnrolRequest {
    do throws(WireError) {
      return try EnrolRequest(
        code: code, nonce: random(WireLimits.nonceBytes), label: "站", former: former)
    } catch {
      throw RuleFinding(
        sent: "an invitation", expected: "a code of 1–64 bytes", came: code, isPreparation: true)
    }
  }

  /// Reads the answer to an enrolment.
  func enrolReply(_ answer: LineAnswer) throws(RuleFinding) -> EnrolReply {
    try decoded("an enrolment (sync.md §2.3)", "POST /v1/enroll", answer, status: 201) {
      (bytes) throws(WireError) in try EnrolReply(decoding: bytes)
    }
  }

  /// Sends a sync request of an office, changed or not.
  func send(_ request: SyncRequest, as token: String) throws(RuleFinding) -> LineAnswer {
    try call(.post("/v1/sync", request.encode(codec), as: token))
  }

  /// Reads a reply to a sync.
  func reply(
    _ answer: LineAnswer, to office: TestOffice, sent: String = "POST /v1/sync"
  ) throws(RuleFinding) -> SyncReply {
    try decoded("a reply (sync.md §4.4)", sent, answer, status: 200) {
      (bytes) throws(WireError) in
      try SyncReply(decoding: bytes, asker: office.replica, self.codec)
    }
  }

  /// Syncs an office until nothing is left; what goes wrong is not the rule's own matter.
  func sync(_ office: inout TestOffice) throws(RuleFinding) {
    for _ in 0..<Self.tripsMax {
      let before = office.progress
      let request = office.request()
      let reply = try reply(send(request, as: office.token), to: office)
      office.take(reply)
      // A hub that says for ever that there is more is looked at by a rule of its own.
      if !reply.hasMore || office.progress == before { return }
    }
  }

  /// How the hub holds an office's log now.
  func have(_ office: TestOffice) throws(RuleFinding) -> Head {
    let request = office.question()
    return try prepared { () throws(RuleFinding) in
      try reply(send(request, as: office.token), to: office).have
    }
  }

  // MARK: Chance and time

  /// The next number of the seeded sequence (SplitMix64), below a bound.
  func chance(below bound: Int) -> Int {
    seed &+= 0x9E37_79B9_7F4A_7C15
    var mixed = seed
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % UInt64(max(1, bound)))
  }

  /// Random bytes.
  func bytes(_ count: Int) -> [UInt8] { random(count) }

  /// Random letters: digits could look like a telephone number.
  private func letters(_ count: Int) -> String {
    String(decoding: random(count).map { UInt8(ascii: "a") + $0 % 26 }, as: UTF8.self)
  }

  private static func invitation(
    _ bytes: [UInt8]
  ) throws(WireError) -> (code: String, staff: [OpID]) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var code: String?
    var staff: [OpID] = []
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "code": code = try json.text(WireLimits.codeBytes)
      case "staff":
        try json.array(max: 8) { (json) throws(WireError) in staff.append(try json.opID()) }
      default: try json.skip()
      }
    }
    guard let code else { throw .missing(field: "code") }
    return (code, staff)
  }
}
