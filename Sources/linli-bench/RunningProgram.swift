import Foundation
import Synchronization

/// A process under way; a thread reads its output along, so that it never has to wait for its reader.
final class RunningProgram: Sendable {
  private struct State {
    var out: [UInt8] = []
    var exit: Int32?
  }

  private let pid: pid_t
  private let state = Mutex(State())
  private let hasLine = DispatchSemaphore(value: 0)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// Starts a program, its stdout and stderr in one.
  ///
  /// - Throws: ``Program/Failure`` when the system does not start it.
  init(_ path: String, _ words: [String], input: String) throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Program.Failure(description: "no pipe: \(errno)") }
    // Programs are started from one thread: no other inherits them in between.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    let arguments = ([path] + words).map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, path, &actions, nil, arguments + [nil], environ)
    guard code == 0 else {
      close(ends[0])
      throw Program.Failure(description: "\(path) does not start: \(code)")
    }
    self.pid = pid
    let output = ends[0]
    Thread.detachNewThread { [self] in read(output) }
  }

  /// Reads to the end of the output, which is the end of the process.
  private func read(_ output: Int32) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(output, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      let isFirstLine = state.withLock { state in
        let hadLine = state.out.contains(UInt8(ascii: "\n"))
        state.out += buffer[..<count]
        return !hadLine && state.out.contains(UInt8(ascii: "\n"))
      }
      if isFirstLine { hasLine.signal() }
    }
    close(output)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let exit = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    state.withLock { $0.exit = exit }
    hasLine.signal()
    hasEnded.signal()
  }

  /// The first line of its output; nil when it ends without one, or says nothing for so long.
  ///
  /// To be asked once.
  func firstLine(withinSeconds seconds: Int) -> String? {
    guard hasLine.wait(timeout: .now() + .seconds(seconds)) == .success else { return nil }
    let out = String(decoding: state.withLock { $0.out }, as: UTF8.self)
    return out.firstIndex(of: "\n").map { String(out[..<$0]) }
  }

  /// Waits for its end for so long; whether it has ended.
  func hasEnded(withinSeconds seconds: Int) -> Bool {
    guard hasEnded.wait(timeout: .now() + .seconds(seconds)) == .success else { return false }
    hasEnded.signal()
    return true
  }

  /// Waits for its end.
  func result() -> Program.Result {
    hasEnded.wait()
    hasEnded.signal()
    return state.withLock { state in
      Program.Result(exit: state.exit ?? -1, out: String(decoding: state.out, as: UTF8.self))
    }
  }

  /// Tells it to end, and waits until it has.
  func end() {
    if !hasEnded(withinSeconds: 0) { kill(pid, SIGTERM) }
    _ = result()
  }
}
