import Community
import Foundation
import HTTPClient
import Office
import OpLog
import Peer
import Testing
import Wire

@testable import linli

/// A push that comes twice, in part, or without its beginning, to a hub that is a real process.
@Suite("A batch on a bad line") struct RepeatedBatchTests {
  @Test("half a batch, one without its beginning, and one twice: each op is stored once")
  func pushes() async throws {
    let street = try await TestStreet()
    let (office, other) = (try await street.office("王敏"), try await street.office("李强"))
    for number in 1...6 {
      try await office.record("resident.register", "name=居民\(number)")
    }
    let core = try OfficeFolder(office.data).open()
    let (request, message) = try core.syncRequest(maxBytes: 1 << 20)
    #expect(request.ops.count == 6)
    let line = try HTTPTransport(hub: street.url)
    let codec = OpJSON(SchemaTable(Catalogue.schemas))

    try sendHalf(message, to: street.url)
    var late = request
    late.ops = Array(request.ops[3...])
    var lateMessage = message
    lateMessage.body = late.encode(codec)
    let gap = try Problem(decoding: try await line.send(lateMessage).body)
    #expect(gap.kind == .gap)
    let nothing = try await street.hub("status")
    #expect(!nothing.out.contains("4097-"))

    for _ in 1...2 {
      let answer = try await line.send(message)
      #expect(answer.status == 200)
      let reply = try SyncReply(decoding: answer.body, asker: core.replica, codec)
      #expect(reply.have == request.head)
      // One receipt, however often it came.
      #expect(reply.entries.count { $0.op.kind == Receipt.kind } == 1)
    }
    try await office.sync()
    try await other.sync()
    let shown = try await other.run("show", "residents", "--json")
    #expect(shown.lines.count == 6, "\(shown.out)")
    #expect(try await street.hub("verify").exit == 0)
  }

  /// Sends the beginning of a request, as a line that is cut does.
  private func sendHalf(_ message: PeerRequest, to url: String) throws {
    let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
    let socket = try #require(Loopback.connect(to: port))
    defer { close(socket) }
    let head = [
      "POST \(message.path) HTTP/1.1", "Host: 127.0.0.1:\(port)",
      "Authorization: Bearer \(message.token ?? "")", "Content-Type: application/json",
      "Content-Length: \(message.body.count)", "", "",
    ].joined(separator: "\r\n")
    let half = Array(head.utf8) + message.body[..<(message.body.count / 2)]
    #expect(Loopback.writeAll(half[...], to: socket))
  }
}
