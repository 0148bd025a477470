import CLinux
import Glibc

/// The sockets that one thread watches (epoll, level-triggered).
struct Poller: ~Copyable {
  private let epoll: Descriptor

  init() throws(HTTPServerError) {
    epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "epoll_create1")
  }

  /// Starts to watch, events carry the token; false if the kernel has no room for it.
  func add(_ socket: borrowing Descriptor, events: EPOLL_EVENTS, token: UInt64) -> Bool {
    control(EPOLL_CTL_ADD, socket, events, token)
  }

  /// Changes what is watched; errors and hang-ups are always reported.
  func change(_ socket: borrowing Descriptor, events: EPOLL_EVENTS, token: UInt64) {
    let isChanged = control(EPOLL_CTL_MOD, socket, events, token)
    precondition(isChanged, "bug: the socket is not watched")
  }

  /// Waits until something happens or the time is over; returns the number of events filled in.
  func wait(into events: inout [epoll_event], milliseconds: Int32) -> Int {
    let count = epoll_wait(epoll.number, &events, Int32(events.count), milliseconds)
    precondition(count >= 0 || errno == EINTR, "bug: epoll_wait")
    return max(0, Int(count))
  }

  private func control(
    _ operation: Int32, _ socket: borrowing Descriptor, _ events: EPOLL_EVENTS, _ token: UInt64
  ) -> Bool {
    var event = epoll_event()
    event.events = events.rawValue
    event.data.u64 = token
    return epoll_ctl(epoll.number, operation, socket.number, &event) == 0
  }
}
