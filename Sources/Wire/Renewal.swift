import OpLog

/// What an office sends to get its secret by the street's new master key (`POST /v1/renew`).
///
/// The hub gives the same answer to the same code and nonce, so a lost answer costs nothing.
package struct RenewRequest: Hashable, Sendable {
  /// The one-time code that the hub's administrator handed out for this office.
  package let code: String
  /// 16 random bytes, drawn before the first try.
  package let nonce: [UInt8]
  /// The office's replica id.
  package let replica: ReplicaID

  /// Makes a request from what somebody typed.
  ///
  /// - Throws: ``WireError/outOfRange(field:)`` beyond ``WireLimits``.
  package init(code: String, nonce: [UInt8], replica: ReplicaID) throws(WireError) {
    guard WireLimits.codeBytes.contains(code.utf8.count) else { throw .outOfRange(field: "code") }
    guard nonce.count == WireLimits.nonceBytes else { throw .outOfRange(field: "nonce") }
    self.code = code
    self.nonce = nonce
    self.replica = replica
  }

  /// The request as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("code")
    json.text(code)
    json.key("nonce")
    json.base64URL(nonce)
    json.key("replica")
    json.integer(Int64(replica.rawValue))
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
    var replica: ReplicaID?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "code": code = try json.text(WireLimits.codeBytes)
      case "nonce": nonce = try json.base64URL(WireLimits.nonceBytes...WireLimits.nonceBytes)
      case "replica": replica = try json.replica()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    try self.init(
      code: code.required("code"), nonce: nonce.required("nonce"),
      replica: replica.required("replica"))
  }
}

/// What an office gets for its code: who it is still, and its new secrets.
package struct RenewReply: Hashable, Sendable {
  /// The street that the hub serves.
  package let street: StreetID
  /// The hub's present life.
  package let incarnation: Incarnation
  /// The life that issued the replica id.
  package let issuer: Incarnation
  /// The office's replica id.
  package let replica: ReplicaID
  /// The bearer token.
  package let token: Digest
  /// The key of its seals, 32 bytes.
  package let secret: [UInt8]

  /// Makes a reply.
  package init(
    street: StreetID, incarnation: Incarnation, issuer: Incarnation, replica: ReplicaID,
    token: Digest, secret: [UInt8]
  ) {
    self.street = street
    self.incarnation = incarnation
    self.issuer = issuer
    self.replica = replica
    self.token = token
    self.secret = secret
  }

  /// The reply as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode() -> [UInt8] {
    precondition(secret.count == WireLimits.secretBytes, "caller bug: length of the secret")
    var json = JSONWriter()
    json.openObject()
    json.key("street")
    json.text(street.description)
    json.key("incarnation")
    json.incarnation(incarnation)
    json.key("issuer")
    json.incarnation(issuer)
    json.key("replica")
    json.integer(Int64(replica.rawValue))
    json.key("token")
    json.digest(token)
    json.key("secret")
    json.base64URL(secret)
    json.closeObject()
    return json.bytes
  }

  /// Reads a reply.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var street: StreetID?
    var incarnation: Incarnation?
    var issuer: Incarnation?
    var replica: ReplicaID?
    var token: Digest?
    var secret: [UInt8]?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "street": street = try json.street()
      case "incarnation": incarnation = try json.incarnation()
      case "issuer": issuer = try json.incarnation()
      case "replica": replica = try json.replica()
      case "token": token = try json.digest()
      case "secret": secret = try json.base64URL(WireLimits.secretBytes...WireLimits.secretBytes)
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      street: try street.required("street"),
      incarnation: try incarnation.required("incarnation"), issuer: try issuer.required("issuer"),
      replica: try replica.required("replica"), token: try token.required("token"),
      secret: try secret.required("secret"))
  }
}
