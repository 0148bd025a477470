import OpLog

/// What a hub takes and gives, as it says itself.
package struct HubLimits: Hashable, Sendable {
  /// Bytes of a sync request.
  package let requestBytes: Int
  /// Bytes of a sync reply.
  package let replyBytes: Int
  /// Ops in one request.
  package let opsPerRequest: Int
  /// Bytes of a detached body.
  package let bodyBytes: Int

  /// Makes limits.
  package init(requestBytes: Int, replyBytes: Int, opsPerRequest: Int, bodyBytes: Int) {
    self.requestBytes = requestBytes
    self.replyBytes = replyBytes
    self.opsPerRequest = opsPerRequest
    self.bodyBytes = bodyBytes
  }

  /// The limits of this version.
  package static let current = HubLimits(
    requestBytes: WireLimits.messageBytesMax, replyBytes: WireLimits.messageBytesMax,
    opsPerRequest: WireLimits.opsMax, bodyBytes: WireLimits.bodyBytesMax)
}

/// How a hub introduces itself to anybody (`GET /v1`).
///
/// Members that a later version adds are passed over: this is where versions learn of each other.
package struct HubCard: Hashable, Sendable {
  /// The version of the protocol that this code speaks.
  package static let protocolVersion = 1

  /// The street that the hub serves.
  package let street: StreetID
  /// What people call the street.
  package let name: String
  /// The hub's present life.
  package let incarnation: Incarnation
  /// Its wall clock in ms since 1970-01-01 UTC.
  package let now: Int64
  /// The versions of the protocol that it speaks, 1...16 of them.
  package let protocols: [Int]
  /// The catalogue by which it folds.
  package let catalogue: UInt32
  /// What it takes and gives.
  package let limits: HubLimits

  /// Makes a card.
  package init(
    street: StreetID, name: String, incarnation: Incarnation, now: Int64,
    protocols: [Int] = [HubCard.protocolVersion], catalogue: UInt32, limits: HubLimits = .current
  ) {
    self.street = street
    self.name = name
    self.incarnation = incarnation
    self.now = now
    self.protocols = protocols
    self.catalogue = catalogue
    self.limits = limits
  }

  /// The card as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode() -> [UInt8] {
    precondition(WireLimits.streetNameBytes.contains(name.utf8.count), "caller bug: street name")
    var json = JSONWriter()
    json.openObject()
    json.key("street")
    json.text(street.description)
    json.key("name")
    json.text(name)
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("now")
    json.integer(now)
    json.key("protocols")
    json.openArray()
    for version in protocols { json.integer(Int64(version)) }
    json.closeArray()
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("limits")
    json.openObject()
    for (name, value) in [
      ("request_bytes", limits.requestBytes), ("reply_bytes", limits.replyBytes),
      ("ops_per_request", limits.opsPerRequest), ("body_bytes", limits.bodyBytes),
    ] {
      json.key(name)
      json.integer(Int64(value))
    }
    json.closeObject()
    json.closeObject()
    return json.bytes
  }

  /// Reads a card.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var street: StreetID?
    var name: String?
    var incarnation: Incarnation?
    var now: Int64?
    var protocols: [Int] = []
    var catalogue: UInt32?
    var limits: HubLimits?
    try json.object { (member, json) throws(WireError) in
      switch member {
      case "street": street = try json.street()
      case "name": name = try json.text(WireLimits.streetNameBytes)
      case "incarnation": incarnation = try json.incarnation()
      case "now": now = try json.stamp()
      case "protocols":
        try json.array(max: 16) { (json) throws(WireError) in
          protocols.append(Int(try json.integer(in: 1...1_000)))
        }
      case "catalogue": catalogue = try json.catalogue()
      case "limits": limits = try HubLimits(from: &json)
      default: try json.skip()
      }
    }
    try json.finish()
    guard !protocols.isEmpty else { throw .missing(field: "protocols") }
    self.init(
      street: try street.required("street"), name: try name.required("name"),
      incarnation: try incarnation.required("incarnation"), now: try now.required("now"),
      protocols: protocols, catalogue: try catalogue.required("catalogue"),
      limits: try limits.required("limits"))
  }
}

extension HubLimits {
  fileprivate init(from json: inout JSONReader) throws(WireError) {
    var requestBytes: Int?
    var replyBytes: Int?
    var opsPerRequest: Int?
    var bodyBytes: Int?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "request_bytes": requestBytes = try json.limit()
      case "reply_bytes": replyBytes = try json.limit()
      case "ops_per_request": opsPerRequest = try json.limit()
      case "body_bytes": bodyBytes = try json.limit()
      default: try json.skip()
      }
    }
    self.init(
      requestBytes: try requestBytes.required("request_bytes"),
      replyBytes: try replyBytes.required("reply_bytes"),
      opsPerRequest: try opsPerRequest.required("ops_per_request"),
      bodyBytes: try bodyBytes.required("body_bytes"))
  }
}

extension JSONReader {
  /// Reads a limit of some hub.
  fileprivate mutating func limit() throws(WireError) -> Int {
    Int(try integer(in: 1...JSONReader.integerMax))
  }

  /// Reads a street's id, 32 hexadecimal digits.
  mutating func street() throws(WireError) -> StreetID {
    guard let street = StreetID(try hex(16...16)) else { throw .outOfRange(field: "") }
    return street
  }

  /// Reads a hub's incarnation.
  mutating func incarnation() throws(WireError) -> Incarnation {
    var number: UInt32?
    var randomBits: UInt64?
    try object { (name, json) throws(WireError) in
      switch name {
      case "number": number = UInt32(try json.integer(in: 1...524_287))
      case "random": randomBits = try json.hex(8...8).reduce(0) { $0 << 8 | UInt64($1) }
      default: throw .unknownField(field: "")
      }
    }
    guard
      let incarnation = Incarnation(
        number: try number.required("number"), randomBits: try randomBits.required("random"))
    else { throw .outOfRange(field: "number") }
    return incarnation
  }
}

extension JSONWriter {
  /// Writes a hub's incarnation, its random bits as 16 hexadecimal digits.
  mutating func incarnation(_ incarnation: Incarnation) {
    var random: [UInt8] = []
    random.appendBigEndian(incarnation.randomBits)
    openObject()
    key("number")
    integer(Int64(incarnation.number))
    key("random")
    text(Hex.encode(random))
    closeObject()
  }
}
