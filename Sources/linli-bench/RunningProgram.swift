import Foundation

/// A process under way.
///
/// Its output comes through a pipe that is read while somebody waits for it: what it says in between must
/// fit into the pipe, 64 KiB.
final class RunningProgram {
  private let pid: pid_t
  private let output: Int32
  private var out: [UInt8] = []
  /// How it ended; nil before that.
  private var exit: Int32?

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
    output = ends[0]
  }

  deinit { close(output) }

  /// Reads until `isEnough`, for at most so many seconds; nil for as long as it takes.
  ///
  /// - Returns: Whether it came to that; the end of the output, which is the end of the process, is enough.
  private func read(forSeconds seconds: Int?, until isEnough: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let end = seconds.map { clock.now + .seconds($0) }
    while exit == nil, !isEnough() {
      let left = end.map { max(0, Int32(($0 - clock.now) / .milliseconds(1))) }
      var waited = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waited, 1, left ?? -1)
      if ready == 0 { return false }
      if ready > 0 { readOnce() }
    }
    return true
  }

  private func readOnce() {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = Glibc.read(output, &buffer, buffer.count)
    if count > 0 {
      out += buffer[..<count]
      return
    }
    guard count == 0 || errno != EINTR else { return }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    exit = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// The first line of its output; nil when it ends without one, or says nothing for so long.
  func firstLine(withinSeconds seconds: Int) -> String? {
    let newline = UInt8(ascii: "\n")
    guard read(forSeconds: seconds, until: { out.contains(newline) }),
      let end = out.firstIndex(of: newline)
    else { return nil }
    return String(decoding: out[..<end], as: UTF8.self)
  }

  /// Waits for its end for so long; whether it has ended.
  func hasEnded(withinSeconds seconds: Int) -> Bool {
    read(forSeconds: seconds, until: { false })
  }

  /// Waits for its end.
  func result() -> Program.Result {
    _ = read(forSeconds: nil, until: { false })
    return Program.Result(exit: exit ?? -1, out: String(decoding: out, as: UTF8.self))
  }

  /// Tells it to end, and waits until it has.
  func end() {
    if !hasEnded(withinSeconds: 0) { kill(pid, SIGTERM) }
    _ = result()
  }
}
