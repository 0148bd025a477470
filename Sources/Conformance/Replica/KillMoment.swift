import Glibc
import OpLog
import Wire

/// When the program of a replica is killed, as seen from a reply that it is given.
enum KillMoment: CustomStringConvertible {
  /// When it calls again behind the reply, whatever for.
  case atNextCall
  /// So long behind the reply's last byte.
  case behind(Duration)

  /// The longest time that moments are spread over: a rule has no more to spend on a slow program.
  private static let longest = Duration.seconds(2)

  /// Moments in the time that a program took for a reply, and some behind it: it may take longer now.
  static func spread(over time: Duration) -> [KillMoment] {
    (Array(0...8) + [12, 16]).map { .behind(min(time, longest) / 8 * $0) }
  }

  var description: String {
    switch self {
    case .atNextCall: "when it calls again"
    case .behind(let time): "\(time) behind it"
    }
  }
}

extension ReplicaStreet {
  /// How long the program takes, just started, from the last byte of the next reply to a sync until it says
  /// how the sync ended; nothing is left then.
  func timeBehindReply(to replica: TestedReplica) throws(RuleFinding) -> Duration {
    var reply: ContinuousClock.Instant?
    driver.end()
    line.forget()
    line.giveChunks(of: Int(WireLimits.chunkBytes.upperBound))
    line.afterAnswer = { call in
      if call.address == "/v1/sync", reply == nil { reply = .now }
    }
    try expectSync(of: replica, .done, "a sync over a good line")
    (line.afterAnswer, line.way) = (nil, nil)
    guard let reply else { try nothingSent("a sync, whose reply is timed") }
    return reply.duration(to: .now)
  }

  /// Kills the program at a moment behind the next reply to a sync, and wants all of it or nothing to be
  /// held then.
  ///
  /// - Returns: Whether it had said before how the sync ended, and whether anything new was held.
  func killBehindReply(
    to replica: TestedReplica, at moment: KillMoment
  ) throws(RuleFinding) -> (hasAnswered: Bool, isKept: Bool) {
    let before = try replica.heads()
    line.forget()
    prepareToKill(at: moment)
    let end = try replica.sync()
    (line.afterAnswer, line.way) = (nil, nil)
    let after = try expectAllOrNothing(
      replica, before, "a reply, the program killed \(moment)")
    return (end != nil, after != before)
  }

  private func prepareToKill(at moment: KillMoment) {
    switch moment {
    case .atNextCall:
      line.giveChunks()
      let chunks = line.way
      var isBehindReply = false
      line.way = { [driver] call, hub in
        if isBehindReply {
          driver.kill()
          return .silence
        }
        isBehindReply = call.address == "/v1/sync"
        return chunks?(call, hub) ?? .handedOn(hub(call))
      }
    case .behind(let time):
      let microseconds = time / .microseconds(1)
      line.giveChunks(of: Int(WireLimits.chunkBytes.upperBound))
      line.afterAnswer = { [driver] call in
        guard call.address == "/v1/sync" else { return }
        usleep(UInt32(microseconds))
        driver.kill()
      }
    }
  }

  /// Wants a replica to hold what it held before, or all of a reply that came since the line was forgotten.
  ///
  /// - Returns: What it holds.
  private func expectAllOrNothing(
    _ replica: TestedReplica, _ before: [ReplicaID: Head], _ sent: String
  ) throws(RuleFinding) -> [ReplicaID: Head] {
    try expectSent(
      !line.exchanges(at: "/v1/sync").isEmpty, "a sync, behind whose reply the program is killed")
    let heads = try replica.heads()
    _ = try held()
    var allowed = [before]
    for (_, reply) in line.exchanges(at: "/v1/sync") {
      guard let reply, reply.status == 200,
        let taken = try? SyncReply(decoding: reply.body, asker: replica.id, offices.codec)
      else { continue }
      let end = taken.head.seq
      allowed.append(logs(of: end, covering: end))
      guard taken.hasMore else { continue }
      // Its last entry may be here in part: what that covers does not count then, and it itself may.
      allowed += [logs(of: end, covering: end - 1), logs(of: end - 1, covering: end - 1)]
    }
    try expect(
      allowed.contains(heads), sent: sent,
      "what was held before, or all of the reply with its progress (sync.md §4.6): "
        + allowed.map(Self.words).joined(separator: "; or "),
      came: Self.words(heads))
    return heads
  }

  /// Heads in a few words.
  static func words(_ heads: [ReplicaID: Head]) -> String {
    heads.isEmpty
      ? "nothing"
      : heads.values.sorted { $0.replica < $1.replica }.map { "\($0.replica)-\($0.seq)" }
        .joined(separator: ", ")
  }

  /// The heads of the hub's log up to a seq, and of what its entries up to another cover, as of the last
  /// look there.
  func logs(of end: UInt64, covering covered: UInt64) -> [ReplicaID: Head] {
    var heads: [ReplicaID: Head] = [:]
    let hub = reader.life.hub
    if let id = OpID(hub, end), let hash = reader.hash(id) {
      heads[hub] = Head(replica: hub, seq: end, hash: hash)
    }
    for entry in reader.hubLog.prefix(Int(covered)) {
      for run in (try? Receipt(entry))?.runs ?? [] { heads[run.upTo.replica] = run.upTo }
    }
    return heads
  }
}
