import Community
import OpLog
import Peer
import Store
import Wire

/// A new office begins on the hub's working set, so that its counter works while the history comes in
/// (Protocol/checkpoint.md).
extension OfficeCore {
  /// Whether this office has nothing yet and may begin on a checkpoint.
  package var wantsCheckpoint: Bool {
    get throws(OfficeError) {
      guard try stop == nil, try !owesRollCall else { return false }
      return try OfficeError.wrap { () throws(StoreError) in
        try store.read { () throws(StoreError) in
          guard try store.number(.noCheckpoint) == nil else { return false }
          return try store.isBlank
        }
      }
    }
  }

  /// The next request for the checkpoint: for its card, or for the bytes behind those that are here.
  ///
  /// - Parameter maxBytes: How many bytes are wanted at most.
  /// - Returns: The request, to be kept for the answer.
  /// - Throws: ``OfficeError/store(_:)``.
  package func checkpointRequest(maxBytes: Int) throws(OfficeError) -> PeerRequest {
    let (card, size) = try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in (try checkpointCard(), try store.checkpointSize()) }
    }
    guard let card else {
      return PeerRequest(method: "GET", path: Self.checkpointPath, token: bearer)
    }
    var request = PeerRequest(
      method: "GET", path: Self.path(of: card), accept: "application/octet-stream", token: bearer)
    request.range = size...min(size + maxBytes, card.byteCount) - 1
    return request
  }

  /// Takes what the hub answered; durable when it returns.
  ///
  /// - Parameters:
  ///   - response: What came back.
  ///   - request: What it answers.
  /// - Returns: Whether that was all: the counter works, or this office begins without a checkpoint.
  /// - Throws: ``OfficeError``; what came before stays, and the next request goes on there.
  package func takeCheckpoint(
    _ response: PeerResponse, to request: PeerRequest
  ) throws(OfficeError) -> Bool {
    guard try wantsCheckpoint else { return true }
    let card = try OfficeError.wrap { () throws(StoreError) in try checkpointCard() }
    let isCard = request.path == Self.checkpointPath
    // An answer may come late, behind one that went on.
    guard isCard || card.map({ request.path == Self.path(of: $0) }) ?? false else { return false }
    switch response.status {
    case 200, 206:
      guard !isCard, let card else { return try takeCard(response, instead: card) }
      return try takePart(response, of: card, from: request)
    case 404 where !isCard, 416:
      // The hub has made another one since.
      return try startAnew()
    case 404, 405: return try beginWithout()
    default:
      let refusal = OfficeError(refusal: response)
      // The rest of the sync hears of a roll-call in its own way.
      if case .problem(let problem) = refusal, problem.kind == .rollCall { return true }
      throw refusal
    }
  }

  /// Keeps what came of a part whose answer was cut off; durable when it returns.
  ///
  /// - Parameters:
  ///   - response: The answer's head, and the first bytes of its body.
  ///   - request: What it answers.
  /// - Returns: How many bytes it was of use for; the next request goes on behind them.
  /// - Throws: ``OfficeError/store(_:)``.
  package func keepBeginning(
    _ response: PeerResponse, of request: PeerRequest
  ) throws(OfficeError) -> Int {
    guard try wantsCheckpoint, let range = request.range, response.status == 206,
      !response.body.isEmpty, response.body.count < range.count
    else { return 0 }
    return try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        guard let card = try checkpointCard(), request.path == Self.path(of: card),
          response.contentRange == ByteRange.text(range, of: card.byteCount),
          try store.checkpointSize() == range.lowerBound
        else { return 0 }
        try store.keepCheckpoint(response.body, at: range.lowerBound)
        return response.body.count
      }
    }
  }

  /// How much of the file is here, how much there is, and whether this office works on it already.
  func checkpointProgress() throws(OfficeError) -> (taken: Int, size: Int?, isWhole: Bool) {
    try OfficeError.wrap { () throws(StoreError) in
      try store.read { () throws(StoreError) in
        (
          try store.checkpointSize(), try checkpointCard()?.byteCount, try store.history() != nil
        )
      }
    }
  }

  private static let checkpointPath = "/v1/checkpoint"

  private static func path(of card: CheckpointCard) -> String {
    "\(checkpointPath)/\(card.digest)"
  }

  private func checkpointCard() throws(StoreError) -> CheckpointCard? {
    try store.setting(.checkpoint).flatMap { try? CheckpointCard(decoding: $0) }
  }

  /// Believes a card only if its seal is over what it says.
  private func takeCard(
    _ response: PeerResponse, instead kept: CheckpointCard?
  ) throws(OfficeError) -> Bool {
    let card: CheckpointCard
    do throws(WireError) {
      card = try CheckpointCard(decoding: response.body)
    } catch { throw .wire(error) }
    let seal = Seal.ofCheckpoint(secret: secret, card.head, digest: card.digest)
    guard seal.isEqualInConstantTime(to: card.seal) else { throw .untrusted(.seal) }
    let life = try OfficeError.wrap { () throws(StoreError) in try store.newestIncarnation }
    guard card.head.replica == life.hub, card.catalogue == store.edition.version else {
      return try beginWithout()
    }
    // Its file comes in already.
    guard card.digest != kept?.digest else { return false }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.dropCheckpoint()
        try store.set(.checkpoint, card.encode())
      }
    }
    return false
  }

  private func takePart(
    _ response: PeerResponse, of card: CheckpointCard, from request: PeerRequest
  ) throws(OfficeError) -> Bool {
    let first: Int
    if response.status == 206 {
      guard let range = request.range, !response.body.isEmpty,
        response.contentRange
          == ByteRange.text(
            range.lowerBound...range.lowerBound + response.body.count - 1, of: card.byteCount)
      else { throw .transport(.broken("other bytes than were asked for")) }
      first = range.lowerBound
    } else {
      // Somebody on the way does not know ranges.
      guard response.body.count == card.byteCount else { return try startAnew() }
      first = 0
    }
    let isWhole = try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) -> Bool? in
        if first == 0 { try store.dropCheckpoint() }
        try store.set(.checkpoint, card.encode())
        // Another process may have gone on meanwhile.
        guard try store.checkpointSize() == first else { return false }
        try store.keepCheckpoint(response.body, at: first)
        guard first + response.body.count == card.byteCount else { return false }
        return try begin(on: card)
      }
    }
    switch isWhole {
    case false?: return false
    case true?: return true
    case nil: return try beginWithout()
    }
  }

  /// Begins on the file that is here whole; inside ``Store/write(_:)``.
  ///
  /// - Returns: True; nil where it is not what the card says, or does not fit here.
  private func begin(on card: CheckpointCard) throws(StoreError) -> Bool? {
    let bytes = try store.checkpointBytes(in: 0...card.byteCount - 1)
    guard SHA256.hash(bytes) == card.digest, let set = try? CheckpointFile.decode(bytes),
      set.head == card.head, try store.begin(on: set)
    else { return nil }
    try store.dropCheckpoint()
    return true
  }

  /// Forgets what has come, and asks for the present checkpoint.
  private func startAnew() throws(OfficeError) -> Bool {
    checkpointsLeft -= 1
    guard checkpointsLeft > 0 else { return try beginWithout() }
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in try store.dropCheckpoint() }
    }
    return false
  }

  /// Goes on as an office does that gets the history from its start.
  private func beginWithout() throws(OfficeError) -> Bool {
    try OfficeError.wrap { () throws(StoreError) in
      try store.write { () throws(StoreError) in
        try store.dropCheckpoint()
        try store.set(.noCheckpoint, 1)
      }
    }
    return true
  }
}
