import OpLog
import Wire

/// What a hub suffers in a run, each once: the loss of its database, and an old one in its place.
extension ConformanceRun {
  /// What the rules about a rebuilt hub find.
  struct Aftermath {
    /// The card before.
    let before: HubCard
    /// An office of one community, which had pushed and pulled all.
    var giver: TestOffice
    /// An office that holds nothing of the others.
    var other: TestOffice
    /// The successor seals that the giver was given, with the head.
    let sealed: SuccessorHead
    /// A body that the giver's community has, and had not brought.
    let body: [UInt8]
    /// A code that was handed out before.
    let code: EnrolRequest
  }

  /// Makes the hub lose its database, once, with offices enrolled before.
  func lostHub() throws(RuleFinding) -> Aftermath {
    if let aftermath { return aftermath }
    return try prepared { () throws(RuleFinding) in
      let before = try card()
      var other = try office("甲")
      try other.publish("丢失以前")
      try sync(&other)
      var giver = try office("甲")
      let body = bytes(16) + Array(#"{"name":"丁"}"#.utf8)
      try giver.register(body)
      try sync(&giver)
      let request = giver.request()
      let last = try reply(send(request, as: giver.token), to: giver)
      giver.take(last)
      guard !last.hasMore, last.entries.isEmpty else {
        throw RuleFinding(
          sent: "a sync behind the last", expected: "nothing more", came: "more entries")
      }
      let code = try enrolRequest(invite("甲").code)
      // In a roll-call nobody gets one: whether it gives any shows now.
      _ = try? checkpointCard(for: giver)
      try perform(.rebuild)
      let found = Aftermath(
        before: before, giver: giver, other: other,
        sealed: SuccessorHead(head: last.head, seal: last.successorSeal), body: body, code: code)
      keep(found)
      return found
    }
  }

  /// What an office finds whose hub's disk was set back, and which wrote on.
  struct SetBack {
    /// The office; it holds of the hub's log what the hub wrote before.
    let office: TestOffice
    /// Its head of that log.
    let sealed: SuccessorHead
    /// What the hub said when it was shown that head.
    let reply: RollCallReply
  }

  /// Has the hub's database set back to before an office's last push, once, and shows the hub what the office
  /// holds when the hub has written something else.
  ///
  /// The offices of ``lostHub()`` are on the branch before then: rules that use them come first.
  ///
  /// - Throws: What stands in the way of a rule; what the hub does wrong when it is shown that is the rule's
  ///   own matter.
  func hubSetBack() throws(RuleFinding) -> SetBack {
    if let setBack { return setBack }
    var found = try lostHub()
    let (office, sealed) = try prepared { () throws(RuleFinding) -> (TestOffice, SuccessorHead) in
      try join(&found.giver)
      try sync(&found.giver)
      try perform(.keep)
      try found.giver.publish("换回")
      try sync(&found.giver)
      let last = try reply(
        send(found.giver.question(), as: found.giver.token), to: found.giver)
      try perform(.back)
      try join(&found.other)
      try found.other.publish("写下去")
      let push = found.other.request(maxBytes: Int(WireLimits.chunkBytes.lowerBound))
      _ = try reply(send(push, as: found.other.token), to: found.other)
      return (found.giver, SuccessorHead(head: last.head, seal: last.successorSeal))
    }
    let request = RollCallRequest(incarnations: [office.life], heads: [sealed])
    let answer = try rollCallReply(rollCall(request, by: office), to: office)
    let shown = SetBack(office: office, sealed: sealed, reply: answer)
    keep(shown)
    return shown
  }

  /// Has an office follow the hub's present life.
  private func join(_ office: inout TestOffice) throws(RuleFinding) {
    let request = RollCallRequest(incarnations: [office.life], heads: [])
    office.follow(try rollCallReply(rollCall(request, by: office), to: office))
  }
}
