import OpLog

/// One call to the hub as plain values, whatever carried it.
package struct HubCall: Sendable {
  /// `GET`, `POST`, `PUT`.
  package var method: String
  /// The path's components, decoded: `["v1", "sync"]`.
  package var path: [String]
  /// The media type of the body, without parameters, in lower case; nil without one.
  package var contentType: String?
  /// The value of `Accept`; nil without one.
  package var accept: String?
  /// The value of `Authorization`; nil without one.
  package var authorization: String?
  /// For how many seconds a sync would rather wait than hear that there is nothing; 0 for not at all.
  package var wait: Int
  /// The value of `Range`; nil without one.
  package var range: String?
  /// The value of `If-Range`; nil without one.
  package var ifRange: String?
  /// The body.
  package var body: [UInt8]

  /// Makes a call.
  package init(
    method: String, path: [String], contentType: String? = nil, accept: String? = nil,
    authorization: String? = nil, wait: Int = 0, body: [UInt8] = []
  ) {
    self.method = method
    self.path = path
    self.wait = wait
    self.contentType = contentType
    self.accept = accept
    self.authorization = authorization
    self.body = body
  }
}

/// The hub's answer to a call.
package struct HubAnswer: Sendable {
  /// The HTTP status.
  package var status: Int
  /// The media type of the body.
  package var contentType: String
  /// The body.
  package var body: [UInt8]
  /// Other headers, such as `Allow`.
  package var headers: [(String, String)] = []
  /// Set when a sync had nothing to say either way: who asked, and the end of the hub's log, behind which
  /// there will be something.
  package var silence: (asker: ReplicaID, end: Head)?

  /// Makes an answer.
  package init(
    status: Int, contentType: String, body: [UInt8], headers: [(String, String)] = []
  ) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.headers = headers
  }

  static func json(_ body: [UInt8], status: Int = 200) -> HubAnswer {
    HubAnswer(status: status, contentType: "application/json", body: body)
  }
}

extension HubCall {
  /// What stands behind `Bearer `, in letters of any case (RFC 9110 §11.1); nil for another scheme.
  var bearerToken: Substring? {
    guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return nil }
    return authorization.dropFirst(7)
  }
}
