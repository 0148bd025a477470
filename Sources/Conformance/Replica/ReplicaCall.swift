import Wire

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

  /// Whether it is a sync, in JSON, that pushes ops.
  var isPush: Bool {
    guard address == "/v1/sync",
      let request = try? SyncRequest(decoding: body, ConformanceRun.allNames)
    else { return false }
    return !request.ops.isEmpty
  }

  /// Whether it brings something, as the line tells it by the first byte.
  var brings: Bool { method == "POST" || method == "PUT" }

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
