extension HTTPResponse {
  /// Returns the bytes to send: one copy of the body, or none of it in answer to HEAD.
  func encoded(forHead: Bool, closing: Bool) -> [UInt8] {
    checkFields()
    let hasBody = status != 204 && status != 304
    precondition(hasBody || body.isEmpty, "bug: \(status) has no body")
    var head = "HTTP/1.1 \(status) \(Self.reasonPhrase(of: status))\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if hasBody { head += "Content-Length: \(body.count)\r\n" }
    if closing { head += "Connection: close\r\n" }
    head += "\r\n"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(head.utf8.count + (forHead ? 0 : body.count))
    bytes.append(contentsOf: head.utf8)
    if !forHead { bytes.append(contentsOf: body) }
    return bytes
  }

  private func checkFields() {
    precondition((200...599).contains(status), "bug: status \(status)")
    for (name, value) in headers {
      precondition(!name.isEmpty && name.utf8.allSatisfy(isTokenByte), "bug: header name")
      precondition(value.utf8.allSatisfy(isFieldByte), "bug: control byte in a header")
      precondition(
        !["content-length", "connection", "transfer-encoding"].contains(name.lowercased()),
        "bug: \(name) is set by the server")
    }
  }

  static func reasonPhrase(of status: Int) -> String {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 426: "Upgrade Required"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 505: "HTTP Version Not Supported"
    case 507: "Insufficient Storage"
    default: ""
    }
  }
}
