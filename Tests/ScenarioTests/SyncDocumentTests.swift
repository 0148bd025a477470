import Community
import Conformance
import Foundation
import Hub
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
    return messages
  }
}
