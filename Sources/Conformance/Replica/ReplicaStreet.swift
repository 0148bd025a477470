import Community
import OpLog
import Wire

/// The street of one rule: a hub for it alone, the line to it, offices of the runner, and replicas under
/// test.
package final class ReplicaStreet {
  private static let ruleSeconds = 60

  let bench: ReplicaBench
  let driver: ReplicaDriver
  let line: ReplicaLine
  /// The runner's own offices, which reach the hub without the line.
  let offices: ConformanceRun
  /// An office that records nothing, for what the hub holds.
  private(set) var reader: TestOffice
  private let hub: ReplicaHub
  /// By the hub's clock.
  let today: BusinessDate

  /// Starts a hub and enrols the reader.
  init(_ bench: ReplicaBench, _ driver: ReplicaDriver) throws(RuleFinding) {
    guard let hub = bench.startHub() else { throw .noMachine("a hub on loopback") }
    do throws(RuleFinding) {
      guard let line = ReplicaLine(to: hub.place) else { throw .noMachine("a port on loopback") }
      let offices = ConformanceRun(
        hub.place, adminToken: hub.adminToken, seed: 1, random: bench.random, control: nil)
      offices.allow(seconds: Self.ruleSeconds)
      reader = try offices.office()
      today = BusinessDate(stamp: try offices.card().now)
      (self.bench, self.driver, self.line) = (bench, driver, line)
      (self.hub, self.offices) = (hub, offices)
    } catch {
      hub.stop()
      throw error
    }
  }

  /// Ends the hub; the rule is over.
  func close() {
    line.way = nil
    line.afterAnswer = nil
    hub.stop()
  }

  /// Where replicas under test find the hub.
  var address: String { "http://127.0.0.1:\(line.port)" }

  // MARK: Replicas under test

  /// A replica that is enrolled, and has asked the hub for nothing else.
  func invited(_ community: String = "甲") throws(RuleFinding) -> TestedReplica {
    try offices.prepared { () throws(RuleFinding) in
      let (code, staff) = try offices.invite(community)
      return TestedReplica(self, code: code, staff: staff, data: bench.newFolder())
    }
  }

  /// A replica that has pulled the hub's log.
  func replica(_ community: String = "甲") throws(RuleFinding) -> TestedReplica {
    try offices.prepared { () throws(RuleFinding) in
      let replica = try invited(community)
      try replica.enrol()
      try replica.syncToEnd()
      line.forget()
      return replica
    }
  }

  // MARK: The hub

  /// The heads of all logs at the hub.
  func held() throws(RuleFinding) -> [ReplicaID: Head] {
    try offices.prepared { () throws(RuleFinding) in
      try offices.sync(&reader)
      return reader.heads
    }
  }

  /// What the hub holds of a log, from its first op.
  func log(of replica: ReplicaID) throws(RuleFinding) -> [Op] {
    _ = try held()
    return reader.others[replica] ?? []
  }

  /// All ops at the hub, for the naive model.
  func facts() throws(RuleFinding) -> [Fact] {
    _ = try held()
    return (reader.hubLog + reader.others.values.joined()).compactMap { op in
      reader.hash(op.id).map { Fact(op, hash: $0) }
    }
  }

  /// The chain hash of an op at the hub, as of the last look there.
  func hash(of id: OpID) -> Digest? { reader.hash(id) }

  /// The rules of a community with the highest id at the hub, as of the last look there.
  func policy(of community: OpID) -> OpID? {
    reader.hubLog.last { $0.kind == 7 && $0.references.first == community }?.id
  }

  /// Makes the hub lose its database, and begin its next life.
  func loseHub() throws(RuleFinding) {
    guard let place = hub.rebuild() else { throw .noMachine("a hub of the next life") }
    line.hub = place
  }

  /// The heads of all logs at the hub that began behind a loss, as the reader finds them.
  func heldBehindLoss() throws(RuleFinding) -> [ReplicaID: Head] {
    let run = ConformanceRun(
      line.hub, adminToken: hub.adminToken, seed: 1, random: bench.random, control: nil)
    run.allow(seconds: Self.ruleSeconds)
    return try run.prepared { () throws(RuleFinding) in
      let call = RollCallRequest(incarnations: [reader.life], heads: [])
      reader.follow(try run.rollCallReply(run.rollCall(call, by: reader), to: reader))
      try run.sync(&reader)
      return reader.heads
    }
  }

  // MARK: Replies

  /// Changes the replies to syncs from now on, and seals them anew where they name another head.
  ///
  /// `change` says whether the reply shall be changed at all.
  func changeReplies(
    to replica: TestedReplica, sealing: Bool = true,
    _ change: @escaping (inout SyncReply, SyncRequest) -> Bool
  ) {
    let codec = offices.codec
    line.changeAnswers(at: "/v1/sync") { answer, call in
      guard let request = try? SyncRequest(decoding: call.body, codec),
        var reply = try? SyncReply(
          decoding: answer.body, asker: request.head.replica, codec), change(&reply, request)
      else { return }
      if sealing {
        reply.seal = Seal.ofHub(
          secret: replica.issued.secret, reply.head, successorSeal: reply.successorSeal)
      }
      answer.body = reply.encode(
        request.catalogue == ConformanceRun.catalogue ? codec : .byNumbers)
    }
  }

  /// The requests to sync that came, in order.
  func syncs() throws(RuleFinding) -> [SyncRequest] {
    var requests: [SyncRequest] = []
    for (call, _) in line.exchanges(at: "/v1/sync") {
      do throws(WireError) {
        requests.append(try SyncRequest(decoding: call.body, offices.codec))
      } catch {
        throw RuleFinding(
          sent: "nothing", expected: "a request as sync.md §4.1 has it",
          came: "\(error) in \(String(decoding: call.body.prefix(200), as: UTF8.self))")
      }
    }
    return requests
  }
}

extension TestOffice {
  /// The heads of all logs that it holds an op of.
  var heads: [ReplicaID: Head] {
    known.reduce(into: [:]) { heads, log in
      guard log.value.count > 1, let hash = log.value.last else { return }
      heads[log.key] = Head(replica: log.key, seq: UInt64(log.value.count - 1), hash: hash)
    }
  }
}

extension RuleFinding {
  /// The machine has no more of something.
  static func noMachine(_ what: String) -> RuleFinding {
    RuleFinding(sent: "nothing", expected: what, came: "none", isPreparation: true)
  }
}
