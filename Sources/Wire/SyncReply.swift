import OpLog

/// The hash of the hub's state, to compare when both hold the same ops.
package struct StateDigestMessage: Hashable, Sendable {
  /// The catalogue that folded it; others are not comparable.
  package let catalogue: UInt32
  /// The hash.
  package let value: Digest

  /// Makes a digest.
  package init(catalogue: UInt32, value: Digest) {
    self.catalogue = catalogue
    self.value = value
  }
}

/// What the hub answers: the next of its entries.
package struct SyncReply: Equatable, Sendable {
  /// The hub's wall clock in ms since 1970-01-01 UTC.
  package var now: Int64
  /// The asker's log as the hub holds it now.
  package var have: Head
  /// The hub's entries after the asker's progress; at most ``WireLimits/entriesMax``.
  package var entries: [HubEntry]
  /// The hub's log at the last of ``entries``, or at the asker's progress without any.
  package var head: Head
  /// ``head`` sealed with the asker's secret.
  package var seal: Digest
  /// ``head`` sealed for later incarnations of the hub.
  package var successorSeal: Digest
  /// Whether the hub has more for the asker right now.
  package var hasMore: Bool
  /// The hub's state; only in the reply that ends a pull.
  package var digest: StateDigestMessage?

  /// Makes a reply.
  package init(
    now: Int64, have: Head, entries: [HubEntry], head: Head, seal: Digest, successorSeal: Digest,
    hasMore: Bool, digest: StateDigestMessage? = nil
  ) {
    self.now = now
    self.have = have
    self.entries = entries
    self.head = head
    self.seal = seal
    self.successorSeal = successorSeal
    self.hasMore = hasMore
    self.digest = digest
  }

  /// The reply as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode(_ codec: OpJSON) -> [UInt8] {
    precondition(entries.count <= WireLimits.entriesMax, "caller bug: too many entries")
    precondition(opCount <= WireLimits.opsMax, "caller bug: too many ops")
    var json = JSONWriter(reserving: 512 + 256 * (entries.count + opCount))
    json.openObject()
    json.key("now")
    json.integer(now)
    json.key("have")
    json.head(have, withReplica: false)
    json.key("entries")
    json.entries(entries, codec)
    json.key("head")
    json.head(head, withReplica: true)
    json.key("seal")
    json.digest(seal)
    json.key("successor_seal")
    json.digest(successorSeal)
    json.key("more")
    json.flag(hasMore)
    if let digest {
      json.key("digest")
      digest.write(to: &json)
    }
    json.closeObject()
    precondition(json.bytes.count <= WireLimits.messageBytesMax, "caller bug: message too large")
    return json.bytes
  }

  /// Reads the reply to a request of `asker`.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8], asker: ReplicaID, _ codec: OpJSON) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.messageBytesMax)
    var now: Int64?
    var place: (seq: UInt64, hash: Digest)?
    var entries: [HubEntry]?
    var head: Head?
    var seal: Digest?
    var successorSeal: Digest?
    var hasMore: Bool?
    var digest: StateDigestMessage?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "now": now = try json.stamp()
      case "have": place = try json.place()
      case "entries": entries = try json.entries(codec)
      case "head": head = try json.head()
      case "seal": seal = try json.digest()
      case "successor_seal": successorSeal = try json.digest()
      case "more": hasMore = try json.flag()
      case "digest": digest = try StateDigestMessage(from: &json)
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    let have = try place.required("have")
    self.init(
      now: try now.required("now"),
      have: Head(replica: asker, seq: have.seq, hash: have.hash),
      entries: try entries.required("entries"), head: try head.required("head"),
      seal: try seal.required("seal"), successorSeal: try successorSeal.required("successor_seal"),
      hasMore: try hasMore.required("more"), digest: digest)
    guard opCount <= WireLimits.opsMax else { throw .outOfRange(field: "entries") }
  }

  private var opCount: Int { entries.coveredOpCount }
}

extension StateDigestMessage {
  fileprivate func write(to json: inout JSONWriter) {
    json.openObject()
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("value")
    json.text(Hex.encode(value.bytes))
    json.closeObject()
  }

  fileprivate init(from json: inout JSONReader) throws(WireError) {
    var catalogue: UInt32?
    var value: Digest?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "catalogue": catalogue = try json.catalogue()
      case "value": value = Digest(try json.hex(Digest.byteCount...Digest.byteCount))
      default: throw .unknownField(field: "")
      }
    }
    self.init(catalogue: try catalogue.required("catalogue"), value: try value.required("value"))
  }
}
