import OpLog

/// A head of a hub's log with the seal that the hub made for its successors.
package struct SuccessorHead: Hashable, Sendable {
  /// The head.
  package let head: Head
  /// The seal over it, which only the street's master key makes.
  package let seal: Digest

  /// Makes one.
  package init(head: Head, seal: Digest) {
    self.head = head
    self.seal = seal
  }
}

/// A page of a former hub's log, with the ops that its receipts cover.
package struct RollCallPage: Equatable, Sendable {
  /// Whose log.
  package var hub: ReplicaID
  /// The hub's entries after its progress, in order.
  package var entries: [HubEntry]
  /// Whether the log goes on before the sealed head.
  package var hasMore: Bool

  /// Makes a page.
  package init(hub: ReplicaID, entries: [HubEntry], hasMore: Bool) {
    self.hub = hub
    self.entries = entries
    self.hasMore = hasMore
  }
}

/// What an office shows a hub that lacks something (`POST /v1/rollcall`).
package struct RollCallRequest: Equatable, Sendable {
  /// The lives of the hub that the office knows, the oldest first.
  package var incarnations: [Incarnation]
  /// For each hub's log the newest head that was sealed for successors.
  package var heads: [SuccessorHead]
  /// The next page of the log that the hub wants; nil to ask what it wants.
  package var page: RollCallPage?

  /// Makes a request.
  package init(incarnations: [Incarnation], heads: [SuccessorHead], page: RollCallPage? = nil) {
    self.incarnations = incarnations
    self.heads = heads
    self.page = page
  }

  /// The request as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode(_ codec: OpJSON) -> [UInt8] {
    precondition(
      max(incarnations.count, heads.count) <= WireLimits.incarnationsMax, "caller bug: too many")
    var json = JSONWriter()
    json.openObject()
    json.key("incarnations")
    json.openArray()
    for incarnation in incarnations { json.incarnation(incarnation) }
    json.closeArray()
    json.key("heads")
    json.openArray()
    for sealed in heads {
      json.openObject()
      json.key("head")
      json.head(sealed.head, withReplica: true)
      json.key("successor_seal")
      json.digest(sealed.seal)
      json.closeObject()
    }
    json.closeArray()
    if let page {
      json.key("page")
      page.write(codec, to: &json)
    }
    json.closeObject()
    precondition(json.bytes.count <= WireLimits.messageBytesMax, "caller bug: message too large")
    return json.bytes
  }

  /// Reads a request.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8], _ codec: OpJSON) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.messageBytesMax)
    var incarnations: [Incarnation]?
    var heads: [SuccessorHead]?
    var page: RollCallPage?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "incarnations":
        var list: [Incarnation] = []
        try json.array(max: WireLimits.incarnationsMax) { (json) throws(WireError) in
          list.append(try json.incarnation())
        }
        incarnations = list
      case "heads":
        var list: [SuccessorHead] = []
        try json.array(max: WireLimits.incarnationsMax) { (json) throws(WireError) in
          list.append(try SuccessorHead(from: &json))
        }
        heads = list
      case "page": page = try RollCallPage(from: &json, codec)
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    self.init(
      incarnations: try incarnations.required("incarnations"),
      heads: try heads.required("heads"), page: page)
  }
}

extension SuccessorHead {
  fileprivate init(from json: inout JSONReader) throws(WireError) {
    var head: Head?
    var seal: Digest?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "head": head = try json.head()
      case "successor_seal": seal = try json.digest()
      default: throw .unknownField(field: "")
      }
    }
    self.init(head: try head.required("head"), seal: try seal.required("successor_seal"))
  }
}

extension RollCallPage {
  fileprivate func write(_ codec: OpJSON, to json: inout JSONWriter) {
    precondition(entries.count <= WireLimits.entriesMax, "caller bug: too many entries")
    precondition(entries.coveredOpCount <= WireLimits.opsMax, "caller bug: too many ops")
    json.openObject()
    json.key("replica")
    json.integer(Int64(hub.rawValue))
    json.key("entries")
    json.entries(entries, codec)
    json.key("more")
    json.flag(hasMore)
    json.closeObject()
  }

  fileprivate init(from json: inout JSONReader, _ codec: OpJSON) throws(WireError) {
    var hub: ReplicaID?
    var entries: [HubEntry]?
    var hasMore: Bool?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "replica": hub = try json.replica()
      case "entries": entries = try json.entries(codec)
      case "more": hasMore = try json.flag()
      default: throw .unknownField(field: "")
      }
    }
    self.init(
      hub: try hub.required("replica"), entries: try entries.required("entries"),
      hasMore: try hasMore.required("more"))
    guard self.entries.coveredOpCount <= WireLimits.opsMax else {
      throw .outOfRange(field: "entries")
    }
  }
}
