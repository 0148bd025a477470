/// The one thread that runs the handler, so that a slow commit does not stop reading and writing.
struct Worker: Sendable {
  enum Job: Sendable {
    case answer(HTTPRequest, connection: UInt64)
    case stop
  }

  let jobs: Mailbox<Job>
  let inbox: Mailbox<EventLoop.Message>
  let handler: @Sendable (HTTPRequest) -> HTTPResponse

  /// Answers requests in the order of their arrival until `stop`.
  func run() {
    while true {
      for job in jobs.take() {
        switch job {
        case .stop: return
        case .answer(let request, let connection):
          let bytes = handler(request).encoded(
            forHead: request.method == "HEAD", closing: request.closesConnection)
          inbox.post(.answer(bytes, connection: connection))
        }
      }
    }
  }
}
