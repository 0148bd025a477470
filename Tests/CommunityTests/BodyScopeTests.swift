import Community
import FoldKit
import OpLog
import Testing

/// Personal data goes to the hub and the person's own community only.
@Suite struct BodyScopeTests {
  @Test func `a body belongs to the community of the person's home`() throws {
    var scene = try Scene()
    let body = SHA256.hash([1])
    let staff = try scene.street.write(
      "staff.appoint", body: body,
      [
        "community": .reference(scene.street.communities[0]), "roles": .integer(1),
        "valid_from": .integer(0),
      ])
    #expect(try community(of: staff, scene) == scene.street.communities[0])
    let local = try scene.street.write(
      "resident.register", by: scene.a.office, actor: scene.a.clerk, body: body, [:])
    #expect(try community(of: local, scene) == scene.street.communities[0])
    let moved = try scene.street.write(
      "resident.register", by: scene.a.office, actor: scene.a.clerk, body: body,
      ["home": .reference(scene.street.enrolments[1])])
    #expect(try community(of: moved, scene) == scene.street.communities[1])
    let update = try scene.street.write(
      "resident.update", by: scene.a.office, actor: scene.a.clerk, body: body,
      ["resident": .reference(moved), "replaces_phone": .references([moved])])
    #expect(try community(of: update, scene) == scene.street.communities[1])
  }

  @Test func `without a body, or without a known person, it is nobody's`() throws {
    var scene = try Scene()
    #expect(try community(of: scene.resident, scene) == nil)
    let body = SHA256.hash([1])
    let unknown = try scene.street.write(
      "resident.register", by: scene.a.office, actor: scene.auditor.clerk, body: body, [:])
    #expect(try community(of: unknown, scene) == nil)
    let activity = try scene.street.write(
      "activity.publish", by: scene.a.office, actor: scene.a.clerk, body: body,
      [
        "title": .text("x"), "category": .integer(0), "points": .integer(3),
        "held_on": .integer(0),
      ])
    #expect(try community(of: activity, scene) == nil)
  }

  @Test func `grounds that name nobody are of the person whom the record is about`() throws {
    var scene = try Scene()
    let body = SHA256.hash([1])
    let award = try scene.earn(3)
    let reversal = try scene.street.reverse(award, at: scene.approver)
    let freeze = try scene.street.freeze(
      scene.resident, until: scene.street.today, at: scene.approver)
    let decision = try scene.street.decide(freeze)
    for record in [award, reversal, freeze, decision] {
      let appeal = try scene.street.appeal(against: record, body: body, at: scene.a)
      #expect(try resident(of: appeal, scene) == scene.resident)
    }
    let neighbour = try scene.street.register(at: scene.a)
    let named = try scene.street.appeal(
      against: award, resident: neighbour, body: body, at: scene.a)
    #expect(try resident(of: named, scene) == neighbour)
    let without = try scene.street.appeal(against: award, at: scene.a)
    #expect(try resident(of: without, scene) == nil)
  }

  private func resident(of id: OpID, _ scene: Scene) throws -> OpID? {
    BodyScope.resident(of: try entry(id, scene), in: scene.state)
  }

  private func community(of id: OpID, _ scene: Scene) throws -> OpID? {
    BodyScope.community(of: try entry(id, scene), in: scene.state).flatMap(OpID.init(packed:))
  }

  private func entry(_ id: OpID, _ scene: Scene) throws -> Entry {
    let delivery = try #require(scene.street.written.first { $0.op.id == id })
    return Entry(
      op: delivery.op, payload: try #require(delivery.payload),
      kind: try #require(delivery.kind), isFirst: true)
  }
}
