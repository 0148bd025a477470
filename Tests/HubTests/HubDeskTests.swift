import Community
import Hub
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// What offices ask for, decided at the hub, and what they see of it after a sync.
@Suite struct HubDeskTests {
  @Test("an erasure is asked for, decided once, and done at the hub and the office")
  func erasure() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    let resident = try street.record(
      "resident.register", ["name": "刘小娥"], at: office, by: staff[0])
    let request = try street.record(
      "resident.erase", ["resident": resident.description, "basis": "own_wish"], at: office,
      by: staff[1])
    try street.sync(office)
    let hub = street.hub.store
    let digest = try #require(try hub.op(resident).body)
    let body = try #require(try hub.body(digest))
    #expect(try hub.openRequests().map(\.id) == [request])
    let decided = try HubAdmin.decide(request, isApproved: true, in: hub, now: street.now)
    #expect(decided != .notOpen)
    let again = try HubAdmin.decide(request, isApproved: false, in: hub, now: street.now)
    #expect(again == .notOpen)
    #expect(try hub.body(digest) == nil)
    try street.sync(office)
    #expect(try office.store.body(digest) == nil)
    #expect(try office.bodyErrands().isEmpty)
    var put = try office.syncRequest(maxBytes: 4 << 10).1
    (put.method, put.path, put.body) = ("PUT", "/v1/bodies/\(digest)", body.wireBytes)
    let answer = street.send(put)
    #expect(answer.status == 410)
    #expect(try Problem(decoding: answer.body).kind == .bodyErased)
  }

  @Test("a note with a phone number is not taken")
  func notes() throws {
    let street = try Street()
    let (office, staff) = try street.office(code: "ONE")
    try street.sync(office)
    #expect(throws: (any Error).self) {
      try street.record(
        "resident.register", ["name": "刘小娥", "note": "电话 13812341234"], at: office, by: staff[0])
    }
    try street.record(
      "resident.register", ["name": "刘小娥", "phone": "13812341234"], at: office, by: staff[0])
  }
}
