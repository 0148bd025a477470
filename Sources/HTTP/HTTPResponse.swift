/// An answer to one request.
///
/// `Content-Length`, `Connection`, and `Transfer-Encoding` belong to the server: a response that
/// sets one, or whose fields hold a line break, is a bug and traps when it is sent.
package struct HTTPResponse: Sendable {
  /// The status, 200…599.
  package var status: Int
  /// The header fields in the order they are sent.
  package var headers: [(String, String)]
  /// The body; empty for 204 and 304.
  package var body: [UInt8]

  /// Makes a response of these parts.
  package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Makes a response with a body of that media type.
  package init(status: Int, contentType: String, body: [UInt8]) {
    self.init(status: status, headers: [("Content-Type", contentType)], body: body)
  }

  /// Makes a problem document (RFC 9457) that tells no more than the status and a detail.
  package static func problem(status: Int, detail: String) -> HTTPResponse {
    let text =
      #"{"type":"about:blank","title":"\#(reasonPhrase(of: status))","status":\#(status),"#
      + #""detail":"\#(jsonEscaped(detail))"}"#
    return HTTPResponse(
      status: status, contentType: "application/problem+json", body: Array(text.utf8))
  }

  private static func jsonEscaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": escaped += "\\\(scalar)"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
