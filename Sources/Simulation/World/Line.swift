import Office
import OpLog
import Peer
import Wire

/// One request of an office, on its way or answered.
struct Call {
  /// What the office asked for, to make sense of the answer.
  enum Purpose {
    case sync(SyncRequest)
    case rollCall(RollCallRequest)
    case body(BodyErrand)
    case digests(DigestsRequest)
    case checkpoint
  }

  let id: Int
  let office: Int
  let purpose: Purpose
  let request: PeerRequest
  /// Whether the line changed its bytes, or those of its answer.
  var isDamaged = false
  /// Whether its answer broke off.
  var isCut = false
  /// Whether the hub's disk failed under it.
  var isUnderFault = false
  /// Whether the hub's clock was before what the hub wrote, or before what this brought.
  var isRefusedByClock = false

  var name: String {
    switch purpose {
    case .sync(let request): "sync+\(request.ops.count)"
    case .rollCall: "roll-call"
    case .digests: "digests"
    case .checkpoint: "checkpoint"
    case .body(let errand): errand.isUpload ? "put-body" : "get-body"
    }
  }
}

/// What is on its way between the offices and the hub, in order of arrival.
struct Line {
  enum Content {
    case request(Call)
    case answer(Call, PeerResponse)
  }

  private struct Packet {
    let arrival: Int64
    let order: Int
    let content: Content
  }

  private var packets: [Packet] = []
  private var sent = 0

  /// When the next packet arrives; nil when nothing is on its way.
  var nextArrival: Int64? { packets.map(\.arrival).min() }

  mutating func send(_ content: Content, arrivingAt arrival: Int64) {
    sent += 1
    packets.append(Packet(arrival: arrival, order: sent, content: content))
  }

  /// Takes the packet that arrives first.
  mutating func receive() -> Content? {
    let first = packets.indices.min {
      (packets[$0].arrival, packets[$0].order) < (packets[$1].arrival, packets[$1].order)
    }
    return first.map { packets.remove(at: $0).content }
  }
}

extension [UInt8] {
  /// A shorter beginning.
  func cut(_ random: inout SplitMix64) -> [UInt8] {
    isEmpty ? self : Array(self[..<random.below(count)])
  }

  /// The same with one bit changed; mostly one that makes a digit another digit, so that the
  /// message can still be read.
  func flipped(_ random: inout SplitMix64) -> [UInt8] {
    guard !isEmpty else { return self }
    var bytes = self
    let (place, bit, isDigit) = (random.below(count), random.below(8), random.happens(700))
    let digit = self[place...].firstIndex { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if isDigit, let digit {
      bytes[digit] ^= 1
    } else {
      bytes[place] ^= 1 << UInt8(bit)
    }
    return bytes
  }
}
