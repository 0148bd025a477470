import Foundation
import Synchronization

/// The thread of a simulated line: takes bytes from one side, and hands them to the other when they would
/// have arrived.
struct LineLoop {
  /// More of a request is not looked at.
  private static let headBytesMax = 4 << 10
  /// Connections at once; further clients wait.
  private static let connectionsMax = 64
  /// How long the thread sleeps at most, in ms: it looks for orders then.
  private static let tickMilliseconds: Int64 = 20

  /// Bytes under way, and when they arrive.
  private struct Parcel {
    var bytes: ArraySlice<UInt8>
    let due: Int64
  }

  /// One way of one connection.
  private struct Lane {
    var parcels: [Parcel] = []
    var isEnded = false
    var isClosed = false

    var byteCount: Int { parcels.reduce(0) { $0 + $1.bytes.count } }
  }

  private struct Connection {
    let client: LineSocket
    let hub: LineSocket
    /// Before that the two sides have not shaken hands.
    let opens: Int64
    var up = Lane()
    var down = Lane()
    /// Whether bytes went up since the hub spoke last.
    var isAsking = false
    /// The request's head, as far as it went up; empty once it is read.
    var head: [UInt8] = []
  }

  private let listener: LineSocket
  private let hubPort: UInt16
  private let shared: LineState
  private var connections: [Connection] = []
  /// When each way has moved what it was given.
  private var freeUp: Int64 = 0
  private var freeDown: Int64 = 0
  private let start: Int64
  private var cuts: Int64 = 0
  private var downUntil: Int64 = 0

  init(_ listener: (socket: LineSocket, port: UInt16), _ hubPort: UInt16, _ shared: LineState) {
    self.listener = listener.socket
    self.hubPort = hubPort
    self.shared = shared
    start = Self.now()
  }

  mutating func run() {
    while !shared.isClosed.load(ordering: .relaxed) {
      let conditions = shared.conditions.withLock { $0 }
      let now = Self.now()
      cutIfDue(conditions, now)
      if now >= downUntil { accept(conditions, now) }
      for index in connections.indices.reversed() where !serve(index, conditions, now) {
        connections[index].client.abandon()
        connections[index].hub.abandon()
        connections.remove(at: index)
      }
      runErrand()
      awaitBytes()
    }
    cutAll()
  }

  private func runErrand() {
    let down = shared.counts.withLock { $0.down }
    let due = shared.errand.withLock { errand in
      guard let due = errand, due.bytesDown <= down else { return nil as LineState.Errand? }
      errand = nil
      return due
    }
    due?.act()
  }

  // MARK: - Cuts and connections

  private mutating func cutIfDue(_ conditions: LineConditions, _ now: Int64) {
    let wanted = shared.isCutWanted.exchange(false, ordering: .relaxed)
    let due = conditions.cutEveryMilliseconds.map { (now - start) / $0 } ?? cuts
    guard wanted || due > cuts else { return }
    cuts = due
    downUntil = now + conditions.downMilliseconds
    shared.counts.withLock { [count = connections.count] in
      $0.cuts += 1
      $0.connectionsCut += count
    }
    cutAll()
  }

  private mutating func cutAll() {
    for connection in connections {
      connection.client.abandon()
      connection.hub.abandon()
    }
    connections = []
    (freeUp, freeDown) = (0, 0)
  }

  private mutating func accept(_ conditions: LineConditions, _ now: Int64) {
    while connections.count < Self.connectionsMax, let client = listener.accepted() {
      guard let hub = LineSocket.connected(to: hubPort) else {
        client.abandon()
        continue
      }
      shared.counts.withLock { $0.connections += 1 }
      connections.append(
        Connection(client: client, hub: hub, opens: now + 2 * conditions.delayMilliseconds))
    }
  }

  // MARK: - Bytes

  /// Moves what can be moved; false when the connection is over.
  private mutating func serve(_ index: Int, _ conditions: LineConditions, _ now: Int64) -> Bool {
    guard
      take(index, \.client, \.up, \.freeUp, conditions.upBytesPerSecond, conditions, now),
      takeAnswer(index, conditions, now),
      give(index, \.hub, \.up, now, { $0.up += $1 }),
      give(index, \.client, \.down, now, { $0.down += $1 })
    else { return false }
    return !(connections[index].up.isClosed && connections[index].down.isClosed)
  }

  private mutating func takeAnswer(
    _ index: Int, _ conditions: LineConditions, _ now: Int64
  ) -> Bool {
    let before = connections[index].down.parcels.count
    guard take(index, \.hub, \.down, \.freeDown, conditions.downBytesPerSecond, conditions, now)
    else { return false }
    guard connections[index].down.parcels.count > before, connections[index].isAsking else {
      return true
    }
    connections[index].isAsking = false
    return shared.counts.withLock { counts in
      counts.answers += 1
      guard let every = conditions.swallowEvery, counts.answers.isMultiple(of: every) else {
        return true
      }
      counts.swallowed += 1
      return false
    }
  }

  /// Takes from one side what the line has room for; false when that side is gone.
  private mutating func take(
    _ index: Int, _ side: KeyPath<Connection, LineSocket>,
    _ lane: WritableKeyPath<Connection, Lane>, _ free: WritableKeyPath<LineLoop, Int64>,
    _ bytesPerSecond: Int,
    _ conditions: LineConditions, _ now: Int64
  ) -> Bool {
    let piece = min(max(bytesPerSecond / 20, 64), 64 << 10)
    // What a line has under way, and a little in a router's queue.
    let room = bytesPerSecond / 1_000 * Int(conditions.delayMilliseconds) + 4 * piece
    while !connections[index][keyPath: lane].isEnded,
      connections[index][keyPath: lane].byteCount < room
    {
      switch connections[index][keyPath: side].receive(atMost: piece) {
      case .nothing: return true
      case .broken: return false
      case .end: connections[index][keyPath: lane].isEnded = true
      case .bytes(let bytes):
        let begin = afterStall(
          max(now, self[keyPath: free], connections[index].opens), conditions)
        let end = begin + Int64(bytes.count) * 1_000 / Int64(bytesPerSecond)
        self[keyPath: free] = end
        connections[index][keyPath: lane].parcels.append(
          Parcel(bytes: bytes[...], due: end + conditions.delayMilliseconds))
      }
    }
    return true
  }

  /// Hands over what has arrived; false when that side is gone.
  private mutating func give(
    _ index: Int, _ side: KeyPath<Connection, LineSocket>,
    _ lane: WritableKeyPath<Connection, Lane>, _ now: Int64,
    _ count: (inout LineCounts, Int) -> Void
  ) -> Bool {
    while let parcel = connections[index][keyPath: lane].parcels.first, parcel.due <= now {
      guard let sent = connections[index][keyPath: side].send(parcel.bytes) else { return false }
      if sent == 0 { return true }
      shared.counts.withLock { count(&$0, sent) }
      if lane == \Connection.up { noteRequest(index, parcel.bytes.prefix(sent)) }
      if sent == parcel.bytes.count {
        connections[index][keyPath: lane].parcels.removeFirst()
      } else {
        connections[index][keyPath: lane].parcels[0].bytes.removeFirst(sent)
      }
    }
    let state = connections[index][keyPath: lane]
    if state.isEnded, state.parcels.isEmpty, !state.isClosed {
      connections[index][keyPath: side].endOutput()
      connections[index][keyPath: lane].isClosed = true
    }
    return true
  }

  /// Looks at what a client asks for; only the heads of requests without a body are told apart.
  private mutating func noteRequest(_ index: Int, _ bytes: ArraySlice<UInt8>) {
    if !connections[index].isAsking { connections[index].head = [] }
    connections[index].isAsking = true
    guard connections[index].head.count < Self.headBytesMax else { return }
    connections[index].head += bytes
    let head = String(decoding: connections[index].head, as: UTF8.self)
    guard head.hasPrefix("GET "), head.hasSuffix("\r\n\r\n"),
      let range = head.split(separator: "\r\n").first(where: { $0.hasPrefix("Range: bytes=") }),
      let start = Int(range.dropFirst(13).prefix { $0 != "-" })
    else { return }
    shared.counts.withLock { $0.rangeStarts.append(start) }
  }

  // MARK: - Time

  /// The end of the silence that a time falls into.
  private func afterStall(_ time: Int64, _ conditions: LineConditions) -> Int64 {
    guard let every = conditions.stallEveryMilliseconds else { return time }
    let age = time - start
    let begin = age / every * every
    return begin > 0 && age - begin < conditions.stallMilliseconds
      ? start + begin + conditions.stallMilliseconds : time
  }

  /// Waits for bytes that may be taken, or for the next to arrive.
  private func awaitBytes() {
    let now = Self.now()
    let due = connections.flatMap { [$0.up.parcels.first?.due, $0.down.parcels.first?.due] }
    let next = due.compactMap { $0 }.min() ?? .max
    let wait = min(max(next - now, 1), Self.tickMilliseconds)
    var polls = [pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)]
    for connection in connections {
      // Where the line has bytes enough, it is time that is waited for.
      if connection.up.parcels.isEmpty, !connection.up.isEnded {
        polls.append(pollfd(fd: connection.client.number, events: Int16(POLLIN), revents: 0))
      }
      if connection.down.parcels.isEmpty, !connection.down.isEnded {
        polls.append(pollfd(fd: connection.hub.number, events: Int16(POLLIN), revents: 0))
      }
    }
    _ = poll(&polls, nfds_t(polls.count), Int32(wait))
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
