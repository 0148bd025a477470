import Foundation
import Testing

@testable import linli

/// Runs the program `linli` that was built with these tests.
enum ProcessKit {
  /// The program; SwiftPM puts it beside the test bundle.
  static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("linli")

  /// Runs a command line to its end.
  ///
  /// - Parameters:
  ///   - words: What stands behind `linli`.
  ///   - program: Another program to run.
  ///   - input: All of its stdin.
  ///   - environment: Variables beside those of the tests.
  ///   - fileMax: How many KiB a file may get by what it writes; writing more is an I/O error.
  /// - Returns: How it ended and what it wrote.
  /// - Throws: When it cannot be started.
  static func run(
    _ words: [String], of program: URL = program, input: String = "",
    environment: [String: String] = [:], fileMax: Int? = nil
  ) async throws -> ProcessResult {
    let folder = try ScratchFolder()
    // Files and not pipes: no output is too long for them, and nobody has to read along.
    try Data(input.utf8).write(to: folder.url.appendingPathComponent("in"))
    let process = try start(
      words, of: program, environment,
      streams: (
        .reading(folder.path("in")), .writing(folder.path("out")), .writing(folder.path("err"))
      ), fileMax)
    let end = await ProcessExit(of: process).wait()
    return ProcessResult(
      exit: end.code, isSignal: end.isSignal,
      out: try folder.text("out"), err: try folder.text("err"))
  }

  fileprivate static func start(
    _ words: [String], of program: URL, _ environment: [String: String],
    streams: (Spawn.Stream, Spawn.Stream, Spawn.Stream), _ fileMax: Int?
  ) throws -> Spawn {
    var variables = ProcessInfo.processInfo.environment
    variables["LANG"] = "C"
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables.merge(environment) { _, new in new }
    var (file, arguments) = (program.path, [program.lastPathComponent] + words)
    if let fileMax {
      // A write beyond the limit fails with EFBIG where the signal is ignored, and kills where it is not.
      let limited = #"trap "" XFSZ; ulimit -f \#(fileMax); exec "$0" "$@""#
      (file, arguments) = ("/bin/bash", ["bash", "-c", limited, file] + words)
    }
    return try #require(
      Spawn(
        file, arguments, environment: variables.map { "\($0)=\($1)" }, streams: streams),
      "\(file) does not start")
  }
}

/// How a process ended and what it wrote.
struct ProcessResult: Sendable {
  /// The exit code, or the signal's number.
  let exit: Int32
  /// Whether a signal ended it.
  let isSignal: Bool
  /// Its stdout.
  let out: String
  /// Its stderr.
  let err: String

  /// The lines of stdout.
  var lines: [String] { out.split(separator: "\n").map(String.init) }

  /// Each line of stdout as a JSON object.
  func objects() throws -> [[String: Any]] {
    try lines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// The one line of stdout as a JSON object.
  func object() throws -> [String: Any] {
    let all = try objects()
    #expect(all.count == 1, "one object, not: \(out)\(err)")
    return try #require(all.first)
  }
}

/// A process that runs while a test talks to it.
final class RunningProcess: Sendable {
  /// The number of the process.
  let id: Int32
  private let input: FileHandle
  private let output: LineReader
  private let exit: ProcessExit

  /// Starts `linli`, or another program; stderr goes where the tests' goes.
  init(
    _ words: [String], of program: URL = ProcessKit.program, environment: [String: String] = [:],
    fileMax: Int? = nil
  ) throws {
    // A process that was killed no longer reads: the write must fail and not end the tests.
    signal(SIGPIPE, SIG_IGN)
    let stdin = try #require(SpawnPipe())
    let stdout = try #require(SpawnPipe())
    input = FileHandle(fileDescriptor: stdin.writing, closeOnDealloc: true)
    output = LineReader(FileHandle(fileDescriptor: stdout.reading, closeOnDealloc: true))
    defer {
      close(stdin.reading)
      close(stdout.writing)
    }
    let process = try ProcessKit.start(
      words, of: program, environment,
      streams: (.descriptor(stdin.reading), .descriptor(stdout.writing), .inherited), fileMax)
    id = process.pid
    exit = ProcessExit(of: process)
  }

  /// A process must not outlive the test that forgot it.
  deinit { if !exit.hasEnded { kill(id, SIGKILL) } }

  /// Starts a hub on a free port and waits until it listens.
  ///
  /// - Returns: The hub, and its address.
  static func hub(
    data: String, environment: [String: String] = [:], fileMax: Int? = nil
  ) async throws -> (RunningProcess, url: String) {
    let hub = try RunningProcess(
      ["hub", "serve", "--data", data, "--listen", "127.0.0.1:0"], environment: environment,
      fileMax: fileMax)
    let line = try #require(await hub.line())
    try #require(line.hasPrefix("listening http://"), "not: \(line)")
    return (hub, String(line.dropFirst("listening ".count)))
  }

  /// Writes a line to its stdin; does nothing once it has ended.
  func send(_ line: String) {
    try? input.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Ends its stdin.
  func endInput() { try? input.close() }

  /// Waits for its next line; nil at the end of its stdout.
  func line() async -> String? { await output.next() }

  /// Reads its stdout no more: whatever it writes there then fails.
  func closeOutput() { output.close() }

  /// Sends it a signal and waits for its end.
  @discardableResult
  func end(_ number: Int32) async -> Spawn.End {
    kill(id, number)
    return await exit.wait()
  }

  /// Waits for its end.
  func wait() async -> Spawn.End { await exit.wait() }
}

/// A folder for one test, removed with the last reference to it.
final class ScratchFolder: Sendable {
  /// Where it is.
  let url: URL

  /// Makes it.
  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("linli-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of something in it.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  fileprivate func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appendingPathComponent(name)), as: UTF8.self)
  }
}
