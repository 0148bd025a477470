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

  init() throws {
    path =
      URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("linli").path
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw Failure(description: "\(path) is not there: build the program as well")
    }
  }

  /// Starts it, with a file for its stdin.
  func start(_ words: [String], input: String = "/dev/null") throws -> RunningProgram {
    try RunningProgram(path, words, input: input)
  }

  /// Runs it to its end.
  func run(_ words: [String], input: String = "/dev/null") throws -> Result {
    try start(words, input: input).result()
  }

  /// Runs it to its end; it must succeed.
  func must(_ words: [String], input: String = "/dev/null") throws -> Result {
    let result = try run(words, input: input)
    guard result.exit == 0 else {
      throw Failure(description: "linli \(words.joined(separator: " ")): \(result.out)")
    }
    return result
  }

  /// Starts it and waits for the first line of its output, a minute at most.
  func serve(_ words: [String]) throws -> (process: RunningProgram, line: String) {
    let process = try start(words)
    guard let line = process.firstLine(withinSeconds: 60) else {
      process.end()
      throw Failure(description: "linli \(words.joined(separator: " ")) says nothing")
    }
    return (process, line)
  }
}
