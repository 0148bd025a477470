import Wire

/// Calls that may wait for something to be said: sync.md §4.17.
///
/// A hub that knows nothing of `wait` keeps these rules too: it answers at once.
extension ConformanceRule {
  static let waiting: [ConformanceRule] = [
    ConformanceRule(
      "sync.4.17.a", "有话可说时，带 wait 的同步马上回答",
      "A sync with `wait` is answered at once where there is something to say, or to take."
    ) { (run) throws(RuleFinding) in
      var office = try run.enrolled()
      let sent = "a first pull with wait=25"
      let (pull, time) = try run.timed { () throws(RuleFinding) in
        try run.waiting(office.question(), 25, as: office.token)
      }
      let reply = try run.reply(pull, to: office)
      try run.expect(
        !reply.entries.isEmpty && time < .seconds(10), sent: sent,
        "the hub's entries at once (sync.md §4.17)",
        came: "\(reply.entries.count) entries after \(time)")
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      try office.publish()
      let (push, pushTime) = try run.timed { () throws(RuleFinding) in
        try run.waiting(office.request(), 25, as: office.token)
      }
      let pushed = try run.reply(push, to: office)
      try run.expect(
        pushed.have == office.head && pushTime < .seconds(10), sent: "a push with wait=25",
        "that the op is held, at once (sync.md §4.17)", came: "\(pushed.have) after \(pushTime)")
    },
    ConformanceRule(
      "sync.4.17.b", "没有话可说时，到时间也要回答",
      "A sync with `wait` and nothing to say is answered when the time is over."
    ) { (run) throws(RuleFinding) in
      var office = try run.office()
      try run.prepared { () throws(RuleFinding) in try run.sync(&office) }
      let (answer, time) = try run.timed { () throws(RuleFinding) in
        try run.waiting(office.question(), 1, as: office.token)
      }
      let reply = try run.reply(answer, to: office)
      try run.expect(
        !reply.hasMore && time < .seconds(11),
        sent: "a pull with wait=1 behind the hub's last entry",
        "a reply to it after a second, or at once (sync.md §4.17)", came: "one after \(time)")
    },
  ]
}

extension ConformanceRun {
  /// Sends a sync that may wait.
  fileprivate func waiting(
    _ request: SyncRequest, _ seconds: Int, as token: String
  ) throws(RuleFinding) -> LineAnswer {
    try call(.post("/v1/sync?wait=\(seconds)", request.encode(codec), as: token))
  }

  /// What a call gives, and how long it takes.
  fileprivate func timed<R>(
    _ body: () throws(RuleFinding) -> R
  ) throws(RuleFinding) -> (R, Duration) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try body()
    return (result, clock.now - start)
  }
}
