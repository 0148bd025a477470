import OpLog

/// What an office sends: its new ops, and how far it has come (`POST /v1/sync`).
package struct SyncRequest: Equatable, Sendable {
  /// The catalogue by which it folds.
  package var catalogue: UInt32
  /// Its log's head after ``ops``.
  package var head: Head
  /// That head sealed with its secret.
  package var seal: Digest
  /// The end of its log, in order; at most ``WireLimits/opsMax``.
  package var ops: [Op]
  /// How much it has of the hub's log.
  package var hub: HubProgress
  /// The newest life of the hub that it has seen.
  package var incarnation: Incarnation
  /// Logs that it holds from a former life of the hub; they need not come again.
  package var held: [Head]
  /// How many bytes of ops it wants back, in ``WireLimits/chunkBytes``.
  package var maxBytes: Int

  /// Makes a request.
  package init(
    catalogue: UInt32, head: Head, seal: Digest, ops: [Op], hub: HubProgress,
    incarnation: Incarnation, held: [Head] = [], maxBytes: Int
  ) {
    self.catalogue = catalogue
    self.head = head
    self.seal = seal
    self.ops = ops
    self.hub = hub
    self.incarnation = incarnation
    self.held = held
    self.maxBytes = maxBytes
  }

  /// The request as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode(_ codec: OpJSON) -> [UInt8] {
    precondition(ops.count <= WireLimits.opsMax, "caller bug: too many ops")
    precondition(WireLimits.chunkBytes.contains(Int64(maxBytes)), "caller bug: chunk size")
    precondition(held.count <= WireLimits.headsMax, "caller bug: too many heads")
    var json = JSONWriter(reserving: 512 + 256 * ops.count)
    json.openObject()
    json.key("catalogue")
    json.integer(Int64(catalogue))
    json.key("replica")
    json.integer(Int64(head.replica.rawValue))
    json.key("head")
    json.head(head, withReplica: false)
    json.key("seal")
    json.digest(seal)
    json.key("ops")
    json.ops(ops, codec)
    json.key("hub")
    json.progress(hub)
    json.key("incarnation")
    json.incarnation(incarnation)
    if !held.isEmpty {
      json.key("held")
      json.openArray()
      for head in held { json.head(head, withReplica: true) }
      json.closeArray()
    }
    json.key("max_bytes")
    json.integer(Int64(maxBytes))
    json.closeObject()
    precondition(json.bytes.count <= WireLimits.messageBytesMax, "caller bug: message too large")
    return json.bytes
  }

  /// Reads a request.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(decoding bytes: [UInt8], _ codec: OpJSON) throws(WireError) {
    var json = try JSONReader(bytes, max: WireLimits.messageBytesMax)
    var catalogue: UInt32?
    var replica: ReplicaID?
    var place: (seq: UInt64, hash: Digest)?
    var seal: Digest?
    var ops: [Op]?
    var hub: HubProgress?
    var incarnation: Incarnation?
    var held: [Head] = []
    var maxBytes: Int?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "catalogue": catalogue = try json.catalogue()
      case "replica": replica = try json.replica()
      case "head": place = try json.place()
      case "seal": seal = try json.digest()
      case "ops": ops = try json.ops(codec)
      case "hub": hub = try json.progress()
      case "incarnation": incarnation = try json.incarnation()
      case "held":
        try json.array(max: WireLimits.headsMax) { (json) throws(WireError) in
          held.append(try json.head())
        }
      case "max_bytes": maxBytes = Int(try json.integer(in: WireLimits.chunkBytes))
      default: throw .unknownField(field: "")
      }
    }
    try json.finish()
    let head = try place.required("head")
    self.init(
      catalogue: try catalogue.required("catalogue"),
      head: Head(replica: try replica.required("replica"), seq: head.seq, hash: head.hash),
      seal: try seal.required("seal"), ops: try ops.required("ops"), hub: try hub.required("hub"),
      incarnation: try incarnation.required("incarnation"), held: held,
      maxBytes: try maxBytes.required("max_bytes"))
  }
}
