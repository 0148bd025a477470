import Community
import HTTPClient
import Office
import Wire

/// The way from an office's commands to its hub.
enum HubLine {
  /// A line to a hub; sends nothing yet.
  static func open(_ hub: String) throws(CommandError) -> HTTPTransport {
    do throws(HubAddressError) {
      return try HTTPTransport(hub: hub)
    } catch { throw CommandError(error) }
  }

  /// Syncs an office, with progress for a person who watches.
  static func sync(
    _ office: OfficeCore, through line: HTTPTransport, attempts: Int, _ console: Console,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(CommandError) -> SyncSummary {
    let world = SyncEnvironment(
      line: line, now: Machine.now, random: Machine.anyNumber, pause: Machine.pause,
      progress: { console.progress(console.language($0.words)) })
    defer { console.endProgress() }
    do throws(OfficeError) {
      return try await office.sync(world, attemptsMax: attempts)
    } catch { throw CommandError(error) }
  }
}

extension SyncSummary {
  /// What was moved, in a line.
  var words: Words {
    let moved = Words(
      "送出 \(pushed) 条，收到 \(pulled) 条，资料 \(bodies) 份\(isDigestEqual ? "，与街道一致" : "")",
      "sent \(pushed), received \(pulled), bodies \(bodies)\(isDigestEqual ? ", equal to the hub" : "")"
    )
    guard isRollCallOpen else {
      if let checkpoint, checkpoint.size > 0, exchanges == 0 { return checkpoint.words }
      guard isBudgetSpent else { return moved }
      return Words(
        moved.chinese + "；今天的流量已用完，只送出本站记录",
        moved.english + "; today's bytes are spent: only own ops go")
    }
    return Words(
      moved.chinese + "；街道服务器重建后正在点名，暂不作决定、不收资料，可照常登记",
      moved.english
        + "; the hub was rebuilt and calls the roll: it decides nothing and takes no bodies yet, go on "
        + "recording")
  }
}

extension CheckpointSummary {
  /// How far it is, in a line.
  fileprivate var words: Words {
    guard !isWhole else {
      return Words(
        "已经可以登记；以前的记录接着收", "you can record now; the history comes in behind")
    }
    let (taken, size) = (taken / 1_000, (size + 999) / 1_000)
    return Words(
      "先收登记要用的: \(taken) / \(size) kB", "first what the counter needs: \(taken) of \(size) kB")
  }
}

extension JSONWriter {
  /// Writes the members of a sync's result.
  mutating func summary(_ summary: SyncSummary) {
    let counts: [(name: String, count: Int)] = [
      ("exchanges", summary.exchanges), ("pushed", summary.pushed), ("pulled", summary.pulled),
      ("bodies", summary.bodies), ("failures", summary.failures),
      ("bytes_sent", summary.bytesSent), ("bytes_received", summary.bytesReceived),
      ("bytes_wasted", summary.bytesWasted),
    ]
    for (name, count) in counts {
      key(name)
      integer(Int64(count))
    }
    member("digest_equal", summary.isDigestEqual)
    member("roll_call", summary.isRollCallOpen)
    member("budget_spent", summary.isBudgetSpent)
    guard let checkpoint = summary.checkpoint, checkpoint.size > 0 else { return }
    member("checkpoint") { json in
      json.member("bytes", checkpoint.size)
      json.member("exchanges", checkpoint.exchanges)
      json.member("failures", checkpoint.failures)
      json.member("bytes_received", checkpoint.bytesReceived)
      json.member("bytes_wasted", checkpoint.bytesWasted)
      json.member("restarts", checkpoint.restarts)
      json.member("taken", checkpoint.isWhole)
    }
  }
}
