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
    // A version that knew of no bands wrote the file.
    var draft = Draft(
      kind: try #require(Catalogue.kind(named: "resident.register")),
      payload: Payload(values: [nil, nil]), occurredOn: BusinessDate(stamp: street.now))
    draft.actor = staff[0]
    draft.body = Body(
      salt: street.random(16), content: #"{"name":"刘小娥","birth_date":"2016-03-01"}"#)
    let ready = draft
    let child = try office.store.write { () throws(StoreError) in
      try office.store.append(ready, stamp: street.now).id
    }
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
}
