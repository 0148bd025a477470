import CLinux
import Glibc

private final class ThreadBody {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

/// Runs `body` on a new thread, to be joined once.
///
/// - Throws: ``HTTPServerError/system(operation:code:)`` if the system has no thread left.
func startThread(_ body: sending @escaping () -> Void) throws(HTTPServerError) -> pthread_t {
  let box = Unmanaged.passRetained(ThreadBody(body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, box.toOpaque())
  guard code == 0 else {
    box.release()
    throw .system(operation: "pthread_create", code: code)
  }
  return thread
}

/// A door that opens once and stays open.
final class Latch: Sendable {
  /// An eventfd that is never read, so it stays readable.
  private let gate: Descriptor

  init() throws(HTTPServerError) {
    gate = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC)), from: "eventfd")
  }

  func open() { eventfd_write(gate.number, 1) }

  /// Blocks the calling thread until the door is open.
  func wait() {
    var gates = [pollfd(fd: gate.number, events: Int16(POLLIN), revents: 0)]
    while poll(&gates, 1, -1) < 1 {}
  }
}

/// Returns the time of a clock that never jumps, in milliseconds since some start.
func monotonicMilliseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
}
