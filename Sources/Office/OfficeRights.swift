import Community
import OpLog
import Peer
import Store
import Wire

/// Rights away from home: ask for them, answer who asks, and give back what is left.
extension OfficeCore {
  /// Asks the home of an account for the right to spend some points; the next sync carries it there.
  ///
  /// The request ends with the hub's day, so whoever asks syncs first: this PC's clock may be wrong.
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
        actor: actor, occurredOn: try hubDay(now: now).description),
      now: now, random: random)
  }

  /// What this office asked for today and was not answered yet.
  ///
  /// - Throws: ``OfficeError/store(_:)``.
  package func openRights(
    on account: OpID, now: Int64
  ) throws(OfficeError) -> [(request: OpID, points: Int64)] {
    let day = try hubDay(now: now)
    return try OfficeError.wrap { () throws(StoreError) in
      try store.openRights(on: account, asked: day)
    }
  }

  /// Takes back what this office asked for and was not answered yet; the next sync tells the home.
  ///
  /// - Returns: The requests that were taken back.
  /// - Throws: ``OfficeError``.
  package func withdrawRights(
    on account: OpID, now: Int64
  ) throws(OfficeError) -> [(request: OpID, points: Int64)] {
    if let stop = try stop { throw .stopped(stop) }
    guard let kind = Catalogue.kind(named: "rights.grant") else { return [] }
    let day = try hubDay(now: now)
    var withdrawn: [(request: OpID, points: Int64)] = []
    for open in try openRights(on: account, now: now) {
      let draft = Draft(
        kind: kind, payload: Payload(values: [.reference(open.request), .integer(0)]),
        occurredOn: day)
      let recorded = try OfficeError.wrap { () throws(StoreError) in
        try store.record(draft, key: nil, stamp: now)
      }
      // Refused, it was answered meanwhile.
      if case .written = recorded { withdrawn.append(open) }
    }
    return withdrawn
  }

  /// The day of the hub's last reply; this PC's before the first.
  package func hubDay(now: Int64) throws(OfficeError) -> BusinessDate {
    let last = try OfficeError.wrap { () throws(StoreError) in try store.number(.lastContact) }
    return BusinessDate(stamp: last ?? now)
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
  /// - Parameters:
  ///   - request: The request.
  ///   - line: Carries the question.
  ///   - now: The PC's clock in ms since 1970-01-01 UTC.
  ///   - isolation: The caller's actor.
  /// - Returns: What the hub said.
  /// - Throws: ``OfficeError`` when no answer came, or the hub refused.
  package func ask<Line: Transport>(
    what request: OpID, through line: Line, now: Int64,
    isolation: isolated (any Actor)? = #isolation
  ) async throws(OfficeError) -> RightsAnswer {
    let outcome = await line.carry(rightsQuestion(request))
    try count(sent: outcome.traffic.sent, received: outcome.traffic.received, now: now)
    switch outcome.result {
    case .success(let response): return try rightsAnswer(response)
    case .failure(let error): throw .transport(error)
    }
  }

  /// Gives back all rights that this office holds; the next sync tells their homes.
  ///
  /// - Returns: What was given back.
  /// - Throws: ``OfficeError``; what was given back before it stays so.
  package func returnRights(now: Int64) throws(OfficeError) -> [Store.HeldRight] {
    if let stop = try stop { throw .stopped(stop) }
    var returned: [Store.HeldRight] = []
    while true {
      let part = try giveBack(leftAt: nil, on: BusinessDate(stamp: now), now: now)
      guard !part.isEmpty else { return returned }
      returned += part
    }
  }

  /// Answers who asked for points of accounts of this office, and gives back what is left of earlier
  /// days; the exchange after this one tells them.
  ///
  /// - Parameters:
  ///   - hubNow: The hub's clock, by the reply that has just come.
  ///   - now: The PC's clock.
  /// - Throws: ``OfficeError/store(_:)``; what was written before it stays so.
  func settleRights(at hubNow: Int64, now: Int64) throws(OfficeError) {
    guard try stop == nil, let kind = Catalogue.kind(named: "rights.grant") else { return }
    let today = BusinessDate(stamp: hubNow)
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
    _ = try giveBack(leftAt: hubNow, on: today, now: now)
  }

  /// Gives back what is held, of some accounts and up to the most that one return takes.
  private func giveBack(
    leftAt hubNow: Int64?, on day: BusinessDate, now: Int64
  ) throws(OfficeError) -> [Store.HeldRight] {
    guard let kind = Catalogue.kind(named: "rights.return") else { return [] }
    return try OfficeError.wrap { () throws(StoreError) in
      var given: [Store.HeldRight] = []
      for right in try store.heldRights(leftAt: hubNow, limit: Self.answersMax) {
        let points = min(right.points, Self.returnMax)
        let draft = Draft(
          kind: kind, payload: Payload(values: [.reference(right.account), .integer(points)]),
          occurredOn: day)
        guard case .written = try store.record(draft, key: nil, stamp: now) else { continue }
        given.append(Store.HeldRight(account: right.account, points: points))
      }
      return given
    }
  }

  /// Requests answered, and rights given back, after one exchange.
  private static let answersMax = 256
  /// The most points of one `rights.return`.
  private static let returnMax: Int64 = 10_000
}
