import OpLog

/// What a new office sends to become a replica (`POST /v1/enroll`).
///
/// The hub gives the same answer to the same code and nonce, so a lost answer costs nothing.
package struct EnrolRequest: Hashable, Sendable {
  /// The one-time code that the hub's administrator handed out.
  package let code: String
  /// 16 random bytes, drawn before the first try.
  package let nonce: [UInt8]
  /// What people call the office.
  package let label: String
  /// The id that the PC gives up for the new one, so that the street is told what is left of it; nil for a
  /// new PC.
  package let former: ReplicaID?

  /// Makes a request from what somebody typed.
  ///
  /// - Throws: ``WireError/outOfRange(field:)`` beyond ``WireLimits``.
  package init(
    code: String, nonce: [UInt8], label: String, former: ReplicaID? = nil
  ) throws(WireError) {
    guard WireLimits.codeBytes.contains(code.utf8.count) else { throw .outOfRange(field: "code") }
    guard nonce.count == WireLimits.nonceBytes else { throw .outOfRange(field: "nonce") }
    guard WireLimits.labelBytes.contains(label.utf8.count) else {
      throw .outOfRange(field: "label")
    }
    self.code = code
    self.nonce = nonce
    self.label = label
    self.former = former
  }

  /// The request as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("code")
    json.text(code)
    json.key("nonce")
    json.base64URL(nonce)
    json.key("label")
    json.text(label)
    if let former {
      json.key("former")
      json.integer(Int64(former.rawValue))
    }
    json.closeObject()
    return json.bytes
  }

  /// Reads a request.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var code: String?
    var nonce: [UInt8]?
    var label: String?
    var former: ReplicaID?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "code": code = try json.text(WireLimits.codeBytes)
      case "nonce": nonce = try json.base64URL(WireLimits.nonceBytes...WireLimits.nonceBytes)
      case "label": label = try json.text(WireLimits.labelBytes)
      case "former": former = try json.replica()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    try self.init(
      code: code.required("code"), nonce: nonce.required("nonce"), label: label.required("label"),
      former: former)
  }
}

/// What a new office gets: who it is, and its secrets.
package struct EnrolReply: Hashable, Sendable {
  /// The street that the hub serves.
  package let street: StreetID
  /// What people call the street.
  package let streetName: String
  /// The hub's present life, which issued the replica id.
  package let incarnation: Incarnation
  /// The office's replica id.
  package let replica: ReplicaID
  /// The `community.define` op of the office's community.
  package let community: OpID
  /// The bearer token.
  package let token: Digest
  /// The key of its seals, 32 bytes.
  package let secret: [UInt8]
  /// The hub's wall clock in ms since 1970-01-01 UTC.
  package let now: Int64

  /// Makes a reply.
  package init(
    street: StreetID, streetName: String, incarnation: Incarnation, replica: ReplicaID,
    community: OpID, token: Digest, secret: [UInt8], now: Int64
  ) {
    self.street = street
    self.streetName = streetName
    self.incarnation = incarnation
    self.replica = replica
    self.community = community
    self.token = token
    self.secret = secret
    self.now = now
  }

  /// The reply as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode() -> [UInt8] {
    precondition(secret.count == WireLimits.secretBytes, "caller bug: length of the secret")
    precondition(
      WireLimits.streetNameBytes.contains(streetName.utf8.count), "caller bug: street name")
    var json = JSONWriter()
    json.openObject()
    json.key("street")
    json.text(street.description)
    json.key("street_name")
    json.text(streetName)
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("replica")
    json.integer(Int64(replica.rawValue))
    json.key("community")
    json.opID(community)
    json.key("token")
    json.digest(token)
    json.key("secret")
    json.base64URL(secret)
    json.key("now")
    json.integer(now)
    json.closeObject()
    return json.bytes
  }

  /// Reads a reply.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var street: StreetID?
    var streetName: String?
    var incarnation: Incarnation?
    var replica: ReplicaID?
    var community: OpID?
    var token: Digest?
    var secret: [UInt8]?
    var now: Int64?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "street": street = try json.street()
      case "street_name": streetName = try json.text(WireLimits.streetNameBytes)
      case "incarnation": incarnation = try json.incarnation()
      case "replica": replica = try json.replica()
      case "community": community = try json.opID()
      case "token": token = try json.digest()
      case "secret": secret = try json.base64URL(WireLimits.secretBytes...WireLimits.secretBytes)
      case "now": now = try json.stamp()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      street: try street.required("street"), streetName: try streetName.required("street_name"),
      incarnation: try incarnation.required("incarnation"),
      replica: try replica.required("replica"), community: try community.required("community"),
      token: try token.required("token"), secret: try secret.required("secret"),
      now: try now.required("now"))
  }
}
