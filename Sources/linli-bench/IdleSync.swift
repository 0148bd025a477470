import Glibc
import Hub
import Office
import OpLog
import Peer
import SQLite
import Store
import Wire

/// A sync with nothing to say, over a socket: how many bytes go each way.
struct IdleSync {
  /// The body of the request.
  private(set) var requestBody = 0
  /// The header fields that the protocol adds to it: who asks, and in which form.
  private(set) var requestFields = 0
  /// The reply with its head.
  private(set) var reply = 0

  /// Makes a hub and an office in memory and syncs until nothing is left; the last exchange counts.
  init() throws {
    let now: Int64 = 1_767_600_000_000
    let key = HubKey { count in (0..<count).map { UInt8($0) } }
    let hub = try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate),
      StoreIdentity(
        street: key.street, incarnation: key.incarnation, replica: key.incarnation.hub))
    try HubAdmin.define(hub, streetName: "Workload Street", now: now)
    _ = try HubAdmin.invite(
      OfficeInvitation(community: "Community 1", label: "Office 1", staff: [], policy: [:]),
      codeHash: SHA256.hash(Array("CODE".utf8)), to: hub, now: now)
    guard let core = HubCore(store: hub, key: key) else {
      preconditionFailure("the key was made for this store")
    }
    let request = try EnrolRequest(
      code: "CODE", nonce: Array(repeating: 1, count: 16), label: "Office 1")
    let answer = core.handle(
      HubCall(
        method: "POST", path: ["v1", "enroll"], contentType: MediaType.json,
        body: request.encode()), now: now)
    let enrolled = try EnrolReply(decoding: answer.body)
    let identity = StoreIdentity(
      street: enrolled.street, incarnation: enrolled.incarnation, replica: enrolled.replica)
    let store = try Store.create(
      try Connection(path: ":memory:", mode: .readWriteCreate), identity)
    try OfficeCore.adopt(enrolled, hubAddress: "http://hub", in: store)
    try measure(
      try OfficeCore(store), HubServer(core, host: "127.0.0.1", port: 0, clock: { now }), now: now)
  }

  private mutating func measure(
    _ office: OfficeCore, _ server: HubServer, now: Int64
  ) throws {
    try server.start()
    defer { server.stop() }
    for _ in 0..<4 {
      let (request, message) = try office.syncRequest(maxBytes: 64 << 10, inSegments: true)
      let fields = Self.fields(of: message)
      let head = "POST \(message.path) HTTP/1.1\r\nHost: hub\r\n\(fields)"
      let length = "Content-Length: \(message.body.count)\r\nConnection: close\r\n\r\n"
      let bytes = Self.ask(Array((head + length).utf8) + message.body, port: server.port)
      guard let end = Self.endOfHead(bytes) else { preconditionFailure("the hub answers in HTTP") }
      let response = PeerResponse(
        status: 200, contentType: MediaType.segment, body: Array(bytes[end...]))
      requestBody = message.body.count
      requestFields = fields.utf8.count
      reply = bytes.count
      let exchange = try office.take(response, to: request, now: now)
      if exchange.isLast, message.contentType == MediaType.segment { return }
    }
    preconditionFailure("two exchanges are enough")
  }

  private static func fields(of message: PeerRequest) -> String {
    """
    Accept: \(message.accept ?? MediaType.json)\r
    Content-Type: \(message.contentType ?? MediaType.json)\r
    Authorization: Bearer \(message.token ?? "")\r

    """
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let blank = Array("\r\n\r\n".utf8)
    return bytes.indices.first { bytes[$0...].starts(with: blank) }.map { $0 + blank.count }
  }

  /// Sends bytes to a port on loopback and reads until the other side has said all.
  private static func ask(_ request: [UInt8], port: UInt16) -> [UInt8] {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected, write(socket, request, request.count) == request.count else { return [] }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(socket, &buffer, buffer.count)
      guard count > 0 else { return answer }
      answer += buffer[..<count]
    }
  }
}
