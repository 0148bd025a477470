import Foundation
import Synchronization

@testable import linli

/// Waits for the end of a process without holding a thread.
final class ProcessExit: Sendable {
  private enum State {
    case running([CheckedContinuation<Spawn.End, Never>])
    case ended(Spawn.End)
  }

  private let state = Mutex(State.running([]))

  /// Watches a process on a thread that may block.
  init(of process: Spawn) {
    Thread.detachNewThread { [self] in finish(process.wait()) }
  }

  /// Whether the process is known to have ended.
  var hasEnded: Bool {
    state.withLock { state in
      guard case .ended = state else { return false }
      return true
    }
  }

  /// The exit code or signal, once there is one.
  func wait() async -> Spawn.End {
    await withCheckedContinuation { waiter in
      let end = state.withLock { state -> Spawn.End? in
        switch state {
        case .ended(let end): return end
        case .running(let waiters):
          state = .running(waiters + [waiter])
          return nil
        }
      }
      if let end { waiter.resume(returning: end) }
    }
  }

  private func finish(_ end: Spawn.End) {
    let waiters = state.withLock { state -> [CheckedContinuation<Spawn.End, Never>] in
      guard case .running(let waiters) = state else { return [] }
      state = .ended(end)
      return waiters
    }
    for waiter in waiters { waiter.resume(returning: end) }
  }
}

/// Reads lines from a pipe on a thread that may block.
final class LineReader: Sendable {
  private let queue = DispatchQueue(label: "linli.test.lines")
  private let file: FileHandle
  private let unread = Mutex<[UInt8]>([])

  /// A reader; nobody else may read from the file.
  init(_ file: FileHandle) { self.file = file }

  /// Closes the file; nobody may be waiting for a line.
  func close() { try? file.close() }

  /// The next line without its end; nil at the end of the file.
  func next() async -> String? {
    await withCheckedContinuation { waiter in
      queue.async { waiter.resume(returning: self.read()) }
    }
  }

  private func read() -> String? {
    while true {
      let line = unread.withLock { unread -> [UInt8]? in
        guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { unread.removeSubrange(...end) }
        return Array(unread[..<end])
      }
      if let line { return String(decoding: line, as: UTF8.self) }
      let data = file.availableData
      guard !data.isEmpty else { return nil }
      unread.withLock { $0 += data }
    }
  }
}
