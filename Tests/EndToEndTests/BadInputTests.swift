import Community
import Foundation
import HTTPClient
import Office
import OpLog
import Peer
import Store
import Testing
import Wire

/// Everything hostile that the catalogue gives rise to, against a real hub process.
@Suite("bad input") struct BadInputTests {
  @Test("is refused by a problem with a stable type, stores nothing, and the hub lives on")
  func refused() async throws {
    let door = try await Door()
    let before = try await door.hubOps()
    let control = BadInput.goodOp(of: "\(door.office.replica)")
    let good = door.pushing(control)
    #expect(try Problem(decoding: try await door.post(good).body).kind == .sealMismatch)
    var count = 0
    for bad in BadInput.ops(of: "\(door.office.replica)") {
      let answer = try await door.post(door.pushing(bad.json))
      let problem = try? Problem(decoding: answer.body)
      #expect(answer.status >= 400 && answer.status < 500, "\(bad.name): \(answer.status)")
      #expect(problem != nil, "\(bad.name): \(String(decoding: answer.body, as: UTF8.self))")
      // A good op gets as far as the seal, which is wrong here.
      #expect(problem?.kind != .sealMismatch, "\(bad.name)")
      count += 1
    }
    #expect(try await door.hubOps() == before)
    print("bad ops refused: \(count)")
    #expect(count > 400)
  }

  @Test("cut at any byte, and with flipped bits")
  func damaged() async throws {
    let door = try await Door()
    let before = try await door.hubOps()
    // The seal is of another head, so that no damage can make this a valid push.
    let bytes = door.pushing(BadInput.goodOp(of: "\(door.office.replica)"))
    var count = 0
    for end in stride(from: 0, to: bytes.count, by: 3) {
      let answer = try await door.post(Array(bytes[..<end]))
      #expect((try? Problem(decoding: answer.body)) != nil, "cut at \(end)")
      count += 1
    }
    var seed: UInt64 = 20_260_105
    for _ in 0..<1_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var flipped = bytes
      flipped[Int(seed >> 33) % bytes.count] ^= 1 << UInt8(seed >> 24 & 7)
      let answer = try await door.post(flipped)
      #expect((try? Problem(decoding: answer.body)) != nil, "seed \(seed)")
      count += 1
    }
    #expect(try await door.hubOps() == before)
    print("damaged messages refused: \(count)")
  }

  @Test("more than a message may have is a problem that tells staff what to do")
  func tooLong() async throws {
    let door = try await Door()
    let answer = try await door.post([UInt8](repeating: 0x20, count: 2_200_000))
    #expect(answer.status == 413)
    #expect(try Problem(decoding: answer.body).kind == .tooLarge)
    let text = String(decoding: answer.body, as: UTF8.self)
    #expect(text.contains("advice") && text.contains("2097152"), "\(text)")
    let cut = try await door.post(Array(#"{"a":"#.utf8))
    #expect(try Problem(decoding: cut.body).kind == .malformedJSON)
  }

  @Test("tokens that are missing, wrong, foreign, or revoked")
  func tokens() async throws {
    let door = try await Door()
    let other = try await Door.enrol(in: door.street, "second")
    let before = try await door.hubOps()
    let own = try #require(try door.office.syncRequest(maxBytes: 4 << 10).1.token)
    let foreign = try #require(try other.syncRequest(maxBytes: 4 << 10).1.token)
    let cases: [(String?, ProblemKind)] = [
      (nil, .unauthorized), ("", .unauthorized), ("4097", .unauthorized),
      ("4097.", .unauthorized), ("4097.AAAA", .unauthorized),
      ("4098." + own.dropFirst(5), .unauthorized), (String(own.dropLast()), .unauthorized),
      ("9999." + own.dropFirst(5), .unauthorized), (foreign, .forbidden),
    ]
    for (token, kind) in cases {
      let answer = try await door.post(Array(door.good.utf8), token: .some(token))
      #expect(try Problem(decoding: answer.body).kind == kind, "\(token ?? "none")")
    }
    #expect(try await door.hubOps() == before)
    let revoked = try await door.street.hub("revoke", "\(door.office.replica)", "--yes")
    #expect(revoked.exit == 0)
    let answer = try await door.post(Array(door.good.utf8))
    #expect(try Problem(decoding: answer.body).kind == .tokenRevoked)
  }
}

/// A hub process, an enrolled office in this process, and the line between them.
private struct Door {
  let street: TestStreet
  let office: OfficeCore
  let line: HTTPTransport
  let token: String
  /// A sync request of the office without ops, as text; its seal is zero.
  let good: String

  init() async throws {
    street = try await TestStreet()
    line = try HTTPTransport(hub: street.url)
    office = try await Self.enrol(in: street, "first")
    var (request, message) = try office.syncRequest(maxBytes: 64 << 10)
    request.seal = .zero
    token = try #require(message.token)
    good = String(
      decoding: request.encode(OpJSON(SchemaTable(Catalogue.schemas))), as: UTF8.self)
  }

  static func enrol(in street: TestStreet, _ name: String) async throws -> OfficeCore {
    let line = try HTTPTransport(hub: street.url)
    let code = try await street.invite(staff: name).code
    return try await OfficeFolder(street.folder.path(name)).enrol(
      code: code, hub: street.url, label: "", through: line, random: SystemSource.random)
  }

  /// The request with one op in it; its head says so.
  func pushing(_ op: String) -> [UInt8] {
    let text = good.replacing("\"ops\":[]", with: "\"ops\":[\(op)]")
    return Array(text.replacing("\"head\":{\"seq\":0", with: "\"head\":{\"seq\":1").utf8)
  }

  func post(_ body: [UInt8], token other: String?? = nil) async throws -> PeerResponse {
    let token = other ?? self.token
    return try await line.send(
      PeerRequest(
        method: "POST", path: "/v1/sync", contentType: "application/json", token: token,
        body: body))
  }

  /// How many ops of each log the hub holds.
  func hubOps() async throws -> String {
    let log = try await street.hub("status", json: true)
    try #require(log.exit == 0, "\(log.err)")
    return log.out
  }
}
