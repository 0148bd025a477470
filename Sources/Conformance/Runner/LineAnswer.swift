/// An HTTP answer, read from all bytes that came before the hub closed the connection.
struct LineAnswer: Sendable {
  /// The status.
  let status: Int
  /// The fields by name in lower case; of several with one name the last.
  let fields: [String: String]
  /// The body, as far as it came.
  let body: [UInt8]
  /// Whether the body is as long as the head says.
  let isWhole: Bool
  /// How many bytes the head has, with the empty line.
  let headBytes: Int

  /// Reads the bytes; nil for what is not an HTTP/1.x answer with a whole head.
  init?(_ bytes: [UInt8]) {
    guard let head = LineHead(bytes), head.words.count >= 2, head.words[0].hasPrefix("HTTP/1."),
      let status = Int(head.words[1])
    else { return nil }
    self.status = status
    fields = head.fields
    headBytes = head.count
    if let joined = head.joinedChunks {
      (body, isWhole) = joined
    } else if let length = head.length {
      (body, isWhole) = (Array(head.rest.prefix(length)), head.rest.count >= length)
    } else {
      (body, isWhole) = (head.rest, true)
    }
  }

  /// The media type without parameters, in lower case.
  var mediaType: String { fields.mediaType }
}
