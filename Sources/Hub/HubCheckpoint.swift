import Community
import OpLog
import Store
import Wire

/// What a new office begins on: the working set as of the end of the hub's log, made when it is asked for
/// and kept for a while, so that a download that was cut goes on.
extension HubCore {
  /// A checkpoint is given to those who ask within so many ms, unless an asker is not in it: at the end of
  /// an hour a download over 8 kbit/s has brought 3.6 MB.
  package static let checkpointAgeMax: Int64 = 3_600_000

  /// The card of a checkpoint, or the bytes of its file.
  func checkpoint(
    _ call: HubCall, for replica: ReplicaID, now: Int64
  ) throws(Problem) -> HubAnswer {
    try refuseInRollCall()
    guard try isEnrolled(replica), let secret = key.secret(of: replica) else {
      throw Self.notEnrolled(replica)
    }
    try refuseRetired(replica)
    if call.path.count == 3 { return try checkpointBytes(call) }
    var card = try card(for: replica, now: now)
    card.seal = Seal.ofCheckpoint(secret: secret, card.head, digest: card.digest)
    return .json(card.encode())
  }

  /// The file, or the range of it that is asked for (RFC 9110 §14.2); its name is the digest of its bytes,
  /// so that whoever goes on with a name goes on with the same bytes.
  private func checkpointBytes(_ call: HubCall) throws(Problem) -> HubAnswer {
    let card = try Problem.wrap { () throws(StoreError) in
      try store.setting(.checkpoint).flatMap { try? CheckpointCard(decoding: $0) }
    }
    guard let card, card.digest == Digest(base64URL: call.path[2]) else {
      throw Problem(.notFound, detail: "this checkpoint is not given any more; ask for the present")
    }
    let tag = "\"\(card.digest)\""
    let isSame = call.ifRange.map { $0 == tag } ?? true
    let asked = isSame ? ByteRange.asked(call.range, of: card.byteCount) : .whole
    var headers = [("ETag", tag), ("Accept-Ranges", "bytes"), ("Cache-Control", "private")]
    let (status, range): (Int, ClosedRange<Int>)
    switch asked {
    case .whole: (status, range) = (200, 0...card.byteCount - 1)
    case .part(let part):
      (status, range) = (206, part)
      headers.append(("Content-Range", ByteRange.text(part, of: card.byteCount)))
    case .unsatisfiable:
      headers.append(("Content-Range", "bytes */\(card.byteCount)"))
      return HubAnswer(
        status: 416, contentType: "application/octet-stream", body: [], headers: headers)
    }
    let bytes = try Problem.wrap { () throws(StoreError) in
      try store.checkpointBytes(in: range)
    }
    guard bytes.count == range.count else {
      throw Problem(.internal, detail: "the checkpoint is not whole")
    }
    return HubAnswer(
      status: status, contentType: "application/octet-stream", body: bytes, headers: headers)
  }

  /// The card of the checkpoint that is kept, or of a new one.
  private func card(for replica: ReplicaID, now: Int64) throws(Problem) -> CheckpointCard {
    let kept = try Problem.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in try keptCard(for: replica, now: now) }
    }
    if let kept { return kept }
    let made = try Problem.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.hasParked ? nil : try makeCheckpoint(now: now)
      }
    }
    guard let made else {
      throw Problem(.notFound, detail: "this hub gives no checkpoint now")
    }
    return made
  }

  /// The kept card, where it serves: it is young enough or of the present state, of this catalogue and this
  /// log, and the asker was enrolled by then.
  private func keptCard(
    for replica: ReplicaID, now: Int64
  ) throws(StoreError) -> CheckpointCard? {
    let bytes = try store.setting(.checkpoint)
    guard let card = bytes.flatMap({ try? CheckpointCard(decoding: $0) }),
      let madeAt = try store.number(.checkpointMadeAt), card.catalogue == store.edition.version,
      card.head.replica == store.identity.replica, try store.holds(card.head),
      let enrolment = try store.enrolment(of: replica)?.op,
      enrolment.replica < card.head.replica || enrolment.seq <= card.head.seq
    else { return nil }
    let end = try store.foldedHead(of: store.identity.replica)
    return card.head == end || (0..<Self.checkpointAgeMax).contains(now - madeAt) ? card : nil
  }

  /// Makes the checkpoint of the present state and keeps it; nil where it is beyond its limits.
  private func makeCheckpoint(now: Int64) throws(StoreError) -> CheckpointCard? {
    let set = try store.workingSet()
    guard let bytes = try? CheckpointFile.encode(set) else { return nil }
    let card = CheckpointCard(
      catalogue: set.catalogue, head: set.head, opCount: set.opCount, byteCount: bytes.count,
      digest: SHA256.hash(bytes), seal: .zero)
    try store.dropCheckpoint()
    for first in stride(from: 0, to: bytes.count, by: Store.checkpointPartBytes) {
      let end = min(first + Store.checkpointPartBytes, bytes.count)
      try store.keepCheckpoint(Array(bytes[first..<end]), at: first)
    }
    try store.set(.checkpoint, card.encode())
    try store.set(.checkpointMadeAt, now)
    return card
  }
}
