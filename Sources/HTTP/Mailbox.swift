import CLinux
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
