import OpLog
import Wire

/// The one loss of its database that a hub has in a run.
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
    /// Whether the giver has given the former log whole.
    var isGiven = false
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
      try perform(.rebuild)
      try meetNextLife()
      let found = Aftermath(
        before: before, giver: giver, other: other,
        sealed: SuccessorHead(head: last.head, seal: last.successorSeal), body: body, code: code)
      aftermath = found
      return found
    }
  }
}
