/// The two versions of HTTP that are served.
package enum HTTPVersion: Sendable {
  /// HTTP/1.0: answered, then the connection is closed.
  case http10
  /// HTTP/1.1.
  case http11
}

/// A whole request, checked and decoded.
package struct HTTPRequest: Sendable {
  /// The method as sent: methods are case-sensitive, and unknown ones arrive here too.
  package let method: String
  let parsedTarget: RequestTarget
  /// The version that the client speaks; the answer is HTTP/1.1 in any case.
  package let version: HTTPVersion
  /// The header fields in order of arrival, names in lower case, values without outer blanks.
  package let headers: [(name: String, value: String)]
  /// The body, chunks joined; empty if none was sent.
  package internal(set) var body: [UInt8]

  /// The request target as sent; for logs, since routes go by ``pathComponents``.
  package var target: String { parsedTarget.raw }
  /// The path as sent, percent signs and all, without the query.
  package var path: String { parsedTarget.path }
  /// The decoded segments of the path: `/v1/bodies/a%2Fb` is `["v1", "bodies", "a/b"]`, `/` is `[]`.
  package var pathComponents: [String] { parsedTarget.components }
  /// The decoded items of the query in order; a name without `=` has an empty value.
  package var query: [(name: String, value: String)] { parsedTarget.query }

  /// Makes a request as the parser would.
  ///
  /// - Throws: ``HTTPRefusal`` if the target is not one that the parser accepts.
  package init(
    method: String, target: String, version: HTTPVersion = .http11,
    headers: [(name: String, value: String)] = [], body: [UInt8] = []
  ) throws(HTTPRefusal) {
    self.init(
      method: method, target: try RequestTarget(Array(target.utf8).span), version: version,
      headers: headers.map { (name: $0.name.lowercased(), value: $0.value) }, body: body)
  }

  init(
    method: String, target: RequestTarget, version: HTTPVersion,
    headers: [(name: String, value: String)], body: [UInt8] = []
  ) {
    self.method = method
    self.parsedTarget = target
    self.version = version
    self.headers = headers
    self.body = body
  }

  /// Returns the value of the first header field of that name, in any case.
  package func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name == name }?.value
  }

  /// Returns the value of the first query item of that name.
  package func queryValue(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// True if the connection ends with the response to this request.
  var closesConnection: Bool {
    version == .http10
      || headers.contains { header in
        header.name == "connection"
          && header.value.lowercased().utf8.split(separator: UInt8(ascii: ",")).contains {
            $0.drop(while: isBlank).prefix { !isBlank($0) }.elementsEqual("close".utf8)
          }
      }
  }
}
