/// A request as the runner sends it: what a client would send, or anything else.
struct LineRequest: Sendable {
  /// The method.
  var method: String
  /// The path behind that of the hub's address.
  var path: String
  /// What `Authorization` says; nil without it.
  var authorization: String?
  /// The media type; nil without one.
  var contentType: String?
  /// What `Accept` says; nil without it.
  var accept: String?
  /// The body.
  var body: [UInt8]
  /// What `Range` says; nil without it.
  var range: String?
  /// What `If-Range` says; nil without it.
  var ifRange: String?

  /// A POST of JSON.
  static func post(_ path: String, _ body: [UInt8], as token: String? = nil) -> LineRequest {
    LineRequest(
      method: "POST", path: path, authorization: token.map { "Bearer \($0)" },
      contentType: "application/json", body: body)
  }

  /// A POST of a sync whose ops are a segment, or of a file.
  static func post(
    _ path: String, _ body: [UInt8], of contentType: String, accept: String? = nil, as token: String
  ) -> LineRequest {
    LineRequest(
      method: "POST", path: path, authorization: "Bearer \(token)", contentType: contentType,
      accept: accept, body: body)
  }

  /// A GET.
  static func get(_ path: String, as token: String? = nil) -> LineRequest {
    LineRequest(
      method: "GET", path: path, authorization: token.map { "Bearer \($0)" }, contentType: nil,
      body: [])
  }

  /// A PUT of a body of personal data.
  static func put(_ path: String, _ body: [UInt8], as token: String?) -> LineRequest {
    LineRequest(
      method: "PUT", path: path, authorization: token.map { "Bearer \($0)" },
      contentType: "application/octet-stream", body: body)
  }

  /// Its head for a hub (RFC 9112 §3); the hub is asked to close behind its answer.
  func head(for place: HubLocation) -> [UInt8] {
    var head = "\(method) \(place.root)\(path) HTTP/1.1\r\nHost: \(place.authority)\r\n"
    head += "User-Agent: linli-conform/1\r\nConnection: close\r\n"
    if let authorization { head += "Authorization: \(authorization)\r\n" }
    if let accept { head += "Accept: \(accept)\r\n" }
    if let range { head += "Range: \(range)\r\n" }
    if let ifRange { head += "If-Range: \(ifRange)\r\n" }
    if let contentType { head += "Content-Type: \(contentType)\r\n" }
    if method != "GET" { head += "Content-Length: \(body.count)\r\n" }
    return Array((head + "\r\n").utf8)
  }

  /// What it is, in a finding.
  var words: String { "\(method) \(path)" + (body.isEmpty ? "" : " of \(body.count) bytes") }
}
