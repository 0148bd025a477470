import OpLog

/// The parts that sync requests and replies share.
extension JSONWriter {
  /// Writes a head; without its replica where the message names that elsewhere.
  mutating func head(_ head: Head, withReplica: Bool) {
    openObject()
    if withReplica {
      key("replica")
      integer(Int64(head.replica.rawValue))
    }
    key("seq")
    integer(Int64(head.seq))
    key("hash")
    digest(head.hash)
    closeObject()
  }

  /// Writes how much of a hub's log somebody holds.
  mutating func progress(_ progress: HubProgress) {
    openObject()
    key("seq")
    integer(Int64(progress.seq))
    key("hash")
    digest(progress.hash)
    key("run")
    integer(Int64(progress.run))
    key("upto")
    integer(Int64(progress.upTo))
    closeObject()
  }

  /// Writes ops as an array.
  mutating func ops(_ ops: [Op], _ codec: OpJSON) {
    openArray()
    for op in ops { codec.write(op, to: &self) }
    closeArray()
  }
}

extension JSONReader {
  /// Reads a head that does not name its replica.
  mutating func place() throws(WireError) -> (seq: UInt64, hash: Digest) {
    var seq: UInt64?
    var hash: Digest?
    try object { (name, json) throws(WireError) in
      switch name {
      case "seq": seq = try json.seq()
      case "hash": hash = try json.digest()
      default: throw .unknownField(field: "")
      }
    }
    return (try seq.required("seq"), try hash.required("hash"))
  }

  /// Reads a head that names its replica.
  package mutating func head() throws(WireError) -> Head {
    var replica: ReplicaID?
    var seq: UInt64?
    var hash: Digest?
    try object { (name, json) throws(WireError) in
      switch name {
      case "replica": replica = try json.replica()
      case "seq": seq = try json.seq()
      case "hash": hash = try json.digest()
      default: throw .unknownField(field: "")
      }
    }
    return Head(
      replica: try replica.required("replica"), seq: try seq.required("seq"),
      hash: try hash.required("hash"))
  }

  /// Reads how much of a hub's log somebody holds.
  mutating func progress() throws(WireError) -> HubProgress {
    var seq: UInt64?
    var hash: Digest?
    var run: Int?
    var upTo: UInt64?
    try object { (name, json) throws(WireError) in
      switch name {
      case "seq": seq = try json.seq()
      case "hash": hash = try json.digest()
      case "run": run = try json.runIndex()
      case "upto": upTo = try json.seq()
      default: throw .unknownField(field: "")
      }
    }
    return HubProgress(
      seq: try seq.required("seq"), hash: try hash.required("hash"),
      run: try run.required("run"), upTo: try upTo.required("upto"))
  }

  /// Reads an array of ops.
  mutating func ops(_ codec: OpJSON) throws(WireError) -> [Op] {
    var ops: [Op] = []
    try array(max: WireLimits.opsMax) { (json) throws(WireError) in
      ops.append(try codec.read(from: &json))
    }
    return ops
  }

  /// Reads the index of a run in its receipt.
  mutating func runIndex() throws(WireError) -> Int {
    Int(try integer(in: 0...Int64(EnvelopeLimits.receiptRunsMax - 1)))
  }
}
