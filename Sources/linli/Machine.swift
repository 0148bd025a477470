import Community
import Glibc
import Office

/// What commands take from the machine beside files: time, chance, and waiting.
enum Machine {
  /// The wall clock in ms since 1970-01-01 UTC, moved by `LINLI_CLOCK_OFFSET` seconds.
  static func now() -> Int64 { SystemSource.now() + clockOffset }

  /// The wall clock as it is: waits that keep guessers away are not for `LINLI_CLOCK_OFFSET` to cut.
  static func realNow() -> Int64 { SystemSource.now() }

  /// Random bytes that nobody can guess.
  static func random(_ count: Int) -> [UInt8] { SystemSource.random(count) }

  /// Any number, for jitter.
  static func anyNumber() -> UInt64 { UInt64.random(in: 0...UInt64.max) }

  /// This process's variables, each as `NAME=value`.
  static var variables: [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      variables.append(String(cString: variable))
      next += 1
    }
    return variables
  }

  /// Waits for so many ms.
  static func pause(_ milliseconds: Int64) async {
    // The only error is that of a cancelled task, and no command cancels one.
    try? await Task.sleep(for: .milliseconds(milliseconds))
  }

  /// Refuses a `LINLI_CLOCK_OFFSET` that is no number of seconds within 1,000 years.
  static func checkClockOffset() throws(CommandError) {
    guard let text = environmentVariable(offsetName), seconds(text) == nil else { return }
    throw .usage(
      Words("\(offsetName) 不是秒数: \(text)", "\(offsetName) is no number of seconds: \(text)"),
      advice: Words("例如 -3600", "for example -3600"))
  }

  /// The catalogue by which this program folds: without the kinds that `LINLI_WITHOUT_KINDS` names, with
  /// commas between them, it is one of an older version.
  ///
  /// For tests, in which offices and hub are not upgraded on one day; help does not name it.
  static let edition: Edition = {
    guard let text = environmentVariable("LINLI_WITHOUT_KINDS"), !text.isEmpty else {
      return .present
    }
    let unknown = Set(text.split(separator: ",").map(String.init))
    return Edition(
      version: Catalogue.version - 1, kinds: Catalogue.kinds.filter { !unknown.contains($0.name) })
  }()

  private static let offsetName = "LINLI_CLOCK_OFFSET"
  private static let clockOffset = (environmentVariable(offsetName).flatMap(seconds) ?? 0) * 1_000

  private static func seconds(_ text: String) -> Int64? {
    Int64(text).flatMap { (-31_556_952_000...31_556_952_000).contains($0) ? $0 : nil }
  }
}
