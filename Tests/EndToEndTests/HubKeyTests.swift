import Foundation
import Testing

@Suite("The paper shares of the master key") struct HubKeyTests {
  @Test("bring a lost key file back, and nothing else is taken for it")
  func join() async throws {
    let folder = try ScratchFolder()
    let data = folder.path("hub")
    let made = try await ProcessKit.run(["hub", "init", "--name", "街", "--data", data, "--json"])
    let shares = try #require(try made.object()["paper_shares"] as? [String])
    let file = URL(fileURLWithPath: data + "/hub.key")
    let key = try Data(contentsOf: file)
    let join = { (words: [String]) in
      try await ProcessKit.run(["hub", "key", "--data", data, "--join"] + words)
    }
    #expect(try await join(shares).exit == 0, "the file is there already")

    try FileManager.default.removeItem(at: file)
    #expect(try await join([shares[0], shares[0]]).exit == 2)
    #expect(try await join([shares[0]]).exit == 2)
    #expect(try await join(["a", "b"]).exit == 2)
    let misread = shares[1].replacing("0", with: "1", maxReplacements: 3)
    #expect(try await join([shares[0], misread]).exit == 2)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    // As typed from paper, without quotes, the second sheet first.
    let typed = shares.reversed().flatMap { $0.split(separator: " ").map(String.init) }
    #expect(try await join(typed).exit == 0)
    #expect(try Data(contentsOf: file) == key)

    let other = folder.path("other")
    let second = try await ProcessKit.run(["hub", "init", "--name", "街", "--data", other, "--json"])
    let foreign = try #require(try second.object()["paper_shares"] as? [String])
    #expect(try await join(foreign).exit == 3, "shares of another street")
    #expect(try Data(contentsOf: file) == key)
  }
}
