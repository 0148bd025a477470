import CLinux
import Glibc

/// A process that was started with three streams and nothing else of this one's open files.
///
/// Foundation's `Process` learns of every child's end from one run loop, sets `isRunning` before the
/// number that it then waits for, and closes each possible descriptor with a call of its own. Under
/// hundreds of starts a minute it stopped telling that children had ended; a thread that waits for its
/// one child cannot.
struct Spawn {
  /// What a stream of the child is.
  enum Stream {
    /// A descriptor of this process.
    case descriptor(Int32)
    /// A file that is only read.
    case reading(String)
    /// A file that is made, or emptied, and written.
    case writing(String)
    /// A file that is made where there is none, and written at its end.
    case appending(String)
    /// The stream of this process.
    case inherited
  }

  /// How a process ended: the exit code, or the signal's number.
  typealias End = (code: Int32, isSignal: Bool)

  /// The system's number of it.
  let pid: pid_t

  /// Starts a program; nil when the system has no process left, or no such program or file.
  ///
  /// - Parameters:
  ///   - path: Where the program is.
  ///   - words: Its arguments, its own name first.
  ///   - environment: Its variables, each as `NAME=value`.
  ///   - streams: Its stdin, stdout, and stderr.
  init?(
    _ path: String, _ words: [String], environment: [String],
    streams: (input: Stream, output: Stream, errors: Stream)
  ) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    Self.add(streams.input, as: STDIN_FILENO, to: &actions)
    Self.add(streams.output, as: STDOUT_FILENO, to: &actions)
    Self.add(streams.errors, as: STDERR_FILENO, to: &actions)
    _ = linli_close_from(&actions, STDERR_FILENO + 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    Self.restorePipeSignal(in: &attributes)
    var pid = pid_t()
    let code = CStrings(words).withPointers { words in
      CStrings(environment).withPointers {
        posix_spawn(&pid, path, &actions, &attributes, words, $0)
      }
    }
    guard code == 0 else { return nil }
    self.pid = pid
  }

  /// A signal that this process ignores would be ignored by its children too, which a shell's are not.
  private static func restorePipeSignal(in attributes: inout posix_spawnattr_t) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
  }

  /// Blocks until it has ended; only once for each process.
  func wait() -> End {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8 & 0xFF, false) : (signal, true)
  }

  private static func add(
    _ stream: Stream, as number: Int32, to actions: inout posix_spawn_file_actions_t
  ) {
    let (path, flags): (String, Int32)
    switch stream {
    case .inherited: return
    case .descriptor(let descriptor):
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
      return
    case .reading(let file): (path, flags) = (file, O_RDONLY)
    case .writing(let file): (path, flags) = (file, O_WRONLY | O_CREAT | O_TRUNC)
    case .appending(let file): (path, flags) = (file, O_WRONLY | O_CREAT | O_APPEND)
    }
    posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o600)
  }
}

/// Both ends of a pipe; a child gets only what is handed to it.
struct SpawnPipe {
  let reading: Int32
  let writing: Int32

  /// Makes it; nil when the process has no descriptor left.
  init?() {
    var ends: [Int32] = [0, 0]
    guard linli_pipe(&ends) == 0 else { return nil }
    reading = ends[0]
    writing = ends[1]
  }
}

/// Texts as C wants them: an array of pointers that ends with none.
private struct CStrings {
  private let texts: [String]

  init(_ texts: [String]) { self.texts = texts }

  func withPointers<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies + [nil]).withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("the array is not empty") }
      return body(base)
    }
  }
}
