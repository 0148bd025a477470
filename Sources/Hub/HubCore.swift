import Community
import OpLog
import Store
import Wire

/// The hub without its sockets: a call and the time in, an answer out.
///
/// Runs on the caller's thread. Limits come first, then parsing, then rights, then the act; every
/// answer follows the commit that it speaks of.
package final class HubCore {
  /// The hub's own replica.
  package let store: Store
  /// The street's key.
  package private(set) var key: HubKey
  private let renewal: HubRenewal?
  let codec: OpJSON
  /// Up to where each log comes with this hub's entries, as far as it was asked for.
  var coverage: HubCoverage
  /// The key of a life that is kept and has not begun yet.
  private var unbegun: HubKey?
  /// The offices that were told to wait while another gives a log of a former hub.
  var waiting: Set<ReplicaID> = []
  /// How many ops came since the main file of the database was last brought up to date.
  private var unmerged = 0
  /// After so many: some 4 MB in the file beside it.
  static let unmergedMax = 4_096
  /// Who may invite and revoke over the line; nil for nobody, as ever where offices are served.
  package var door: HubDoor?
  /// How many ops it holds in a roll-call before anything proves them; tests set fewer.
  package var unprovedOpsMax = WireLimits.unprovedOpsMax
  /// When each replica synced last, since this process began.
  var lastSync: [ReplicaID: Int64] = [:]
  /// Until when each replica's last call waits for something to be said.
  var waitingUntil: [ReplicaID: Int64] = [:]

  /// Puts a hub together from its database and its key; nil when the key is of another street or
  /// incarnation.
  ///
  /// - Parameters:
  ///   - store: Its database.
  ///   - key: Its key.
  ///   - renewal: How it begins a new life by itself; nil for a hub that an operator has to help.
  package init?(store: Store, key: HubKey, renewal: HubRenewal? = nil) {
    guard store.identity.street == key.street, store.identity.incarnation == key.incarnation,
      store.identity.replica == key.incarnation.hub
    else { return nil }
    self.store = store
    self.key = key
    self.renewal = renewal
    codec = OpJSON(SchemaTable(store.edition.schemas))
    coverage = HubCoverage(of: key.incarnation.hub)
  }

  /// How ops are written to a replica of that catalogue.
  func codec(for catalogue: UInt32) -> OpJSON {
    catalogue == store.edition.version ? codec : .byNumbers
  }

  /// Begins the hub's next life on what its database holds: an office has shown that this one was
  /// rolled back, by a head that life `newest` sealed.
  ///
  /// A life that could not begin, on a full disk say, is the one that is tried again.
  func beginNextLife(above newest: UInt32, now: Int64) throws(Problem) {
    if (unbegun?.incarnation.number ?? 0) <= newest {
      let latest = unbegun ?? key
      guard let renewal,
        let next = latest.next(above: newest, random: renewal.random), renewal.keep(next)
      else {
        throw Problem(
          .internal, detail: "the hub was rolled back; its operator must run: linli hub recover")
      }
      // The key first: a life whose number is used is never used again, whatever happens now.
      unbegun = next
    }
    guard let next = unbegun else { return }
    try Problem.wrap { () throws(StoreError) in
      try HubAdmin.begin(next, in: store, now: now)
    }
    key = next
    unbegun = nil
    waiting = []
  }

  /// Takes the lives that a log has proved into the key, so that the tokens of their offices count.
  func learnLives() throws(Problem) {
    key = key.knowing(
      try Problem.wrap { () throws(StoreError) in
        try store.read { () throws(StoreError) in try store.provedLives() }
      })
  }

  /// Brings the main file up to date after many ops: whoever copies that file alone, as people do, then
  /// has nearly all.
  func mergeLog(after count: Int) {
    unmerged += count
    guard unmerged >= Self.unmergedMax else { return }
    unmerged = 0
    // All of it is durable already; where the disk is full, the next many ops try it again.
    _ = try? store.mergeLog()
  }

  /// Answers one call.
  ///
  /// - Parameters:
  ///   - call: What was asked.
  ///   - now: The hub's clock in ms since 1970-01-01 UTC.
  /// - Returns: The answer; problems are RFC 9457 documents.
  package func handle(_ call: HubCall, now: Int64) -> HubAnswer {
    do throws(Problem) {
      return try route(call, now: now)
    } catch {
      var refusal = answer(error)
      if error.kind == .methodNotAllowed, let address = HubRoute(call.path) {
        // RFC 9110 §10.2.1
        refusal.headers.append(("Allow", address.methods.joined(separator: ", ")))
      }
      return refusal
    }
  }

  /// The end of the hub's log; nil where the disk does not tell.
  package var end: Head? {
    // Who waits for news and hears that there may be some asks again, and is told what is wrong.
    try? store.read { () throws(StoreError) in try store.foldedHead(of: key.incarnation.hub) }
  }

  /// Notes that a replica's call waits here: it hears at once what others want of it.
  package func noteWaiting(_ replica: ReplicaID, until time: Int64) {
    waitingUntil[replica] = time
  }

  /// A problem as an answer.
  package func answer(_ problem: Problem) -> HubAnswer {
    var answer = HubAnswer(
      status: problem.kind.status, contentType: "application/problem+json",
      body: problem.encode())
    if problem.kind.isWorthRetrying { answer.headers.append(("Retry-After", "5")) }
    if problem.kind == .unauthorized || problem.kind == .tokenRevoked {
      answer.headers.append(("WWW-Authenticate", "Bearer"))
    }
    return answer
  }

  private func route(_ call: HubCall, now: Int64) throws(Problem) -> HubAnswer {
    guard let address = HubRoute(call.path), door != nil || !address.isOfDoor else {
      throw Problem(.notFound, detail: "there is no such address")
    }
    guard address.methods.contains(call.method) else {
      let methods = address.methods.joined(separator: " and ")
      throw Problem(.methodNotAllowed, detail: "this address takes \(methods)")
    }
    switch address {
    case .card: return .json(try card(now: now).encode())
    case .enroll:
      try requireJSON(call)
      let request = try Problem.wrap { () throws(WireError) in
        try EnrolRequest(decoding: call.body)
      }
      return .json(try enrol(request, now: now).encode(), status: 201)
    case .renew:
      try requireJSON(call)
      let request = try Problem.wrap { () throws(WireError) in
        try RenewRequest(decoding: call.body)
      }
      return .json(try renew(request, now: now).encode())
    case .sync:
      if call.contentType != MediaType.segment { try requireJSON(call) }
      return try sync(call, from: try authenticate(call, readmittedAt: now), now: now)
    case .rights:
      try requireJSON(call)
      let replica = try authenticate(call)
      let question = try Problem.wrap { () throws(WireError) in
        try RightsQuestion(decoding: call.body)
      }
      return .json(try rights(question, from: replica, now: now).encode())
    case .digests:
      try requireJSON(call)
      let replica = try authenticate(call)
      let request = try Problem.wrap { () throws(WireError) in
        try DigestsRequest(decoding: call.body)
      }
      return .json(try digests(request, from: replica, now: now).encode())
    case .bundles: return try takeBundle(call, from: authenticate(call), now: now)
    case .rollcall:
      try requireJSON(call)
      let replica = try authenticate(call, readmittedAt: now)
      let request = try Problem.wrap { () throws(WireError) in
        try RollCallRequest(decoding: call.body, codec)
      }
      return .json(try rollCall(request, from: replica, now: now).encode(codec))
    case .body: return try bodies(call, now: now)
    case .checkpoint, .checkpointFile:
      return try checkpoint(call, for: authenticate(call), now: now)
    case .invitations, .revocations, .retirements:
      return try administer(address, call, now: now)
    }
  }

  /// Brings or fetches a body.
  private func bodies(_ call: HubCall, now: Int64) throws(Problem) -> HubAnswer {
    let replica = try authenticate(call, readmittedAt: now)
    // In a roll-call an enrolment may still come; bodies wait for its end in any case.
    let isRollCallOpen = try isRollCallOpen()
    guard try isEnrolled(replica) || isRollCallOpen else { throw Self.notEnrolled(replica) }
    guard let digest = Digest(base64URL: call.path[2]) else {
      throw Problem(.notFound, detail: "a body's name is its digest in base64url, 43 characters")
    }
    if call.method == "PUT" {
      try put(call.body, digest, from: replica)
      return HubAnswer(status: 204, contentType: "application/octet-stream", body: [])
    }
    try refuseRetired(replica)
    let bytes = try body(digest, for: replica)
    return HubAnswer(status: 200, contentType: "application/octet-stream", body: bytes)
  }

  func requireJSON(_ call: HubCall) throws(Problem) {
    guard call.contentType == MediaType.json else {
      throw Problem(.unsupportedMediaType, detail: "send \(MediaType.json)")
    }
  }

  /// The replica whose token the call bears: `Bearer 4097.` and 43 characters of base64url.
  ///
  /// The token proves by itself that a hub of this street issued the id. Its enrolment may be among
  /// what a hub has lost, so whether it is here is asked apart.
  ///
  /// `now` is the time of a call by which a revoked replica that was let in again may bring what it had
  /// not sent; nil for any other call.
  private func authenticate(
    _ call: HubCall, readmittedAt now: Int64? = nil
  ) throws(Problem) -> ReplicaID {
    guard let text = call.bearerToken, let dot = text.firstIndex(of: "."),
      let number = UInt32(text.prefix(upTo: dot)),
      let replica = ReplicaID(rawValue: number),
      let token = Digest(base64URL: String(text[text.index(after: dot)...])),
      let issued = key.token(of: replica), issued.isEqualInConstantTime(to: token)
    else { throw Self.unknownToken }
    try refuseRevoked(replica, readmittedAt: now)
    return replica
  }

  /// Refuses a replica that the street has revoked, unless it may bring now what it had not sent.
  func refuseRevoked(_ replica: ReplicaID, readmittedAt now: Int64?) throws(Problem) {
    let isShut = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) -> Bool in
        guard try store.enrolment(of: replica)?.isRevoked == true else { return false }
        guard let now else { return true }
        return try !HubAdmin.isReadmitted(replica, in: store, now: now)
      }
    }
    guard !isShut else {
      throw Problem(.tokenRevoked, detail: "the street has revoked replica \(replica)")
    }
  }

  static let unknownToken = Problem(
    .unauthorized, detail: "the token is missing or is not one of this street")

  /// What a caller with a right token is told whose enrolment this hub lacks.
  static func notEnrolled(_ replica: ReplicaID) -> Problem {
    Problem(.unauthorized, detail: "the enrolment of replica \(replica) is not here")
  }

  /// Whether a replica's enrolment is here.
  func isEnrolled(_ replica: ReplicaID) throws(Problem) -> Bool {
    try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.enrolment(of: replica) != nil }
    }
  }

  /// Whether the hub decides nothing, because it was rebuilt and nobody has ended its roll-call.
  func isRollCallOpen() throws(Problem) -> Bool {
    try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.isRollCallOpen }
    }
  }

  /// Refuses what a hub does not do before its roll-call has ended.
  func refuseInRollCall() throws(Problem) {
    guard try isRollCallOpen() else { return }
    throw Problem(.rollCall, detail: "the hub was rebuilt; two persons have to end its roll-call")
  }

  /// Gives nothing to a replica that was retired; what it brings is taken before.
  func refuseRetired(_ replica: ReplicaID) throws(Problem) {
    guard try isRetired(replica) else { return }
    throw Problem(
      .retired, detail: "the street has retired replica \(replica); its log is held here")
  }

  /// Whether another replica took a replica's place.
  func isRetired(_ replica: ReplicaID) throws(Problem) -> Bool {
    try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try store.isRetired(replica) }
    }
  }

  private func card(now: Int64) throws(Problem) -> HubCard {
    let name = try Problem.wrap { () throws(StoreError) in try store.setting(.streetName) }
    return HubCard(
      street: key.street,
      name: name.map { String(decoding: $0, as: UTF8.self) } ?? key.street.description,
      incarnation: key.incarnation, now: now, protocols: [HubCard.protocolVersion],
      catalogue: store.edition.version, limits: .current)
  }
}

/// How a hub begins a new life while it runs: chance, and where its key is kept.
package struct HubRenewal {
  /// Gives that many random bytes.
  let random: (Int) -> [UInt8]
  /// Keeps the key durably; false when it cannot.
  let keep: (HubKey) -> Bool

  /// Makes one.
  package init(random: @escaping (Int) -> [UInt8], keep: @escaping (HubKey) -> Bool) {
    self.random = random
    self.keep = keep
  }
}

/// An error of a module below that a hub can answer with.
protocol AnswerableError: Error {
  /// The answer.
  var problem: Problem { get }
}

extension WireError: AnswerableError {}

extension StoreError: AnswerableError {
  var problem: Problem { Problem(self) }
}

extension Problem {
  /// Runs a call of a module below and turns its error into a problem.
  static func wrap<R, E: AnswerableError>(_ body: () throws(E) -> R) throws(Problem) -> R {
    do throws(E) {
      return try body()
    } catch { throw error.problem }
  }

  /// What a store's refusal means to the one who called.
  init(_ error: StoreError) {
    switch error {
    case .gap(_, let held): self = Problem(.gap, detail: "this hub holds your log up to \(held)")
    case .fork(let id): self = Problem(.fork, detail: "another op \(id) is held here")
    case .hashMismatch(let id):
      self = Problem(.chainBroken, detail: "the chain hash at \(id) differs")
    case .payload: self = Problem(.outOfRange, detail: "a value does not fit its field")
    case .rollCall: self = Problem(.rollCall, detail: "nobody has ended the hub's roll-call")
    case .clockBehind:
      self = Problem(
        .internal,
        detail: "the hub's clock is before its own records; its operator must see: linli hub clock")
    case _ where error.isBusy:
      self = Problem(.busy, detail: "another writer holds the database")
    case _ where error.isFull:
      self = Problem(.storageFull, detail: "the hub's disk is full")
    default: self = Problem(.internal, detail: "the hub could not do it; nothing was changed")
    }
  }
}
