import Community
import FoldKit
import OpLog
import Testing

/// What was recorded again after a PC was copied counts once.
@Suite struct RerecordingTests {
  private let lost = SHA256.hash([1])

  @Test func `of several records without the original the lowest id counts`() throws {
    var scene = try Scene()
    let high = try scene.registerAgain(lost, at: scene.c)
    let award = try scene.street.grant(high, scene.activity, at: scene.c)
    #expect(scene.verdict(high) == .plain)
    let low = try scene.registerAgain(lost, at: scene.b)
    #expect(scene.verdict(low) == .plain)
    #expect(scene.verdict(high) == Verdict(.duplicate))
    #expect(scene.verdict(award) == .plain)
    #expect(try scene.state.sum("account", [low.packed], "balance") == 3)
    #expect(try scene.state.sum("account", [high.packed], "balance") == 0)
    #expect(scene.isOnDesk(.recordedAgain, low))
    #expect(!scene.isOnDesk(.recordedAgain, high))
  }

  @Test func `the original counts, whatever its id`() throws {
    var scene = try Scene()
    let original = try scene.street.register(at: scene.c)
    let hash = try #require(scene.street.hashes[original])
    let again = try scene.registerAgain(hash, at: scene.b)
    let award = try scene.street.grant(again, scene.activity, at: scene.b)
    #expect(scene.verdict(original) == .plain)
    #expect(scene.verdict(again) == Verdict(.duplicate))
    #expect(scene.verdict(award) == .plain)
    #expect(try scene.state.sum("account", [original.packed], "balance") == 3)
    #expect(!scene.isOnDesk(.recordedAgain, original))
  }

  @Test func `another community has no say in it`() throws {
    var scene = try Scene()
    let record = try scene.registerAgain(lost, at: scene.b)
    let stranger = try scene.registerAgain(lost, at: scene.a)
    #expect(stranger < record)
    #expect(scene.verdict(record) == .plain)
    #expect(scene.verdict(stranger) == .plain)
  }

  @Test func `a record that names two records of one thing names it once`() throws {
    var scene = try Scene()
    let first = try scene.registerAgain(lost, at: scene.b)
    let second = try scene.registerAgain(lost, at: scene.c)
    let op = try #require(scene.street.written.first { $0.op.id == second }?.op)
    #expect(op.naming { $0 } == op)
    let both = Payload(values: [.references([first, second].sorted())])
    #expect(both.naming { $0 == second ? first : $0 }.references(1) == [first])
  }
}

extension Scene {
  /// Registers a resident again whose first record had a chain hash.
  fileprivate mutating func registerAgain(_ was: Digest, at counter: Counter) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "resident.register"))
    let values = Payload(values: Array(repeating: nil, count: kind.schema.fields.count))
    return try street.write(
      kind.number, by: counter.office, actor: counter.clerk, was: was,
      payload: kind.schema.encode(values))
  }
}
