import Community
import Foundation
import Office
import OpLog

/// This very program, run by the demo with the story's clock and with answers in JSON.
struct Program {
  /// Moves a clock that is right to the story's today.
  private let clockOffset: Int64
  private let errorLog: String

  /// Prepares to run it.
  ///
  /// - Parameters:
  ///   - today: What a clock that is right shows, at 9 in the morning.
  ///   - errorLog: The file that gets what it writes to stderr.
  init(today: BusinessDate, errorLog: String) {
    clockOffset = Self.offset(to: today)
    self.errorLog = errorLog
  }

  /// Starts it; `clockYear` is what a wrong clock shows, nil is a right one.
  func start(_ words: [String], clockYear: Int? = nil) throws(CommandError) -> ChildProcess {
    let wrong = clockYear.flatMap { BusinessDate(year: $0, month: 1, day: 1) }
    return try ChildProcess(
      words.contains("--json") ? words : words + ["--json"],
      clockOffset: wrong.map(Self.offset) ?? clockOffset, errorLog: errorLog)
  }

  /// Runs it to its end.
  ///
  /// - Returns: The lines that it said.
  /// - Throws: When it ends with another exit code than the story says.
  @discardableResult
  func run(
    _ words: [String], exit expected: Int32 = ExitCode.ok, clockYear: Int? = nil
  ) throws(CommandError) -> [String] {
    let (lines, exit) = try start(words, clockYear: clockYear).finish()
    guard exit == expected else {
      let command = words.prefix(2).joined(separator: " ")
      let said = lines.last ?? ""
      throw .storyDiffers(
        Words(
          "\(command) 应以 \(expected) 退出，实为 \(exit): \(said)",
          "\(command) should end with \(expected), ended with \(exit): \(said)"))
    }
    return lines
  }

  /// Reads a line that it said.
  static func decode<T: Decodable>(_ type: T.Type, from line: String) throws(CommandError) -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(line.utf8))
    } catch {
      throw .storyDiffers(Words("看不懂的回答: \(line)", "an answer that makes no sense: \(line)"))
    }
  }

  private static func offset(to date: BusinessDate) -> Int64 {
    // 9 o'clock in China is 1 o'clock UTC.
    Int64(date.day) * 86_400 + 3_600 - SystemSource.now() / 1_000
  }
}

/// What the program answers, as far as the demo reads it.
extension Program {
  /// `hub serve`.
  struct Listening: Decodable {
    let listening: String
  }

  /// `hub invite`.
  struct Invitation: Decodable {
    struct Person: Decodable {
      let id: String
    }
    let code: String
    let staff: [Person]
  }

  /// `office sync`.
  struct Summary: Decodable {
    let pushed: Int
    let pulled: Int
    let digestEqual: Bool
  }

  /// `office status`.
  struct Status: Decodable {
    let clockWrong: Bool
  }

  /// A line of `record --json -`.
  struct RecordAnswer: Decodable {
    struct Problem: Decodable {
      let code: String
    }
    let status: String
    let op: String?
    let outcome: String?
    let reasons: [String]?
    let error: Problem?
  }
}

extension CommandError {
  /// Something came out otherwise than the story says.
  static func storyDiffers(_ what: Words) -> CommandError {
    CommandError(
      exit: ExitCode.checkFailed, code: "demo-differs", message: what,
      advice: Words("保留文件夹，报告开发者", "keep the folder and report it"))
  }
}
