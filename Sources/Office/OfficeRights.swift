import Community
import OpLog
import Peer
import Store
import Wire

/// Rights away from home: ask for them, answer who asks, and give back what is left.
extension OfficeCore {
  /// Asks the home of an account for the right to spend some points; the next sync carries it there.
  ///
  /// - Parameters:
  ///   - account: A resident's, or a household's pool.
  ///   - points: How many.
  ///   - actor: The id of the member of staff who asks.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  ///   - random: Gives that many random bytes.
  /// - Returns: The request and what became of it.
  /// - Throws: ``OfficeError``; nothing is recorded then.
  package func requestRights(
    _ account: String, points: Int64, actor: String, now: Int64, random: (Int) -> [UInt8]
  ) throws(OfficeError) -> Acknowledgement {
    try record(
      RecordRequest(
        kind: "rights.request", fields: ["account": account, "points": String(points)],
        actor: actor),
      now: now, random: random)
  }

  /// The question to the hub what became of a request.
  package func rightsQuestion(_ request: OpID) -> PeerRequest {
    PeerRequest(
      method: "POST", path: "/v1/rights", contentType: "application/json", token: bearer,
      body: RightsQuestion(request: request).encode())
  }

  /// Reads the hub's answer to a question about a request.
  ///
  /// - Throws: ``OfficeError/problem(_:)`` when the hub refused, ``OfficeError/wire(_:)``.
  package func rightsAnswer(_ response: PeerResponse) throws(OfficeError) -> RightsAnswer {
    guard response.status == 200 else { throw OfficeError(refusal: response) }
    do throws(WireError) {
      return try RightsAnswer(decoding: response.body)
    } catch { throw .wire(error) }
  }

  /// Asks the hub what became of a request.
  ///
  /// - Throws: ``OfficeError`` when no answer came, or the hub refused.
  package func ask<Line: Transport>(
    what request: OpID, through line: Line, isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> RightsAnswer {
    let response: PeerResponse
    do throws(TransportError) {
      response = try await line.send(rightsQuestion(request))
    } catch { throw .transport(error) }
    return try rightsAnswer(response)
  }

  /// Gives back all rights that this office holds; the next sync tells their homes.
  ///
  /// - Returns: What was given back.
  /// - Throws: ``OfficeError``; what was given back before it stays so.
  package func returnRights(now: Int64) throws(OfficeError) -> [Store.HeldRight] {
    if let stop = try stop { throw .stopped(stop) }
    return try giveBack(grantedBefore: nil, now: now)
  }

  /// Answers who asked for points of accounts of this office, and gives back what is left of earlier
  /// days; the exchange after this one tells them.
  func settleRights(on today: BusinessDate, now: Int64) throws(OfficeError) {
    guard try stop == nil, let kind = Catalogue.kind(named: "rights.grant") else { return }
    try OfficeError.wrap { () throws(StoreError) in
      for request in try store.requestsToAnswer(limit: Self.answersMax) {
        let points = try store.answer(to: request, on: today)
        let draft = Draft(
          kind: kind, payload: Payload(values: [.reference(request), .integer(points)]),
          occurredOn: today)
        // A refusal, because somebody recorded a debit meanwhile, leaves it to the next sync.
        _ = try store.record(draft, key: nil, stamp: now)
      }
    }
    _ = try giveBack(grantedBefore: today, now: now)
  }

  private func giveBack(
    grantedBefore day: BusinessDate?, now: Int64
  ) throws(OfficeError) -> [Store.HeldRight] {
    guard let kind = Catalogue.kind(named: "rights.return") else { return [] }
    return try OfficeError.wrap { () throws(StoreError) in
      var given: [Store.HeldRight] = []
      for right in try store.heldRights(grantedBefore: day, limit: Self.answersMax) {
        let draft = Draft(
          kind: kind,
          payload: Payload(
            values: [.reference(right.account), .integer(min(right.points, Self.returnMax))]),
          occurredOn: day ?? BusinessDate(stamp: now))
        guard case .written = try store.record(draft, key: nil, stamp: now) else { continue }
        given.append(right)
      }
      return given
    }
  }

  /// Requests answered, and rights given back, after one exchange.
  private static let answersMax = 256
  /// The most points of one `rights.return`.
  private static let returnMax: Int64 = 10_000
}
