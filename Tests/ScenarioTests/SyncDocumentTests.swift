import Community
import Conformance
import Foundation
import Hub
import OpLog
import ScenarioKit
import Testing

@Suite struct SyncDocumentTests {
  private static let document = ScenarioFiles.folder
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Protocol/sync.md")

  /// `LINLI_RECORD=1 swift test --filter SyncDocumentTests` writes the messages anew.
  @Test("the messages of Protocol/sync.md are those of a real exchange")
  func messagesAreReal() throws {
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    var parts = text.split(separator: "```json\n", omittingEmptySubsequences: false)
      .map(String.init)
    let messages = try Self.exchange()
    try #require(parts.count == messages.count + 1)
    for (index, message) in messages.enumerated() {
      let end = try #require(parts[index + 1].range(of: "```"), "message \(index)")
      let old = parts[index + 1][..<end.lowerBound]
      parts[index + 1] = message + "\n" + parts[index + 1][end.lowerBound...]
      guard !Self.isRecording else { continue }
      #expect(old == message + "\n", "message \(index)")
    }
    guard Self.isRecording else { return }
    let recorded = parts.joined(separator: "```json\n")
    try recorded.write(to: Self.document, atomically: true, encoding: .utf8)
  }

  private static let isRecording = ProcessInfo.processInfo.environment["LINLI_RECORD"] == "1"

  /// The card, the enrolment, the first pull, and the first push of an office.
  private static func exchange() throws -> [String] {
    let player = try CorePlayer()
    var messages: [String] = []
    player.onCall = { call, answer in
      if !call.body.isEmpty { messages.append(String(decoding: call.body, as: UTF8.self)) }
      guard answer.contentType == "application/json" else { return }
      messages.append(String(decoding: answer.body, as: UTF8.self))
    }
    player.call(HubCall(method: "GET", path: ["v1"]))
    let made = try player.invite(
      ScenarioInvitation(
        community: "青龙街", policy: [], staff: ["王敏"], roles: [.clerk, .approver], office: "北门站"))
    let answer = try player.record(
      ScenarioRequest(
        kind: "activity.publish",
        fields: ["title": "扫雪", "category": "labour", "points": "3", "held_on": Scenario.today],
        actor: made.staff[0], date: Scenario.today), at: "北门站")
    guard case .recorded = answer else { throw ScenarioError("\(answer)") }
    try player.sync("北门站")
    player.onCall = nil
    messages += try rights(player, clerk: made.staff[0])
    messages += try rollCall()
    messages += try player.search(
      afterSpoiling: "UPDATE activity SET points = 11 WHERE points = 12", at: "南门站")
    return messages + (try renewal())
  }

  /// A street of one office loses its hub.
  private static func rollCall() throws -> [String] {
    try streetOfOne().rollCall(at: "北门站")
  }

  /// The same with the key.
  private static func renewal() throws -> [String] { try streetOfOne().renewal(at: "北门站") }

  private static func streetOfOne() throws -> CorePlayer {
    let player = try CorePlayer()
    _ = try player.invite(
      ScenarioInvitation(
        community: "青龙街", policy: [], staff: [], roles: [], office: "北门站"))
    return player
  }

  /// Another office asks for points of a resident, and asks the hub twice what became of it.
  private static func rights(_ player: CorePlayer, clerk: OpID) throws -> [String] {
    let (home, visitor) = ("北门站", "南门站")
    let made = try player.invite(
      ScenarioInvitation(
        community: "塔山", policy: [], staff: ["李强"], roles: [.clerk], office: visitor))
    func record(
      _ kind: String, _ fields: [String: String], at place: String, by actor: OpID
    ) throws -> OpID {
      let answer = try player.record(
        ScenarioRequest(kind: kind, fields: fields, actor: actor, date: Scenario.today),
        at: place)
      guard case .recorded(let op, _, _) = answer else { throw ScenarioError("\(answer)") }
      return op
    }
    let resident = try record("resident.register", ["name": "刘小娥"], at: home, by: clerk)
    let activity = try record(
      "activity.publish",
      ["title": "义诊", "category": "labour", "points": "12", "held_on": Scenario.today],
      at: home, by: clerk)
    _ = try record(
      "award.grant", ["activity": "\(activity)", "resident": "\(resident)"], at: home, by: clerk)
    for place in [home, visitor] { try player.sync(place) }
    let request = try record(
      "rights.request", ["account": "\(resident)", "points": "9"], at: visitor,
      by: made.staff[0])
    try player.sync(visitor)
    var messages = try player.askAboutRights(request, at: visitor)
    try player.sync(home)
    messages += try player.askAboutRights(request, at: visitor)
    return messages
  }
}
