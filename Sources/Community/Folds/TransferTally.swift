import OpLog

/// What became of the pieces of a transfer: step by step, accepts first, as long as they are in transit.
///
/// A write-off counts alone where it does not ask for both ends (those of earlier versions). One that
/// does (`by_both`) waits for one of the other end, by another person, for as many pieces: then both
/// count, and the pieces once.
struct TransferTally {
  /// An end of a transfer.
  enum Side {
    case sender, receiver
  }

  /// What one step came to.
  struct Part {
    let step: Entry
    let name: String
    let pieces: Int64
    var verdict: Verdict
  }

  private let quantity: Int64
  private(set) var received: Int64 = 0
  private(set) var writtenOff: Int64 = 0
  private(set) var parts: [Part] = []
  /// The write-offs that wait for the other end, as places in ``parts``, with their ends.
  private var waiting: [(part: Int, side: Side)] = []

  init(quantity: Int64) { self.quantity = quantity }

  /// The state of the transfer that it comes to.
  var state: String {
    if received == quantity { return "received" }
    if received + writtenOff == quantity { return "settled" }
    return received > 0 ? "short_received" : "sent"
  }

  /// Adds a step of an office that stands for these ends, with what it is worth on its own.
  mutating func add<S: FoldState>(
    _ step: Entry, _ verdict: Verdict, from sides: Set<Side>, in state: S
  ) throws(S.Failure) {
    let isAccept = step.op.kind == 44
    let pieces = step.payload.integer(isAccept ? 2 : 1) ?? 0
    var part = Part(
      step: step, name: isAccept ? "accept" : "write_off", pieces: pieces, verdict: verdict)
    if verdict == .plain, pieces > quantity - received - writtenOff {
      part.verdict = Verdict(.void, [.notInTransit])
    }
    guard part.verdict == .plain else { return parts.append(part) }
    if isAccept {
      received += pieces
    } else if step.payload.integer(6) == 1, sides.count == 1, let side = sides.first {
      if let place = try partner(of: part, from: side, in: state) {
        parts[waiting.remove(at: place).part].verdict = .plain
        part = Part(step: step, name: "signature", pieces: pieces, verdict: .plain)
        writtenOff += pieces
      } else {
        part.verdict = Verdict(.pending, [.awaitingOtherOffice])
        waiting.append((parts.count, side))
      }
    } else {
      writtenOff += pieces
    }
    parts.append(part)
  }

  /// Ends what waits for the other end in vain, once all steps are added: of so many pieces no longer
  /// in transit nobody can sign the loss.
  mutating func endWaiting() {
    waiting.removeAll { place, _ in
      guard parts[place].pieces > quantity - received - writtenOff else { return false }
      parts[place].verdict = Verdict(.void, [.notInTransit])
      return true
    }
  }

  /// Which of those that wait a write-off agrees with; nil for none.
  private func partner<S: FoldState>(
    of part: Part, from side: Side, in state: S
  ) throws(S.Failure) -> Int? {
    for (place, other) in waiting.enumerated() {
      let earlier = parts[other.part]
      guard other.side != side, earlier.pieces == part.pieces,
        try !Standing.isSamePerson(earlier.step.op.actor, part.step.op.actor, in: state)
      else { continue }
      return place
    }
    return nil
  }
}
