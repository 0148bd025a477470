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

/// Lets so many do something at once; the others wait their turn without holding a thread.
actor Turns {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  /// Waits for a turn, and does something in it.
  nonisolated func take<R: Sendable>(_ body: @Sendable () async throws -> R) async throws -> R {
    await enter()
    do {
      let result = try await body()
      await leave()
      return result
    } catch {
      await leave()
      throw error
    }
  }

  private func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  private func leave() {
    if waiting.isEmpty {
      free += 1
    } else {
      waiting.removeFirst().resume()
    }
  }
}

/// Reads lines from a pipe on a thread that may block.
final class LineReader: Sendable {
  private let queue = DispatchQueue(label: "linli.test.lines")
  private let file: FileHandle
  private let unread = Mutex<[UInt8]>([])

  /// A reader; nobody else may read from the file.
  init(_ file: FileHandle) { self.file = file }

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
