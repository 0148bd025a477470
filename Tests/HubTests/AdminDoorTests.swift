import Hub
import Office
import OpLog
import Store
import Testing
import Wire

/// The door by which a program invites and revokes: shut unless somebody opened it.
@Suite struct AdminDoorTests {
  private static let token = "0123456789abcdefghijklmnop"

  @Test("without a door there is no such address, whatever token comes")
  func shut() throws {
    let street = try Street()
    for path in ["invitations", "revocations", "retirements", "others"] {
      #expect(try Self.problem(street, path, "{}", Self.token) == .notFound)
    }
  }

  @Test(
    "no other token opens it",
    arguments: [nil, "", "0123456789abcdefghijklmno", "0123456789abcdefghijklmnopq", "4097.x"])
  func wrongToken(token: String?) throws {
    let street = try Self.street()
    #expect(try Self.problem(street, "invitations", Self.invitation, token) == .unauthorized)
    #expect(try Self.problem(street, "revocations", #"{"replica":4097}"#, token) == .unauthorized)
  }

  @Test("an office is invited, enrolled, and revoked")
  func invites() throws {
    let street = try Self.street()
    let answer = Self.call(street, "invitations", Self.invitation, Self.token)
    #expect(answer.status == 201)
    let text = String(decoding: answer.body, as: UTF8.self)
    let code = try #require(text.firstMatch(of: /"code":"([^"]+)"/)?.1)
    #expect(text.contains(#""community":"4096-2","staff":["4096-4","4096-5"]"#))
    let request = try EnrolRequest(code: String(code), nonce: street.random(16), label: "站")
    let enrolled = street.hub.handle(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: "application/json",
        body: request.encode()), now: street.now)
    let replica = try EnrolReply(decoding: enrolled.body).replica
    let body = #"{"replica":\#(replica)}"#
    #expect(Self.call(street, "revocations", body, Self.token).status == 204)
    #expect(try street.hub.store.enrolment(of: replica)?.isRevoked == true)
  }

  @Test("an office is retired for another, and hears of it")
  func retires() throws {
    let street = try Self.street()
    let (lost, staff) = try street.office(code: "ONE")
    let (heir, _) = try street.office(code: "TWO")
    let approvers = staff.map { "\"\($0)\"" }.joined(separator: ",")
    func body(_ successor: ReplicaID) -> String {
      #"{"replica":\#(lost.replica),"successor":\#(successor),"approvers":[\#(approvers)]}"#
    }
    #expect(
      try Self.problem(street, "retirements", body(lost.replica), Self.token) == .outOfRange)
    #expect(Self.call(street, "retirements", body(heir.replica), Self.token).status == 204)
    #expect(try street.hub.store.isRetired(lost.replica))
  }

  @Test("what it cannot do is refused, and nothing is written")
  func refusals() throws {
    let street = try Self.street()
    let before = try street.hub.store.storedHead(of: street.key.incarnation.hub)
    #expect(try Self.problem(street, "revocations", #"{"replica":4099}"#, Self.token) == .notFound)
    let phone = #"{"community":"青龙街","label":"13800138000","staff":[]}"#
    #expect(try Self.problem(street, "invitations", phone, Self.token) == .outOfRange)
    // Escapes of JSON: a bell, a line separator, and an override of the direction.
    for control in [#"\u0007"#, #"\n"#, #"\u2028"#, #"\u202e"#] {
      let bodies = [
        "community": #"{"community":"青\#(control)街","label":"站","staff":[]}"#,
        "label": #"{"community":"青龙街","label":"站\#(control)","staff":[]}"#,
        "staff": #"{"community":"青龙街","label":"站","staff":["王\#(control)敏"]}"#,
      ]
      for (field, body) in bodies {
        let answer = Self.call(street, "invitations", body, Self.token)
        let problem = try Problem(decoding: answer.body)
        #expect(answer.status == 400 && problem.kind == .outOfRange)
        #expect(problem.field == field || problem.field == field + "[0]")
      }
    }
    let surplus = #"{"community":"青龙街","label":"站","staff":[],"x":1}"#
    #expect(try Self.problem(street, "invitations", surplus, Self.token) == .unknownField)
    #expect(try street.hub.store.storedHead(of: street.key.incarnation.hub) == before)
  }

  @Test("an office that calls itself by control characters is refused, and its code stays good")
  func badLabel() throws {
    let street = try Self.street()
    let answer = Self.call(street, "invitations", Self.invitation, Self.token)
    let text = String(decoding: answer.body, as: UTF8.self)
    let code = String(try #require(text.firstMatch(of: /"code":"([^"]+)"/)?.1))
    for (label, status) in [("站\u{1B}[2J", 400), ("站\u{202E}", 400), ("站", 201)] {
      let request = try EnrolRequest(code: code, nonce: street.random(16), label: label)
      let enrolled = street.hub.handle(
        HubCall(
          method: "POST", path: ["v1", "enroll"], contentType: "application/json",
          body: request.encode()), now: street.now)
      #expect(enrolled.status == status)
      guard status == 400 else { continue }
      #expect(try Problem(decoding: enrolled.body).field == "label")
    }
  }

  @Test("nobody is invited by a label with control characters at the hub itself, either")
  func badLabelAtHub() throws {
    let store = try Self.street().hub.store
    let invitation = OfficeInvitation(
      community: "青龙街", label: "站\u{7}", staff: [], policy: [:])
    #expect {
      try HubAdmin.invite(invitation, codeHash: .zero, to: store, now: 0)
    } throws: { error in
      guard case .store(.payload(.outOfRange("label")))? = error as? StaffRefusal else {
        return false
      }
      return true
    }
  }

  @Test(
    "a token that is too short for 128 bits, too long, or no base64url makes no door",
    arguments: [
      "", "0123456789abcdefghijk", String(repeating: "a", count: 129), "0123456789abcdefghijk/+",
    ])
  func badTokens(token: String) {
    #expect(HubDoor(token: token, random: { [UInt8](repeating: 0, count: $0) }) == nil)
  }

  private static let invitation = #"{"community":"青龙街","label":"站","staff":["王敏","李强"]}"#

  private static func street() throws -> Street {
    let street = try Street()
    street.hub.door = HubDoor(token: token, random: HubBench.random)
    return street
  }

  private static func call(
    _ street: Street, _ path: String, _ body: String, _ token: String?
  ) -> HubAnswer {
    street.hub.handle(
      HubCall(
        method: "POST", path: ["v1", "admin", path], contentType: "application/json",
        authorization: token.map { "Bearer \($0)" }, body: Array(body.utf8)), now: street.now)
  }

  private static func problem(
    _ street: Street, _ path: String, _ body: String, _ token: String?
  ) throws -> ProblemKind? {
    let answer = call(street, path, body, token)
    return answer.status < 400 ? nil : try Problem(decoding: answer.body).kind
  }
}
