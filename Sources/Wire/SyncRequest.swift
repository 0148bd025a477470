import OpLog

/// How much of the hub's log an office holds.
package struct HubProgress: Hashable, Sendable {
  /// The last hub entry held whole, with all ops that it covers; 0 at the start.
  package let seq: UInt64
  /// The chain hash there.
  package let hash: Digest
  /// In the entry after it, the index of the run that came last.
  package let run: Int
  /// In that run, the last op held; 0 for none.
  package let upTo: UInt64

  /// Makes a progress; without a part of the next entry `run` and `upTo` are 0.
  package init(seq: UInt64, hash: Digest, run: Int = 0, upTo: UInt64 = 0) {
    self.seq = seq
    self.hash = hash
    self.run = run
    self.upTo = upTo
  }
}

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
  /// How many bytes of ops it wants back, in ``WireLimits/chunkBytes``.
  package var maxBytes: Int

  /// Makes a request.
  package init(
    catalogue: UInt32, head: Head, seal: Digest, ops: [Op], hub: HubProgress, maxBytes: Int
  ) {
    self.catalogue = catalogue
    self.head = head
    self.seal = seal
    self.ops = ops
    self.hub = hub
    self.maxBytes = maxBytes
  }

  /// The request as JSON; beyond ``WireLimits`` it is a bug of the caller.
  package func encode(_ codec: OpJSON) -> [UInt8] {
    precondition(ops.count <= WireLimits.opsMax, "caller bug: too many ops")
    precondition(WireLimits.chunkBytes.contains(Int64(maxBytes)), "caller bug: chunk size")
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
    json.openObject()
    json.key("seq")
    json.integer(Int64(hub.seq))
    json.key("hash")
    json.digest(hub.hash)
    json.key("run")
    json.integer(Int64(hub.run))
    json.key("upto")
    json.integer(Int64(hub.upTo))
    json.closeObject()
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
    var maxBytes: Int?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "catalogue": catalogue = try json.catalogue()
      case "replica": replica = try json.replica()
      case "head": place = try json.place()
      case "seal": seal = try json.digest()
      case "ops": ops = try json.ops(codec)
      case "hub": hub = try HubProgress(from: &json)
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
      maxBytes: try maxBytes.required("max_bytes"))
  }
}

extension HubProgress {
  fileprivate init(from json: inout JSONReader) throws(WireError) {
    var seq: UInt64?
    var hash: Digest?
    var run: Int?
    var upTo: UInt64?
    try json.object { (name, json) throws(WireError) in
      switch name {
      case "seq": seq = try json.seq()
      case "hash": hash = try json.digest()
      case "run": run = try json.runIndex()
      case "upto": upTo = try json.seq()
      default: throw .unknownField(field: "")
      }
    }
    self.init(
      seq: try seq.required("seq"), hash: try hash.required("hash"),
      run: try run.required("run"), upTo: try upTo.required("upto"))
  }
}
