/// Makes requests out of the bytes of one connection, however they are split.
///
/// It keeps what it has not yet used, so pipelined requests come out one by one: ``feed(_:)`` only
/// after `needMore`, ``next()`` after anything else. What it says depends on the bytes alone, never
/// on where they were split. Each byte is looked at once and copied at most twice.
package struct HTTPRequestParser: Sendable {
  /// What the bytes so far amount to.
  package enum Outcome: Sendable {
    /// No whole request yet.
    case needMore
    /// The head is good and the client waits for `100 Continue` before it sends the body.
    case expectsContinue
    /// The next request.
    case request(HTTPRequest)
    /// Nothing that follows can be trusted; every later outcome is this one.
    case failed(HTTPRefusal)
  }

  /// Which part of a request the next byte belongs to, for time-outs.
  package enum Stage: Sendable { case idle, head, body }

  private enum Phase {
    case requestLine
    case fields(RequestHead)
    case body(RequestHead, remaining: Int)
    case chunkSize(RequestHead)
    case chunkData(RequestHead, remaining: Int)
    case chunkEnd(RequestHead)
    case trailers(RequestHead, count: Int)
    case failed(HTTPRefusal)
  }

  private static let chunkLineBytesMax = 256

  private let limits: HTTPLimits
  private var phase = Phase.requestLine
  private var buffer: [UInt8] = []
  /// The first byte of the buffer that is not used yet.
  private var start = 0
  /// No byte of the buffer from `start` up to here is a line feed.
  private var scanned = 0
  /// What the head, or the trailer section, may still take.
  private var headBytesLeft: Int
  private var skippedBlankLine = false
  private var body: [UInt8] = []

  /// Makes a parser at the start of a connection.
  package init(limits: HTTPLimits) {
    self.limits = limits
    headBytesLeft = limits.headBytesMax
  }

  /// The part of a request that the connection is in.
  package var stage: Stage {
    switch phase {
    case .requestLine: start == buffer.count ? .idle : .head
    case .fields: .head
    case .body, .chunkSize, .chunkData, .chunkEnd, .trailers: .body
    case .failed: .idle
    }
  }

  /// The bytes of the current body that have arrived.
  package var bodyBytes: Int { body.count }

  /// The bytes in memory: those of the current body, and those not used yet.
  package var heldBytes: Int { body.count + buffer.count - start }

  /// Takes what arrived and returns what it completes.
  package mutating func feed(_ bytes: Span<UInt8>) -> Outcome {
    buffer.removeSubrange(..<start)
    scanned -= start
    start = 0
    bytes.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
    return next()
  }

  /// Returns what the bytes already taken complete.
  package mutating func next() -> Outcome {
    do throws(HTTPRefusal) {
      while true {
        if let outcome = try step() { return outcome }
      }
    } catch {
      phase = .failed(error)
      (buffer, body, start, scanned) = ([], [], 0, 0)
      return .failed(error)
    }
  }

  /// Uses up one line or one run of body bytes; nil if there may be more to use.
  private mutating func step() throws(HTTPRefusal) -> Outcome? {
    switch phase {
    case .requestLine: return try readRequestLine()
    case .fields(let head): return try readFields(of: head)
    case .body(let head, let remaining):
      let left = remaining - takeBody(atMost: remaining)
      phase = .body(head, remaining: left)
      return left == 0 ? finish(head) : needMore()
    case .chunkSize(let head): return try readChunkSize(of: head)
    case .chunkData(let head, let remaining):
      let left = remaining - takeBody(atMost: remaining)
      phase = left == 0 ? .chunkEnd(head) : .chunkData(head, remaining: left)
      return left == 0 ? nil : needMore()
    case .chunkEnd(let head):
      guard let line = try takeLine(max: 2, orThrow: .badChunkEnd) else { return needMore() }
      precondition(line.isEmpty, "two bytes hold no more than CR LF")
      phase = .chunkSize(head)
      return nil
    case .trailers(let head, let count): return try readTrailer(after: count, of: head)
    case .failed(let refusal): throw refusal
    }
  }

  private mutating func readRequestLine() throws(HTTPRefusal) -> Outcome? {
    let lineMax = RequestLine.methodBytesMax + limits.targetBytesMax + "  HTTP/1.1\r\n".utf8.count
    let max = min(headBytesLeft, lineMax)
    guard let line = try takeHeadLine(max: max, orThrow: .targetTooLong) else { return needMore() }
    if line.isEmpty, !skippedBlankLine {
      skippedBlankLine = true  // some clients end a body with one CR LF too many (RFC 9112 §2.2)
      return nil
    }
    let requestLine = try RequestLine(
      buffer.span.extracting(line), targetBytesMax: limits.targetBytesMax)
    phase = .fields(RequestHead(line: requestLine))
    return nil
  }

  private mutating func readFields(of head: RequestHead) throws(HTTPRefusal) -> Outcome? {
    var head = head  // copied once per run of bytes, not once per field
    while let line = try takeHeadLine(max: headBytesLeft, orThrow: .headTooLarge) {
      guard !line.isEmpty else { return try endHead(head) }
      try head.add(parseField(buffer.span.extracting(line)), max: limits.headersMax)
    }
    phase = .fields(head)
    return needMore()
  }

  private mutating func endHead(_ head: RequestHead) throws(HTTPRefusal) -> Outcome? {
    let framing = try head.framing(bodyBytesMax: limits.bodyBytesMax)
    phase =
      switch framing {
      case .length(let length): .body(head, remaining: length)
      case .chunked: .chunkSize(head)
      }
    let bodyIsToCome = framing != .length(0) && start == buffer.count
    return head.expectsContinue && bodyIsToCome ? .expectsContinue : nil
  }

  private mutating func readChunkSize(of head: RequestHead) throws(HTTPRefusal) -> Outcome? {
    guard let line = try takeLine(max: Self.chunkLineBytesMax, orThrow: .badChunkSize)
    else { return needMore() }
    let size = try parseChunkSize(buffer.span.extracting(line))
    guard size <= limits.bodyBytesMax - body.count else { throw .bodyTooLarge }
    if size == 0 {
      headBytesLeft = limits.headBytesMax
      phase = .trailers(head, count: 0)
    } else {
      phase = .chunkData(head, remaining: size)
    }
    return nil
  }

  /// Checks trailer fields as strictly as header fields, and forgets them.
  private mutating func readTrailer(
    after count: Int, of head: RequestHead
  ) throws(HTTPRefusal) -> Outcome? {
    guard let line = try takeHeadLine(max: headBytesLeft, orThrow: .headTooLarge)
    else { return needMore() }
    guard !line.isEmpty else { return finish(head) }
    guard count < limits.headersMax else { throw .tooManyFields }
    _ = try parseField(buffer.span.extracting(line))
    phase = .trailers(head, count: count + 1)
    return nil
  }

  private mutating func finish(_ head: RequestHead) -> Outcome {
    let request = head.request(body: body)
    body = []
    phase = .requestLine
    headBytesLeft = limits.headBytesMax
    skippedBlankLine = false
    return .request(request)
  }

  /// Gives back the memory of a buffer that was used up, so that idle connections are cheap.
  private mutating func needMore() -> Outcome {
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 4 << 10)
      (start, scanned) = (0, 0)
    }
    return .needMore
  }

  private mutating func takeHeadLine(
    max: Int, orThrow tooLong: HTTPRefusal
  ) throws(HTTPRefusal) -> Range<Int>? {
    guard let line = try takeLine(max: max, orThrow: tooLong) else { return nil }
    headBytesLeft -= line.count + 2
    return line
  }

  /// Uses up one line of at most `max` bytes with its CR LF; nil if its end has not arrived.
  private mutating func takeLine(
    max: Int, orThrow tooLong: HTTPRefusal
  ) throws(HTTPRefusal) -> Range<Int>? {
    let end = min(buffer.count, start + max)
    while scanned < end, buffer[scanned] != lineFeed { scanned += 1 }
    guard scanned < end else {
      if end - start == max { throw tooLong }
      return nil
    }
    guard scanned > start, buffer[scanned - 1] == carriageReturn
    else { throw HTTPRefusal(400, "line does not end with CR LF") }
    let line = start..<(scanned - 1)
    scanned += 1
    start = scanned
    return line
  }

  private mutating func takeBody(atMost count: Int) -> Int {
    let taken = min(count, buffer.count - start)
    body.append(contentsOf: buffer[start..<(start + taken)])
    start += taken
    scanned = start
    return taken
  }
}

extension HTTPRefusal {
  fileprivate static let badChunkEnd = HTTPRefusal(400, "chunk longer than its size")
}
