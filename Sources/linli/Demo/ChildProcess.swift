import Community
import Glibc

/// A process of this very program, driven over its standard input and output.
///
/// Its errors go to a log file. A process that is still there when the object goes is killed.
final class ChildProcess {
  /// The longest that a process may keep silent while somebody waits for its line, in ms.
  private static let patience: Int32 = 60_000
  /// How often its memory is looked at while somebody waits, in ms.
  private static let sampleEvery: Int32 = 100

  private let process: Spawn
  /// The system's number of it.
  var pid: pid_t { process.pid }
  private var input: Int32?
  private let output: Int32
  private var buffered: [UInt8] = []
  private var exit: Int32?
  /// The most memory that it was seen to take, in KiB.
  private(set) var peakKiB = 0

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - words: What stands behind the program's name.
  ///   - clockOffset: Seconds for `LINLI_CLOCK_OFFSET`.
  ///   - errorLog: The file that its stderr is appended to.
  /// - Throws: A storage error when the system has no process or pipe left.
  init(_ words: [String], clockOffset: Int64, errorLog: String) throws(CommandError) {
    guard let input = SpawnPipe() else { throw .noProcess }
    guard let output = SpawnPipe() else {
      close(input.reading)
      close(input.writing)
      throw .noProcess
    }
    let process = Spawn(
      "/proc/self/exe", ["linli"] + words, environment: Self.environment(clockOffset),
      streams: (
        .descriptor(input.reading), .descriptor(output.writing), .appending(errorLog)
      ))
    close(input.reading)
    close(output.writing)
    guard let process else {
      close(input.writing)
      close(output.reading)
      throw .noProcess
    }
    self.process = process
    self.input = input.writing
    self.output = output.reading
  }

  deinit {
    if exit == nil { kill(pid, SIGKILL) }
    _ = finish()
    close(output)
  }

  /// Sends a line.
  func write(line: String) throws(CommandError) {
    guard let input else { throw .silent(pid) }
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .silent(pid) }
      rest = rest.dropFirst(count)
    }
  }

  /// The next line that it says.
  ///
  /// - Throws: When it ended instead, or said nothing for a minute.
  func readLine() throws(CommandError) -> String {
    guard let line = nextLine() else { throw .silent(pid) }
    return line
  }

  /// Closes its input, and returns what else it says and how it ended.
  ///
  /// - Returns: The lines, and the exit code; a process that a signal killed has 128 more than it.
  func finish() -> (lines: [String], exit: Int32) {
    if let input { close(input) }
    input = nil
    var lines: [String] = []
    while exit == nil, let line = nextLine() { lines.append(line) }
    if exit == nil {
      let end = process.wait()
      exit = end.isSignal ? 128 + end.code : end.code
    }
    return (lines, exit ?? 0)
  }

  private func nextLine() -> String? {
    while true {
      if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffered[..<end], as: UTF8.self)
        buffered.removeSubrange(...end)
        return line
      }
      guard awaitOutput() else { return nil }
      var chunk = [UInt8](repeating: 0, count: 4_096)
      let count = read(output, &chunk, chunk.count)
      guard count > 0 else { return nil }
      buffered += chunk[..<count]
    }
  }

  /// Waits until it says something; false when it has nothing to say for too long.
  private func awaitOutput() -> Bool {
    var source = [pollfd(fd: output, events: Int16(POLLIN), revents: 0)]
    var waited: Int32 = 0
    while waited < Self.patience {
      if poll(&source, 1, Self.sampleEvery) > 0 { return true }
      sampleMemory()
      waited += Self.sampleEvery
    }
    return false
  }

  /// Looks how much memory it took at most; nothing is known of one that has ended.
  func sampleMemory() {
    guard let file = fopen("/proc/\(pid)/status", "r") else { return }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4_096)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let words = String(
        decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self
      )
      .split(whereSeparator: \.isWhitespace)
      guard words.first == "VmHWM:", words.count > 1 else { continue }
      peakKiB = max(peakKiB, Int(words[1]) ?? 0)
      return
    }
  }

  /// This process's variables, less the data folder, with the clock of the story.
  private static func environment(_ clockOffset: Int64) -> [String] {
    var variables = ["LINLI_CLOCK_OFFSET=\(clockOffset)"]
    var next = environ
    while let variable = next.pointee {
      let text = String(cString: variable)
      if !text.hasPrefix("LINLI_") { variables.append(text) }
      next += 1
    }
    return variables
  }
}

extension CommandError {
  fileprivate static let noProcess = CommandError(
    exit: ExitCode.storage, code: "no-process",
    message: Words("无法启动进程", "no process can be started"),
    advice: Words("检查内存和进程数限制", "check memory and the limit of processes"))

  fileprivate static func silent(_ pid: pid_t) -> CommandError {
    CommandError(
      exit: ExitCode.checkFailed, code: "demo-silent",
      message: Words("进程 \(pid) 没有回答", "process \(pid) did not answer"),
      advice: Words("查看文件夹中的 stderr.txt", "see stderr.txt in its folder"))
  }
}
