import OpLog

// request := map { 1: catalogue, 2: replica, 3: seq, 4: hash, 5: seal, ? 6: segment, 7: hub seq,
//                  8: hub hash, 9: run, 10: upto, 11: incarnation number, 12: its random bstr8,
//                  13: max_bytes, ? 14: [+ held head bstr44] }         (Protocol/segment.md §7)
extension SyncRequest {
  /// The request with its ops as a segment; beyond ``WireLimits`` it is a bug of the caller.
  ///
  /// - Parameter held: The chain hashes that the hub holds too, see ``Segment/encode(_:held:)``.
  /// - Returns: The message.
  /// - Throws: ``SegmentError/tooMany`` for ops beyond ``SegmentLimits``.
  package func encodeWithSegment(
    held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(SegmentError) -> [UInt8] {
    precondition(ops.count <= WireLimits.opsMax, "caller bug: too many ops")
    return encode(segment: ops.isEmpty ? nil : try Segment.encode(ops, held: held))
  }

  /// The request with some bytes in the place of its segment, whatever they are, and without ``ops``.
  ///
  /// - Parameter segment: The bytes; nil for a request without ops.
  /// - Returns: The message.
  package func encode(segment: [UInt8]?) -> [UInt8] {
    precondition(WireLimits.chunkBytes.contains(Int64(maxBytes)), "caller bug: chunk size")
    precondition(held.count <= WireLimits.headsMax, "caller bug: too many heads")
    var cbor = MessageWriter(count: 12 + (segment == nil ? 0 : 1) + (held.isEmpty ? 0 : 1))
    cbor.integer(1, Int64(catalogue))
    cbor.integer(2, Int64(head.replica.rawValue))
    cbor.integer(3, Int64(head.seq))
    cbor.digest(4, head.hash)
    cbor.digest(5, seal)
    if let segment { cbor.bytes(6, segment) }
    cbor.integer(7, Int64(hub.seq))
    cbor.digest(8, hub.hash)
    cbor.integer(9, Int64(hub.run))
    cbor.integer(10, Int64(hub.upTo))
    cbor.integer(11, Int64(incarnation.number))
    var random: [UInt8] = []
    random.appendBigEndian(incarnation.randomBits)
    cbor.bytes(12, random)
    cbor.integer(13, Int64(maxBytes))
    if !held.isEmpty { cbor.byteStrings(14, held.map(\.bytes)) }
    return cbor.message
  }

  /// Reads a request whose ops are a segment.
  ///
  /// - Parameters:
  ///   - bytes: The message.
  ///   - held: The chain hashes that are held here.
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(
    decodingSegment bytes: [UInt8], held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(WireError) {
    var message = try MessageReader(bytes)
    let catalogue = try message.integer(1, "catalogue", in: 1...Int64(UInt32.max))
    let head = try message.head(2, "head")
    let seal = try message.digest(5, "seal")
    let ops = try message.ops(6, max: WireLimits.opsMax, held: held)
    let seq = try message.seq(7, "hub.seq")
    let hash = try message.digest(8, "hub.hash")
    let runs = Int64(EnvelopeLimits.receiptRunsMax)
    let run = Int(try message.integer(9, "hub.run", in: 0...(runs - 1)))
    let hub = HubProgress(seq: seq, hash: hash, run: run, upTo: try message.seq(10, "hub.upto"))
    let number = try message.integer(11, "incarnation.number", in: 1...Int64(UInt32.max))
    let random = try message.bytes(12, "incarnation.random", count: 8)
    let bits = random.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let life = Incarnation(number: UInt32(number), randomBits: bits) else {
      throw .outOfRange(field: "incarnation.number")
    }
    let maxBytes = Int(try message.integer(13, "max_bytes", in: WireLimits.chunkBytes))
    var others: [Head] = []
    for bytes in try message.byteStrings(14, "held", max: WireLimits.headsMax, count: 44) {
      guard let head = Head(bytes: bytes) else { throw .outOfRange(field: "held") }
      others.append(head)
    }
    try message.finish()
    self.init(
      catalogue: UInt32(catalogue), head: head, seal: seal, ops: ops, hub: hub,
      incarnation: life, held: others, maxBytes: maxBytes)
  }
}

extension Head {
  /// Reads the 44 bytes of ``bytes``; nil for an id or a seq that no head has.
  fileprivate init?(bytes: [UInt8]) {
    let replica = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let seq = bytes[4..<12].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let replica = ReplicaID(rawValue: replica), seq <= EnvelopeLimits.seqMax,
      let hash = Digest(bytes[12...])
    else { return nil }
    self.init(replica: replica, seq: seq, hash: hash)
  }
}
