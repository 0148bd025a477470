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

  @Test("the sheets of a key that was replaced are void, wherever they are typed")
  func void() async throws {
    let folder = try ScratchFolder()
    let data = folder.path("hub")
    let file = data + "/hub.key"
    let run = { (words: [String]) in
      try await ProcessKit.run(["hub"] + words + ["--data", data])
    }
    let made = try await run(["init", "--name", "街", "--json"])
    let former = try #require(try made.object()["paper_shares"] as? [String])
    let key = try Data(contentsOf: URL(fileURLWithPath: file))
    try FileManager.default.removeItem(atPath: file)
    let renewed = try await run(["recover", "--new-key", "--yes", "--json"])
    let present = try #require(try renewed.object()["paper_shares"] as? [String])
    let kept = try Data(contentsOf: URL(fileURLWithPath: file))
    try FileManager.default.removeItem(atPath: file)

    let joined = try await run(["key", "--join"] + former)
    #expect(joined.exit == 5)
    #expect(joined.err.contains("life 2") && joined.err.contains("linli hub key --join"))
    #expect(!FileManager.default.fileExists(atPath: file))
    // An old copy of the file, as it is, and as of the present life.
    try key.write(to: URL(fileURLWithPath: file))
    for words in [["recover"], ["serve"]] {
      #expect(try await run(words).err.contains("void"))
    }
    let text = String(decoding: kept, as: UTF8.self).split(separator: "\n").filter {
      !$0.hasPrefix("master_key")
    }
    let master = try #require(
      String(decoding: key, as: UTF8.self).split(separator: "\n").first {
        $0.hasPrefix("master_key")
      })
    try Data((text + [master, ""]).joined(separator: "\n").utf8).write(
      to: URL(fileURLWithPath: file))
    for words in [["serve", "--listen", "127.0.0.1:0"], ["verify"]] {
      let refused = try await run(words)
      #expect(refused.exit == 5 && refused.err.contains("void"), "\(refused.err)")
    }
    let status = try await run(["status"])
    #expect(status.err.contains("void") && status.exit == 0)
    let members = try await run(["status", "--json"])
    #expect(try members.object()["key_void"] as? Bool == true, "one object, with all the rest")
    #expect(try members.object()["clock_behind"] as? Bool == false && members.exit == 0)

    // Nor does it begin a life in place of one that the present key began on nothing.
    let database = data + "/hub.db"
    try FileManager.default.moveItem(atPath: database, toPath: database + ".away")
    try kept.write(to: URL(fileURLWithPath: file))
    #expect(try await run(["recover"]).exit == 0)
    let begun = try Data(contentsOf: URL(fileURLWithPath: file))
    try key.write(to: URL(fileURLWithPath: file))
    let over = try await run(["recover", "--yes"])
    #expect(over.exit == 5 && over.err.contains("move hub.db away"), "\(over.out)\(over.err)")

    try FileManager.default.removeItem(atPath: file)
    #expect(try await run(["key", "--join"] + present).exit == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == begun)
    try FileManager.default.removeItem(atPath: database)
    try FileManager.default.moveItem(atPath: database + ".away", toPath: database)
    try FileManager.default.removeItem(atPath: file)
    #expect(try await run(["key", "--join"] + present).exit == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == kept)
    #expect(try await run(["status", "--json"]).object()["key_void"] as? Bool == false)
  }

  @Test("a key without its database is a hub to be rebuilt, unless it was being made")
  func lostDatabase() async throws {
    let folder = try ScratchFolder()
    let data = folder.path("hub")
    let run = { (words: [String]) in
      try await ProcessKit.run(["hub"] + words + ["--data", data])
    }
    #expect(try await run(["init", "--name", "街"]).exit == 0)
    let key = try Data(contentsOf: URL(fileURLWithPath: data + "/hub.key"))
    try FileManager.default.moveItem(atPath: data + "/hub.db", toPath: data + "/hub.db.new")
    // The power failed between the key and the database's name.
    let other = try await run(["init", "--name", "别的街"])
    #expect(other.exit == 5 && other.err.contains("linli hub recover"))
    #expect(try await run(["init", "--name", "街"]).exit == 0)
    #expect(try Data(contentsOf: URL(fileURLWithPath: data + "/hub.key")) == key)

    try FileManager.default.removeItem(atPath: data + "/hub.db")
    for words in [["serve"], ["status"], ["invite", "--community", "甲"], ["init", "--name", "街"]] {
      let refused = try await run(words)
      #expect(refused.exit == 5 && refused.err.contains("linli hub recover"), "\(refused.err)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: data).sorted() == ["hub.key"])
  }
}
