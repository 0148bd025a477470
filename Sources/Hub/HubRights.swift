import Community
import OpLog
import Store
import Wire

/// What became of a request for rights: the hub relays, and only the home decides.
extension HubCore {
  /// How long after its last sync a replica counts as online, in ms.
  private static let onlineMilliseconds: Int64 = 15_000

  func rights(
    _ question: RightsQuestion, from replica: ReplicaID, now: Int64
  ) throws(Problem) -> RightsAnswer {
    guard question.request.replica == replica else {
      throw Problem(
        .forbidden, detail: "\(question.request) is not a request of yours", field: "request")
    }
    let (row, home) = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        let row = try store.rightsRequest(question.request)
        return (row, try row?[0].id.flatMap { (id) throws(StoreError) in try store.home(of: id) })
      }
    }
    guard let row else {
      throw Problem(.notFound, detail: "this hub holds no such request: sync first")
    }
    guard row[6] == .null else {
      let granted = row[7].integer ?? 0
      return granted > 0 ? .granted(granted) : .refused
    }
    return isOnline(home, now: now) ? .waiting : .homeOffline
  }

  /// Whether a replica synced a moment ago, or waits here to hear what others want of it.
  private func isOnline(_ replica: ReplicaID?, now: Int64) -> Bool {
    if let until = replica.flatMap({ waitingUntil[$0] }),
      (0...Int64(WireLimits.waitSecondsMax) * 1_000).contains(until - now)
    {
      return true
    }
    guard let last = replica.flatMap({ lastSync[$0] }) else { return false }
    return (0...Self.onlineMilliseconds).contains(now - last)
  }
}
