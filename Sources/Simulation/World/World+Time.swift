import OpLog

/// Virtual time: packets arrive and pauses end in order, and nothing else passes.
extension World {
  /// Lets everything happen up to a time.
  func advance(to end: Int64) throws(Violation) {
    while let next = nextEvent(), next.time <= end { try happen(next) }
    time = max(time, end)
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
