import Glibc
import OpLog
import Wire

/// When the program of a replica is killed, as seen from a reply that it is given.
enum KillMoment: CustomStringConvertible {
  /// When it calls again behind the reply, whatever for.
  case atNextCall
  /// So many milliseconds behind the reply's last byte.
  case behind(milliseconds: UInt32)

  /// The first pull, in chunks, is the one with the most calls; storing a reply takes milliseconds.
  static let all: [KillMoment] =
    [.atNextCall] + [0, 1, 4, 16].map { .behind(milliseconds: $0) }

  var description: String {
    switch self {
    case .atNextCall: "when it calls again"
    case .behind(let milliseconds): "\(milliseconds) ms behind it"
    }
  }
}

extension ReplicaStreet {
  /// Kills the program at a moment behind the next reply to a sync.
  func killBehindReply(at moment: KillMoment) {
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
    case .behind(let milliseconds):
      line.giveChunks(of: Int(WireLimits.chunkBytes.upperBound))
      line.afterAnswer = { [driver] call in
        guard call.address == "/v1/sync" else { return }
        usleep(milliseconds * 1_000)
        driver.kill()
      }
    }
  }

  /// Wants a replica to hold what it held before, or all of a reply that came since the line was forgotten.
  func expectAllOrNothing(
    _ replica: TestedReplica, _ before: [ReplicaID: Head], _ sent: String
  ) throws(RuleFinding) {
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
      "what was held before, or all of the reply with its progress (sync.md §4.6)",
      came: heads.values.sorted { $0.replica < $1.replica }.map { "\($0.replica)-\($0.seq)" }
        .joined(separator: ", "))
  }

  /// The heads of the hub's log up to a seq, and of what its entries up to another cover, as of the last
  /// look there.
  private func logs(of end: UInt64, covering covered: UInt64) -> [ReplicaID: Head] {
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
