import Hub
import OpLog

/// Virtual time: packets arrive and pauses end in order, and nothing else passes.
extension World {
  /// Lets everything happen up to a time.
  func advance(to end: Int64) throws(Violation) {
    while let next = nextEvent(), next.time <= end { try happen(next) }
    time = max(time, end)
    try tendHubClock()
  }

  /// The hub's operator sets a clock that is before the hub's own log, which takes nothing until then, and
  /// says that it is right now where it was ahead when the hub wrote.
  func tendHubClock() throws(Violation) {
    guard isStopped(byClockAt: hubNow) || keepsWaiting(byClockAt: hubNow) else { return }
    hub.clock = .right
    marks.hit(.hubClockSet)
    note("the hub's clock is set")
    guard isStopped(byClockAt: hubNow) || keepsWaiting(byClockAt: hubNow) else { return }
    marks.hit(.hubClockConfirmed)
    note("its operator says that it is right now")
    try must("confirm the hub's clock") { try HubClock.confirm(hubNow, in: hub.store) }
  }

  /// Whether the hub takes nothing while its clock shows a time.
  func isStopped(byClockAt reading: Int64) -> Bool {
    // A disk that fails just now is looked at again the next time.
    (try? HubClock.lead(over: reading, of: hub.store)).flatMap { $0 } != nil
  }

  /// Whether only what came behind a roll-call's end waits for the hub's clock.
  func keepsWaiting(byClockAt reading: Int64) -> Bool {
    (try? HubClock.lateLead(over: reading, of: hub.store)).flatMap { $0 } != nil
  }

  /// Lets everything happen until an office's sync has ended.
  func runSync(of office: OfficeNode) throws(Violation) {
    try startSync(at: office)
    while office.session != nil {
      guard let next = nextEvent() else {
        throw Violation("I13", "the sync of \(office.replica) waits for nothing")
      }
      try happen(next)
    }
  }

  private enum Event {
    case arrival
    case waking(OfficeNode)
  }

  private func nextEvent() -> (time: Int64, event: Event)? {
    var next: (time: Int64, event: Event)?
    if let arrival = line.nextArrival { next = (arrival, .arrival) }
    for office in offices {
      guard let wake = office.session?.nextWake, wake < next?.time ?? .max else { continue }
      next = (wake, .waking(office))
    }
    return next
  }

  private func happen(_ next: (time: Int64, event: Event)) throws(Violation) {
    time = max(time, next.time)
    if isHealing { try tendHubClock() }
    switch next.event {
    case .waking(let office): try wake(office)
    case .arrival:
      switch line.receive() {
      case .request(let call)?: try arriveAtHub(call)
      case .answer(let call, let answer)?: try arrive(answer, to: call)
      case nil: break
      }
    }
  }
}
