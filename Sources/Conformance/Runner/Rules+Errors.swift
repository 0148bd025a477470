import OpLog
import Wire

/// Problem documents: errors.md.
extension ConformanceRule {
  static let errors: [ConformanceRule] = [
    ConformanceRule(
      "errors.1.1.a", "拒绝是问题文档，状态、类型、标题与表一致",
      "A refusal is a problem document with the status of its type, a title, and a detail."
    ) { (run) throws(RuleFinding) in
      for (answer, sent) in try run.refusals() {
        let members = ProblemMembers(answer.body)
        let kind = members.flatMap { ProblemKind(type: $0.type) }
        try run.expect(
          answer.mediaType == "application/problem+json" && kind != nil
            && members?.status == answer.status && kind?.status == answer.status
            && members?.title.isEmpty == false && members?.detail != nil,
          sent: sent,
          "application/problem+json, all members, and the status of the type "
            + "(errors.md §1.1)", came: ConformanceRun.words(of: answer))
      }
    },
    ConformanceRule(
      "errors.1.2.a", "拒绝说明能否重试、怎么办",
      "`retry` is as in the table, with `Retry-After` where it is true alone, and advice in two languages."
    ) { (run) throws(RuleFinding) in
      for (answer, sent) in try run.refusals() {
        guard let members = ProblemMembers(answer.body),
          let kind = ProblemKind(type: members.type)
        else { continue }
        try run.expect(
          members.retry == kind.isWorthRetrying
            && (answer.fields["retry-after"] != nil) == kind.isWorthRetrying
            && members.chinese?.isEmpty == false && members.english?.isEmpty == false,
          sent: sent, "retry \(kind.isWorthRetrying), and advice in zh and en (errors.md §1.2)",
          came: ConformanceRun.words(of: answer))
      }
    },
    ConformanceRule(
      "errors.1.1.b", "不是 JSON，被拒绝", "What is not JSON, or JSON cut off, is `malformed-json`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      let whole = office.question().encode(run.codec)
      let doubled = Array(#"{"catalogue":1,"#.utf8) + whole.dropFirst()
      let bodies: [[UInt8]] = [
        [], [0x7B], whole.dropLast(), whole + [0x7D], Array(doubled), [0xFF, 0xFE],
      ]
      for body in bodies {
        try run.expect(
          .malformedJSON, section: "errors.md §1.1",
          run.call(.post("/v1/sync", body, as: office.token)),
          sent: "a request that is not one JSON object")
      }
    },
    ConformanceRule(
      "errors.1.2.c", "缺少字段时指出字段", "A missing field is `missing-field`, and `field` names it."
    ) { (run) throws(RuleFinding) in
      try run.spoilt(#""ops":[],"#, with: "", .missingField, field: "ops")
      try run.spoilt(
        #""max_bytes":1048576"#, with: #""held":[]"#, .missingField, field: "max_bytes")
    },
    ConformanceRule(
      "errors.1.2.d", "类型不对时指出字段",
      "A field of the wrong type is `wrong-type`, and `field` names it."
    ) { (run) throws(RuleFinding) in
      try run.spoilt(#""ops":[]"#, with: #""ops":{}"#, .wrongType, field: "ops")
      try run.spoilt(#""catalogue":"#, with: #""catalogue":1."#, .wrongType, field: "catalogue")
    },
    ConformanceRule(
      "errors.1.2.e", "数值越界时指出字段",
      "A value beyond its range is `out-of-range`, and `field` names it."
    ) { (run) throws(RuleFinding) in
      for size in ["4095", "1048577"] {
        try run.spoilt("1048576", with: size, .outOfRange, field: "max_bytes")
      }
    },
    ConformanceRule(
      "errors.1.2.f", "未知字段时指出字段", "An unknown field is `unknown-field`, and `field` names it."
    ) { (run) throws(RuleFinding) in
      try run.spoilt(#""ops":[]"#, with: #""ops":[],"surplus":1"#, .unknownField, field: "surplus")
    },
    ConformanceRule(
      "errors.1.1.c", "内容类型不对，被拒绝", "Another media type than JSON is `unsupported-media-type`."
    ) { (run) throws(RuleFinding) in
      let office = try run.office()
      for type in [nil, "text/plain", "application/octet-stream"] {
        var call = LineRequest.post(
          "/v1/sync", office.question().encode(run.codec), as: office.token)
        call.contentType = type
        try run.expect(
          .unsupportedMediaType, section: "errors.md", run.call(call),
          sent: "a sync as \(type ?? "nothing")")
      }
    },
    ConformanceRule(
      "errors.1.1.d", "没有的地址，回答 not-found", "An address that there is not is `not-found`.",
      needs: []
    ) { (run) throws(RuleFinding) in
      for path in ["/v1/nothing", "/v2", "/v1/sync/x"] {
        try run.expect(
          .notFound, section: "errors.md", run.call(.get(path)), sent: "GET \(path)")
      }
    },
    ConformanceRule(
      "errors.1.1.e", "地址不接受的方法，回答 method-not-allowed",
      "A method that an address does not take is `method-not-allowed`, with `Allow`.", needs: []
    ) { (run) throws(RuleFinding) in
      for (path, allowed) in [("/v1/sync", "POST"), ("/v1/enroll", "POST")] {
        let answer = try run.call(.get(path))
        try run.expect(.methodNotAllowed, section: "errors.md", answer, sent: "GET \(path)")
        try run.expect(
          answer.fields["allow"]?.contains(allowed) == true, sent: "GET \(path)",
          "Allow: \(allowed) (RFC 9110 §15.5.6)", came: answer.fields["allow"] ?? "no Allow")
      }
    },
    ConformanceRule(
      "errors.1.1.f", "不是记录的内容，被拒绝", "What is not an op is refused as such."
    ) { (run) throws(RuleFinding) in
      let ops: [(String, ProblemKind)] = [
        (#"{}"#, .missingField), (#"7"#, .wrongType),
        (OpText.of("0-1"), .outOfRange), (OpText.of("4097-1", stamp: -1), .outOfRange),
        (OpText.of("4097-1", kind: 0), .outOfRange),
        (OpText.of("4097-1", on: "2026-02-30"), .outOfRange),
      ]
      for (op, kind) in ops {
        try run.spoilt(#""ops":[]"#, with: #""ops":[\#(op)]"#, kind, .wrongType, .malformedOp)
      }
    },
    ConformanceRule(
      "errors.1.3.a", "不成请求的字节，由 HTTP 层拒绝",
      "Bytes that are no request are refused by the HTTP layer.",
      needs: []
    ) { (run) throws(RuleFinding) in
      for text in [
        "nonsense\r\n\r\n", "GET\r\n\r\n",
        "POST /v1/sync HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
      ] {
        let answer = try run.call(Array(text.utf8), "bytes that are no request")
        let members = ProblemMembers(answer.body)
        try run.expect(
          (400..<500).contains(answer.status) && members?.type == "about:blank",
          sent: "bytes that are no request", "a 4xx of type about:blank (errors.md §1.3)",
          came: ConformanceRun.words(of: answer))
      }
      _ = try run.card()
    },
  ]
}

/// An op of JSON by numbers, as wrong as it is wanted.
enum OpText {
  /// Its text.
  static func of(
    _ id: String, stamp: Int = 1, kind: Int = 18, on date: String = "2026-01-13",
    payload: String = "{}"
  ) -> String {
    ##"{"id":"\##(id)","stamp":\##(stamp),"kind":"#\##(kind)","occurred_on":"\##(date)","##
      + ##""payload":\##(payload)}"##
  }
}

/// The members of a problem document, each as it stands there.
struct ProblemMembers {
  private(set) var type = ""
  private(set) var title = ""
  private(set) var status = 0
  private(set) var detail: String?
  private(set) var field: String?
  private(set) var retry: Bool?
  private(set) var chinese: String?
  private(set) var english: String?

  /// Reads them; nil for what is no JSON object, or has members of another type.
  init?(_ bytes: [UInt8]) {
    self.init()
    var found = self
    do throws(WireError) {
      var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
      try json.object { (name, json) throws(WireError) in
        switch name {
        case "type": found.type = try json.text(0...200)
        case "title": found.title = try json.text(0...400)
        case "status": found.status = Int(try json.integer(in: 0...999))
        case "detail": found.detail = try json.text(0...4_096)
        case "field": found.field = try json.text(0...4_096)
        case "retry": found.retry = try json.flag()
        case "advice":
          try json.object { (name, json) throws(WireError) in
            switch name {
            case "zh": found.chinese = try json.text(0...4_096)
            case "en": found.english = try json.text(0...4_096)
            default: try json.skip()
            }
          }
        default: try json.skip()
        }
      }
      try json.finish()
      self = found
    } catch { return nil }
  }

  private init() {}
}

extension ConformanceRun {
  /// Refusals of several kinds, with what they answer.
  func refusals() throws(RuleFinding) -> [(LineAnswer, String)] {
    let office = try office()
    var unsealed = office.question()
    unsealed.seal = .zero
    var unknown = office.question()
    unknown.hub = HubProgress(seq: unknown.hub.seq, hash: .zero)
    var found: [(LineAnswer, String)] = []
    for call in [
      LineRequest.post("/v1/sync", unsealed.encode(codec), as: office.token),
      .post("/v1/sync", unknown.encode(codec), as: office.token),
      .post("/v1/sync", unsealed.encode(codec)), .post("/v1/sync", [], as: office.token),
      .get("/v1/nothing"), .get("/v1/sync"),
      .get("/v1/bodies/\(SHA256.hash(bytes(8)))", as: office.token),
      .put("/v1/bodies/\(SHA256.hash(bytes(8)))", bytes(40), as: office.token),
    ] {
      found.append((try self.call(call), call.words))
    }
    return found.filter { $0.0.status >= 400 }
  }

  /// Sends a sync request with a text in it replaced, and wants a refusal, with a field where one is
  /// named.
  func spoilt(
    _ text: String, with other: String, _ kinds: ProblemKind..., field: String? = nil
  ) throws(RuleFinding) {
    let office = try office()
    let whole = String(decoding: office.question().encode(codec), as: UTF8.self)
    let body = whole.replacing(text, with: other, maxReplacements: 1)
    let answer = try call(.post("/v1/sync", Array(body.utf8), as: office.token))
    let sent = "a sync with \(other.isEmpty ? "no \(text)" : other)"
    let problem = try? Problem(decoding: answer.body)
    let isNamed = field.map { problem?.field?.contains($0) == true } ?? true
    try expect(
      answer.status >= 400 && isNamed && kinds.contains { $0 == problem?.kind }, sent: sent,
      kinds.map(\.rawValue).joined(separator: " or ") + (field.map { ", field \($0)" } ?? "")
        + " (errors.md §1.2)", came: Self.words(of: answer))
  }
}
