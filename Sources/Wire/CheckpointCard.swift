import OpLog

/// What a hub says of the checkpoint that it gives (`GET /v1/checkpoint`).
package struct CheckpointCard: Equatable, Sendable {
  /// The catalogue by which its rows were folded.
  package let catalogue: UInt32
  /// The hub's log up to the entry whose state it is.
  package let head: Head
  /// How many ops the history has up to there.
  package let opCount: UInt64
  /// Bytes of the file.
  package let byteCount: Int
  /// SHA-256 of the file: its name, and its ETag.
  package let digest: Digest
  /// ``OpLog/Seal/ofCheckpoint(secret:_:digest:)`` for the asker.
  package var seal: Digest

  /// Makes a card.
  package init(
    catalogue: UInt32, head: Head, opCount: UInt64, byteCount: Int, digest: Digest, seal: Digest
  ) {
    self.catalogue = catalogue
    self.head = head
    self.opCount = opCount
    self.byteCount = byteCount
    self.digest = digest
    self.seal = seal
  }

  /// The card as JSON.
  package func encode() -> [UInt8] {
    var json = JSONWriter()
    json.openObject()
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("head")
    json.head(head, withReplica: true)
    json.key("ops")
    json.integer(Int64(opCount))
    json.key("bytes")
    json.integer(Int64(byteCount))
    json.key("digest")
    json.digest(digest)
    json.key("seal")
    json.digest(seal)
    json.closeObject()
    return json.bytes
  }

  /// Reads a card.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8]) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.smallMessageBytesMax)
    var catalogue: UInt32?
    var head: Head?
    var opCount: Int64?
    var byteCount: Int64?
    var digest: Digest?
    var seal: Digest?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "catalogue": catalogue = try json.catalogue()
      case "head": head = try json.head()
      case "ops": opCount = try json.integer(in: 1...JSONReader.integerMax)
      case "bytes": byteCount = try json.integer(in: 1...Int64(CheckpointLimits.bytesMax))
      case "digest": digest = try json.digest()
      case "seal": seal = try json.digest()
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      catalogue: try catalogue.required("catalogue"), head: try head.required("head"),
      opCount: UInt64(try opCount.required("ops")),
      byteCount: Int(try byteCount.required("bytes")), digest: try digest.required("digest"),
      seal: try seal.required("seal"))
  }
}
