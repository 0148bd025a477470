import OpLog
import Testing

@testable import Wire

@Suite("Problem documents")
struct ProblemTests {
  @Test("are what the fixture holds, both ways")
  func fixture() throws {
    let bytes = try Fixture.bytes("problem.json")
    #expect(Sample.problem().encode().text == bytes.text)
    #expect(try Problem(decoding: bytes) == Sample.problem())
  }

  @Test("have a stable type and status")
  func types() {
    let statuses: [String: Int] = [
      "malformed-json": 400, "malformed-op": 400, "malformed-bundle": 400,
      "missing-field": 400, "wrong-type": 400,
      "out-of-range": 400, "unknown-field": 400, "unsupported-media-type": 415, "not-found": 404,
      "method-not-allowed": 405, "too-large": 413, "unauthorized": 401, "token-revoked": 401,
      "retired": 403,
      "forbidden": 403, "seal-mismatch": 422, "chain-broken": 409, "gap": 409, "fork": 409,
      "unknown-progress": 409, "new-incarnation": 409, "roll-call": 503, "code-invalid": 403,
      "code-used": 409,
      "body-mismatch": 422, "body-unknown": 404, "body-erased": 410, "busy": 503,
      "storage-full": 507, "internal": 500,
    ]
    let kinds = ProblemKind.allCases.map { ($0.rawValue, $0.status) }
    #expect(Dictionary(uniqueKeysWithValues: kinds) == statuses)
    let retried = ProblemKind.allCases.filter(\.isWorthRetrying)
    #expect(retried == [.rollCall, .busy, .storageFull, .internal])
  }

  @Test("come back whatever their kind, and tell staff what to do", arguments: ProblemKind.allCases)
  func roundTrip(kind: ProblemKind) throws {
    for field in [nil, "ops[0].id"] {
      let problem = Problem(kind, detail: "seq 12, \"quoted\" 青", field: field)
      #expect(try Problem(decoding: problem.encode()) == problem)
    }
    #expect(ProblemKind(type: kind.type) == kind)
    #expect(kind.advice.chinese.hasSuffix("。"))
    #expect(kind.advice.english.hasSuffix("."))
    #expect(kind.title.hasSuffix("."))
  }

  @Test("name no field where the message as a whole is wrong")
  func wholeMessage() throws {
    let errors: [WireError] = [
      .outOfRange(field: ""), .malformedCBOR(.trailingBytes),
    ]
    for error in errors {
      #expect(error.problem.field == nil)
      #expect(!error.problem.encode().text.contains(#""field""#))
    }
    let named = WireError.outOfRange(field: "ops").problem
    #expect(named.encode().text.contains(#""field":"ops""#))
  }

  @Test("of another hub are read, whatever they add")
  func others() throws {
    let text = #"{"instance":"/x","type":"urn:linli:problem:gap","new":[1],"detail":"seq 7"}"#
    #expect(try Problem(decoding: Array(text.utf8)) == Problem(.gap, detail: "seq 7"))
    for type in ["about:blank", "urn:linli:problem:", "urn:linli:problem:Gap", "gap"] {
      let other = text.replacing("urn:linli:problem:gap", with: type)
      #expect(throws: WireError.outOfRange(field: "type")) {
        _ = try Problem(decoding: Array(other.utf8))
      }
    }
  }

  @Test("cut a long detail between two characters")
  func longDetails() throws {
    let problem = Problem(.gap, detail: String(repeating: "街", count: 5_000))
    #expect(problem.detail.utf8.count <= WireLimits.detailBytes.upperBound)
    #expect(problem.detail.allSatisfy { $0 == "街" })
    #expect(try Problem(decoding: problem.encode()) == problem)
  }

  @Test("are made from each error of the reader")
  func errors() {
    let cases: [(WireError, ProblemKind, String?)] = [
      (.malformed(.badEscape, at: 3), .malformedJSON, nil),
      (.missing(field: "a"), .missingField, "a"),
      (.wrongType(field: "a"), .wrongType, "a"), (.outOfRange(field: "a.b"), .outOfRange, "a.b"),
      (.unknownField(field: "a[0]"), .unknownField, "a[0]"),
      (.malformedOp(.tooLarge(bytes: 1), field: "ops[2]"), .malformedOp, "ops[2]"),
      (.tooLarge(bytes: 2, max: 1), .tooLarge, nil),
    ]
    for (error, kind, field) in cases {
      #expect(error.problem.kind == kind)
      #expect(error.problem.field == field)
      #expect(!error.problem.detail.isEmpty)
    }
  }
}
