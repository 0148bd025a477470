import Community
import FoldKit
import OpLog
import Testing

/// `COVERAGE.md`, cases 15, 16, and the tie rule of registers.
@Suite struct UpdateFoldTests {
  private let posted = Verdict(.posted)
  private static let phone: Int64 = 1

  @Test func `an update replaces what it names`() throws {
    var scene = try Scene()
    let first = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.a)
    let second = try scene.street.update(scene.resident, replaces: [first], at: scene.a)
    #expect(scene.verdict(second) == posted)
    #expect(try live(scene) == [second])
    #expect(try shown(scene) == second)
    #expect(!isFork(scene))
  }

  @Test func `different fields do not meet`() throws {
    var scene = try Scene()
    let phone = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.a)
    try scene.street.update(scene.resident, "address", replaces: [scene.resident], at: scene.b)
    #expect(try live(scene) == [phone])
    #expect(try scene.state.count("field") == 2)
    #expect(scene.state.desk.isEmpty)
  }

  @Test func `updates that replace the same are a fork, closed by naming both sides`() throws {
    var scene = try Scene()
    let one = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.a)
    let two = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.b)
    #expect(try live(scene) == [one, two])
    #expect(isFork(scene))
    let three = try scene.street.update(scene.resident, replaces: [one], at: scene.a)
    #expect(try live(scene) == [three, two])
    #expect(isFork(scene))
    let all = try scene.street.update(scene.resident, replaces: [two, three], at: scene.c)
    #expect(try live(scene) == [all])
    #expect(try shown(scene) == all)
    #expect(!isFork(scene))
  }

  @Test func `the later side of a fork is shown`() throws {
    var scene = try Scene()
    let high = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.b)
    let later = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.a)
    #expect(try shown(scene) == later)
    #expect(later < high)
    scene.street.now -= 60_000
    let equal = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.c)
    #expect(try shown(scene) == equal)
  }

  @Test func `a clock that runs ahead wins only until the receipt`() throws {
    var scene = try Scene()
    scene.street.skew[scene.a.office] = 27_000 * 86_400_000
    let ahead = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.a)
    let right = try scene.street.update(scene.resident, replaces: [scene.resident], at: scene.b)
    #expect(try shown(scene) == ahead)
    let head = try #require(scene.street.head(of: scene.a.office))
    scene.street.now -= 120_000
    try scene.street.receipt([(head.replica, head.seq)])
    #expect(try shown(scene) == right)
    #expect(isFork(scene))
  }

  @Test func `an update that names another person or field is void`() throws {
    var scene = try Scene()
    let neighbour = try scene.street.register(at: scene.a)
    let theirs = try scene.street.update(neighbour, replaces: [neighbour], at: scene.a)
    let address = try scene.street.update(
      scene.resident, "address", replaces: [scene.resident], at: scene.a)
    let void = Verdict(.void, [.wrongReference])
    for replaced in [neighbour, theirs, address, scene.activity] {
      let wrong = try scene.street.update(scene.resident, replaces: [replaced], at: scene.a)
      #expect(scene.verdict(wrong) == void)
    }
    #expect(try live(scene).isEmpty)
  }

  @Test func `an update that replaces one without effect forks, receipts or not`() throws {
    var scene = try Scene()
    scene.street.skew[scene.a.office] = 27_000 * 86_400_000
    let resident = try scene.street.register(at: scene.a)
    scene.street.skew[scene.a.office] = 0
    let vain = try scene.street.update(resident, replaces: [resident], at: scene.auditor)
    #expect(scene.verdict(vain) == Verdict(.pending, [.actorNotEntitled]))
    try scene.street.receipt([(resident.replica, resident.seq)])
    let update = try scene.street.update(resident, replaces: [vain], at: scene.a)
    #expect(scene.verdict(update) == posted)
    #expect(scene.isOnDesk(.fork, resident, detail: Self.phone))

    let ops = scene.street.written
    let receipt = try #require(ops.last { $0.op.kind == Receipt.kind })
    let late = ops.filter { $0.op.id != receipt.op.id } + [receipt]
    expectSame(Snapshot(MemoryReplica(ops)), Snapshot(MemoryReplica(late)))
  }

  private func live(_ scene: Scene) throws -> [OpID] {
    let cell = try scene.state.cell("field", [scene.resident.packed, Self.phone], "live")
    return OpList.decode(cell?.text ?? "")
  }

  private func shown(_ scene: Scene) throws -> OpID? {
    try scene.state.cell("field", [scene.resident.packed, Self.phone], "shown")?.id
  }

  private func isFork(_ scene: Scene) -> Bool {
    scene.isOnDesk(.fork, scene.resident, detail: Self.phone)
  }
}
