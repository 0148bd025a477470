import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Wire

/// A line on which nothing goes wrong, and nothing takes time.
extension World {
  /// The hub's answer, at once.
  ///
  /// The call may begin the hub's next life, so whoever makes such a call notes the hub's log before.
  func answer(to request: PeerRequest) -> PeerResponse {
    if let answer = spoiledAnswer(to: request) { return answer }
    var call = HubCall(
      method: request.method, path: request.path.split(separator: "/").map(String.init),
      contentType: request.contentType, accept: request.accept,
      authorization: request.token.map { "Bearer \($0)" }, body: request.body)
    call.range = request.range.map { "bytes=\($0.lowerBound)-\($0.upperBound)" }
    let answer = hub.core.handle(call, now: hubNow)
    if answer.status >= 400, let problem = try? Problem(decoding: answer.body) {
      marks.hit(problem.kind)
    }
    var response = PeerResponse(
      status: answer.status, contentType: answer.contentType, body: answer.body)
    response.contentRange = answer.headers.first { $0.0 == "Content-Range" }?.1
    return response
  }

  /// Lets an office sync without any fault.
  ///
  /// - Parameters:
  ///   - office: The office.
  ///   - mayDiffer: Whether somebody changed a row behind the program's back.
  /// - Returns: What keeps it from going on; nil when all was exchanged.
  /// - Throws: ``Violation``.
  func syncAtOnce(
    _ office: OfficeNode, mayDiffer: Bool = false
  ) throws(Violation) -> OfficeError? {
    var machine = SyncMachine(
      owesRollCall: try must("look for a roll-call") { try office.core.owesRollCall })
    var isDifferent = false
    var isInJSON = false
    var last: PeerRequest?
    for _ in 0..<1_000 {
      if isDifferent {
        throw Violation("I9", "office and hub hold the same ops and not the same tables")
      }
      try hub.noteOwnLog()
      do throws(OfficeError) {
        switch machine.next() {
        case .exchange(let bytes):
          let (request, message) = try office.core.syncRequest(
            maxBytes: bytes, inSegments: office.readsSegments && !isInJSON)
          last = message
          let now = office.clock.reading(at: time)
          let exchange = try office.core.take(answer(to: message), to: request, now: now)
          if exchange.comparison == .different, !mayDiffer { isDifferent = true }
          if exchange.isLast { office.lastSync = (time, exchange.isDigestEqual) }
          machine.exchanged(isLast: exchange.isLast, mustSearch: exchange.mustSearch)
        case .rollCall(let bytes):
          let (request, message) = try office.core.rollCallRequest(maxBytes: bytes)
          let isDone = try office.core.take(answer(to: message), to: request)
          machine.called(isDone: isDone)
        case .bodies: machine.bodiesMoved()
        case .search:
          let now = office.clock.reading(at: time)
          guard let (request, message) = try office.core.digestsRequest(now: now) else {
            machine.searched(.done)
            break
          }
          machine.searched(try office.core.take(answer(to: message), to: request))
        case .wait: break
        case .finished: return nil
        }
      } catch {
        if !isInJSON, let last,
          try must("go back to JSON", { try office.core.repeatsInJSON(after: error, last) })
        {
          isInJSON = true
          continue
        }
        if case .problem(let problem) = error, machine.refused(problem.kind) { continue }
        if options.bug != .cloneTrusted {
          try must("keep why it stopped") { try office.core.note(error) }
        }
        note("\(office.replica) ends its sync: \(error)")
        return error
      }
    }
    throw Violation("I13", "the sync of \(office.replica) does not end")
  }
}
