import Dispatch
import Glibc
import HTTP
import Synchronization
import Testing

@Suite struct HTTPServerStopTests {
  @Test("stop() before start() does nothing, and twice is once")
  func idempotent() throws {
    let server = HTTPServer(host: "127.0.0.1", port: 0, handler: echo)
    server.stop()
    try server.start()
    server.stop()
    server.stop()
    server.waitUntilStopped()
  }

  @Test("every thread that stops or waits goes on when all is done")
  func manyStops() throws {
    let server = HTTPServer(host: "127.0.0.1", port: 0, handler: echo)
    try server.start()
    let group = DispatchGroup()
    for number in 0..<6 {
      DispatchQueue.global().async(group: group) {
        if number < 3 { server.stop() } else { server.waitUntilStopped() }
      }
    }
    #expect(group.wait(timeout: .now() + 20) == .success)
  }

  @Test("stop() under load: what the handler has is answered, the rest sees a clean end")
  func stopUnderLoad() throws {
    let (entered, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let handled = Mutex(0)
    let server = HTTPServer(host: "127.0.0.1", port: 0) { request in
      handled.withLock { $0 += 1 }
      entered.signal()
      gate.wait()
      return HTTPResponse(status: 200, body: [UInt8](repeating: 5, count: 100_000))
    }
    try server.start()
    let idle = try TestClient(connectingTo: server.port)
    let half = try TestClient(connectingTo: server.port)
    try half.send("GET / HT")
    let clients = try (0..<40).map { _ in try TestClient(connectingTo: server.port) }
    for client in clients { try client.send("GET / HTTP/1.1\nHost: a\n\n") }
    entered.wait()

    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) { server.stop() }
    #expect(try idle.readToEnd().isEmpty)  // so the stop has begun
    #expect(try half.readToEnd().isEmpty)
    for _ in clients { gate.signal() }
    var answered = 0
    for client in clients {
      let bytes = try client.readToEnd()
      if !bytes.isEmpty {
        answered += 1
        #expect(bytes.starts(with: "HTTP/1.1 200 OK\r\n".utf8))
        #expect(bytes.suffix(100_000).allSatisfy { $0 == 5 } && bytes.count > 100_000)
      }
      withExtendedLifetime(client) { client.endOutput() }
    }
    #expect(group.wait(timeout: .now() + 20) == .success)
    #expect(answered >= 1)
    #expect(answered == handled.withLock { $0 })
    #expect(throws: TestClientError.self) { try TestClient(connectingTo: server.port) }
  }

  @Test("stop() cuts off a client that does not take its answer")
  func stuckClient() throws {
    var limits = HTTPLimits()
    limits.stopMilliseconds = 50
    let server = HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { _ in
      HTTPResponse(status: 200, body: [UInt8](repeating: 1, count: 32 << 20))
    }
    try server.start()
    let client = try TestClient(connectingTo: server.port)
    try client.send("GET / HTTP/1.1\nHost: a\n\n")
    #expect(try client.receive(max: 1))
    server.stop()
    #expect(try client.readToEnd().count < 32 << 20)
  }
}
