/// One stretch of a log that a hub commit took in: the ops after the last receipt, up to `upTo`.
package struct ReceiptRun: Hashable, Sendable {
  /// The head there.
  package let upTo: Head

  /// Makes a run from the head that it reaches.
  package init(upTo: Head) { self.upTo = upTo }
}

/// The payload of a hub's receipt op: what one commit took in, in the order of arrival.
///
/// The op's own stamp is the received_at of everything that it covers.
package struct Receipt: Equatable, Sendable {
  /// The kind number of receipts, known to every layer.
  package static let kind: KindNumber = 5

  /// The runs, 1...``EnvelopeLimits/receiptRunsMax``.
  package let runs: [ReceiptRun]

  /// Makes a receipt.
  package init(runs: [ReceiptRun]) { self.runs = runs }

  // receipt := map { 1: [ + { 1: replica, 2: seq, 3: hash bstr32 } ] }   (Protocol/ops.md)
  /// The canonical payload.
  package var payload: [UInt8] {
    var writer = CBORWriter()
    writer.map(count: 1)
    writer.unsigned(1)
    writer.array(count: runs.count)
    for run in runs {
      writer.map(count: 3)
      writer.unsigned(1)
      writer.unsigned(UInt64(run.upTo.replica.rawValue))
      writer.unsigned(2)
      writer.unsigned(run.upTo.seq)
      writer.unsigned(3)
      writer.digest(run.upTo.hash)
    }
    return writer.bytes
  }

  /// Reads the payload of a receipt op.
  ///
  /// - Throws: ``CBORError`` when it is not one.
  package init(_ op: Op) throws(CBORError) {
    guard op.kind == Self.kind else { throw .wrongType }
    var reader = CBORReader(op.bytes, in: op.payload)
    guard try reader.map(max: 1) == 1, try reader.unsigned() == 1 else { throw .outOfRange }
    var runs: [ReceiptRun] = []
    for _ in 0..<(try reader.array(max: EnvelopeLimits.receiptRunsMax)) {
      guard try reader.map(max: 3) == 3, try reader.unsigned() == 1 else { throw .outOfRange }
      let number = try reader.unsigned()
      guard try reader.unsigned() == 2 else { throw .outOfRange }
      let seq = try reader.unsigned()
      guard try reader.unsigned() == 3 else { throw .outOfRange }
      let hash = try reader.digest()
      guard number <= UInt64(EnvelopeLimits.replicaMax),
        let replica = ReplicaID(rawValue: UInt32(number)),
        (1...EnvelopeLimits.seqMax).contains(seq)
      else { throw .outOfRange }
      runs.append(ReceiptRun(upTo: Head(replica: replica, seq: seq, hash: hash)))
    }
    try reader.finish()
    guard !runs.isEmpty else { throw .outOfRange }
    self.runs = runs
  }
}

/// An op's place in the canonical order of a street; causes have earlier places than effects.
package struct Place: Hashable, Comparable, Sendable {
  /// The hub op that is the first receipt of it, or itself for a hub op; nil before any receipt.
  package let receipt: OpID?
  /// The index of its run in that receipt; −1 for the hub op itself, which comes first.
  package let run: Int
  /// The place in its writer's log.
  package let seq: UInt64

  /// Makes a place.
  package init(receipt: OpID?, run: Int, seq: UInt64) {
    self.receipt = receipt
    self.run = run
    self.seq = seq
  }

  package static func < (left: Place, right: Place) -> Bool {
    switch (left.receipt, right.receipt) {
    case (let a?, let b?) where a != b: a < b
    case (nil, _?): false
    case (_?, nil): true
    default: (left.run, left.seq) < (right.run, right.seq)
    }
  }
}

/// The name of one request to record something: the recording replica and 96 random bits.
///
/// Made before the first try and kept beside the op, so that a retry finds what the first try did.
package struct RequestKey: Hashable, Sendable, CustomStringConvertible {
  /// The replica that may use it.
  package let replica: ReplicaID
  /// 12 random bytes.
  package let randomBytes: [UInt8]

  /// Makes a key; nil unless there are 12 bytes.
  package init?(replica: ReplicaID, randomBytes: [UInt8]) {
    guard randomBytes.count == 12 else { return nil }
    self.replica = replica
    self.randomBytes = randomBytes
  }

  /// Reads `4097.` followed by 16 base64url digits.
  package init?(_ text: String) {
    guard let dot = text.firstIndex(of: "."), let number = UInt32(text[..<dot]),
      let replica = ReplicaID(rawValue: number), text[..<dot] == replica.description,
      let random = Base64URL.decode(String(text[text.index(after: dot)...]))
    else { return nil }
    self.init(replica: replica, randomBytes: random)
  }

  package var description: String { "\(replica).\(Base64URL.encode(randomBytes))" }
}
