import Community
import Conformance
import FoldKit
import OpLog
import Testing

/// What the naive model lets an office have out on trust, where the rules say 20 points.
@Suite struct TrustLimitModelTests {
  @Test func `what was recorded again takes from the limit of the new id`() throws {
    var scene = try Scene()
    try scene.sell(12, was: SHA256.hash([1]))
    try scene.sell(8)
    let (model, office) = (scene.model, scene.b.office)
    #expect(model.uncovered[office] == 20)
    #expect(model.mostOnTrust(at: office, unchecked: []) == 20)

    try scene.sell(15, was: SHA256.hash([2]))
    #expect(scene.model.mostOnTrust(at: office, unchecked: []) == 27)
    #expect(scene.model.uncovered[office] == 35)
  }

  @Test func `what no limit was asked about comes on top of it`() throws {
    var scene = try Scene()
    let sale = try scene.sell(5)
    #expect(scene.model.mostOnTrust(at: scene.b.office, unchecked: [sale]) == 25)
  }
}

extension Scene {
  fileprivate var model: NaiveModel {
    NaiveModel(street.written.map { Fact($0.op, hash: $0.hash) })
  }

  /// Gives the resident of `a` something on trust at `b`, once more where it was recorded before.
  @discardableResult
  fileprivate mutating func sell(_ points: Int64, was: Digest? = nil) throws -> OpID {
    let kind = try #require(Catalogue.kind(named: "redemption.record"))
    var values: [PayloadValue?] = kind.schema.fields.map { _ in nil }
    values[0] = .reference(resident)
    values[1] = .records([[.reference(item), .integer(1), .integer(points)]])
    values[2] = .integer(2)
    return try street.write(
      kind.number, by: b.office, actor: b.clerk, was: was,
      payload: kind.schema.encode(Payload(values: values)))
  }
}
