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
  }
}
