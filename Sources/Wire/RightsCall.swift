import OpLog

/// What an office asks the hub about a request for rights (`POST /v1/rights`).
package struct RightsQuestion: Hashable, Sendable {
  /// The `rights.request` op.
  package let request: OpID

  /// Makes one.
  package init(request: OpID) { self.request = request }

  /// The question as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("request")
    json.opID(request)
    json.closeObject()
    return json.bytes
  }

  /// Reads a question.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var request: OpID?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "request": request = try json.opID()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(request: try request.required("request"))
  }
}

/// What became of a request for rights, as far as the hub knows.
package enum RightsAnswer: Hashable, Sendable {
  /// The home granted so many points.
  case granted(Int64)
  /// The home said no.
  case refused
  /// The home is online and has not answered yet.
  case waiting
  /// The home did not sync just now, so nobody can say when it answers.
  case homeOffline

  /// The answer as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("state")
    json.text(state)
    if case .granted(let points) = self {
      json.key("points")
      json.integer(points)
    }
    json.closeObject()
    return json.bytes
  }

  /// Reads an answer.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var state: String?
    var points: Int64?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "state": state = try json.text(1...20)
      case "points": points = try json.integer(in: WireLimits.rightsPoints)
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    switch try state.required("state") {
    case "granted": self = .granted(try points.required("points"))
    case "refused": self = .refused
    case "waiting": self = .waiting
    case "home-offline": self = .homeOffline
    default: throw .outOfRange(field: "state")
    }
    if points != nil, self.state != "granted" { throw .unknownField(field: "points") }
  }

  /// The state's name in JSON.
  package var state: String {
    switch self {
    case .granted: "granted"
    case .refused: "refused"
    case .waiting: "waiting"
    case .homeOffline: "home-offline"
    }
  }
}
