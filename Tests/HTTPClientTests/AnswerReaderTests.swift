import Peer
import Testing

@testable import HTTPClient

@Suite struct AnswerReaderTests {
  /// Answers whose body is `hello`, and whether the connection may carry another request.
  static let good: [(bytes: String, mayGoOn: Bool)] = [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true),
    ("HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nhello", true),
    ("HTTP/1.1 200 OK\nContent-Length: 5 \n\nhello", true),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n",
      true
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n05\r\nhello\r\n0\r\nX: y\r\n\r\n", true),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true),
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", true),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", false),
    ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false),
    ("HTTP/1.1 200 OK\r\n\r\nhello", false),
  ]

  @Test("reads an answer, however it is split", arguments: good)
  func reads(bytes: String, mayGoOn: Bool) throws {
    for size in 1...bytes.utf8.count {
      var reader = reader(of: bytes, pieceBytes: size)
      #expect(try reader.answer().body == Array("hello".utf8))
      #expect(reader.mayGoOn == mayGoOn, "in pieces of \(size)")
    }
  }

  @Test("does not go on behind bytes that nobody asked for")
  func surplus() throws {
    var reader = reader(of: "HTTP/1.1 204 None\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", pieceBytes: 64)
    #expect(try reader.answer().status == 204)
    #expect(!reader.mayGoOn)
  }

  @Test(
    "refuses what is not clear",
    arguments: [
      "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno field\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\nhello\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
      "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
    ])
  func refuses(bytes: String) {
    var reader = reader(of: bytes, pieceBytes: 1_024)
    #expect(throws: TransportError.self) { try reader.answer() }
  }

  @Test("of an answer that is cut off, what had come of an announced length is there")
  func beginning() throws {
    let head = "HTTP/1.1 206 P\r\nContent-Length: 5\r\nContent-Range: bytes 3-7/9\r\n\r\n"
    for (text, body) in [(head, ""), (head + "h", "h"), (head + "hell", "hell")] {
      for size in 1...text.utf8.count {
        var reader = reader(of: text, pieceBytes: size)
        #expect(throws: TransportError.self) { try reader.answer() }
        let beginning = try #require(reader.beginning)
        #expect(beginning.status == 206 && beginning.contentRange == "bytes 3-7/9")
        #expect(beginning.body == Array(body.utf8))
      }
    }
    for text in [
      String(head.dropLast()), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
      head + "hello",
    ] {
      var reader = reader(of: text, pieceBytes: 64)
      _ = try? reader.answer()
      #expect(reader.beginning == nil)
    }
  }

  private func reader(of text: String, pieceBytes: Int) -> AnswerReader {
    var rest = Array(text.utf8)[...]
    return AnswerReader(bodyBytesMax: 1_000) {
      let piece = rest.prefix(pieceBytes)
      rest = rest.dropFirst(piece.count)
      return Array(piece)
    }
  }
}
