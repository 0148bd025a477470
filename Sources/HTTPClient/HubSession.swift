import Foundation
import FoundationNetworking
import Synchronization

/// The URLSession of this process, and the exchanges under way in it.
///
/// There is one for the life of the process, and no task of it is ever cancelled: in Swift 6.3,
/// cancelling a task whose answer is arriving hangs or aborts the process. An exchange that ended
/// early is forgotten instead: the rest of its answer arrives and is dropped.
enum HubSession {
  private static let exchanges = Exchanges()

  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.urlCredentialStorage = nil
    configuration.httpCookieStorage = nil
    return URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
  }()

  /// Sends a request; the waiter is resumed at its end.
  static func start(_ request: URLRequest, as exchange: Exchange) {
    let task = session.dataTask(with: request)
    exchanges.add(exchange, for: task)
    task.resume()
  }
}

/// Leads what URLSession reports to the exchange that it belongs to.
///
/// Swift 6.3 on Linux asks the session's delegate only, and ignores that of a task.
private final class Exchanges: NSObject, URLSessionDataDelegate {
  /// By the identifier of the task.
  private let underWay = Mutex<[Int: Exchange]>([:])

  func add(_ exchange: Exchange, for task: URLSessionTask) {
    underWay.withLock { $0[task.taskIdentifier] = exchange }
  }

  /// Takes the exchange of a task one step further, if it is still under way; an outcome ends it.
  private func advance(_ task: URLSessionTask, by step: (inout Exchange) -> Exchange.Outcome?) {
    underWay.withLock { underWay in
      guard let index = underWay.index(forKey: task.taskIdentifier),
        let outcome = step(&underWay.values[index])
      else { return }
      underWay.remove(at: index).value.end(outcome)
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    completionHandler(.allow)
    guard let head = response as? HTTPURLResponse else { return }
    advance(dataTask) { $0.take(head) }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    advance(dataTask) { $0.take(data) }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    advance(task) { $0.outcome(of: task.response, error: error) }
  }

  /// Makes a redirect the answer.
  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    completionHandler(nil)
  }

  /// Makes a demand for a password the answer.
  ///
  /// There is none to give, and the default handling would neither go on nor complete the task.
  func urlSession(
    _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
    completionHandler:
      @escaping @Sendable (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
  ) {
    advance(task) { $0.outcome(of: challenge.failureResponse, error: nil) }
    completionHandler(.performDefaultHandling, nil)
  }
}
