import Foundation
import FoundationNetworking
import Peer

/// One request under way: gathers its answer until the wait for it ends.
struct Exchange {
  typealias Outcome = Result<PeerResponse, TransportError>

  private let answerBytesMax: Int
  /// Resumed once, by whoever takes the exchange away.
  private let waiter: CheckedContinuation<LineOutcome, Never>
  /// Counted under the lock of whoever keeps the exchange.
  private var meter = LineMeter()
  /// Nil until the head has arrived; its body grows.
  private var answer: PeerResponse?

  init(
    answerBytesMax: Int, sentBytes: Int, waiter: CheckedContinuation<LineOutcome, Never>
  ) {
    self.answerBytesMax = answerBytesMax
    self.waiter = waiter
    meter.sent(sentBytes)
  }

  /// Tells who waits how it ended.
  func end(_ outcome: Outcome) {
    var ended = LineOutcome(outcome, traffic: meter.traffic)
    if case .failure = outcome { ended.beginning = answer }
    waiter.resume(returning: ended)
  }

  /// Takes the head; an outcome ends the wait.
  mutating func take(_ head: HTTPURLResponse) -> Outcome? {
    answer = PeerResponse(head: head)
    meter.received(
      head.allHeaderFields.reduce(32) { "\($1.key)".utf8.count + "\($1.value)".utf8.count + 4 + $0 }
    )
    return head.expectedContentLength > answerBytesMax ? tooLarge : nil
  }

  /// Takes the next part of the body; an outcome ends the wait.
  mutating func take(_ data: Data) -> Outcome? {
    guard let size = answer?.body.count else { return nil }
    meter.received(data.count)
    guard data.count <= answerBytesMax - size else { return tooLarge }
    answer?.body.append(contentsOf: data)
    return nil
  }

  /// Returns what became of the request at the end of the transfer; `response` holds the head of a
  /// redirect that leads nowhere, which URLSession does not hand out before.
  func outcome(of response: URLResponse?, error: (any Error)?) -> Outcome {
    if let error { return .failure(TransportError(error, afterHead: answer != nil)) }
    let head = response as? HTTPURLResponse
    guard let answer = answer ?? head.map(PeerResponse.init(head:)) else {
      return .failure(.broken("the answer has no head"))
    }
    return .success(answer)
  }

  private var tooLarge: Outcome {
    .failure(.broken("the answer is larger than \(answerBytesMax) bytes"))
  }
}

extension PeerResponse {
  fileprivate init(head: HTTPURLResponse) {
    let type = head.value(forHTTPHeaderField: "Content-Type")?.prefix { $0 != ";" } ?? ""
    let seconds = head.value(forHTTPHeaderField: "Retry-After").flatMap { UInt32($0) }
    self.init(
      status: head.statusCode,
      contentType: type.trimmingCharacters(in: .whitespaces).lowercased(),
      retryAfter: seconds.map(Int.init), body: [])
    contentRange = head.value(forHTTPHeaderField: "Content-Range")
  }
}

extension TransportError {
  /// Reads an error of URLSession.
  fileprivate init(_ error: any Error, afterHead: Bool) {
    let error = error as NSError
    let text = "\(error.localizedDescription) (\(error.domain) \(error.code))"
    switch error.code {
    case NSURLErrorTimedOut: self = .timedOut
    case NSURLErrorCannotConnectToHost, NSURLErrorCannotFindHost: self = .unreachable(text)
    // It stands for whatever URLSession does not tell apart: a body cut off, but also no route to
    // the host and a certificate that is not trusted.
    case NSURLErrorUnknown where !afterHead: self = .unreachable(text)
    default: self = .broken(text)
    }
  }
}
