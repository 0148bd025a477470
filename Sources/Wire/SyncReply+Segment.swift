import OpLog

// reply := map { 1: now, 2: have seq, 3: have hash, ? 4: segment, ? 5: [+ [* index, count]],
//                6: head replica, 7: head seq, 8: head hash, 9: seal, 10: successor_seal, 11: more,
//                ? 12: catalogue, ? 13: digest }                       (Protocol/segment.md §7)
extension SyncReply {
  /// The reply with its ops as a segment: each entry's op, then those of its runs; beyond
  /// ``WireLimits`` it is a bug of the caller.
  ///
  /// - Parameter held: The chain hashes that the asker holds too, see ``Segment/encode(_:held:)``.
  /// - Returns: The message.
  /// - Throws: ``SegmentError/tooMany`` for ops beyond ``SegmentLimits``.
  package func encodeWithSegment(
    held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(SegmentError) -> [UInt8] {
    precondition(entries.count <= WireLimits.entriesMax, "caller bug: too many entries")
    precondition(entries.coveredOpCount <= WireLimits.opsMax, "caller bug: too many ops")
    var cbor = MessageWriter(count: 9 + (entries.isEmpty ? 0 : 2) + (digest == nil ? 0 : 2))
    cbor.integer(1, now)
    cbor.integer(2, Int64(have.seq))
    cbor.digest(3, have.hash)
    if !entries.isEmpty {
      let ops = entries.flatMap { [$0.op] + $0.runs.flatMap(\.ops) }
      cbor.bytes(4, try Segment.encode(ops, held: held))
      cbor.integers(5, entries.map { $0.runs.flatMap { [$0.index, $0.ops.count] } })
    }
    cbor.integer(6, Int64(head.replica.rawValue))
    cbor.integer(7, Int64(head.seq))
    cbor.digest(8, head.hash)
    cbor.digest(9, seal)
    cbor.digest(10, successorSeal)
    cbor.flag(11, hasMore)
    if let digest {
      cbor.integer(12, Int64(digest.catalogue))
      cbor.digest(13, digest.value)
    }
    return cbor.message
  }

  /// Reads the reply to a request of `asker`, its ops as a segment.
  ///
  /// - Throws: ``WireError`` naming the first member that is wrong.
  package init(
    decodingSegment bytes: [UInt8], asker: ReplicaID,
    held: @escaping (ReplicaID, UInt64) -> Digest?
  ) throws(WireError) {
    var message = try MessageReader(bytes)
    let now = try message.integer(1, "now", in: 0...EnvelopeLimits.integerMax)
    let have = Head(
      replica: asker, seq: try message.seq(2, "have.seq"),
      hash: try message.digest(3, "have.hash"))
    let ops = try message.ops(4, max: WireLimits.entriesMax + WireLimits.opsMax, held: held)
    let shapes = try message.integers(5, "entries", max: WireLimits.entriesMax)
    let head = try message.head(6, "head")
    let seal = try message.digest(9, "seal")
    let successorSeal = try message.digest(10, "successor_seal")
    let hasMore = try message.flag(11, "more")
    var digest: StateDigestMessage?
    if message.has(12) {
      let catalogue = try message.integer(12, "digest.catalogue", in: 1...Int64(UInt32.max))
      digest = StateDigestMessage(
        catalogue: UInt32(catalogue), value: try message.digest(13, "digest.value"))
    }
    try message.finish()
    self.init(
      now: now, have: have, entries: try Self.entries(ops, shapes), head: head, seal: seal,
      successorSeal: successorSeal, hasMore: hasMore, digest: digest)
    guard entries.coveredOpCount <= WireLimits.opsMax else { throw .outOfRange(field: "entries") }
  }

  /// Hands the ops out to the entries and their runs.
  private static func entries(
    _ ops: [Op], _ shapes: [[Int64]]
  ) throws(WireError) -> [HubEntry] {
    var rest = ops[...]
    var entries: [HubEntry] = []
    for shape in shapes {
      guard let op = rest.popFirst(), shape.count.isMultiple(of: 2),
        shape.count / 2 <= EnvelopeLimits.receiptRunsMax
      else { throw .outOfRange(field: "entries") }
      var runs: [EntryRun] = []
      for place in stride(from: 0, to: shape.count, by: 2) {
        let (index, count) = (shape[place], shape[place + 1])
        let last = runs.last?.index ?? -1
        guard index > Int64(last), index < Int64(EnvelopeLimits.receiptRunsMax), count >= 0,
          count <= Int64(rest.count)
        else { throw .outOfRange(field: "entries") }
        runs.append(EntryRun(index: Int(index), ops: Array(rest.prefix(Int(count)))))
        rest = rest.dropFirst(Int(count))
      }
      entries.append(HubEntry(op: op, runs: runs))
    }
    guard rest.isEmpty else { throw .outOfRange(field: "entries") }
    return entries
  }
}
