/// A request of the replica under test.
struct ReplicaCall {
  /// The method.
  let method: String
  /// The path with its query.
  let path: String
  /// The fields by name in lower case.
  let fields: [String: String]
  /// The body.
  var body: [UInt8]
  /// How many bytes its head had.
  let headBytes: Int

  /// Reads a request; nil while it is not whole.
  init?(_ bytes: [UInt8]) {
    guard let head = LineHead(bytes), head.words.count == 3 else { return nil }
    (method, path) = (head.words[0], head.words[1])
    fields = head.fields
    headBytes = head.count
    let length = head.length ?? 0
    let (body, isWhole) =
      head.joinedChunks ?? (Array(head.rest.prefix(length)), head.rest.count >= length)
    guard isWhole else { return nil }
    self.body = body
  }

  /// The path without its query.
  var address: String { String(path.prefix { $0 != "?" }) }

  /// The media type without parameters, in lower case.
  var mediaType: String { fields.mediaType }

  /// The call as the hub gets it.
  func request(withSegments: Bool) -> LineRequest {
    var request = LineRequest(
      method: method, path: path, authorization: fields["authorization"],
      contentType: fields["content-type"], accept: withSegments ? fields["accept"] : nil, body: body
    )
    request.range = fields["range"]
    request.ifRange = fields["if-range"]
    return request
  }
}

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
