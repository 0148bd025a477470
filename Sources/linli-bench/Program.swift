import Foundation

/// The program `linli` beside this one, run as a process of its own.
struct Program {
  /// Why a run is of no use.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// How a process ended.
  struct Result {
    let exit: Int32
    let out: String

    /// The members of the last line of its stdout.
    func object() throws -> [String: Any] {
      guard let line = out.split(separator: "\n").last,
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      else { throw Failure(description: "no JSON: \(out)") }
      return object
    }
  }

  let path: String
  /// Where the output of processes goes: files, so that nobody has to read along.
  let folder: String

  init(folder: String) throws {
    path =
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("linli").path
    self.folder = folder
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(description: "\(path) is not there: build the program as well")
    }
  }

  /// Runs it to its end.
  func run(_ words: [String], input: String = "", name: String = "run") throws -> Result {
    let input = try write(input, name)
    let output = folder + "/" + name + ".out"
    let pid = try start(words, input: input, output: output)
    let exit = Self.wait(for: pid)
    return Result(exit: exit, out: try String(contentsOfFile: output, encoding: .utf8))
  }

  /// Runs it to its end; it must succeed.
  func must(_ words: [String], input: String = "", name: String = "run") throws -> Result {
    let result = try run(words, input: input, name: name)
    guard result.exit == 0 else {
      throw Failure(description: "linli \(words.joined(separator: " ")): \(result.out)")
    }
    return result
  }

  /// Starts it and waits for the first line of its stdout.
  func serve(_ words: [String], name: String) throws -> (pid: pid_t, line: String) {
    let output = folder + "/" + name + ".out"
    let pid = try start(words, input: "/dev/null", output: output)
    for _ in 0..<1_200 {
      let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
      if let end = text.firstIndex(of: "\n") { return (pid, String(text[..<end])) }
      usleep(50_000)
    }
    kill(pid, SIGKILL)
    throw Failure(description: "linli \(words.joined(separator: " ")) says nothing")
  }

  /// Ends what ``serve(_:name:)`` started.
  static func end(_ pid: pid_t) {
    kill(pid, SIGTERM)
    _ = wait(for: pid)
  }

  private func write(_ input: String, _ name: String) throws -> String {
    guard !input.isEmpty else { return "/dev/null" }
    let file = folder + "/" + name + ".in"
    try Data(input.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  private func start(_ words: [String], input: String, output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    let arguments = ([path] + words).map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var pid = pid_t()
    let code = posix_spawn(&pid, path, &actions, nil, arguments + [nil], environ)
    guard code == 0 else { throw Failure(description: "\(path) does not start: \(code)") }
    return pid
  }

  private static func wait(for pid: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }
}
