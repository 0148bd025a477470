import CLinux
import Glibc
import Synchronization

/// A queue from any thread to one thread, which can sleep on it or watch it with a `Poller`.
final class Mailbox<Message: Sendable>: Sendable {
  private let messages = Mutex<[Message]>([])
  /// An eventfd: readable from the first message until it is taken.
  let bell: Descriptor

  init() throws(HTTPServerError) {
    bell = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC)), from: "eventfd")
  }

  func post(_ message: Message) {
    let wasEmpty = messages.withLock { messages in
      messages.append(message)
      return messages.count == 1
    }
    // Later messages need no ring: who heard the first one takes them all.
    if wasEmpty { eventfd_write(bell.number, 1) }
  }

  /// Waits for a message as ``take()`` does, but not longer than some ms; nil for as long as it takes.
  ///
  /// - Returns: All there are, oldest first; none when the time was over before one came.
  func take(within milliseconds: UInt64?) -> [Message] {
    guard let milliseconds else { return take() }
    var bells = [pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0)]
    return poll(&bells, 1, Int32(clamping: milliseconds)) > 0 ? take() : []
  }

  /// Waits for a message and returns all there are, oldest first; rarely none.
  func take() -> [Message] {
    var rings: eventfd_t = 0
    eventfd_read(bell.number, &rings)
    return messages.withLock { messages in
      let taken = messages
      messages = []
      return taken
    }
  }
}
