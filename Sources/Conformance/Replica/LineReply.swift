/// An answer on its way to the replica.
struct LineReply {
  /// The status.
  var status: Int
  /// The fields by name in lower case, those of the connection and of lengths aside.
  var fields: [String: String]
  /// The body.
  var body: [UInt8]

  /// An answer of the hub.
  init(_ answer: LineAnswer) {
    status = answer.status
    fields = answer.fields
    for name in ["connection", "content-length", "transfer-encoding"] { fields[name] = nil }
    body = answer.body
  }

  /// A problem document (errors.md), or what else a hub or a proxy says.
  init(status: Int, contentType: String, body: String, retryAfter: Int? = nil) {
    self.status = status
    fields = ["content-type": contentType]
    if let retryAfter { fields["retry-after"] = String(retryAfter) }
    self.body = Array(body.utf8)
  }

  /// Its head, which ends the connection.
  var head: [UInt8] {
    var head = "HTTP/1.1 \(status) Answer\r\nConnection: close\r\n"
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
    if status != 204 { head += "Content-Length: \(body.count)\r\n" }
    return Array((head + "\r\n").utf8)
  }
}

extension LineReply {
  /// Answers that may pass: of a hub, one with a member that nobody knows, and of proxies.
  static let passing: [LineReply] = [
    problem("busy", 503, retryAfter: 1), problem("storage-full", 507, retryAfter: 30),
    problem("internal", 500, retryAfter: 5, more: #","surplus":[1]"#),
    LineReply(status: 429, contentType: "text/html", body: "<html></html>", retryAfter: 1),
    LineReply(status: 502, contentType: "text/html", body: "<html></html>"),
  ]

  /// A problem document (errors.md §1); `retry` is true where there is something to wait for.
  static func problem(
    _ name: String, _ status: Int, retryAfter: Int? = nil, more: String = ""
  ) -> LineReply {
    LineReply(
      status: status, contentType: "application/problem+json",
      body: #"{"type":"urn:linli:problem:\#(name)","title":"t","status":\#(status),"detail":"d","#
        + #""retry":\#(retryAfter != nil),"advice":{"zh":"等","en":"wait"}\#(more)}"#,
      retryAfter: retryAfter)
  }
}
