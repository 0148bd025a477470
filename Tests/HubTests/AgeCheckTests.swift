import Community
import Office
import OpLog
import Store
import Testing

/// What an office asks of whom only the birth date shows to be a child.
@Suite struct AgeCheckTests {
  @Test("who agrees must be said to be how old; who takes a consent back is asked nothing")
  func consent() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let child = try child(at: office, of: street, by: staff[0])
    func say(_ state: String) throws -> OpID {
      try street.record(
        "consent.set", ["resident": "\(child)", "purpose": "board_name", "state": state],
        at: office, by: staff[0])
    }
    let day = try #require(BusinessDate("2026-01-05"))
    do throws(OfficeError) {
      _ = try office.record(
        RecordRequest(
          kind: "consent.set",
          fields: ["resident": "\(child)", "purpose": "board_name", "state": "given"],
          actor: "\(staff[0])", occurredOn: "2026-01-05"),
        now: street.now, random: street.random)
      Issue.record("a child agreed alone")
    } catch {
      guard case .refused(.ageBandNeeded(child, .child, day)) = error else { throw error }
    }
    let back = try say("withdrawn")
    #expect(try office.store.verdict(of: back) == .plain)
  }

  @Test("a counter promises nothing to whom it refuses until it is said how old that person is")
  func promise() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let child = try child(at: office, of: street, by: staff[0])
    let adult = try street.record(
      "resident.register", ["name": "刘强", "birth_date": "1980-03-01"], at: office, by: staff[0])
    let activity = try street.record(
      "activity.publish",
      ["title": "扫雪", "category": "labour", "points": "9", "held_on": "2026-01-05"], at: office,
      by: staff[0])
    try street.record(
      "award.grant", ["activity": "\(activity)", "resident": "\(child)"], at: office, by: staff[0])
    let item = try street.record(
      "item.define", ["name": "理发", "sort": "service", "points": "9"], at: office, by: staff[0])
    let day = try #require(BusinessDate("2026-01-05"))
    func promise() throws -> SpendingPromise {
      try #require(try office.promise(of: child, on: day))
    }
    func redeem() throws {
      try street.record(
        "redemption.record",
        ["resident": "\(child)", "items": "\(item)", "collector": "\(adult)"], at: office,
        by: staff[0])
    }
    let bar = Refusal.ageBandNeeded(resident: child, band: .child, on: day)
    #expect(try promise() == SpendingPromise(bar: bar))
    do {
      try redeem()
      Issue.record("a child redeemed, of whom nobody said so")
    } catch OfficeError.refused(let refusal) { #expect(refusal == bar) }
    try street.record(
      "resident.update", ["resident": "\(child)", "age_band": "child"], at: office, by: staff[0])
    let said = try promise()
    #expect(said.bar == nil && said.guaranteed == 9 && said.needsAdult)
    try redeem()
    #expect(try promise().bar != nil)
  }

  /// Registers a child as a version did that knew of no bands.
  private func child(at office: OfficeCore, of street: Street, by staff: OpID) throws -> OpID {
    var draft = Draft(
      kind: try #require(Catalogue.kind(named: "resident.register")),
      payload: Payload(values: [nil, nil]), occurredOn: BusinessDate(stamp: street.now))
    draft.actor = staff
    draft.body = Body(
      salt: street.random(16), content: #"{"name":"刘小娥","birth_date":"2016-03-01"}"#)
    let ready = draft
    return try office.store.write { () throws(StoreError) in
      try office.store.append(ready, stamp: street.now).id
    }
  }
}
