import Foundation
import Testing

/// The loss of a hub as a play; by hand with 100,000 ops.
@Suite struct RecoveryDemoTests {
  @Test("a lost hub comes back from its five offices with the state that it had")
  func play() async throws {
    let demo = try await ProcessKit.run(["demo", "--recover", "--ops", "240", "--json"])
    #expect(demo.exit == 0, "\(demo.out)\(demo.err)")
    let answer = try demo.object()
    #expect(answer["ops"] as? Int == 240)
    #expect(answer["equal"] as? Bool == true)
    let digests = [answer["before"], answer["after"]].compactMap { $0 as? [String] }.flatMap(\.self)
    #expect(digests.count == 12)
    #expect(Set(digests).count == 1)
  }
}
