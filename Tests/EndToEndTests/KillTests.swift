import Foundation
import Testing

@Suite("a killed office") struct KillTests {
  /// Lines in one stream: eight commits, so that most kills fall between two of them.
  private static let lines = 8
  private static let kills = 200

  @Test("keeps every op that it acknowledged, and none twice")
  func acknowledged() async throws {
    let street = try await TestStreet()
    let office = try await street.office("north")
    var dice = SystemDice(state: 20_260_105)
    var acknowledged: [String: String] = [:]
    var keys: [String] = []
    // The machine's load changes while this runs, so the median is that of the last whole streams.
    var times = try await wholeRuns(office)
    for round in 0..<Self.kills {
      let batch = (0..<Self.lines).map { _ in dice.key(of: "4097") }
      keys += batch
      let process = try RunningProcess(
        ["record", "--json", "-", "--as", office.staff, "--data", office.data])
      let delay = Int(dice.next() % UInt64(2 * times.sorted()[times.count / 2]))
      let start = ContinuousClock.now
      var answers = 0
      DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(delay)) {
        kill(process.id, SIGKILL)
      }
      for key in batch { process.send(Self.line(key: key, round: round)) }
      while let answer = await process.line() {
        let object = try JSONSerialization.jsonObject(with: Data(answer.utf8))
        let fields = try #require(object as? [String: Any])
        let key = try #require(fields["key"] as? String)
        acknowledged[key] = try #require(fields["op"] as? String)
        answers += 1
        guard answers == Self.lines else { continue }
        times = times.suffix(8) + [Int((ContinuousClock.now - start) / .microseconds(1))]
      }
      _ = await process.wait()
    }
    #expect(Set(acknowledged.values).count == acknowledged.count, "no op stands for two requests")
    // Every request again: those that were acknowledged must name the same op as before.
    let again = try await office.run(
      "record", "--json", "-", "--as", office.staff,
      input: keys.enumerated().map { Self.line(key: $1, round: $0 / Self.lines) }
        .joined(separator: "\n"))
    #expect(again.exit == 0, "\(again.err)")
    var ops: Set<String> = []
    var early = 0
    for answer in try again.objects() {
      let key = try #require(answer["key"] as? String)
      let op = try #require(answer["op"] as? String)
      #expect(ops.insert(op).inserted, "\(op) stands for two requests")
      guard let before = acknowledged[key] else { continue }
      early += 1
      #expect(answer["status"] as? String == "already")
      #expect(op == before)
    }
    #expect(early == acknowledged.count)
    #expect(ops.count == keys.count)
    let verified = try await office.run("office", "verify")
    #expect(verified.exit == 0, "\(verified.out)\(verified.err)")
    print("kills: \(Self.kills), acknowledged before a kill: \(early) of \(keys.count)")
    #expect(early > 0 && early < keys.count, "the kills must fall into the streams")
  }

  private static func line(key: String, round: Int) -> String {
    """
    {"kind":"resident.register","fields":{"name":"居民\(round)"},"on":"2026-01-05","key":"\(key)"}
    """
  }

  /// The times of a few whole streams, in microseconds.
  private func wholeRuns(_ office: TestOffice) async throws -> [Int] {
    var dice = SystemDice(state: 1)
    var times: [Int] = []
    for _ in 0..<5 {
      let input = (0..<Self.lines).map { _ in Self.line(key: dice.key(of: "4097"), round: 0) }
      let start = ContinuousClock.now
      let run = try await office.run(
        "record", "--json", "-", "--as", office.staff, input: input.joined(separator: "\n"))
      #expect(run.exit == 0)
      times.append(Int((ContinuousClock.now - start) / .microseconds(1)))
    }
    return times
  }
}

/// A seeded generator: Lehmer's linear congruence with Knuth's constants.
private struct SystemDice {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 20
  }

  mutating func key(of replica: String) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    return replica + "." + String((0..<16).map { _ in digits[Int(next() % 64)] })
  }
}
