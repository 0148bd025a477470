import Glibc

/// The line between a hub and the replica under test, on loopback: it hands calls on, or does to them
/// whatever a rule wants.
///
/// It has no thread: calls are served by whoever waits for the replica (``wait(for:until:)``). So a rule's
/// own closures run on its thread, and nothing happens on the line while nobody waits.
final class ReplicaLine {
  /// What becomes of a call.
  enum Fate {
    /// It is answered.
    case answered(LineReply)
    /// Of its answer only so many bytes come, told by the lengths of head and of all.
    case cut(LineReply, at: (_ head: Int, _ all: Int) -> Int)
    /// The connection ends without an answer.
    case silence

    /// What the hub answers, or its silence.
    static func handedOn(_ reply: LineReply?) -> Fate { reply.map { .answered($0) } ?? .silence }
  }

  /// Where requests are cut off that bring something, that is POST and PUT: who reads the card first brings
  /// nothing with that.
  struct RequestCut {
    /// How many bytes of each come.
    let bytes: Int
    /// How many come whole before, counted since the calls were forgotten.
    let passing: Int
  }

  /// Decides about a call; `hub` gives the hub's own answer, nil where it gives none.
  typealias Way = (_ call: ReplicaCall, _ hub: (ReplicaCall) -> LineReply?) -> Fate

  /// How long the line waits for the rest of a request, and for the hub, in seconds.
  private static let silenceSeconds = 10
  /// Bytes of a request that are taken at most; the largest that the protocol knows is 2 MiB.
  private static let requestBytesMax = 4 << 20

  /// Where calls go; another hub's place once it was rebuilt.
  var hub: HubLocation
  /// What becomes of calls; nil hands them on.
  var way: Way?
  /// Told when all bytes of an answer were sent.
  var afterAnswer: ((ReplicaCall) -> Void)?
  /// Where requests that bring something are cut off, and nobody hears of them; nil takes them whole.
  var requestCut: RequestCut?
  /// Whether the replica may hear that the hub reads segments.
  var letsSegmentsPass = false
  /// The calls that came whole, with what was answered, in order.
  private(set) var exchanges: [(call: ReplicaCall, reply: LineReply?)] = []
  /// How many requests that bring something began to come, those that were cut off among them.
  private(set) var begun = 0
  /// The port that the replica finds it at.
  let port: UInt16
  private let listener: Int32
  /// Connections whose request has not begun to come.
  private var waiting: [Int32] = []

  /// Opens a free port on loopback; nil when there is none.
  init?(to hub: HubLocation) {
    self.hub = hub
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    listener = socket(AF_INET, type, 0)
    guard listener >= 0 else { return nil }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else {
      close(listener)
      return nil
    }
  }

  deinit {
    for connection in waiting { close(connection) }
    close(listener)
  }

  /// The calls that came to an address, with what was answered, in order.
  func exchanges(at address: String) -> [(call: ReplicaCall, reply: LineReply?)] {
    exchanges.filter { $0.call.address == address }
  }

  /// Hands on all calls from now on, and answers that are no refusals at one address as `change` leaves
  /// them.
  func changeAnswers(
    at address: String, _ change: @escaping (inout LineReply, ReplicaCall) -> Void
  ) {
    way = { call, hub in
      guard var reply = hub(call) else { return .silence }
      if call.address == address, reply.status == 200 { change(&reply, call) }
      return .answered(reply)
    }
  }

  /// Forgets the calls that came.
  func forget() { (exchanges, begun) = ([], 0) }

  /// Serves the line until a descriptor has something to read, or has ended.
  ///
  /// - Returns: False when neither happened until a second of the monotonic clock.
  func wait(for descriptor: Int32, until end: Int) -> Bool {
    while CutLine.now() <= end {
      let watched = [descriptor, listener] + waiting
      var polled = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, nfds_t(polled.count), 1_000) > 0 else { continue }
      if polled[0].revents != 0 { return true }
      if polled[1].revents != 0 {
        let connection = accept(listener, nil, nil)
        if connection >= 0 { waiting.append(connection) }
      }
      for ready in polled.dropFirst(2) where ready.revents != 0 {
        waiting.removeAll { $0 == ready.fd }
        serve(ready.fd)
        close(ready.fd)
      }
    }
    return false
  }

  private func serve(_ connection: Int32) {
    var limit = timeval(tv_sec: Self.silenceSeconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    // One that is cut off behind no byte is looked at without being taken: POST and PUT bring something.
    var first: UInt8 = 0
    let brings = recv(connection, &first, 1, Int32(MSG_PEEK)) > 0 && first == UInt8(ascii: "P")
    if brings { begun += 1 }
    let cut = requestCut.flatMap { brings && begun > $0.passing ? $0.bytes : nil }
    guard let call = read(connection, cutBehind: cut) else { return }
    let place = exchanges.count
    exchanges.append((call, nil))
    switch way?(call, ask) ?? .handedOn(ask(call)) {
    case .silence: break
    case .answered(let reply):
      exchanges[place].reply = reply
      send(reply.head + reply.body, to: connection)
      afterAnswer?(call)
    case .cut(let reply, let place):
      let head = reply.head
      send(
        (head + reply.body).prefix(place(head.count, head.count + reply.body.count)), to: connection
      )
    }
  }

  /// The hub's own answer.
  private func ask(_ call: ReplicaCall) -> LineReply? {
    guard let line = CutLine(to: hub, seconds: Self.silenceSeconds) else { return nil }
    let request = call.request(withSegments: letsSegmentsPass)
    line.send(request.head(for: hub) + request.body)
    guard let answer = LineAnswer(line.receive()), answer.isWhole else { return nil }
    return LineReply(answer)
  }

  private func read(_ connection: Int32, cutBehind cut: Int?) -> ReplicaCall? {
    var bytes: [UInt8] = []
    while bytes.count < Self.requestBytesMax {
      let room = min(64 << 10, cut.map { $0 - bytes.count } ?? .max)
      guard room > 0 else { return nil }
      let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
        filled = max(0, recv(connection, buffer.baseAddress, room, 0))
      }
      guard !part.isEmpty else { return nil }
      bytes += part
      if cut == nil, let call = ReplicaCall(bytes) { return call }
    }
    return nil
  }

  private func send(_ bytes: some Collection<UInt8>, to connection: Int32) {
    let bytes = Array(bytes)
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          connection, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
