import Dispatch
import Glibc

/// SIGINT and SIGTERM as something to wait for; they no longer end the process.
struct StopSignals {
  private let sources: [any DispatchSourceSignal]
  /// True for a signal, false when a pause is over.
  private let stream: AsyncStream<Bool>
  private let continuation: AsyncStream<Bool>.Continuation

  /// Catches the signals from now on.
  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Bool.self)
    self.stream = stream
    self.continuation = continuation
    sources = [SIGINT, SIGTERM].map { number in
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { continuation.yield(true) }
      source.activate()
      return source
    }
  }

  /// Waits for the first signal since the start.
  func wait() async {
    for await isSignal in stream where isSignal { return }
  }

  /// Waits for a signal, but not longer than some ms; one since the last wait counts.
  ///
  /// - Returns: Whether a signal came.
  func wait(milliseconds: Int64) async -> Bool {
    let continuation = continuation
    Task {
      await Machine.pause(milliseconds)
      continuation.yield(false)
    }
    for await isSignal in stream { return isSignal }
    return true
  }
}
