import Community
import FoldKit
import OpLog
import Testing

@Suite struct ConsentFoldTests {
  @Test func `case 34: a withdrawal holds against a consent given elsewhere`() throws {
    var scene = try Scene()
    let given = try scene.street.consent(scene.resident, isWithdrawn: false, at: scene.a)
    #expect(try state(scene) == .text("given"))
    try scene.street.consent(
      scene.resident, isWithdrawn: true, replaces: [given], at: scene.a)
    try scene.street.consent(
      scene.resident, isWithdrawn: false, replaces: [given], at: scene.b)
    #expect(try state(scene) == .text("withdrawn"))
  }

  @Test func `a consent that names the withdrawal holds again`() throws {
    var scene = try Scene()
    let withdrawn = try scene.street.consent(scene.resident, isWithdrawn: true, at: scene.a)
    try scene.street.consent(
      scene.resident, isWithdrawn: false, replaces: [withdrawn], at: scene.b)
    #expect(try state(scene) == .text("given"))
    #expect(try scene.state.cell("consent", [scene.resident.packed, 0], "state") == nil)
  }

  @Test func `a consent to another purpose replaces nothing`() throws {
    var scene = try Scene()
    let photo = try scene.street.consent(
      scene.resident, purpose: 2, isWithdrawn: false, at: scene.a)
    let wrong = try scene.street.consent(
      scene.resident, isWithdrawn: true, replaces: [photo], at: scene.a)
    #expect(scene.verdict(wrong) == Verdict(.void, [.wrongReference]))
  }

  @Test func `for a child a guardian agrees; that somebody was one may become known later`() throws
  {
    var scene = try Scene()
    let child = try scene.street.register(at: scene.a)
    try scene.street.consent(child, isWithdrawn: false, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    scene.street.today = scene.street.today.adding(days: 30)
    let band = try scene.street.update(
      child, "age_band", replaces: [child], ageBand: 0, at: scene.a)
    #expect(
      try scene.state.cell("consent", [child.packed, 1], "state") == .text("guardian_needed"))
    #expect(scene.isOnDesk(.guardianConsent, child, detail: 1))
    var alone = scene
    try alone.street.consent(child, purpose: 3, isWithdrawn: false, at: alone.a)
    #expect(try alone.refusalOfLast() == .wouldNotCount(.posted, [.guardianConsent]))
    for guardian in [child, try alone.street.register(at: alone.a, ageBand: 1)] {
      try alone.street.consent(
        child, purpose: 3, isWithdrawn: false, guardian: guardian, at: alone.a)
      #expect(try alone.refusalOfLast() == .wouldNotCount(.posted, [.guardianConsent]))
    }
    var minor = scene
    minor.street.today = minor.street.today.adding(days: 9)
    try minor.street.update(child, "age_band", replaces: [band], ageBand: 1, at: minor.a)
    #expect(minor.isOnDesk(.guardianConsent, child, detail: 1), "it was said before that day")
    minor.street.today = minor.street.today.adding(days: -39)
    try minor.street.update(child, "age_band", replaces: [band], ageBand: 1, at: minor.a)
    #expect(!minor.isOnDesk(.guardianConsent, child, detail: 1), "it was a mistake")
    try scene.street.consent(
      child, isWithdrawn: false, guardian: scene.resident, at: scene.a)
    #expect(try scene.refusalOfLast() == nil)
    #expect(try scene.state.cell("consent", [child.packed, 1], "state") == .text("given"))
    #expect(
      try scene.state.cell("consent", [child.packed, 1], "guardian") == .id(scene.resident))
  }

  private func state(_ scene: Scene) throws -> Cell? {
    try scene.state.cell("consent", [scene.resident.packed, 1], "state")
  }
}
