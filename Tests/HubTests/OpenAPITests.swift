import Foundation
import HTTP
import Hub
import OpLog
import Synchronization
import Testing
import Wire

/// `Protocol/openapi.json` says of the hub's addresses what the hub does.
@Suite struct OpenAPITests {
  private let api = try? JSONValue(
    Array(Data(contentsOf: JSONSchemas.protocolFolder.appending(path: "openapi.json"))))

  /// The operations by address and method.
  private func operations() throws -> [(address: HubRoute, method: String, JSONValue)] {
    try #require(api?["paths"]).members.flatMap { path, item in
      let address = try #require(HubRoute(rawValue: path), "\(path)")
      return item.members.map { (address, $0.uppercased(), $1) }
    }
  }

  @Test("it has the hub's addresses with their methods, and the hub takes these alone")
  func addresses() throws {
    let hub = try FilteredHub(nil).core
    let operations = try operations()
    for address in HubRoute.allCases {
      let named = operations.filter { $0.address == address }.map(\.method).sorted()
      #expect(named == address.methods, "\(address)")
      let path = address.rawValue.split(separator: "/").map(String.init)
      #expect(HubRoute(path) == address)
      for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = hub.handle(HubCall(method: method, path: path), now: Street.now)
        #expect((answer.status == 405) == !named.contains(method), "\(method) \(address)")
        guard answer.status == 405 else { continue }
        let allowed = answer.headers.first { $0.0 == "Allow" }?.1
        #expect(allowed == named.joined(separator: ", "))
      }
    }
    for path in [[], ["v2"], ["v1", ""], ["v1", "sync", ""], ["v1", "admin/invitations"]] {
      #expect(hub.handle(HubCall(method: "GET", path: path), now: 0).status == 404, "\(path)")
    }
  }

  @Test("every problem is named, under its status")
  func problems() throws {
    var seen = Set(try #require(api?.at("x-linli-anywhere/problems")).elements.map(\.string))
    for (address, method, operation) in try operations() {
      let names = try #require(operation["x-linli-problems"]).elements.compactMap(\.string)
      #expect(Set(names).count == names.count)
      seen.formUnion(names)
      let kinds = try names.map { try #require(ProblemKind(rawValue: $0), "\($0)") }
      let responses = try #require(operation["responses"]).members
      // A range that is not there has no document.
      let statuses = Set(responses.keys.compactMap { Int($0) }.filter { $0 >= 400 && $0 != 416 })
      #expect(statuses == Set(kinds.map(\.status)), "\(method) \(address)")
      for (status, response) in responses where status >= "4" && status != "416" {
        let name = try #require(response["$ref"]?.string).dropFirst(2)
        let media = try #require(api?.at(name)?.at("content/application~1problem+json"))
        #expect(media.at("schema/$ref") == .text("schemas/problem.json"), "\(status)")
        #expect(Self.statuses[String(name.split(separator: "/").last ?? "")] == Int(status))
      }
    }
    #expect(seen == Set(ProblemKind.allCases.map { Optional($0.rawValue) }))
  }

  private static let statuses = [
    "Malformed": 400, "NoToken": 401, "NoRight": 403, "NotThere": 404, "OtherMethods": 405,
    "Conflict": 409, "Erased": 410, "TooLarge": 413, "OtherMedia": 415, "NotProved": 422,
    "Failed": 500, "Later": 503, "Full": 507,
  ]

  @Test("media types and lengths of requests are those of the program")
  func requests() throws {
    let small = WireLimits.smallMessageBytesMax
    let expected: [HubRoute: (bytes: Int, types: Set<String>)] = [
      .enroll: (small, [MediaType.json]), .renew: (small, [MediaType.json]),
      .sync: (WireLimits.messageBytesMax, [MediaType.json, MediaType.segment]),
      .rights: (small, [MediaType.json]), .digests: (small, [MediaType.json]),
      .bundles: (WireLimits.messageBytesMax, [MediaType.bundle]),
      .rollcall: (WireLimits.messageBytesMax, [MediaType.json]),
      .body: (BodyLimits.wireBytesMax, ["application/octet-stream"]),
      .invitations: (small, [MediaType.json]), .revocations: (small, [MediaType.json]),
      .retirements: (small, [MediaType.json]),
    ]
    for (address, method, operation) in try operations() where method != "GET" {
      let body = try #require(operation["requestBody"])
      let wanted = try #require(expected[address])
      #expect(body["x-linli-max-bytes"]?.number == Int64(wanted.bytes), "\(address)")
      #expect(Set(body["content"]?.members.keys.map { $0 } ?? []) == wanted.types, "\(address)")
    }
  }

  @Test("each schema is there, and each is used")
  func schemas() throws {
    let folder = JSONSchemas.protocolFolder.appending(path: "schemas")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }
    let text = try MessageSamples.text(of: "openapi.json")
    let named = Set(text.matches(of: #/"schemas\/([a-z-]+\.json)/#).map { String($0.1) })
    let parts: Set = [
      "ops.json", "body.json", "bodies.json", "bundle-header.json", "bundle-place.json",
    ]
    #expect(named.union(parts) == Set(files))
  }

  @Test("all that the hub answers while the rules are tried is what it says")
  func exchanges() throws {
    let watch = Watch()
    let bench = try HubBench(
      HubFault("is watched", []) { hub, call in
        let answer = hub.real(call)
        watch.note(call, answer)
        return answer
      })
    _ = bench.results()
    let exchanges = watch.exchanges.withLock { $0 }
    #expect(exchanges.count > 200)
    let schemas = JSONSchemas()
    var seen: Set<String> = []
    for exchange in exchanges {
      try check(exchange, schemas, &seen)
    }
    let operations = try operations().map { "\($0.method) \($0.address.rawValue)" }
    // A code to renew is handed out only where a key was lost, and files have tests of their own.
    let unseen = Set(operations).subtracting(seen)
    #expect(unseen.isSubset(of: ["POST /v1/bundles", "POST /v1/renew"]), "\(unseen)")
  }

  private func check(
    _ exchange: Exchange, _ schemas: JSONSchemas, _ seen: inout Set<String>
  ) throws {
    let (call, answer) = (exchange.call, exchange.answer)
    let problem =
      answer.contentType == MediaType.problem
      ? try Problem(decoding: answer.body) : nil
    let name = "\(call.method) \(call.path) \(answer.status) \(problem?.kind.rawValue ?? "")"
    if let problem {
      let fault = try schemas.fault(in: JSONValue(answer.body), by: "problem.json")
      #expect(fault == nil, "\(name)")
      if problem.kind == .methodNotAllowed { return }
    }
    guard let address = HubRoute(call.path) else {
      #expect(problem?.kind == .notFound, "\(name)")
      return
    }
    let item = try #require(api?["paths"]?[address.rawValue])
    let operation = try #require(item[call.method.lowercased()], "\(name)")
    let response = try #require(operation["responses"]?["\(answer.status)"], "\(name)")
    if let problem {
      let named = operation["x-linli-problems"]?.elements ?? []
      #expect(named.contains(.text(problem.kind.rawValue)), "\(name)")
      return
    }
    seen.insert("\(call.method) \(address.rawValue)")
    if answer.status != 204 {
      let media = try #require(response["content"]?[answer.contentType], "\(name)")
      if let schema = media.at("schema/$ref")?.string {
        let fault = try schemas.fault(in: JSONValue(answer.body), by: Self.file(schema))
        #expect(fault == nil, "\(name)")
      }
    }
    guard let type = call.contentType, let body = operation["requestBody"] else { return }
    let media = try #require(body["content"]?[type], "\(name)")
    guard let schema = media.at("schema/$ref")?.string else { return }
    let fault = try schemas.fault(in: JSONValue(call.body), by: Self.file(schema))
    #expect(fault == nil, "\(name)")
  }

  private static func file(_ reference: String) -> String {
    String(reference.dropFirst("schemas/".count))
  }

  private struct Exchange: Sendable {
    let call: HubCall
    let answer: HubAnswer
  }

  /// Keeps what went by: of each address and outcome some, none that is long.
  private final class Watch: Sendable {
    let exchanges = Mutex<[Exchange]>([])
    private let counts = Mutex<[String: Int]>([:])

    func note(_ call: HubCall, _ answer: HubAnswer) {
      guard call.body.count + answer.body.count < 32 << 10 else { return }
      let problem = answer.status >= 400 ? try? Problem(decoding: answer.body).kind : nil
      let end = problem?.rawValue ?? ""
      let outcome = "\(call.method) \(call.path.prefix(2)) \(answer.status) \(end)"
      let count = counts.withLock { counts in
        counts[outcome, default: 0] += 1
        return counts[outcome, default: 0]
      }
      guard count <= 30 else { return }
      exchanges.withLock { $0.append(Exchange(call: call, answer: answer)) }
    }
  }
}
